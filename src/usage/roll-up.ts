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
  sums: Readonly<Partial<Record<(typeof sumColumns)[number], number>>>;
  ttft: number | undefined;
}

export const hourMs = 3_600_000;

const keyCount = rollUpKeys.length;
const sumCount = sumColumns.length;

/** Sums of a batch, made in memory first: one statement for each hour, not for each request. */
export function rollUpBatch(requests: Iterable<RolledUp>, step: (at: number) => number): number[][] {
  const rows = new Map<string, number[]>();
  let row: number[] | undefined;
  for (const { at, keys, sums, ttft } of requests) {
    const when = step(at);
    // Requests that come one after the other are mostly of one kind: no text is put together for those.
    if (row === undefined || !isRowOf(row, when, keys)) row = rowOf(rows, when, keys);
    for (let index = 0; index < sumCount; index += 1) {
      const name = sumColumns[index];
      if (name !== undefined) add(row, 1 + keyCount + index, sums[name] ?? 0);
    }
    if (ttft !== undefined) add(row, 1 + keyCount + sumCount + latencyBucket(ttft), 1);
  }
  return [...rows.values()];
}

function isRowOf(row: readonly number[], when: number, keys: RolledUp['keys']): boolean {
  const [at, key, credential, provider, model] = row;
  return (
    at === when &&
    key === keys.key &&
    credential === keys.credential &&
    provider === keys.provider &&
    model === keys.model
  );
}

function rowOf(rows: Map<string, number[]>, when: number, keys: RolledUp['keys']): number[] {
  const which = `${when} ${keys.key} ${keys.credential} ${keys.provider} ${keys.model}`;
  let row = rows.get(which);
  if (row === undefined) {
    row = [
      when,
      ...rollUpKeys.map((name) => keys[name]),
      ...sumColumns.map(() => 0),
      ...latencyColumns.map(() => 0),
    ];
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
