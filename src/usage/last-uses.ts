/** When keys and credentials were used last: of the sums by hour, so that a month of requests costs little. */
import type { Database } from 'bun:sqlite';
import { readNames } from './names.ts';
import { readSlices } from './read-slices.ts';
import { hourMs } from './roll-up.ts';
import { first, last } from './usage-reader.ts';

/** By their ids: the beginning of the hour, in ms since the epoch. */
export interface LastUses {
  keys: ReadonlyMap<string, number>;
  credentials: ReadonlyMap<string, number>;
}

/** What was used longer ago than this is as good as never. */
const lookedBack = 35 * 24 * hourMs;
const portion = { first: 24 * hourMs, smallest: hourMs };

/** `now` is in ms since the epoch. A credential counts where it has answered. */
export async function lastUses(database: Database, now: number): Promise<LastUses> {
  const names = readNames(database);
  const keys = new Map<string, number>();
  const credentials = new Map<string, number>();
  const statements = [['key', keys] as const, ['credential', credentials] as const].map(
    ([column, found]) => ({
      found,
      newest: database.query<{ id: number; at: number }, [number, number]>(
        `SELECT ${column} AS id, max(at) AS at FROM usage_hour WHERE at >= ? AND at < ? AND ${column} > 0 GROUP BY ${column}`,
      ),
    }),
  );
  const low = Math.max(now - lookedBack, first(database, 'usage_hour', 'at'));
  const high = Math.min(now, last(database, 'usage_hour', 'at')) + 1;
  await readSlices(
    low,
    high,
    portion,
    (from, to) => {
      for (const { found, newest } of statements)
        for (const { id, at } of newest.all(from, to)) {
          const name = names.get(id)?.name;
          // From the end on: the first that is found is the last use.
          if (name !== undefined && !found.has(name)) found.set(name, at);
        }
      return true;
    },
    true,
  );
  return { keys, credentials };
}
