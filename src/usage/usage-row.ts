/** Sums as they are answered: over HTTP, and to commands that want JSON. */
import type { CacheSums } from './cache-reader.ts';
import { sessionText } from './digest.ts';
import { latencyColumns, percentile } from './latency.ts';
import { dollarsText } from './money.ts';
import type { KnownName } from './names.ts';
import type { Named } from './record.ts';
import { sumColumns } from './roll-up.ts';

/** Sums while they are added up. Money is exact beyond what a number holds. */
export type Sums = Record<Exclude<(typeof sumColumns)[number], 'paid' | 'worth'>, number> & {
  paid: bigint;
  worth: bigint;
  /** Requests by how long their first content took: `latency.ts`. */
  buckets: number[];
};

export function emptySums(): Sums {
  return {
    n: 0,
    failed: 0,
    unpriced: 0,
    input: 0,
    cache_read: 0,
    cache_write: 0,
    cache_write_1h: 0,
    reasoning: 0,
    output: 0,
    paid: 0n,
    worth: 0n,
    duration: 0,
    buckets: latencyColumns.map(() => 0),
  };
}

export function addedTo(total: Sums, sums: Sums): void {
  for (const name of sumColumns)
    if (name === 'paid' || name === 'worth') total[name] += sums[name];
    else total[name] += sums[name];
  for (const [index, amount] of sums.buckets.entries())
    total.buckets[index] = (total.buckets[index] ?? 0) + amount;
}

/** Tokens as they are answered; undefined ones are 0 in sums. Totals include their parts, but for `cacheWrite`. */
export interface ListedTokens {
  /** New ones, those from the cache and those put there. */
  input: number;
  cacheRead: number;
  /** Put into the cache for five minutes, and for an hour. */
  cacheWrite: number;
  cacheWrite1h: number;
  reasoning: number;
  /** Reasoning included. */
  output: number;
}

export interface UsageRow {
  /** When its hour or day begins, in ISO 8601: of a series. */
  at?: string;
  key?: Named;
  credential?: Named;
  provider?: string;
  model?: string;
  session?: string;
  requests: number;
  failed: number;
  /** Requests of which nobody knows what they cost: no price is known, or not what they have used. No cost has them in it. */
  unpriced: number;
  tokens: ListedTokens;
  /** Dollars as decimal text: what is billed, and what the use of subscriptions would have cost. */
  cost: { paid: string; worth: string };
  /** Of a conversation: turns that had to pay again for tokens that were in a prompt cache, and for how many. */
  promptCache?: CacheSums;
  /** Ms; null without an attempt. */
  ttftP50: number | null;
  ttftP95: number | null;
}

/** The name of a request without an attempt, or for a model that no credential serves. */
const none = '(none)';

export function usageRow(
  sums: Sums,
  by: readonly ('key' | 'credential' | 'provider' | 'model' | 'session')[],
  group:
    | { at: number; ids: readonly number[]; named: readonly (KnownName | undefined)[]; cache?: CacheSums }
    | undefined,
  timed: boolean,
): UsageRow {
  const row: UsageRow = {
    ...(timed && group !== undefined && { at: new Date(group.at).toISOString() }),
    requests: sums.n,
    failed: sums.failed,
    unpriced: sums.unpriced,
    tokens: {
      input: sums.input,
      cacheRead: sums.cache_read,
      cacheWrite: sums.cache_write - sums.cache_write_1h,
      cacheWrite1h: sums.cache_write_1h,
      reasoning: sums.reasoning,
      output: sums.output,
    },
    cost: { paid: dollarsText(sums.paid), worth: dollarsText(sums.worth) },
    ...(group?.cache && { promptCache: group.cache }),
    ttftP50: percentile(sums.buckets, 0.5) ?? null,
    ttftP95: percentile(sums.buckets, 0.95) ?? null,
  };
  for (const [index, name] of by.entries()) {
    const known = group?.named[index];
    const id = group?.ids[index] ?? -1;
    if (name === 'session') row.session = id < 0 ? none : sessionText(id);
    else if (name === 'key' || name === 'credential') row[name] = namedOf(known);
    else row[name] = known?.name ?? none;
  }
  return row;
}

function namedOf(known: KnownName | undefined): Named {
  return known === undefined ? { id: none, name: none } : { id: known.name, name: known.label ?? known.name };
}
