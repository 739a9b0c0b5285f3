import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { usageRecord, usageRecords } from '../../test/usage-records.ts';
import { systemClock } from '../ground/clock.ts';
import { digestsWith } from './digest.ts';
import { localDays } from './local-day.ts';
import { dollarsText } from './money.ts';
import type { UsageRecord } from './record.ts';
import { openUsageDatabase } from './usage-database.ts';
import { type Grouping, groupings, usageReader } from './usage-reader.ts';
import { createUsageStore, type UsageStore } from './usage-store.ts';

/** Whether it has cost something that nobody knows the price of. */
function isUnpriced({ usage: { tokens, cost }, served }: UsageRecord): boolean {
  return served !== undefined && cost === undefined && ((tokens.input ?? 0) > 0 || (tokens.output ?? 0) > 0);
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

/** What a group's rows come to, added up here. */
function expected(records: readonly UsageRecord[], of: (record: UsageRecord) => string) {
  const groups: Record<
    string,
    {
      requests: number;
      failed: number;
      unpriced: number;
      input: number;
      output: number;
      paid: string;
      worth: string;
    }
  > = {};
  for (const [name, all] of Map.groupBy(records, of)) {
    const sum = (value: (record: UsageRecord) => number): number =>
      all.reduce((total, one) => total + value(one), 0);
    const cost = (billed: boolean): string =>
      dollarsText(
        sum(({ usage, served }) =>
          (served?.billing !== 'subscription') === billed ? (usage.cost?.nano ?? 0) : 0,
        ),
      );
    groups[name] = {
      requests: all.length,
      failed: sum(({ error }) => (error === undefined ? 0 : 1)),
      unpriced: sum((record) => (isUnpriced(record) ? 1 : 0)),
      input: sum(({ usage }) => usage.tokens.input ?? 0),
      output: sum(({ usage }) => usage.tokens.output ?? 0),
      paid: cost(true),
      worth: cost(false),
    };
  }
  return groups;
}

const inGroup: Record<Grouping, (record: UsageRecord) => string> = {
  key: ({ key }) => key?.name ?? '(none)',
  credential: ({ served }) => served?.credential.id ?? '(none)',
  provider: ({ served }) => served?.provider ?? '(none)',
  model: ({ served, asked }) => served?.model ?? asked,
  session: ({ session }) =>
    session === undefined ? '(none)' : digests.session(session).toString(16).padStart(13, '0'),
};

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
        const named = rows.map((row) => {
          const { requests, failed, unpriced, tokens, cost } = row;
          const name = by.map((one) => {
            const value = row[one];
            return typeof value === 'object' ? (one === 'key' ? value.name : value.id) : value;
          });
          return [
            name.join(' '),
            { requests, failed, unpriced, input: tokens.input, output: tokens.output, ...cost },
          ];
        });
        expect(Object.fromEntries(named)).toEqual(
          expected(within, (record) => by.map((one) => inGroup[one](record)).join(' ')),
        );
        expect(total.requests).toBe(within.length);
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
