import { describe, expect, test } from 'bun:test';
import { usageRecord } from '../../test/usage-records.ts';
import { systemClock } from '../ground/clock.ts';
import { digestsWith } from './digest.ts';
import { localDays } from './local-day.ts';
import { type CacheTurn, cachedBehind, cacheStep } from './prompt-cache.ts';
import type { UsageRecord, UsageTokens } from './record.ts';
import { requestReader } from './request-reader.ts';
import { openUsageDatabase } from './usage-database.ts';
import { usageReader } from './usage-reader.ts';
import { createUsageStore } from './usage-store.ts';

const minute = 60_000;
const turn = (more: Partial<CacheTurn>): CacheTurn => ({
  at: 0,
  credential: 'a',
  input: 20_000,
  cacheRead: 12_000,
  cacheWrite: 8000,
  cacheWrite1h: 0,
  ...more,
});

describe('what a turn pays again', () => {
  test('nothing where the same credential reads what the turn before left', () => {
    expect(cacheStep(turn({}), turn({ at: minute, input: 21_000, cacheRead: 20_000 }))).toEqual({
      again: 0,
      because: null,
    });
    expect(cacheStep(undefined, turn({}))).toEqual({ again: 0, because: null });
  });
  test('all of it where another credential serves it, whose cache has none', () => {
    const next = turn({ at: minute, credential: 'b', input: 21_000, cacheRead: 0, cacheWrite: 21_000 });
    expect(cacheStep(turn({}), next)).toEqual({ again: 20_000, because: 'switched' });
    // Of one company's accounts a part may be shared: the system prompt.
    expect(cacheStep(turn({}), { ...next, cacheRead: 5000 })).toEqual({ again: 15_000, because: 'switched' });
  });
  test('most of it where the beginning is another; the end of a prompt is always read anew', () => {
    expect(cacheStep(turn({}), turn({ at: minute, cacheRead: 300 }))).toEqual({
      again: 19_700,
      because: 'changed',
    });
    expect(cacheStep(turn({}), turn({ at: minute, cacheRead: 15_000 }))).toEqual({ again: 0, because: null });
  });
  test('nothing once the cache is over: five minutes, or the hour that was paid for', () => {
    const late = turn({ at: 6 * minute, cacheRead: 0 });
    expect(cacheStep(turn({}), late).again).toBe(0);
    expect(cacheStep(turn({ cacheWrite1h: 8000 }), late).again).toBe(20_000);
    expect(cacheStep(turn({ cacheWrite1h: 8000 }), { ...late, at: 61 * minute }).again).toBe(0);
  });
  test('nothing of a shorter prompt: it is another, or was summed up', () => {
    expect(cacheStep(turn({}), turn({ at: minute, input: 4000, cacheRead: 0 })).again).toBe(0);
  });
  test('services that cache by themselves tell what they read alone', () => {
    const automatic = turn({ cacheRead: 0, cacheWrite: undefined, cacheWrite1h: undefined });
    expect(cachedBehind(automatic).tokens).toBe(20_000);
    expect(cachedBehind({ ...automatic, input: 900 }).tokens).toBe(0);
    expect(cachedBehind({ ...automatic, cacheRead: undefined }).tokens).toBe(0);
  });
});

const noon = Date.UTC(2026, 10, 29, 12);
const tokens = (input: number, cacheRead: number, cacheWrite: number): UsageTokens => ({
  ...{ input, cacheRead, cacheWrite, cacheWrite1h: 0, output: 10, reasoning: undefined },
});

function recordOf(seconds: number, session: string, credential: string, counts: UsageTokens): UsageRecord {
  const served = {
    credential: { id: credential, name: `account ${credential}` },
    ...({ provider: 'claude', model: 'claude-opus-5', billing: 'paid' } as const),
  };
  const usage = { tokens: counts, counted: 'provider' as const, tier: undefined, cost: undefined };
  return usageRecord({ at: noon + seconds * 1000, rnd: seconds, session, served, usage });
}

test('usage by session, and a single request, say what a switch has cost', async () => {
  const records = [
    recordOf(0, 's1', 'a', tokens(10_000, 0, 10_000)),
    recordOf(5, 's2', 'b', tokens(3000, 0, 3000)),
    recordOf(10, 's1', 'a', tokens(11_000, 10_000, 1000)),
    recordOf(20, 's1', 'b', tokens(12_000, 2000, 10_000)),
    recordOf(25, 's2', 'b', tokens(4000, 0, 4000)),
    recordOf(30, 's1', 'b', tokens(13_000, 12_000, 1000)),
  ];
  const digests = digestsWith(Buffer.alloc(32, 7));
  const days = localDays('UTC');
  const store = createUsageStore({
    ...{ database: openUsageDatabase(':memory:').database, digests, days, clock: systemClock },
    onProblem(error) {
      throw error;
    },
  });
  for (const record of records) store.add(record);
  store.flushNow();

  const { rows } = await usageReader(store.database, days).totals({ by: ['session'], where: {} });
  const bySession = Object.fromEntries(rows.map(({ session = '', promptCache }) => [session, promptCache]));
  const nameOf = (session: string): string => digests.session(session).toString(16).padStart(13, '0');
  expect(bySession).toEqual({
    [nameOf('s1')]: { switches: 1, switchTokens: 9000, changes: 0, changeTokens: 0 },
    [nameOf('s2')]: { switches: 0, switchTokens: 0, changes: 1, changeTokens: 3000 },
  });
  // A turn is paid where it was served, though the one before was elsewhere.
  const ofAccounts = await usageReader(store.database, days).totals({
    by: ['credential', 'session'],
    where: { credential: 'b', session: nameOf('s1') },
  });
  expect(ofAccounts.rows.map(({ promptCache }) => promptCache?.switchTokens)).toEqual([9000]);
  // Other sums do not pay for it.
  const [plain] = (await usageReader(store.database, days).totals({ by: ['model'], where: {} })).rows;
  expect(plain).not.toHaveProperty('promptCache');

  const reader = requestReader(store.database);
  const [, , , switched, , good] = records.map(({ id }) => id);
  expect(await reader.cache(switched ?? '')).toEqual({
    ...{ again: 9000, because: 'switched' },
    before: { id: 'a', name: 'account a' },
  });
  expect(await reader.cache(good ?? '')).toMatchObject({ again: 0, because: null, before: { id: 'b' } });
  expect(await reader.cache('req_000000000000000000000000')).toBeUndefined();
  store.close();
});
