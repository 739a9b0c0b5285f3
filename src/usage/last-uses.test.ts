import { expect, test } from 'bun:test';
import { usageRecord } from '../../test/usage-records.ts';
import { systemClock } from '../ground/clock.ts';
import { digestsWith } from './digest.ts';
import { lastUses } from './last-uses.ts';
import { localDays } from './local-day.ts';
import { openUsageDatabase } from './usage-database.ts';
import { createUsageStore } from './usage-store.ts';

const digests = digestsWith(Buffer.alloc(32, 7));
const hour = 3600_000;
const now = Date.UTC(2026, 10, 29, 12, 5);

function databaseOf(records: Parameters<typeof usageRecord>[0][]) {
  const { database } = openUsageDatabase(':memory:');
  const store = createUsageStore({
    ...{ database, digests, days: localDays('UTC'), clock: systemClock },
    onProblem(error) {
      throw error;
    },
  });
  for (const record of records) store.add(usageRecord(record));
  store.flushNow();
  return database;
}

const servedBy = (id: string) => ({
  credential: { id, name: id },
  ...{ provider: 'claude', model: 'm', billing: 'paid' as const },
});

test('the last use of each key and credential is known to the hour, for a month back', async () => {
  const database = databaseOf([
    { at: now - 30 * 24 * hour, key: { id: 'old', name: 'old' }, served: servedBy('a') },
    { at: now - 50 * 24 * hour, key: { id: 'gone', name: 'gone' }, served: servedBy('forgotten') },
    { at: now - 3 * hour, key: { id: 'k', name: 'k' }, served: servedBy('b') },
    { at: now - 2 * hour, key: { id: 'k', name: 'k' }, served: servedBy('a') },
    { at: now, key: { id: 'k', name: 'k' }, served: undefined, error: 'not-found' },
  ]);
  const { keys, credentials } = await lastUses(database, now);
  const beginning = (at: number): number => Math.floor(at / hour) * hour;
  expect([...keys]).toEqual([
    [digests.key('k'), beginning(now)],
    [digests.key('old'), beginning(now - 30 * 24 * hour)],
  ]);
  expect(Object.fromEntries(credentials)).toEqual({
    a: beginning(now - 2 * hour),
    b: beginning(now - 3 * hour),
  });
});

test('an empty store has no uses', async () => {
  const { keys, credentials } = await lastUses(databaseOf([]), now);
  expect([keys.size, credentials.size]).toEqual([0, 0]);
});
