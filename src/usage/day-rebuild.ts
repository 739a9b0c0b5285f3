/** Days again from hours, where the owner's time zone has changed since they were summed up. */
import type { Database } from 'bun:sqlite';
import type { Clock } from '../ground/clock.ts';
import { sumsChanged } from './changed-sums.ts';
import { latencyColumns } from './latency.ts';
import { type LocalDays, localDays } from './local-day.ts';
import { hourMs, rollUpColumns, rollUpKeys, sumColumns } from './roll-up.ts';

/** What was summed up again last, or is. */
interface Rebuild {
  /** The last day, as the zone before numbered it, whose hours are gone in part: it stays as it was, and those before it. */
  kept: number;
  /** Where it ended, in ms since the epoch: later hours are in the days behind it. */
  from: number;
  done: boolean;
}

/**
 * Starts it where the file's zone is another; one day a turn. Days whose hours are gone stay as they were, and every hour
 * is in one day: the first day behind those has also what is left of the day that they end in. An hour that two days
 * share, in a zone whose midnight is at half past, goes to the day in which it begins.
 */
export function rebuildDays(database: Database, days: LocalDays, clock: Clock): void {
  const zone = readMeta(database, 'timezone');
  const before = rebuiltBefore(database);
  if (zone === days.timezone && before?.done !== false) return;
  const remember = (): void => writeMeta(database, 'timezone', days.timezone);
  const newest = edge(database, 'usage_hour', 'max');
  const rebuild =
    zone === undefined ? undefined : before?.done === false ? before : found(database, zone, before);
  if (rebuild === undefined || newest === undefined) {
    remember();
    return;
  }
  const { kept, from } = rebuild;
  const first = Math.max(days.dayOf(from), kept + 1);
  /** Midnight may come meanwhile. */
  const isLast = (day: number): boolean => day >= days.dayOf(edge(database, 'usage_hour', 'max') ?? newest);
  const sums = [...sumColumns, ...latencyColumns].map((name) => `sum(${name})`);
  const insert = database.query(
    `INSERT INTO usage_day (at, ${rollUpColumns.join(', ')})
     SELECT ?1, ${rollUpKeys.join(', ')}, ${sums.join(', ')} FROM usage_hour WHERE at >= ?2 AND at < ?3
     GROUP BY ${rollUpKeys.join(', ')}`,
  );
  const remove = database.query('DELETE FROM usage_day WHERE at >= ? AND at < ?');
  const one = database.transaction((day: number): boolean => {
    const ends = isLast(day);
    // The days of the zone before may have begun and ended with other numbers.
    remove.run(day === first ? kept + 1 : day, ends ? Number.MAX_SAFE_INTEGER : day + 1);
    insert.run(day, day === first ? from : days.begins(day), days.begins(day + 1));
    sumsChanged(database, { day: Math.min(day, kept + 1) });
    // A start that finds it unfinished continues it: the existing days are no measure of it.
    if (day === first || ends) writeMeta(database, 'rebuild', JSON.stringify({ kept, from, done: ends }));
    if (ends) remember();
    return ends;
  });
  const next = (day: number): void => {
    try {
      if (!one.immediate(day)) clock.after(0, () => next(day + 1));
    } catch {
      // The next start finds the zone unchanged in the file, and goes on.
    }
  };
  next(first);
}

function rebuiltBefore(database: Database): Rebuild | undefined {
  const text = readMeta(database, 'rebuild');
  return text === undefined ? undefined : JSON.parse(text);
}

/** Which days of the zone before have lost hours to retention, in whole or in part; undefined where there are no hours. */
function found(database: Database, zone: string, last: Rebuild | undefined): Rebuild | undefined {
  const oldest = edge(database, 'usage_hour', 'min');
  if (oldest === undefined) return undefined;
  const before = localDays(zone);
  const first = last === undefined ? Number.NEGATIVE_INFINITY : last.kept + 1;
  const day = Math.max(before.dayOf(oldest), first);
  const begins = day === first ? (last?.from ?? oldest) : before.begins(day) - hourMs + 1;
  const ends = before.begins(day + 1);
  const isWhole =
    requestsIn(database, 'usage_day', day, day + 1) <= requestsIn(database, 'usage_hour', begins, ends);
  return isWhole
    ? { kept: dayBefore(database, day), from: Math.max(oldest, last?.from ?? oldest), done: false }
    : { kept: day, from: ends, done: false };
}

/** The last day before that one in which there is anything; else one that no zone's first day comes before. */
function dayBefore(database: Database, day: number): number {
  return (
    database
      .query<{ at: number | null }, [number]>('SELECT max(at) AS at FROM usage_day WHERE at < ?')
      .get(day)?.at ?? day - 3
  );
}

function requestsIn(database: Database, table: string, from: number, to: number): number {
  return (
    database
      .query<{ n: number | null }, [number, number]>(
        `SELECT sum(n) AS n FROM ${table} WHERE at >= ? AND at < ?`,
      )
      .get(from, to)?.n ?? 0
  );
}

function edge(database: Database, table: string, which: 'min' | 'max'): number | undefined {
  return (
    database.query<{ at: number | null }, []>(`SELECT ${which}(at) AS at FROM ${table}`).get()?.at ??
    undefined
  );
}

function readMeta(database: Database, name: string): string | undefined {
  return database.query<{ value: string }, [string]>('SELECT value FROM meta WHERE name = ?').get(name)
    ?.value;
}

function writeMeta(database: Database, name: string, value: string): void {
  database
    .query('INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2')
    .run(name, value);
}
