/** Days again from hours, where the owner's time zone has changed since they were summed up. */
import type { Database } from 'bun:sqlite';
import type { Timers } from '../ground/timers.ts';
import { latencyColumns } from './latency.ts';
import type { LocalDays } from './local-day.ts';
import { rollUpColumns, rollUpKeys, sumColumns } from './roll-up.ts';

/**
 * Starts it where the file's zone is another; one day a turn. Days whose hours are gone stay as they were. An hour that two
 * days share, in a zone whose midnight is at half past, goes to the day in which it begins.
 */
export function rebuildDays(database: Database, days: LocalDays, timers: Timers): void {
  const kept = database
    .query<{ value: string }, []>("SELECT value FROM meta WHERE name = 'timezone'")
    .get()?.value;
  const remember = (): void => {
    database
      .query(
        "INSERT INTO meta (name, value) VALUES ('timezone', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1",
      )
      .run(days.timezone);
  };
  if (kept === undefined) {
    remember();
    return;
  }
  if (kept === days.timezone) return;
  const span = database
    .query<{ oldest: number | null; newest: number | null }, []>(
      'SELECT min(at) AS oldest, max(at) AS newest FROM usage_hour',
    )
    .get();
  if (span === null || span.oldest === null || span.newest === null) {
    remember();
    return;
  }
  const last = days.dayOf(span.newest);
  const sums = [...sumColumns, ...latencyColumns].map((name) => `sum(${name})`);
  const insert = database.query(
    `INSERT INTO usage_day (at, ${rollUpColumns.join(', ')})
     SELECT ?1, ${rollUpKeys.join(', ')}, ${sums.join(', ')} FROM usage_hour WHERE at >= ?2 AND at < ?3
     GROUP BY ${rollUpKeys.join(', ')}`,
  );
  const remove = database.query('DELETE FROM usage_day WHERE at = ?');
  const one = database.transaction((day: number) => {
    remove.run(day);
    insert.run(day, days.begins(day), days.begins(day + 1));
    if (day >= last) remember();
  });
  const next = (day: number): void => {
    try {
      one.immediate(day);
    } catch {
      // The next start finds the zone unchanged in the file, and begins again.
      return;
    }
    if (day < last) timers.after(0, () => next(day + 1));
  };
  // The first may have lost hours to retention: it stays as it was summed up.
  next(days.dayOf(span.oldest) + (hasOlderDays(database, days.dayOf(span.oldest)) ? 1 : 0));
}

function hasOlderDays(database: Database, day: number): boolean {
  return database.query('SELECT 1 FROM usage_day WHERE at < ? LIMIT 1').get(day) !== null;
}
