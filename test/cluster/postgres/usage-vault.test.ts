/** Usage in Postgres: once by its id, with its sums, whatever comes twice or is refused. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { z } from 'zod';
import { createUsageVault } from '../../../src/cluster/postgres/usage/usage-vault.ts';
import { usageRecord } from '../../usage-records.ts';
import { type PostgresServer, startPostgres } from '../servers.ts';
import { openReplica } from './replicas.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 30_000);
afterAll(() => server[Symbol.asyncDispose]());

test('what is added twice counts once, and one that is refused takes no others with it', async () => {
  await using replica = await openReplica(await server.database('usage_vault'));
  const problems: unknown[] = [];
  const vaultOf = (instance: string) =>
    createUsageVault({ postgres: replica.postgres, instance, onProblem: (error) => problems.push(error) });
  const [one, other] = [vaultOf('one'), vaultOf('other')];
  const now = Date.now();
  const good = Array.from({ length: 7 }, (_, at) => usageRecord({ at: now + at }));
  const bad = { ...usageRecord({ at: now + 100 }), at: Number.NaN };
  expect(await one.add([...good.slice(0, 4), bad, ...good.slice(4)])).toBe(true);
  expect(problems).toHaveLength(1);
  expect(await Promise.all([one.add(good), other.add(good), one.add(good.slice(2))])).toEqual([
    true,
    true,
    true,
  ]);
  const counts = await replica.postgres.rows(
    z.object({ single: z.number(), sums: z.number() }),
    `SELECT (SELECT count(*)::int FROM cpa_usage_request) AS single, (SELECT sum(requests)::int FROM cpa_usage_hour) AS sums`,
  );
  expect(counts).toEqual([{ single: 7, sums: 7 }]);
  const read = await other.after(undefined);
  expect(read?.records.map(({ id }) => id).sort()).toEqual(good.map(({ id }) => id).sort());
  expect((await other.after(read?.cursor))?.records).toEqual([]);
  expect((await one.after(undefined))?.records).toEqual([]);
});
