/** Usage in Postgres: once by its id, with its sums, whatever comes twice or is refused; and what is too old there. */
import { afterAll, expect, test } from 'bun:test';
import { z } from 'zod';
import { createResponseVault } from '../../../src/cluster/postgres/responses/response-vault.ts';
import { sweepPortion } from '../../../src/cluster/postgres/sweep.ts';
import { createUsageVault } from '../../../src/cluster/postgres/usage/usage-vault.ts';
import { usageRecord } from '../../usage-records.ts';
import { startPostgres } from '../servers.ts';
import { openReplica } from './replicas.ts';

const server = await startPostgres();
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

test('names of any characters stay in their own columns and rows', async () => {
  await using replica = await openReplica(await server.database('usage_names'));
  const problems: unknown[] = [];
  const vault = createUsageVault({
    ...{ postgres: replica.postgres, instance: 'one' },
    onProblem: (error) => problems.push(error),
  });
  const now = Date.now();
  const names = ['plain', 'a\x1fb', '\x1e', 'a\0b', '', '\\N"{},\n\t', '\ud800', '李 👍'];
  const records = names.map((asked, at) => ({
    ...usageRecord({ at: now + at }),
    asked,
    key: { id: 'digest', name: asked },
  }));
  expect(await vault.add(records)).toBe(true);
  expect(problems).toEqual([]);
  const rows = await replica.postgres.rows(
    z.object({ key: z.string(), key_name: z.string(), asked: z.string() }),
    'SELECT key, key_name, asked FROM cpa_usage_request ORDER BY at',
  );
  const kept = ['plain', 'ab', '', 'ab', '', '\\N"{},\n\t', '\ufffd', '李 👍'];
  expect(rows).toEqual(kept.map((asked) => ({ key: 'digest', key_name: asked, asked })));
});

test('all that is too old is deleted in one sweep, however much has come together; sums stay', async () => {
  await using replica = await openReplica(await server.database('usage_sweep'));
  const problems: unknown[] = [];
  const options = { postgres: replica.postgres, onProblem: (error: unknown) => problems.push(error) };
  const [one, other] = ['one', 'other'].map((instance) => createUsageVault({ ...options, instance }));
  const now = Date.now();
  expect(await one?.add([usageRecord({ at: now }), usageRecord({ at: now - 3_600_000 })])).toBe(true);
  await replica.postgres.run(
    `INSERT INTO cpa_usage_request (id, instance, at, status, input, cache_read, cache_write, reasoning, output, duration, record)
     SELECT 'old-' || number, 'one', clock_timestamp() - interval '2 hours', 200, 0, 0, 0, 0, 0, 1, '{}'
     FROM generate_series(1, ${2 * sweepPortion + 7}) number`,
  );
  await Promise.all([one?.sweep(60_000), other?.sweep(60_000)]);
  await other?.sweep(60_000);
  const counts = await replica.postgres.rows(
    z.object({ single: z.number(), sums: z.number() }),
    `SELECT (SELECT count(*)::int FROM cpa_usage_request) AS single, (SELECT sum(requests)::int FROM cpa_usage_hour) AS sums`,
  );
  expect(counts).toEqual([{ single: 1, sums: 2 }]);
  expect(problems).toEqual([]);
});

test('answers that nobody used for long are deleted with their items, others stay', async () => {
  await using replica = await openReplica(await server.database('response_sweep'));
  const problems: unknown[] = [];
  const vault = createResponseVault({
    postgres: replica.postgres,
    onProblem: (error) => problems.push(error),
  });
  const answer = (id: string) => ({
    ...{ id, client: 'ann', previous: undefined, native: false, input: '[]', response: '{}' },
    ...{ items: [`${id}-item`], owned: [id] },
  });
  for (const id of ['old', 'new']) await vault.keep(answer(id));
  await replica.postgres.run(
    "UPDATE cpa_response SET used = clock_timestamp() - interval '1 hour' WHERE id = 'old'",
  );
  await replica.postgres.run(
    "UPDATE cpa_response_owner SET given = clock_timestamp() - interval '91 days' WHERE id = 'old'",
  );
  await vault.sweep(60_000);
  const ids = (table: string, column: string) =>
    replica.postgres.rows(z.object({ id: z.string() }), `SELECT ${column} AS id FROM ${table} ORDER BY 1`);
  expect(await ids('cpa_response', 'id')).toEqual([{ id: 'new' }]);
  expect(await ids('cpa_response_item', 'id')).toEqual([{ id: 'new-item' }]);
  expect((await ids('cpa_response_owner', 'id')).map(({ id }) => id)).not.toContain('old');
  expect(problems).toEqual([]);
  vault.close();
});
