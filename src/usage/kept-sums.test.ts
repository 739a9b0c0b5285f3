import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { usageRecord, usageRecords } from '../../test/usage-records.ts';
import { type Clock, systemClock } from '../ground/clock.ts';
import { rebuildDays } from './day-rebuild.ts';
import { digestsWith } from './digest.ts';
import { keptSums, stateOf } from './kept-sums.ts';
import { localDays } from './local-day.ts';
import { priceList } from './price-list.ts';
import { recompute } from './recompute.ts';
import { sweep } from './retention.ts';
import { openUsageDatabase } from './usage-database.ts';
import { usageReader } from './usage-reader.ts';
import { createUsageStore } from './usage-store.ts';

const hour = 3_600_000;
const day = 24 * hour;
// Clocks change in Berlin and on Lord Howe in these days.
const from = Date.UTC(2026, 9, 23);
const to = Date.UTC(2026, 9, 27);
const zones = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe'];

function storeIn(timezone: string) {
  const days = localDays(timezone);
  const { database } = openUsageDatabase(':memory:');
  const store = createUsageStore({
    ...{ database, days, digests: digestsWith(Buffer.alloc(32, 7)), clock: systemClock },
    onProblem(error) {
      throw error;
    },
  });
  return { store, days, database };
}

const atOnce: Clock = {
  ...systemClock,
  after(_ms, run) {
    run();
    return () => {};
  },
};

type Open = ReturnType<typeof storeIn>;

const nano = (dollars: string): number => Math.round(Number(dollars) * 1e9);

/** What the reader of all questions says, which keeps nothing. */
async function fresh({ database, days }: Open, since: number) {
  const reader = usageReader(database, days);
  const { rows } = await reader.totals({ by: ['key', 'model'], where: {} });
  const byDay = await reader.series({ by: [], where: {}, step: 'day' });
  const byHour = await reader.series({ by: [], where: {}, step: 'hour', since });
  const counts = (table: typeof byDay) =>
    table.rows.map(({ at = '', requests, tokens }) => [
      Date.parse(at),
      requests,
      tokens.input + tokens.output,
    ]);
  return {
    pairs: rows
      .map(({ requests, failed, tokens, cost }) => [
        requests,
        failed,
        tokens.input + tokens.output,
        nano(cost.paid) + nano(cost.worth),
      ])
      .sort()
      .join('\n'),
    days: counts(byDay),
    hours: counts(byHour).filter(([at = 0]) => at >= since),
  };
}

async function kept({ database, days }: Open, since: number, now: number) {
  const sums = await keptSums(database, days, since, now);
  const counts = (all: typeof sums.days, begins: (at: number) => number) =>
    [...all]
      .map(([at, { requests, tokens }]) => [begins(at), requests, tokens])
      .sort(([one = 0], [other = 0]) => one - other);
  return {
    pairs: sums.pairs
      .map(({ requests, failed, tokens, cost }) => [requests, failed, tokens, cost])
      .sort()
      .join('\n'),
    days: counts(sums.days, days.begins),
    hours: counts(sums.hours, (at) => at),
  };
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      records: fc.array(usageRecords(from, to), { maxLength: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('later' as const), ms: fc.integer({ min: 1, max: 30 * hour }) }),
  },
  fc.record({
    kind: fc.constant('import' as const),
    records: fc.array(usageRecords(from - 40 * day, from), { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant('sweep' as const), keep: fc.integer({ min: hour, max: 3 * day }) }),
  fc.record({ kind: fc.constant('recompute' as const), input: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('rebuild' as const) }),
);

test('16: kept sums are those of a fresh look, whatever has been written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...zones), fc.array(step, { maxLength: 12 }), async (zone, steps) => {
      const open = storeIn(zone);
      let now = from;
      for (const change of steps) {
        if (change.kind === 'add') for (const record of change.records) open.store.add(record);
        if (change.kind === 'import') open.store.take(change.records);
        if (change.kind === 'later') now += change.ms;
        if (change.kind === 'sweep')
          while (
            sweep(open.database, { keepRequests: change.keep, keepHours: change.keep, maxSize: 1e9 }, now)
          );
        if (change.kind === 'recompute')
          await recompute(
            open.database,
            open.days,
            priceList({ 'm*': { input: change.input, output: 1 } }),
            {},
          );
        if (change.kind === 'rebuild') {
          open.database.run("INSERT OR REPLACE INTO meta VALUES ('timezone', 'Pacific/Kiritimati')");
          rebuildDays(open.database, open.days, atOnce);
        }
        open.store.flushNow();
        const since = Math.floor((now - 30 * day) / hour) * hour;
        expect(await kept(open, since, now)).toEqual(await fresh(open, since));
      }
      open.store.close();
    }),
    { numRuns: 150 },
  );
});

test('16: what is over is not read again, and costs nothing while nothing comes', async () => {
  const open = storeIn('UTC');
  const now = to;
  open.store.take([usageRecord({ at: from }), usageRecord({ at: now })]);
  const first = await keptSums(open.database, open.days, 0, now);
  const state = stateOf(open.database);
  // Written past all who say what they have changed: only who reads that day again sees it.
  open.database.run('UPDATE usage_day SET n = n + 100');
  const second = await keptSums(open.database, open.days, 0, now);
  const today = open.days.dayOf(now);
  expect(
    [...second.days].map(([at, { requests }]) => requests - (first.days.get(at)?.requests ?? 0)),
  ).toEqual([...second.days.keys()].map((at) => (at === today ? 100 : 0)));
  expect(stateOf(open.database)).not.toBe(state);
  open.store.take([usageRecord({ at: from })]);
  const third = await keptSums(open.database, open.days, 0, now);
  expect(third.days.get(open.days.dayOf(from))?.requests).toBe(102);
  open.store.close();
});

test('16: two who ask at the same time are told the same', async () => {
  const open = storeIn('UTC');
  open.store.take(Array.from({ length: 20 }, (_, index) => usageRecord({ at: from + index * 5 * hour })));
  const asked = [0, 1, 2].map(() => keptSums(open.database, open.days, 0, to));
  const [one, ...rest] = await Promise.all(asked);
  for (const other of rest) expect(other).toEqual(one ?? other);
  expect([...(one?.days.values() ?? [])].reduce((sum, { requests }) => sum + requests, 0)).toBe(20);
  open.store.close();
});
