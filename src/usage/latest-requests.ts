/** The latest requests with the few facts that programs poll: a thousand of them each time, so only these are read. */
import type { Database } from 'bun:sqlite';
import { yieldToEventLoop } from '../ground/steps.ts';
import { timeOf, writeRequestId } from './columns.ts';
import { readNames } from './names.ts';
import type { Named } from './record.ts';

export interface LatestRequest {
  id: string;
  /** Ms since the epoch. */
  at: number;
  /** Number of the client key's name; 0 for none. */
  key: number;
  /** The provider's name for it; the client's without an attempt. */
  model: string;
  provider: string;
  credential: Named | undefined;
  failed: boolean;
  /** Ms. */
  duration: number;
  /** Totals include their parts. */
  tokens: { input: number; cacheRead: number; cacheWrite: number; reasoning: number; output: number };
}

/** Requests of one turn. */
const portion = 250;

/** The newest first. */
export async function* latestRequests(database: Database, most: number): AsyncGenerator<LatestRequest[]> {
  const statement = database.query<unknown, [number, number]>(
    `SELECT id, rnd, key, credential, provider, model, asked, error IS NOT NULL, duration,
       input, cache_read, coalesce(cache_write, cache_write_1h), reasoning, output
     FROM requests WHERE id < ? ORDER BY id DESC LIMIT ?`,
  );
  let before = Number.MAX_SAFE_INTEGER;
  for (let left = most; left > 0; left -= portion) {
    const names = readNames(database);
    const nameOf = (id: number): string => names.get(id)?.name ?? '';
    const rows = statement.values(before, Math.min(left, portion));
    if (rows.length === 0) return;
    yield rows.map((row): LatestRequest => {
      // What is null is 0, which is no name either.
      const number = (index: number): number => Number(row[index] ?? 0);
      const [place, credential] = [number(0), number(3)];
      const known = credential === 0 ? undefined : names.get(credential);
      const at = timeOf(place);
      before = place;
      return {
        id: writeRequestId(at, number(1)),
        at,
        key: number(2),
        model: (credential === 0 ? undefined : names.get(number(5))?.name) ?? nameOf(number(6)),
        provider: nameOf(number(4)),
        credential: known && { id: known.name, name: known.label ?? known.name },
        failed: number(7) === 1,
        duration: number(8),
        tokens: {
          input: number(9),
          cacheRead: number(10),
          cacheWrite: number(11),
          reasoning: number(12),
          output: number(13),
        },
      };
    });
    await yieldToEventLoop();
  }
}
