import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { usageRecord, usageRecords } from '../../test/usage-records.ts';
import { systemClock } from '../ground/clock.ts';
import { digestsWith } from './digest.ts';
import { latencyBucket, latencyColumns, percentile } from './latency.ts';
import { localDays } from './local-day.ts';
import { dollarsText } from './money.ts';
import { priceList } from './price-list.ts';
import { recompute } from './recompute.ts';
import type { UsageRecord } from './record.ts';
import { openUsageDatabase } from './usage-database.ts';
import { type Grouping, groupings, usageReader } from './usage-reader.ts';
import type { UsageRow } from './usage-row.ts';
import { createUsageStore, type UsageStore } from './usage-store.ts';

/** Whether it has cost something that nobody knows. */
function isUnpriced({ usage: { tokens, counted, cost }, served }: UsageRecord): boolean {
  const isUsed = (tokens.input ?? 0) > 0 || (tokens.output ?? 0) > 0 || counted === 'unknown';
  return served !== undefined && cost === undefined && isUsed;
}

const digests = digestsWith(Buffer.alloc(32, 7));

function storeOf(records: readonly UsageRecord[], timezone = 'UTC'): UsageStore {
  const store = createUsageStore({
    database: openUsageDatabase(':memory:').database,
    digests,
    days: localDays(timezone),
    clock: systemClock,
    onProblem(error) {
      throw error;
    },
  });
  for (const record of records) store.add(record);
  store.flushNow();
  return store;
}

/** Every figure that a row of sums shows. */
type Figures = Pick<UsageRow, 'requests' | 'failed' | 'unpriced' | 'tokens' | 'cost' | 'ttftP50' | 'ttftP95'>;

function figuresOf({ requests, failed, unpriced, tokens, cost, ttftP50, ttftP95 }: UsageRow): Figures {
  return { requests, failed, unpriced, tokens, cost, ttftP50, ttftP95 };
}

/** What a group's requests come to, added up here. */
function expected(
  records: readonly UsageRecord[],
  of: (record: UsageRecord) => string,
): Record<string, Figures> {
  return Object.fromEntries([...Map.groupBy(records, of)].map(([name, all]) => [name, added(all)]));
}

function added(all: readonly UsageRecord[]): Figures {
  const sum = (value: (record: UsageRecord) => number | undefined): number =>
    all.reduce((total, one) => total + (value(one) ?? 0), 0);
  const cost = (isPaid: boolean): string =>
    dollarsText(
      all.reduce((total, { usage, served }) => {
        const isIn = (served?.billing !== 'subscription') === isPaid;
        return isIn ? total + BigInt(usage.cost?.nano ?? 0) : total;
      }, 0n),
    );
  const buckets = latencyColumns.map(
    (_, bucket) =>
      all.filter(({ ttft }) => ttft !== undefined && latencyBucket(Math.round(ttft)) === bucket).length,
  );
  return {
    requests: all.length,
    failed: sum(({ error }) => (error === undefined ? 0 : 1)),
    unpriced: sum((record) => (isUnpriced(record) ? 1 : 0)),
    tokens: {
      input: sum(({ usage }) => usage.tokens.input),
      cacheRead: sum(({ usage }) => usage.tokens.cacheRead),
      cacheWrite: sum(({ usage: { tokens } }) => (tokens.cacheWrite ?? 0) - (tokens.cacheWrite1h ?? 0)),
      cacheWrite1h: sum(({ usage }) => usage.tokens.cacheWrite1h),
      reasoning: sum(({ usage }) => usage.tokens.reasoning),
      output: sum(({ usage }) => usage.tokens.output),
    },
    cost: { paid: cost(true), worth: cost(false) },
    ttftP50: percentile(buckets, 0.5) ?? null,
    ttftP95: percentile(buckets, 0.95) ?? null,
  };
}

const inGroup: Record<Grouping, (record: UsageRecord) => string> = {
  key: ({ key }) => key?.name ?? '(none)',
  credential: ({ served }) => served?.credential.id ?? '(none)',
  provider: ({ served }) => served?.provider ?? '(none)',
  model: ({ served, asked }) => served?.model ?? asked,
  session: ({ session }) =>
    session === undefined ? '(none)' : digests.session(session).toString(16).padStart(13, '0'),
};

/** A row's names in the order of `by`, as {@link inGroup} gives them. */
function nameOf(row: UsageRow, by: readonly Grouping[]): string {
  return by
    .map((one) => {
      const value = row[one];
      return typeof value === 'object' ? (one === 'key' ? value.name : value.id) : value;
    })
    .join(' ');
}

// The last Sundays of October and March, when clocks change in Berlin; Kathmandu is 5:45 ahead, Lord Howe changes by 30 minutes.
const from = Date.UTC(2026, 9, 23);
const to = Date.UTC(2026, 9, 27);
const zones = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns'];

test('sums of any span of time are those of its requests, whatever they are grouped by', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(usageRecords(from, to), { maxLength: 120 }),
      fc.constantFrom(...zones),
      fc.option(fc.integer({ min: from - 1, max: to }), { nil: undefined }),
      fc.option(fc.integer({ min: from, max: to + 1 }), { nil: undefined }),
      fc.subarray([...groupings]),
      async (records, zone, since, until, by) => {
        const store = storeOf(records, zone);
        const reader = usageReader(store.database, localDays(zone));
        const { rows, total } = await reader.totals({ since, until, by, where: {} });
        const within = records.filter(
          ({ at }) => at >= (since ?? 0) && at < (until ?? Number.POSITIVE_INFINITY),
        );
        const named = rows.map((row) => [nameOf(row, by), figuresOf(row)]);
        expect(Object.fromEntries(named)).toEqual(
          expected(within, (record) => by.map((one) => inGroup[one](record)).join(' ')),
        );
        expect(figuresOf(total)).toEqual(added(within));
        store.close();
      },
    ),
    { numRuns: 150 },
  );
});

test('hours and days of a series add up to the total, and each begins where its requests are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(usageRecords(from, to), { minLength: 1, maxLength: 80 }),
      fc.constantFrom(...zones),
      fc.constantFrom('hour', 'day'),
      fc.integer({ min: from, max: to }),
      async (records, zone, step, since) => {
        const days = localDays(zone);
        const store = storeOf(records, zone);
        const { rows } = await usageReader(store.database, days).series({
          since,
          by: [],
          where: {},
          step: step === 'hour' ? 'hour' : 'day',
        });
        const begins = (at: number): number =>
          step === 'hour' ? Math.floor(at / 3_600_000) * 3_600_000 : days.begins(days.dayOf(at));
        const wanted = [
          ...Map.groupBy(
            records.filter(({ at }) => at >= since),
            ({ at }) => begins(at),
          ),
        ]
          .map(([at, all]) => [new Date(at).toISOString(), all.length] as const)
          .sort(([one], [other]) => (one < other ? -1 : 1));
        expect(rows.map(({ at, requests }) => [at ?? '', requests] as const)).toEqual(wanted);
        store.close();
      },
    ),
    { numRuns: 150 },
  );
});

const own = ['key', 'credential', 'provider', 'model'] as const satisfies readonly Grouping[];
/** All of their combinations, the empty one first. */
const combinations: readonly (readonly Grouping[])[] = Array.from({ length: 2 ** own.length }, (_, bits) =>
  own.filter((__, at) => (bits & (2 ** at)) > 0),
);

test('15: sums of hours and days say of every combination what single requests do, also after a recomputation', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(usageRecords(from, to), { minLength: 20, maxLength: 60 }),
      fc.constantFrom(...zones),
      fc.option(fc.integer({ min: from - 1, max: to }), { nil: undefined }),
      fc.record(
        { provider: fc.constantFrom('claude', 'gemini'), key: fc.constantFrom('A', 'B') },
        { requiredKeys: [] },
      ),
      async (records, zone, since, where) => {
        const days = localDays(zone);
        const store = storeOf(records, zone);
        const reader = usageReader(store.database, days);
        const agree = async (): Promise<void> => {
          for (const by of combinations) {
            const kept = await reader.totals({ since, by, where });
            // With conversations in it the rows of requests answer alone: added up over them it is the same.
            const single = await reader.totals({ since, by: [...by, 'session'], where });
            const [wanted, found] = [single, kept].map(({ rows, total }) => ({
              groups: Object.fromEntries(
                [...Map.groupBy(rows, (row) => nameOf(row, by))].map(([name, all]) => [name, together(all)]),
              ),
              total: figuresOf(total),
            }));
            expect(found).toEqual(wanted);
            for (const step of ['hour', 'day'] as const) {
              const series = await reader.series({ since, by, where, step });
              expect(figuresOf(series.total)).toEqual(figuresOf(kept.total));
            }
          }
        };
        await agree();
        await recompute(store.database, days, priceList({ 'm*': { input: 3.7, output: 15.3 } }), {});
        await agree();
        store.close();
      },
    ),
    { numRuns: 12 },
  );
});

/** Rows put together, but for what cannot be added up. */
function together(
  rows: readonly UsageRow[],
): Omit<Figures, 'ttftP50' | 'ttftP95' | 'cost'> & { nano: string } {
  const sum = (value: (row: UsageRow) => number): number =>
    rows.reduce((total, row) => total + value(row), 0);
  const tokens = (name: keyof UsageRow['tokens']): number => sum((row) => row.tokens[name]);
  const nano = (name: 'paid' | 'worth'): bigint =>
    rows.reduce((total, { cost }) => total + nanoOfText(cost[name]), 0n);
  return {
    requests: sum(({ requests }) => requests),
    failed: sum(({ failed }) => failed),
    unpriced: sum(({ unpriced }) => unpriced),
    tokens: {
      ...{ input: tokens('input'), cacheRead: tokens('cacheRead'), cacheWrite: tokens('cacheWrite') },
      ...{ cacheWrite1h: tokens('cacheWrite1h'), reasoning: tokens('reasoning'), output: tokens('output') },
    },
    nano: `${nano('paid')} ${nano('worth')}`,
  };
}

/** Dollars as decimal text in nano-dollars. */
function nanoOfText(dollars: string): bigint {
  const [whole = '0', part = ''] = dollars.split('.');
  return BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0'));
}

test('tokens put into the cache for five minutes and for an hour are told apart', async () => {
  const store = storeOf([usageRecord({ at: from })]);
  const { total } = await usageReader(store.database, localDays('UTC')).totals({ by: [], where: {} });
  expect(total.tokens).toEqual({
    input: 1000,
    cacheRead: 600,
    cacheWrite: 60,
    cacheWrite1h: 40,
    reasoning: 20,
    output: 50,
  });
  expect(total.cost).toEqual({ paid: '0.001', worth: '0' });
});

test('a filter that nothing ever was called by finds nothing', async () => {
  const store = storeOf([usageRecord({ at: from })]);
  const reader = usageReader(store.database, localDays('UTC'));
  expect((await reader.totals({ by: ['model'], where: { key: 'bob' } })).rows).toEqual([]);
  expect(
    (await reader.totals({ by: ['model'], where: { key: 'alice', model: 'claude-opus-5' } })).rows,
  ).toHaveLength(1);
});

test('15: sums of money are exact beyond what a number holds', async () => {
  const nano = 1e13 - 1;
  const noon = Date.UTC(2026, 10, 29, 12);
  const usage = { tokens: { input: 1, output: 1 }, counted: 'provider', tier: undefined } as const;
  const store = storeOf(
    Array.from({ length: 2000 }, (_, rnd) =>
      usageRecord({ at: noon + rnd, rnd, usage: { ...usage, cost: { nano, source: 'upstream' } } }),
    ),
  );
  const reader = usageReader(store.database, localDays('UTC'));
  const paid = dollarsText(2000n * BigInt(nano));
  for (const by of [[], ['model'], ['session']] as const)
    expect((await reader.totals({ by, where: {} })).total.cost.paid).toBe(paid);
  store.close();
});
