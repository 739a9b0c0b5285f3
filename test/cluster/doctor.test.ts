/** `doctor` and `config check` beside engines that are away, full, too new or of another cluster: each is made on purpose. */
import { afterAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run } from '../cli/program.ts';
import { freePort } from '../free-port.ts';
import { startPostgres, startValkey } from './servers.ts';

const most = 8;
const postgres = await startPostgres({ settings: { max_connections: String(most) } });
const valkey = await startValkey();
afterAll(async () => {
  await Promise.all([postgres[Symbol.asyncDispose](), valkey[Symbol.asyncDispose]()]);
});

interface Engines {
  postgres?: string;
  valkey?: string;
  name?: string;
}

/** What "doctor" finds of the cluster, and what "config check" warns of. */
async function examined(engines: Engines) {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'key'), 'encryption-key-of-the-tests', { mode: 0o600 });
  const cluster = { postgres: postgres.url, valkey: valkey.url, name: 'default', ...engines };
  const config = {
    host: '127.0.0.1',
    port: 8672,
    'auth-dir': './accounts',
    'auth-encryption-key': 'file:./key',
    cluster,
  };
  writeFileSync(join(here.path, 'config.yaml'), JSON.stringify(config), { mode: 0o600 });
  const [doctor, check] = await Promise.all([
    run(['doctor', '--json'], { cwd: here.path }),
    run(['config', 'check', '--json'], { cwd: here.path }),
  ]);
  const { checks }: { checks: { id: string; state: string; message: string; fix: string | null }[] } =
    JSON.parse(doctor.out);
  const { warnings }: { warnings: { key: string; message: string; hint?: string }[] } = JSON.parse(check.out);
  expect(doctor.out + check.out).not.toContain('password-of-the-tests');
  return {
    of: (id: string) => checks.find((one) => one.id === id),
    warned: (key: string) => warnings.find((one) => one.key === key),
  };
}

test('engines that are there are fine, and a look at them changes nothing in them', async () => {
  const url = await postgres.database('fresh');
  const { of, warned } = await examined({ postgres: url });
  for (const id of ['cluster.postgres', 'cluster.valkey', 'cluster.clock'])
    expect(of(id)).toMatchObject({ state: 'ok' });
  expect(of('cluster.tables')).toMatchObject({
    state: 'skip',
    message: expect.stringContaining('no tables yet'),
  });
  expect(of('cluster.replicas')).toMatchObject({ state: 'skip' });
  for (const id of ['postgres', 'valkey', 'tables']) expect(warned(`cluster.${id}`)).toBeUndefined();
  await using sql = new Bun.SQL(url, { max: 1 });
  expect(await sql`SELECT relname FROM pg_class WHERE relname LIKE 'cpa_%'`).toHaveLength(0);
}, 60_000);

test('an engine that is away is named by both, with the setting to correct', async () => {
  const gone = freePort();
  const dead = await examined({
    postgres: `postgres://gateway:password-of-the-tests@127.0.0.1:${gone}/x`,
    valkey: `redis://:password-of-the-tests@127.0.0.1:${gone}`,
  });
  for (const engine of ['postgres', 'valkey'] as const) {
    expect(dead.of(`cluster.${engine}`)).toMatchObject({
      state: 'fail',
      fix: expect.stringContaining(`correct cluster.${engine}`),
    });
    expect(dead.warned(`cluster.${engine}`)?.message).toContain('cannot be used');
  }
}, 60_000);

test('a Postgres that is full is called full, and its key is not blamed', async () => {
  const held = await Promise.all(
    Array.from({ length: most }, async () => {
      const sql = new Bun.SQL(postgres.url, { max: 1 });
      await sql`SELECT 1`.catch(() => {});
      return sql;
    }),
  );
  const { of, warned } = await examined({});
  await Promise.all(held.map((sql) => sql.close({ timeout: 0 })));
  expect(of('cluster.postgres')).toMatchObject({
    state: 'fail',
    fix: expect.stringContaining('max_connections'),
  });
  expect(of('accounts.encryption')).toBeUndefined();
  expect(warned('cluster.postgres')?.hint).toContain('max_connections');
}, 60_000);

test('tables of another cluster, and of a program that is newer, are named', async () => {
  const url = await postgres.database('used');
  {
    await using sql = new Bun.SQL(url, { max: 1 });
    await sql`CREATE TABLE cpa_schema (version integer, oldest_reader integer, name text)`;
    await sql`CREATE TABLE cpa_cluster (one boolean, name text)`;
    await sql`INSERT INTO cpa_cluster VALUES (true, 'theirs')`;
    await sql`INSERT INTO cpa_schema VALUES (999, 998, 'of the future')`;
  }
  expect((await examined({ postgres: url })).of('cluster.tables')).toMatchObject({
    state: 'fail',
    message: expect.stringContaining('the cluster "theirs"'),
  });
  const newer = await examined({ postgres: url, name: 'theirs' });
  expect(newer.of('cluster.tables')).toMatchObject({ state: 'fail', fix: 'update this program' });
  expect(newer.warned('cluster.tables')?.message).toContain('version 999');
}, 60_000);
