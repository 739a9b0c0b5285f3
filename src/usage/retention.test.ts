/** What becomes of old rows: deleted by age and by size, worth something else after a price change, of other days in another zone. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { usageRecord } from '../../test/usage-records.ts';
import { type Clock, systemClock } from '../ground/clock.ts';
import { rebuildDays } from './day-rebuild.ts';
import { digestsWith } from './digest.ts';
import { localDays } from './local-day.ts';
import { priceList } from './price-list.ts';
import { recompute } from './recompute.ts';
import type { UsageRecord } from './record.ts';
import { requestReader } from './request-reader.ts';
import { sweep } from './retention.ts';
import { openUsageDatabase } from './usage-database.ts';
import { usageReader } from './usage-reader.ts';
import { createUsageStore } from './usage-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'usage-retention-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const day = 86_400_000;
const noon = Date.UTC(2026, 10, 29, 12);
const keepAll = { keepRequests: 4000 * day, keepHours: 4000 * day, maxSize: 1e12 };

let files = 0;
function filled(records: readonly UsageRecord[], timezone = 'UTC') {
  const { database } = openUsageDatabase(join(folder, `usage-${files++}.sqlite`));
  const days = localDays(timezone);
  const store = createUsageStore({
    ...{ database, days, digests: digestsWith(Buffer.alloc(32, 1)), clock: systemClock },
    onProblem(error) {
      throw error;
    },
  });
  for (const record of records) store.add(record);
  store.flushNow();
  const count = (table: string): number =>
    database.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;
  return { database, days, count };
}

/** One with an attempt that failed before the one that answered. */
function failedOver(at: number, rnd: number): UsageRecord {
  const record = usageRecord({ at, rnd });
  const [answered] = record.attempts;
  if (answered === undefined) throw new Error('no attempt');
  const tokens = { input: 700, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, output: 30, reasoning: 0 };
  const usage = {
    tokens,
    counted: 'estimate',
    tier: undefined,
    cost: { nano: 5000, source: 'list' },
  } as const;
  return { ...record, attempts: [{ ...answered, status: 502, reason: 'unavailable', usage }, answered] };
}

test('requests go by age with their attempts, hours later, days never', () => {
  const { database, count } = filled(
    Array.from({ length: 2500 }, (_, n) => failedOver(noon - (n % 10) * day, n)),
  );
  const settings = { ...keepAll, keepRequests: 4.5 * day, keepHours: 7.5 * day };
  let portions = 0;
  while (sweep(database, settings, noon)) portions += 1;
  expect(portions).toBeGreaterThan(1);
  expect(count('requests')).toBe(5 * 250);
  expect(count('attempts')).toBe(2 * 5 * 250);
  expect(count('usage_hour')).toBe(8);
  expect(count('usage_day')).toBe(10);
});

test('above the size that is allowed the oldest requests go, a thousand at a time', async () => {
  const { database, count } = filled(
    Array.from({ length: 5000 }, (_, n) => usageRecord({ at: noon + n, rnd: n })),
  );
  expect(sweep(database, { ...keepAll, maxSize: 10_000 }, noon)).toBe(true);
  expect(count('requests')).toBe(4000);
  const [newest] = await requestReader(database).list({ where: {}, limit: 1 });
  expect(newest?.at).toBe(new Date(noon + 4999).toISOString());
  expect(sweep(database, keepAll, noon)).toBe(false);
});

test('tokens of an attempt that failed are kept with it, beside those of the answer', () => {
  const record = failedOver(noon, 7);
  const { database } = filled([record]);
  const attempts = requestReader(database).one(record.id)?.attempts ?? [];
  expect(
    attempts.map(({ reason, counted, tokens, cost }) => ({ reason, counted, output: tokens.output, cost })),
  ).toEqual([
    { reason: 'unavailable', counted: 'estimate', output: 30, cost: '0.000005' },
    { reason: 'answered', counted: 'provider', output: 50, cost: '0.001' },
  ]);
});

test('new prices count for what is kept; what the service has reported stays', async () => {
  const served = {
    credential: { id: 'c-1', name: 'mine' },
    ...({ provider: 'mine', model: 'my-model', billing: 'paid' } as const),
  };
  const usage = usageRecord({ at: noon }).usage;
  const { database, days } = filled([
    usageRecord({ at: noon, rnd: 1, served, usage: { ...usage, cost: undefined } }),
    usageRecord({
      at: noon + 1,
      rnd: 2,
      served,
      usage: { ...usage, cost: { nano: 77, source: 'upstream' } },
    }),
  ]);
  const sums = async () => (await usageReader(database, days).totals({ by: [], where: {} })).total;
  expect(await sums()).toMatchObject({ unpriced: 1, cost: { paid: '0.000000077' } });
  const prices = priceList({ 'my-model': { input: 1, output: 2 } });
  expect(await recompute(database, days, prices, {})).toEqual({ recomputed: 2, changed: 1 });
  // 1,000 tokens at $1 and 50 at $2 a million.
  expect(await sums()).toMatchObject({ unpriced: 0, cost: { paid: '0.001100077' } });
  expect(await recompute(database, days, prices, {})).toEqual({ recomputed: 2, changed: 0 });
});

/** A clock that leaves what is for later in a list. */
function laterClock(): { clock: Clock; due: (() => void)[] } {
  const due: (() => void)[] = [];
  const clock: Clock = {
    ...systemClock,
    after(_ms, run) {
      due.push(run);
      return () => {};
    },
    every: () => () => {},
  };
  return { clock, due };
}

test('in another zone the days are those of that zone, also when clocks change', async () => {
  // 25 October 2026 has 25 hours in Berlin; an hour before its midnight and one behind.
  const begins = Date.UTC(2026, 9, 24, 22);
  const records = Array.from({ length: 27 }, (_, n) =>
    usageRecord({ at: begins + (n - 1) * 3_600_000, rnd: n }),
  );
  const { database } = filled(records, 'UTC');
  rebuildDays(database, localDays('UTC'), systemClock);
  const berlin = localDays('Europe/Berlin');
  const { clock, due } = laterClock();
  rebuildDays(database, berlin, clock);
  for (let run = due.shift(); run !== undefined; run = due.shift()) run();
  const { rows } = await usageReader(database, berlin).series({ by: [], where: {}, step: 'day' });
  expect(rows.map(({ at, requests }) => [at, requests])).toEqual([
    ['2026-10-23T22:00:00.000Z', 1],
    ['2026-10-24T22:00:00.000Z', 25],
    ['2026-10-25T23:00:00.000Z', 1],
  ]);
});

/** Runs what a rebuild leaves for later, `turns` of it. */
function rebuilt(
  database: Parameters<typeof rebuildDays>[0],
  timezone: string,
  turns = Number.POSITIVE_INFINITY,
): void {
  const { clock, due } = laterClock();
  rebuildDays(database, localDays(timezone), clock);
  for (let turn = 1; turn < turns && due.length > 0; turn++) due.shift()?.();
}

const farApart = [
  'Pacific/Auckland',
  'America/Los_Angeles',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'UTC',
  'Asia/Kolkata',
];

test('15: however the owner changes the zone, each request is in one day of the new one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...farApart),
      fc.array(fc.constantFrom(...farApart), { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat({ max: 5 * 24 * 4 - 1 }), { minLength: 1, maxLength: 40 }),
      fc.nat({ max: 8 }),
      async (before, zones, quarters, interrupted) => {
        const records = quarters.map((quarter, rnd) => usageRecord({ at: noon + quarter * 900_000, rnd }));
        const { database } = filled(records, before);
        rebuilt(database, before);
        for (const [index, zone] of zones.entries()) {
          // A start that was cut short is followed by another, maybe with yet another zone.
          if (index < zones.length - 1) rebuilt(database, zone, interrupted);
          else rebuilt(database, zone);
        }
        const days = localDays(zones.at(-1) ?? before);
        const { rows, total } = await usageReader(database, days).series({ by: [], where: {}, step: 'day' });
        expect(total.requests).toBe(records.length);
        if ([before, ...zones].includes('Asia/Kolkata')) return;
        const wanted = Map.groupBy(records, ({ at }) => days.begins(days.dayOf(at)));
        expect(new Map(rows.map(({ at, requests }) => [Date.parse(at ?? ''), requests]))).toEqual(
          new Map([...wanted].sort(([one], [other]) => one - other).map(([at, all]) => [at, all.length])),
        );
        database.close();
      },
    ),
    { numRuns: 40 },
  );
});

test.each(farApart)(
  '15: days whose hours are gone stay, and nothing counts twice, when the zone becomes %s',
  async (zone) => {
    const records = Array.from({ length: 10 * 24 }, (_, hour) =>
      usageRecord({ at: noon + hour * 3_600_000, rnd: hour }),
    );
    const { database } = filled(records, 'Europe/Berlin');
    rebuilt(database, 'Europe/Berlin');
    const settings = { ...keepAll, keepHours: 4.3 * day };
    while (sweep(database, settings, noon + 10 * day));
    const total = async () =>
      (await usageReader(database, localDays(zone)).totals({ by: [], where: {} })).total.requests;
    expect(await total()).toBe(240);
    rebuilt(database, zone);
    expect(Math.abs((await total()) - 240)).toBeLessThanOrEqual(zone === 'Asia/Kolkata' ? 1 : 0);
    rebuilt(database, 'Europe/Berlin');
    expect(Math.abs((await total()) - 240)).toBeLessThanOrEqual(zone === 'Asia/Kolkata' ? 1 : 0);
  },
);

test('15: under a model route that bears the name of a priced model its target is paid for', async () => {
  const served = {
    credential: { id: 'c-1', name: 'mine' },
    ...({ provider: 'mine', model: 'my-model', billing: 'paid' } as const),
  };
  const { usage } = usageRecord({ at: noon });
  const { database, days } = filled([
    usageRecord({ at: noon, asked: 'gpt-5', served, usage: { ...usage, cost: undefined } }),
  ]);
  const recomputed = (routes: Parameters<typeof priceList>[1]) =>
    recompute(database, days, priceList({ 'gpt-5': { input: 100, output: 200 } }, routes), {});
  const others = { effort: undefined, 'max-output-tokens': undefined, timeouts: undefined };
  const target = { model: 'my-model', at: [], ...others };
  expect(await recomputed({ 'GPT-5': { models: [target], rules: [] } })).toEqual({
    recomputed: 1,
    changed: 0,
  });
  expect(await recomputed({})).toEqual({ recomputed: 1, changed: 1 });
});
