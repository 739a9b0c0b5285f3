import { afterAll, expect, test } from 'bun:test';
import { startValkey } from '../../test/cluster/servers.ts';
import { eventually } from '../../test/eventually.ts';
import { parseConfig } from '../config/load.ts';
import { createLog } from '../telemetry/log.ts';
import { alertClaim, joinedCluster } from './cluster.ts';

const server = await startValkey();
afterAll(() => server[Symbol.asyncDispose]());

test('one of two replicas takes each change of an alert until it has ended; while Valkey is away, both', async () => {
  const text = JSON.stringify({
    'auth-encryption-key': 'a-key-of-the-tests',
    cluster: { valkey: server.url, postgres: 'postgres://nowhere/x' },
  });
  const read = parseConfig(text, { file: 'config.yaml', env: {} });
  if (!read.ok || read.config.cluster === undefined) throw new Error('the config of the test is wrong');
  const log = createLog({ level: 'silent', format: 'json' });
  const options = { config: { cluster: { ...read.config.cluster, postgres: undefined } }, version: '0', log };
  const replicas = await Promise.all([joinedCluster(options), joinedCluster(options)]);
  const claimed = async (state: 'firing' | 'resolved', url = 'http://127.0.0.1/a-secret') => {
    const alert = { kind: 'model-unserved', subject: 'a-model', message: '', state } as const;
    const claims = await Promise.all(replicas.map((replica) => alertClaim(replica)?.take(alert, url)));
    return {
      claims: claims.sort(),
      end: (settled: boolean) => alertClaim(replicas[0])?.end(alert, url, settled),
    };
  };
  const isFree = async () => String(await server.command('KEYS', '*:taken')) === '';
  const first = await claimed('firing');
  expect(first.claims).toEqual(['mine', 'taken']);
  expect((await claimed('firing')).claims).toEqual(['taken', 'taken']);
  await first.end(false);
  await eventually(isFree);
  const second = await claimed('firing');
  expect(second.claims).toEqual(['mine', 'taken']);
  await second.end(true);
  await eventually(isFree);
  expect((await claimed('firing')).claims).toEqual(['sent', 'sent']);
  expect((await claimed('resolved')).claims).toEqual(['mine', 'taken']);
  expect((await claimed('firing', 'http://127.0.0.1/other')).claims).toEqual(['mine', 'taken']);
  expect(JSON.stringify(await server.command('KEYS', '*'))).not.toMatch(/a-secret|a-model/);
  await server.kill();
  expect((await claimed('resolved')).claims).toEqual(['mine', 'mine']);
  await Promise.all(replicas.map((replica) => replica?.close()));
  expect(alertClaim(undefined)).toBeUndefined();
}, 15_000);
