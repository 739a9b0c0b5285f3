/** Sums of requests by hour and by day: what all questions are answered from that need no single request. */
import type { Database } from 'bun:sqlite';
import { billingWords, countedWords, type RequestColumn, requestColumns, timeOf } from './columns.ts';
import { latencyColumns } from './latency.ts';

/** What a roll-up distinguishes: ids of the dictionary, 0 for none. */
export const rollUpKeys = ['key', 'credential', 'provider', 'model'] as const;

/** What it sums up. `cache_write` has the part for an hour in it; `paid` and `worth` are nano-dollars. */
export const sumColumns = [
  ...['n', 'failed', 'unpriced', 'input', 'cache_read', 'cache_write', 'cache_write_1h'],
  ...['reasoning', 'output', 'paid', 'worth', 'duration'],
] as const;

export const rollUpColumns = [...rollUpKeys, ...sumColumns, ...latencyColumns] as const;

export const hourMs = 3_600_000;

/** Quarters of an hour: each is in one hour and, in all time zones, in one day. */
const quarterMs = 900_000;

const keyCount = rollUpKeys.length;
const sumCount = sumColumns.length;
const firstBucket = 1 + keyCount + sumCount;
const zeros = [...sumColumns, ...latencyColumns].map(() => 0);

const subscription = billingWords.indexOf('subscription');
/** Of requests that have used what nobody has counted. */
export const unknownUse = countedWords.indexOf('unknown');
/** Where a request's row has a column, and a row of sums one of its own. */
const of = (column: RequestColumn): number => requestColumns.indexOf(column);
const sum = (name: (typeof sumColumns)[number]): number => 1 + keyCount + sumColumns.indexOf(name);
const idAt = of('id');
const keyAt = of('key');
const credentialAt = of('credential');
const providerAt = of('provider');
const modelAt = of('model');
const errorAt = of('error');
const bucketAt = of('bucket');
const costAt = of('cost');
const billedAt = of('billed');
const inputAt = of('input');
const outputAt = of('output');
const countedAt = of('counted');
const nAt = sum('n');
const failedAt = sum('failed');
const unpricedAt = sum('unpriced');
const paidAt = sum('paid');
const worthAt = sum('worth');
const sameInBoth = (
  ['input', 'cache_read', 'cache_write', 'cache_write_1h', 'reasoning', 'output', 'duration'] as const
).map((name) => ({ from: of(name), to: sum(name) }));

/** Sums of a batch, made in memory first: one statement for each hour and day, not for each request. */
export interface BatchSums {
  /** One more request: its values in the order of {@link requestColumns}. */
  add(request: readonly (number | null)[]): void;
  hours(): number[][];
  days(dayOf: (at: number) => number): number[][];
}

export function batchSums(): BatchSums {
  const quarters = new Map<string, number[]>();
  let row: number[] | undefined;
  return {
    add(request) {
      // The time of the id: rows and sums never differ about the hour that a request belongs to.
      const when = Math.floor(timeOf(request[idAt] ?? 0) / quarterMs) * quarterMs;
      const key = request[keyAt] ?? 0;
      const credential = request[credentialAt] ?? 0;
      const provider = request[providerAt] ?? 0;
      const model = request[modelAt] ?? 0;
      // Requests that come one after the other are mostly of one kind: no text is put together for those.
      if (
        row === undefined ||
        row[0] !== when ||
        row[1] !== key ||
        row[2] !== credential ||
        row[3] !== provider ||
        row[4] !== model
      )
        row = rowOf(quarters, [when, key, credential, provider, model]);
      const cost = request[costAt] ?? null;
      add(row, nAt, 1);
      if ((request[errorAt] ?? null) !== null) add(row, failedAt, 1);
      if (cost !== null) add(row, request[billedAt] === subscription ? worthAt : paidAt, cost);
      else if (
        credential !== 0 &&
        ((request[inputAt] ?? 0) > 0 || (request[outputAt] ?? 0) > 0 || request[countedAt] === unknownUse)
      )
        add(row, unpricedAt, 1);
      for (const { from, to } of sameInBoth) add(row, to, request[from] ?? 0);
      const bucket = request[bucketAt] ?? null;
      if (bucket !== null) add(row, firstBucket + bucket, 1);
    },
    hours: () => summed(quarters, (when) => Math.floor(when / hourMs) * hourMs),
    days: (dayOf) => summed(quarters, dayOf),
  };
}

/** Rows of quarters of an hour by a longer step. */
function summed(quarters: ReadonlyMap<string, readonly number[]>, step: (at: number) => number): number[][] {
  const rows = new Map<string, number[]>();
  for (const quarter of quarters.values()) {
    const [at = 0, ...keys] = quarter.slice(0, 1 + keyCount);
    const row = rowOf(rows, [step(at), ...keys]);
    for (let index = 1 + keyCount; index < row.length; index += 1) add(row, index, quarter[index] ?? 0);
  }
  return [...rows.values()];
}

/** `head`: the time, and the ids of {@link rollUpKeys}. */
function rowOf(rows: Map<string, number[]>, head: readonly number[]): number[] {
  const which = head.join(' ');
  let row = rows.get(which);
  if (row === undefined) {
    row = [...head, ...zeros];
    rows.set(which, row);
  }
  return row;
}

function add(row: number[], index: number, amount: number): void {
  row[index] = (row[index] ?? 0) + amount;
}

/** Adds rows of {@link batchSums} to what is there. */
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
