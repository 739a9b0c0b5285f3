/** `cluster adopt`: what one process has kept is the cluster's; a second time changes nothing. */
import { afterAll, expect, test } from 'bun:test';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openPostgres } from '../../../src/cluster/postgres/connection.ts';
import { systemClock } from '../../../src/ground/clock.ts';
import { run } from '../../cli/program.ts';
import { eventually } from '../../eventually.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { sandboxOfTests } from '../../sandbox-gateway.ts';
import { startReplicas } from '../replicas.ts';
import { startPostgres } from '../servers.ts';

const sandbox = sandboxOfTests();
const server = await startPostgres();
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const headers = { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' };
const seen = z.object({
  span: z.object({ total: z.object({ requests: z.number() }), models: z.array(z.unknown()) }),
});

test('usage, accounts and responses of one process are the cluster’s, once', async () => {
  const alone = {
    ...oneUpstream('openai-chat', sandbox.url, [{ name: 'sandbox' }]),
    'auth-encryption-key': 'a-key-for-the-accounts-of-the-cluster',
  };
  const url = await server.database('adopted');
  await using single = await startReplicas(1, { settings: alone });
  const one = single.at(0);
  writeFileSync(
    join(one.authDir, 'ann.json'),
    JSON.stringify({
      type: 'claude',
      access_token: 'a',
      refresh_token: 'r',
      email: 'ann@example.com',
      expired: '2099-01-01T00:00:00Z',
    }),
  );
  const ask = (input: string, more: object = {}) =>
    fetch(`${one.url}/v1/responses`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'sandbox', input, ...more }),
    });
  const { id } = z.object({ id: z.string() }).parse(await (await ask('repeat: kept')).json());
  for (let more = 0; more < 4; more++) await (await ask('repeat: other')).text();

  writeFileSync(
    one.configFile,
    JSON.stringify({
      ...alone,
      host: '127.0.0.1',
      port: one.port,
      'auth-dir': one.authDir,
      'api-keys': [clientKey],
      cluster: { postgres: url },
    }),
  );
  const adopt = () => run(['cluster', 'adopt', '--json', '--config', one.configFile], { cwd: one.folder });
  expect(await adopt()).toMatchObject({ code: 75, err: expect.stringContaining(`a gateway, at ${one.url}`) });
  expect(existsSync(join(one.authDir, 'ann.json'))).toBe(true);
  await one.stop();
  expect(await adopt()).toMatchObject({ code: 0, err: '' });
  const postgres = await openPostgres({ url, clock: systemClock });
  const counts = () =>
    postgres.rows(
      z.object({
        requests: z.number(),
        sums: z.number(),
        responses: z.number(),
        accounts: z.number(),
        version: z.number(),
      }),
      `SELECT (SELECT count(*)::int FROM cpa_usage_request) AS requests, (SELECT sum(requests)::int FROM cpa_usage_day) AS sums,
         (SELECT count(*)::int FROM cpa_response) AS responses, (SELECT count(*)::int FROM cpa_account) AS accounts,
         (SELECT max(version)::int FROM cpa_config) AS version`,
    );
  const first = await counts();
  expect(first).toEqual([{ requests: 5, sums: 5, responses: 5, accounts: 1, version: 1 }]);
  expect(existsSync(join(one.authDir, 'ann.json.imported'))).toBe(true);
  expect(await adopt()).toMatchObject({ code: 0, err: '' });
  expect(await counts()).toEqual(first);
  await postgres.close();

  // Another replica, with a directory of its own, has all of it; the first counts nothing twice.
  await one.start();
  await using others = await startReplicas(1, { settings: { ...alone, cluster: { postgres: url } } });
  const other = others.at(0);
  const answer = await fetch(`${other.url}/v1/responses/${id}`, { headers });
  expect(answer.status).toBe(200);
  for (const replica of [one, other])
    await eventually(async () => {
      const usage = z
        .object({ usage: z.unknown() })
        .safeParse(await (await fetch(`${replica.url}/v1/usage`, { headers })).json());
      return seen.safeParse(usage.data?.usage).data?.span.total.requests === 5;
    });
}, 60_000);
