/** `serve --workers N`: replicas of one machine on one port. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { emptyDirectory, run, type Serving, save, serving } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { clientKey, oneUpstream } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { ask, startLoad } from './load.ts';
import { type PostgresServer, startPostgres, startValkey, type ValkeyServer } from './servers.ts';

const sandbox = sandboxOfTests();
let postgres: PostgresServer;
let valkey: ValkeyServer;
beforeAll(async () => {
  [postgres, valkey] = await Promise.all([startPostgres(), startValkey()]);
}, 60_000);
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await valkey[Symbol.asyncDispose]();
});

const models = [{ name: 'sandbox' }, { name: 'sandbox-fault-slow-5', alias: 'slow' }];

async function workers(count: number, name: string): Promise<Serving & { folder: string }> {
  const here = emptyDirectory();
  const file = join(here.path, 'config.yaml');
  const cluster: JsonObject = { name, valkey: valkey.url, postgres: await postgres.database(name) };
  const settings: JsonObject = {
    ...{ host: '127.0.0.1', port: 0, 'auth-dir': join(here.path, 'auth'), 'api-keys': [clientKey] },
    ...oneUpstream('openai-chat', sandbox.url, models),
    ...{ cluster, 'auth-encryption-key': 'encryption-key-of-the-tests', 'shutdown-drain': '500ms' },
  };
  save(file, JSON.stringify(settings));
  const program = await serving(['serve', '--config', file, '--workers', String(count)], { cwd: here.path });
  return {
    ...program,
    folder: here.path,
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      here[Symbol.dispose]();
    },
  };
}

const childrenOf = (pid: number): number[] =>
  Bun.spawnSync(['pgrep', '-P', String(pid)])
    .stdout.toString()
    .split('\n')
    .filter(Boolean)
    .map(Number);

function lives(pid: number): boolean {
  const state = Bun.spawnSync(['ps', '-o', 'stat=', '-p', String(pid)]).stdout.toString();
  return state !== '' && !state.startsWith('Z');
}

test('without a cluster it says why not, and what to add', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'config.yaml');
  save(file, JSON.stringify({ 'auth-dir': join(here.path, 'auth'), 'api-keys': [clientKey] }));
  const { code, err } = await run(['serve', '--config', file, '--workers', '4'], { cwd: here.path });
  expect(code).toBe(78);
  expect(err).toContain(
    '4 workers are 4 replicas, and without a cluster each would count limits and budgets alone',
  );
  expect(err).toContain('postgres: postgres://');
  expect((await run(['serve', '--workers', 'many'], { cwd: here.path })).code).toBe(2);
}, 60_000);

test('a port that is taken is an error, though workers share theirs', async () => {
  await using first = await workers(1, 'taken');
  const { port } = new URL(first.url);
  const file = join(first.folder, 'config.yaml');
  const { code, err } = await run(['serve', '--config', file, '--workers', '2', '--port', port], {
    cwd: first.folder,
  });
  expect(code).toBe(69);
  expect(err).toContain(`port ${port} on 127.0.0.1 is taken`);
}, 60_000);

test('all answer on one port, each with a folder of its own; who dies comes back', async () => {
  await using program = await workers(3, 'three');
  await program.says(/Workers {2}3/);
  const served = () =>
    new Set([...program.answer().matchAll(/"worker":(\d),"id"/g)].map(([, number]) => number));
  await eventually(async () => {
    await Promise.all(
      Array.from({ length: 12 }, async () =>
        expect(await ask(program.url, { model: 'sandbox' })).toBeUndefined(),
      ),
    );
    return served().size === 3;
  });
  for (const folder of ['auth', 'auth/workers/2', 'auth/workers/3'])
    expect(existsSync(join(program.folder, folder, '.gateway.lock'))).toBe(true);

  const [victim = 0] = childrenOf(program.pid);
  process.kill(victim, 'SIGKILL');
  await program.says(/worker \d ended \(SIGKILL\); it is started again/);
  await eventually(() => childrenOf(program.pid).length === 3);
  expect(await ask(program.url, { model: 'sandbox' })).toBeUndefined();

  const all = childrenOf(program.pid);
  expect(await program.end('SIGTERM')).toBe(0);
  expect(all.filter(lives)).toEqual([]);
}, 60_000);

test('SIGHUP exchanges all, one by one, and no request under load is lost', async () => {
  await using program = await workers(2, 'exchanged');
  const before = childrenOf(program.pid);
  expect(before).toHaveLength(2);
  const load = startLoad(program.url, {
    clients: 8,
    model: 'slow',
    text: 'say 10 words',
    streams: (client) => client % 2 === 0,
  });
  await eventually(() => load.answered() > 20);
  program.kill('SIGHUP');
  await program.says(/all 2 workers are new/);
  await load.stop();
  expect(load.failures()).toEqual([]);
  expect(childrenOf(program.pid).filter((pid) => before.includes(pid))).toEqual([]);
}, 60_000);

test('workers end with their parent, also after its kill -9', async () => {
  await using program = await workers(2, 'orphans');
  const all = childrenOf(program.pid);
  expect(all).toHaveLength(2);
  program.kill('SIGKILL');
  await eventually(() => !all.some(lives));
}, 60_000);
