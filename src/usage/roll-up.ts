/** Sums of requests by hour and by day: what all questions are answered from that need no single request. */
import type { Database } from 'bun:sqlite';
import { latencyBucket, latencyColumns } from './latency.ts';

/** What a roll-up tells apart: ids of the dictionary, 0 for none. */
export const rollUpKeys = ['key', 'credential', 'provider', 'model'] as const;
export type RollUpKey = (typeof rollUpKeys)[number];

/** What it sums up. `cache_write` has the part for an hour in it; `paid` and `worth` are nano-dollars. */
export const sumColumns = [
  ...['n', 'failed', 'unpriced', 'input', 'cache_read', 'cache_write', 'cache_write_1h'],
  ...['reasoning', 'output', 'paid', 'worth', 'duration'],
] as const;

export const rollUpColumns = [...rollUpKeys, ...sumColumns, ...latencyColumns] as const;

/** What one request adds. */
export interface RolledUp {
  /** Ms since the epoch. */
  at: number;
  keys: Readonly<Record<RollUpKey, number>>;
  /** In the order of {@link sumColumns}. */
  sums: Readonly<Numbers<typeof sumColumns>>;
  ttft: number | undefined;
}

type Numbers<Columns extends readonly string[]> = { [Index in keyof Columns]: number };

export const hourMs = 3_600_000;

/** Quarters of an hour: each is in one hour and, in all time zones, in one day. */
const quarterMs = 900_000;

const keyCount = rollUpKeys.length;
const sumCount = sumColumns.length;
const firstBucket = 1 + keyCount + sumCount;
const zeros = [...sumColumns, ...latencyColumns].map(() => 0);

/** Sums of a batch, made in memory first: one statement for each hour and day, not for each request. */
export function rollUpBatch(
  requests: Iterable<RolledUp>,
  dayOf: (at: number) => number,
): { hours: number[][]; days: number[][] } {
  const quarters = new Map<string, number[]>();
  let row: number[] | undefined;
  for (const { at, keys, sums, ttft } of requests) {
    const when = Math.floor(at / quarterMs) * quarterMs;
    // Requests that come one after the other are mostly of one kind: no text is put together for those.
    if (row === undefined || !isRowOf(row, when, keys)) row = rowOf(quarters, when, keys);
    for (let index = 0; index < sumCount; index += 1) add(row, 1 + keyCount + index, sums[index] ?? 0);
    if (ttft !== undefined) add(row, firstBucket + latencyBucket(ttft), 1);
  }
  return {
    hours: summed(quarters, (at) => Math.floor(at / hourMs) * hourMs),
    days: summed(quarters, dayOf),
  };
}

/** Rows of quarters of an hour by a longer step. */
function summed(quarters: ReadonlyMap<string, readonly number[]>, step: (at: number) => number): number[][] {
  const rows = new Map<string, number[]>();
  for (const quarter of quarters.values()) {
    const [at = 0, key = 0, credential = 0, provider = 0, model = 0] = quarter;
    const row = rowOf(rows, step(at), { key, credential, provider, model });
    for (let index = 1 + keyCount; index < row.length; index += 1) add(row, index, quarter[index] ?? 0);
  }
  return [...rows.values()];
}

function isRowOf(row: readonly number[], when: number, keys: RolledUp['keys']): boolean {
  return (
    row[0] === when &&
    row[1] === keys.key &&
    row[2] === keys.credential &&
    row[3] === keys.provider &&
    row[4] === keys.model
  );
}

function rowOf(rows: Map<string, number[]>, when: number, keys: RolledUp['keys']): number[] {
  const which = `${when} ${keys.key} ${keys.credential} ${keys.provider} ${keys.model}`;
  let row = rows.get(which);
  if (row === undefined) {
    row = [when, ...rollUpKeys.map((name) => keys[name]), ...zeros];
    rows.set(which, row);
  }
  return row;
}

function add(row: number[], index: number, amount: number): void {
  row[index] = (row[index] ?? 0) + amount;
}

/** Adds rows of {@link rollUpBatch} to what is there. */
export function rollUpWriter(database: Database, step: 'hour' | 'day'): (rows: readonly number[][]) => void {
  const columns = ['at', ...rollUpColumns];
  const sums = [...sumColumns, ...latencyColumns];
  const statement = database.prepare(
    `INSERT INTO usage_${step} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (at, ${rollUpKeys.join(', ')}) DO UPDATE SET
     ${sums.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
  );
  return (rows) => {
    for (const row of rows) statement.run(...row);
  };
}
