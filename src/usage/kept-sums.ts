/**
 * Sums for programs that ask again and again: what days and hours that are over come to is kept, and only what came since is
 * read. Where something in those has changed (an import, prices, retention, another time zone), they are read again.
 */
import type { Database } from 'bun:sqlite';
import { pragma } from '../ground/database-file.ts';
import { type ChangedSums, noteChanges } from './changed-sums.ts';
import type { LocalDays } from './local-day.ts';
import { type Portion, readSlices } from './read-slices.ts';
import { hourMs } from './roll-up.ts';
import { first, last } from './usage-reader.ts';

export interface Count {
  requests: number;
  /** Input and output. */
  tokens: number;
}

/** What a client key has used of a model; both are numbers of names, 0 for none. */
export interface PairSums extends Count {
  key: number;
  model: number;
  failed: number;
  /** Nano-dollars, billed or not: to put the dearest first. */
  cost: number;
}

export interface KeptSums {
  /** In no order. */
  pairs: readonly PairSums[];
  /** By the number of the day, and by when the hour begins. */
  days: ReadonlyMap<number, Count>;
  hours: ReadonlyMap<number, Count>;
}

/** What is over, up to a day and an hour; later ones are read each time. */
interface Over {
  pairs: Map<string, PairSums>;
  days: Map<number, Count>;
  hours: Map<number, Count>;
  /** Hours before are not in it. */
  since: number;
  day: number;
  hour: number;
  changed: ChangedSums;
  /** Of the file: another process has written to it where that differs. */
  version: number;
}

const kept = new WeakMap<Database, Over>();
/** Who has asked last: what is kept is added to by one at a time. */
const turns = new WeakMap<Database, Promise<unknown>>();

/** Milliseconds for which an hour, or a day, still gets requests of its own that ended behind it. */
const lateness = hourMs;

const portions: Record<'day' | 'hour', Portion> = {
  day: { first: 4, smallest: 1 },
  hour: { first: 24 * hourMs, smallest: hourMs },
};

/** A different text after any change of the file, by any writer. */
export function stateOf(database: Database): string {
  const row = database.query<{ changes: number }, []>('SELECT total_changes() AS changes').get();
  return `${pragma(database, 'data_version')} ${row?.changes}`;
}

/** All that is in the store; of hours those from `since` on, when an hour begins. Reads in slices. */
export function keptSums(
  database: Database,
  localDays: LocalDays,
  since: number,
  now: number,
): Promise<KeptSums> {
  const asked = {
    since,
    day: localDays.dayOf(now - lateness),
    hour: Math.floor((now - lateness) / hourMs) * hourMs,
  };
  const sums = (turns.get(database) ?? Promise.resolve()).then(() => sumsNow(database, asked));
  turns.set(
    database,
    sums.catch(() => {}),
  );
  return sums;
}

async function sumsNow(database: Database, asked: Pick<Over, 'since' | 'day' | 'hour'>): Promise<KeptSums> {
  const { since, day, hour } = asked;
  const over = stillHolds(database, kept.get(database), asked) ?? nothing(since);
  // Where reading fails halfway, nothing of it is kept.
  kept.delete(database);
  const state = { changed: noteChanges(database), version: pragma(database, 'data_version') };
  await addDays(database, over, over.day, day);
  await addHours(database, over, Math.max(over.hour, since), hour);
  for (const at of over.hours.keys()) if (at < since) over.hours.delete(at);
  kept.set(database, { ...over, ...asked, ...state });

  const all = { pairs: new Map(over.pairs), days: new Map(over.days), hours: new Map(over.hours) };
  await addDays(database, all, day, Number.POSITIVE_INFINITY);
  await addHours(database, all, Math.max(hour, since), Number.POSITIVE_INFINITY);
  return { ...all, pairs: [...all.pairs.values()] };
}

/** The stored sums, unless they differ from the store, or cover less than is asked for. */
function stillHolds(
  database: Database,
  over: Over | undefined,
  asked: Pick<Over, 'since' | 'day' | 'hour'>,
): Reading | undefined {
  if (over === undefined) return undefined;
  const { changed, version, since, day, hour } = over;
  const isSame = changed.day >= day && changed.hour >= hour && version === pragma(database, 'data_version');
  const goesOn = since <= asked.since && day <= asked.day && hour <= asked.hour;
  return isSame && goesOn ? over : undefined;
}

function nothing(since: number): Reading {
  const [pairs, days, hours] = [new Map(), new Map(), new Map()];
  return { pairs, days, hours, since, day: Number.NEGATIVE_INFINITY, hour: Number.NEGATIVE_INFINITY };
}

type Groups = Pick<Over, 'pairs' | 'days' | 'hours'>;
type Reading = Omit<Over, 'changed' | 'version'>;

async function addDays(database: Database, { pairs, days }: Groups, from: number, to: number): Promise<void> {
  const byPair = database.query<unknown, [number, number]>(
    `SELECT key, model, sum(n), sum(failed), sum(input) + sum(output), total(paid) + total(worth)
     FROM usage_day WHERE at >= ? AND at < ? GROUP BY key, model`,
  );
  const byDay = database.query<unknown, [number, number]>(
    `SELECT at, sum(n), sum(input) + sum(output) FROM usage_day WHERE at >= ? AND at < ? GROUP BY at`,
  );
  await read(database, 'day', from, to, (low, high) => {
    for (const row of byPair.values(low, high)) {
      const [key = 0, model = 0, requests = 0, failed = 0, tokens = 0, cost = 0] = row.map(Number);
      const which = `${key} ${model}`;
      const before = pairs.get(which);
      pairs.set(which, {
        ...{ key, model },
        requests: requests + (before?.requests ?? 0),
        failed: failed + (before?.failed ?? 0),
        tokens: tokens + (before?.tokens ?? 0),
        cost: cost + (before?.cost ?? 0),
      });
    }
    for (const row of byDay.values(low, high)) addCount(days, row);
  });
}

async function addHours(database: Database, { hours }: Groups, from: number, to: number): Promise<void> {
  const byHour = database.query<unknown, [number, number]>(
    `SELECT at, sum(n), sum(input) + sum(output) FROM usage_hour WHERE at >= ? AND at < ? GROUP BY at`,
  );
  await read(database, 'hour', from, to, (low, high) => {
    for (const row of byHour.values(low, high)) addCount(hours, row);
  });
}

function addCount(counts: Map<number, Count>, row: readonly unknown[]): void {
  const [at = 0, requests = 0, tokens = 0] = row.map(Number);
  counts.set(at, { requests, tokens });
}

async function read(
  database: Database,
  step: 'day' | 'hour',
  from: number,
  to: number,
  add: (low: number, high: number) => void,
): Promise<void> {
  const low = Math.max(from, first(database, `usage_${step}`, 'at'));
  const high = Math.min(to, last(database, `usage_${step}`, 'at') + 1);
  await readSlices(low, high, portions[step], (lowest, highest) => {
    add(lowest, highest);
    return true;
  });
}
