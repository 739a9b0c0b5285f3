/** Answers about what was used: sums by who, what and when. Reads in slices, so that requests go on meanwhile. */
import type { Database } from 'bun:sqlite';
import { yieldToEventLoop } from '../ground/steps.ts';
import { type CacheSums, cacheSums } from './cache-reader.ts';
import { perMillisecond, placeOf } from './columns.ts';
import { type Filter, filterClauses } from './filter.ts';
import { latencyColumns } from './latency.ts';
import type { LocalDays } from './local-day.ts';
import { type KnownName, readNames } from './names.ts';
import { type Portion, readSlices } from './read-slices.ts';
import { hourMs, sumColumns, unknownUse } from './roll-up.ts';
import { type Kept, type TimePiece, timePieces } from './time-pieces.ts';
import { addedTo, emptySums, type Sums, type UsageRow, usageRow } from './usage-row.ts';

export const groupings = ['key', 'credential', 'provider', 'model', 'session'] as const;
export type Grouping = (typeof groupings)[number];

export function isGrouping(word: string): word is Grouping {
  return groupings.some((grouping) => grouping === word);
}

export interface TotalsQuery {
  /** Ms since the epoch; all that is kept without them. */
  since?: number | undefined;
  until?: number | undefined;
  by: readonly Grouping[];
  where: Filter;
}

export interface UsageTable {
  rows: UsageRow[];
  total: UsageRow;
}

export interface UsageReader {
  totals(query: TotalsQuery): Promise<UsageTable>;
  /** The same for each hour or day, oldest first; those without requests are left out. */
  series(query: TotalsQuery & { step: 'hour' | 'day' }): Promise<UsageTable>;
}

/** How much of a table one turn begins with. */
const portions: Record<TimePiece['table'], Portion> = {
  day: { first: 4, smallest: 1 },
  hour: { first: 24 * hourMs, smallest: hourMs },
  requests: { first: 60_000 * perMillisecond, smallest: 100 * perMillisecond },
};

export function usageReader(database: Database, days: LocalDays): UsageReader {
  /** The sums by group, each group's key being its values in the order of `by` and, with a step, the time before them. */
  async function sumsOf(query: TotalsQuery, step: 'hour' | 'day' | undefined): Promise<Map<string, Group>> {
    const names = readNames(database);
    const filter = filterClauses(query.where, names);
    const groups = new Map<string, Group>();
    if (filter === undefined) return groups;
    const onlyRequests = query.by.includes('session') || query.where.session !== undefined;
    const pieces = timePieces(
      query.since ?? Number.NEGATIVE_INFINITY,
      query.until ?? Number.POSITIVE_INFINITY,
      keptIn(database, days),
      onlyRequests ? 'requests' : (step ?? 'day'),
    );
    for (const { table, from, to } of pieces) {
      const { column, place } = placeIn(table, days);
      const source = table === 'requests' ? table : `usage_${table}`;
      const low = Math.max(place(from), first(database, source, column));
      const high = Math.min(place(to), last(database, source, column) + 1);
      const statement = database.query<unknown, number[]>(
        `SELECT ${groupColumns(query.by, table, step)}, ${table === 'requests' ? requestSums : rollUpSums}
         FROM ${source} WHERE ${column} >= ? AND ${column} < ?${filter.sql} GROUP BY ${groupNumbers(query.by, table, step)}`,
      );
      await readSlices(low, high, portions[table], (lowest, highest) => {
        for (const row of statement.values(lowest, highest, ...filter.values)) {
          const at = step === undefined ? 0 : stepOf(step, table, Number(row[0]), days);
          addTo(groups, at, query.by, row, table === 'requests');
        }
        return true;
      });
    }
    if (query.by.includes('session') && step === undefined) await addCache(groups, query, names);
    for (const group of groups.values()) group.named = group.ids.map((id) => names.get(id));
    return groups;
  }

  /** What conversations have paid again: a turn counts for the credential that served it. */
  async function addCache(
    groups: Map<string, Group>,
    { by, where, since, until }: TotalsQuery,
    names: ReadonlyMap<number, KnownName>,
  ): Promise<void> {
    const { key, session } = where;
    const filter = filterClauses({ key, session }, names);
    if (filter === undefined) return;
    const low = Math.max(placeOf(since ?? 0), first(database, 'requests', 'id'));
    const high = Math.min(placeOf(until ?? Number.POSITIVE_INFINITY), last(database, 'requests', 'id') + 1);
    const sums = await cacheSums(database, [low, high], by, filter, (ids) => groupKey(0, ids));
    for (const [which, group] of groups) group.cache = sums.get(which) ?? noCacheSums;
  }

  return {
    async totals(query) {
      const groups = [...(await sumsOf(query, undefined)).values()];
      return table(query.by, groups.sort(dearestFirst), undefined);
    },
    async series(query) {
      const groups = [...(await sumsOf(query, query.step)).values()];
      const times = [...Map.groupBy(groups, ({ at }) => at)].sort(([one], [other]) => one - other);
      const inOrder: Group[] = [];
      for (const [index, [, own]] of times.entries()) {
        inOrder.push(...own.sort(dearestFirst));
        if (index % timesPerSlice === timesPerSlice - 1) await yieldToEventLoop();
      }
      return table(query.by, inOrder, query.step);
    },
  };
}

export interface Group {
  /** When its hour or day begins; 0 without a step. */
  at: number;
  /** In the order of `by`: numbers of names, a session as it is. */
  ids: readonly number[];
  named: readonly (KnownName | undefined)[];
  sums: Sums;
  /** Of conversations. */
  cache?: CacheSums;
}

const noCacheSums: CacheSums = { switches: 0, switchTokens: 0, changes: 0, changeTokens: 0 };

function groupKey(at: number, ids: readonly number[]): string {
  return `${at} ${ids.join(' ')}`;
}

/** Times of a series that are put in order in one turn, and rows that are made in one. */
const timesPerSlice = 100;
const rowsPerSlice = 500;

async function table(
  by: readonly Grouping[],
  groups: readonly Group[],
  step: 'hour' | 'day' | undefined,
): Promise<UsageTable> {
  const total = emptySums();
  const rows: UsageRow[] = [];
  for (const [index, group] of groups.entries()) {
    addedTo(total, group.sums);
    rows.push(usageRow(group.sums, by, group, step !== undefined));
    if (index % rowsPerSlice === rowsPerSlice - 1) await yieldToEventLoop();
  }
  return { rows, total: usageRow(total, [], undefined, false) };
}

function dearestFirst({ sums: one }: Group, { sums: other }: Group): number {
  const [left, right] = [one.paid + one.worth, other.paid + other.worth];
  if (left !== right) return left < right ? 1 : -1;
  return other.n - one.n;
}

function addTo(
  groups: Map<string, Group>,
  at: number,
  by: readonly Grouping[],
  row: readonly unknown[],
  ofRequests: boolean,
): void {
  const ids = row.slice(1, 1 + by.length).map(Number);
  const which = groupKey(at, ids);
  let group = groups.get(which);
  if (group === undefined) {
    group = { at, ids, named: [], sums: emptySums() };
    groups.set(which, group);
  }
  const amounts = row.slice(1 + by.length);
  const { sums } = group;
  for (const [index, name] of sumColumns.entries()) {
    const amount = amounts[index] ?? 0;
    if (name === 'paid' || name === 'worth') sums[name] += BigInt(String(amount));
    else sums[name] += Number(amount);
  }
  const rest = amounts.slice(sumColumns.length).map(Number);
  if (!ofRequests) for (const [bucket, amount] of rest.entries()) addBucket(sums, bucket, amount);
  // Of requests each row is of one bucket; -1 is for those without an attempt.
  else if ((rest[0] ?? -1) >= 0) addBucket(sums, rest[0] ?? 0, Number(amounts[0]));
}

function addBucket(sums: Sums, bucket: number, amount: number): void {
  sums.buckets[bucket] = (sums.buckets[bucket] ?? 0) + amount;
}

/** The column that a table's time is in, and how a time is written there. */
function placeIn(table: TimePiece['table'], days: LocalDays) {
  switch (table) {
    case 'requests':
      return { column: 'id', place: (at: number) => at * perMillisecond };
    case 'hour':
      return { column: 'at', place: (at: number) => at };
    case 'day':
      return { column: 'at', place: (at: number) => (Number.isFinite(at) ? days.dayOf(at) : at) };
  }
}

/** When the step begins that a row is of. */
function stepOf(step: 'hour' | 'day', table: TimePiece['table'], place: number, days: LocalDays): number {
  if (table === 'day') return days.begins(place);
  return step === 'hour' ? place : days.begins(days.dayOf(place));
}

/** Quarters of an hour: a day of any zone begins with one. */
const quarterMs = hourMs / 4;

/** The time first, at the grain that the step needs; then the groups. */
function groupColumns(
  by: readonly Grouping[],
  table: TimePiece['table'],
  step: 'hour' | 'day' | undefined,
): string {
  const grain = step === 'hour' ? hourMs : quarterMs;
  const time =
    step === undefined ? '0' : table === 'requests' ? `id / ${grain * perMillisecond} * ${grain}` : 'at';
  return [
    time,
    ...by.map((name) => (name === 'session' ? 'coalesce(session, -1)' : `coalesce(${name}, 0)`)),
  ].join(', ');
}

function groupNumbers(
  by: readonly Grouping[],
  table: TimePiece['table'],
  step: 'hour' | 'day' | undefined,
): string {
  const numbers = [...(step === undefined ? [] : [1]), ...by.map((_, index) => index + 2)];
  // The bucket of a request comes behind all sums.
  if (table === 'requests') numbers.push(2 + by.length + sumColumns.length);
  // Sums of nothing are no row either.
  return numbers.length === 0 ? "''" : numbers.join(', ');
}

/** Money as text: a number would lose nano-dollars above nine million dollars. */
function summedBy(name: (typeof sumColumns)[number] | (typeof latencyColumns)[number]): string {
  return name === 'paid' || name === 'worth' ? `CAST(sum(${name}) AS TEXT)` : `sum(${name})`;
}

const rollUpSums = [...sumColumns, ...latencyColumns].map(summedBy).join(', ');

/** The same sums of single requests. */
const requestSums = [
  ...sumColumns.map((name) => {
    switch (name) {
      case 'n':
        return 'count(*)';
      case 'failed':
        return 'count(error)';
      case 'unpriced':
        return `sum(cost IS NULL AND credential IS NOT NULL
          AND (coalesce(input, 0) > 0 OR coalesce(output, 0) > 0 OR counted IS ${unknownUse}))`;
      case 'paid':
        return 'CAST(sum(CASE WHEN billed IS 1 THEN 0 ELSE coalesce(cost, 0) END) AS TEXT)';
      case 'worth':
        return 'CAST(sum(CASE WHEN billed IS 1 THEN coalesce(cost, 0) ELSE 0 END) AS TEXT)';
      default:
        return `sum(coalesce(${name}, 0))`;
    }
  }),
  'coalesce(bucket, -1)',
].join(', ');

/** From when on there are requests and hours. Where none have been deleted yet, they are all there is. */
function keptIn(database: Database, days: LocalDays): Kept {
  const request = Math.floor(first(database, 'requests', 'id') / perMillisecond);
  const hour = first(database, 'usage_hour', 'at');
  const day = first(database, 'usage_day', 'at');
  return {
    days,
    requestsFrom: hour > request - hourMs ? Number.NEGATIVE_INFINITY : request,
    hoursFrom: Number.isFinite(hour) && day < days.dayOf(hour) ? hour : Number.NEGATIVE_INFINITY,
  };
}

/** The first place of a table; infinity where it is empty. */
export function first(database: Database, table: string, column: string): number {
  return edge(database, table, column, 'min') ?? Number.POSITIVE_INFINITY;
}

export function last(database: Database, table: string, column: string): number {
  return edge(database, table, column, 'max') ?? Number.NEGATIVE_INFINITY;
}

function edge(database: Database, table: string, column: string, which: 'min' | 'max'): number | undefined {
  const row = database
    .query<{ place: number | null }, []>(`SELECT ${which}(${column}) AS place FROM ${table}`)
    .get();
  return row?.place ?? undefined;
}
