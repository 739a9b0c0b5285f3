/** The tables of a cluster: made by one replica, forward only, and still read by what is not too old for them. */
import { afterAll, expect, test } from 'bun:test';
import { z } from 'zod';
import { openPostgres } from '../../../src/cluster/postgres/connection.ts';
import { migrate } from '../../../src/cluster/postgres/migrate.ts';
import { type Migration, migrations } from '../../../src/cluster/postgres/schema.ts';
import { systemClock } from '../../../src/ground/clock.ts';
import { startPostgres } from '../servers.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

let databases = 0;
const fresh = () => server.database(`migrated${++databases}`);
const opened = (url: string) => openPostgres({ url, clock: systemClock });

test('six replicas that start at once make the tables once', async () => {
  const url = await fresh();
  const replicas = await Promise.all(Array.from({ length: 6 }, () => opened(url)));
  const results = await Promise.all(replicas.map((postgres) => migrate(postgres, 'default')));
  expect(results.every(({ ok }) => ok)).toBe(true);
  const applied = results.flatMap((result) => (result.ok ? result.applied : []));
  expect(applied).toEqual(migrations.map(({ version }) => version));
  for (const postgres of replicas) await postgres.close();
});

const row = (version: number, oldestReader: number): Migration => ({
  version,
  oldestReader,
  name: `version ${version}`,
  statements: [`CREATE TABLE t${version} (n int)`],
});

test('an old replica goes on with newer tables that it may read, and refuses others', async () => {
  const postgres = await opened(await fresh());
  expect(await migrate(postgres, 'default', [row(1, 1), row(2, 1)])).toEqual({ ok: true, applied: [1, 2] });
  expect(await migrate(postgres, 'default', [row(1, 1)])).toEqual({ ok: true, applied: [] });
  expect(await migrate(postgres, 'default', [row(1, 1), row(2, 1), row(3, 2)])).toMatchObject({ ok: true });
  expect(await migrate(postgres, 'default', [row(1, 1), row(2, 1)])).toMatchObject({ ok: true });
  expect(await migrate(postgres, 'default', [row(1, 1)])).toEqual({
    ok: false,
    away: false,
    message:
      'the tables are of version 3, which needs a program with version 2, and this one supports 1: update it',
  });
  await postgres.close();
});

test('a migration that fails leaves nothing of itself behind', async () => {
  const postgres = await opened(await fresh());
  const broken = { ...row(1, 1), statements: ['CREATE TABLE half (n int)', 'CREATE TABLE oops ('] };
  expect(await migrate(postgres, 'default', [broken])).toMatchObject({ ok: false, away: false });
  const tables = await postgres.rows(
    z.object({ tablename: z.string() }),
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
  );
  expect(tables).toEqual([]);
  await postgres.close();
});

test('two clusters in one database: the second is refused with what to do', async () => {
  const postgres = await opened(await fresh());
  await migrate(postgres, 'blue');
  expect(await migrate(postgres, 'green')).toEqual({
    ok: false,
    away: false,
    message:
      'the database holds the cluster "blue", and cluster.name is "green": give each cluster a database of its own',
  });
  await postgres.close();
});

test('a replica that cannot reach the server says so, and may try again', async () => {
  await server.stop();
  const postgres = await opened(server.url);
  expect(await migrate(postgres, 'default')).toMatchObject({ ok: false, away: true });
  await server.start();
  await postgres.close();
});
