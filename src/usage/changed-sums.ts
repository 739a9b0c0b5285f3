/** The hours and days whose sums have changed since they were stored: writers record the changes, and stored sums are checked against them. */
import type { Database } from 'bun:sqlite';

/** The earliest hour (ms since the epoch) and day (its number) that have changed; infinite for none. */
export interface ChangedSums {
  hour: number;
  day: number;
}

/** Of files whose sums are kept by somebody: of others nothing is noted. */
const noted = new WeakMap<Database, ChangedSums>();

/** Begins anew: what has changed from now on is in the object that this gives. */
export function noteChanges(database: Database): ChangedSums {
  const changed = { hour: Number.POSITIVE_INFINITY, day: Number.POSITIVE_INFINITY };
  noted.set(database, changed);
  return changed;
}

/** To be called by all that write to `usage_hour` or `usage_day`. */
export function sumsChanged(database: Database, { hour, day }: Partial<ChangedSums>): void {
  const changed = noted.get(database);
  if (changed === undefined) return;
  if (hour !== undefined && hour < changed.hour) changed.hour = hour;
  if (day !== undefined && day < changed.day) changed.day = day;
}
