/** What the prompt cache was to conversations, from the rows of their requests. */
import type { Database } from 'bun:sqlite';
import { perMillisecond, placeOf, type RequestColumn, timeOf } from './columns.ts';
import { type CacheStep, type CacheTurn, cacheStep } from './prompt-cache.ts';
import { readSlices } from './read-slices.ts';
import type { Row } from './rows.ts';

const turnColumns = [
  'id',
  'session',
  'model',
  'credential',
  'input',
  'cache_read',
  'cache_write',
  'cache_write_1h',
] as const;
type TurnColumn = Extract<RequestColumn, (typeof turnColumns)[number]>;

/** Requests with data about the cache: successful ones whose tokens the provider has counted. */
const comparable = 'error IS NULL AND counted = 0 AND credential IS NOT NULL';

function turnOf(row: Row<TurnColumn>): CacheTurn {
  return {
    at: timeOf(row.id ?? 0),
    credential: row.credential ?? 0,
    input: row.input ?? undefined,
    cacheRead: row.cache_read ?? undefined,
    cacheWrite: row.cache_write ?? undefined,
    cacheWrite1h: row.cache_write_1h ?? undefined,
  };
}

/** No cache outlasts its last use by more. */
const longest = 60 * 60_000;
/** A minute is what a search begins with; it never looks at less than a tenth of a second. */
const portion = { first: 60_000 * perMillisecond, smallest: 100 * perMillisecond };

/** What a request paid again, and the number of the credential that the turn before it was served by. */
export interface KeptStep extends CacheStep {
  before: number | undefined;
}

/** Of one request, by its row's place. */
export async function cacheStepOf(database: Database, place: number): Promise<KeptStep | undefined> {
  const select = `SELECT ${turnColumns.join(', ')} FROM requests`;
  const row = database
    .query<Row<TurnColumn>, [number]>(`${select} WHERE id = ? AND ${comparable} AND session IS NOT NULL`)
    .get(place);
  if (row === null) return undefined;
  const statement = database.query<Row<TurnColumn>, number[]>(
    `${select} WHERE id >= ? AND id < ? AND session = ? AND model = ? AND ${comparable} ORDER BY id DESC LIMIT 1`,
  );
  let before: Row<TurnColumn> | null = null;
  await readSlices(
    place - placeOf(longest),
    place,
    portion,
    (from, to) => {
      before = statement.get(from, to, row.session ?? 0, row.model ?? 0);
      return before === null;
    },
    true,
  );
  return stepOf(before, row);
}

function stepOf(before: Row<TurnColumn> | null, row: Row<TurnColumn>): KeptStep {
  const step = cacheStep(before === null ? undefined : turnOf(before), turnOf(row));
  return { ...step, before: before?.credential ?? undefined };
}

/** What was paid again by the requests of a time. */
export interface CacheSums {
  /** Turns that another credential served than the one before, and their tokens. */
  switches: number;
  switchTokens: number;
  /** Turns that no longer began as the one before, and theirs. */
  changes: number;
  changeTokens: number;
}

/**
 * The sums of conversations for the requests from `low` to `high` (places), by the key that `keyOf` makes of a row's `columns`;
 * `where` begins with ` AND`. Rows are read in the order of time and in slices.
 */
export async function cacheSums(
  database: Database,
  [low, high]: readonly [number, number],
  columns: readonly string[],
  where: { sql: string; values: readonly number[] },
  keyOf: (ids: readonly number[]) => string,
): Promise<Map<string, CacheSums>> {
  const sums = new Map<string, CacheSums>();
  const turns = new Map<string, Row<TurnColumn>>();
  const width = turnColumns.length;
  const statement = database.query<unknown, number[]>(
    `SELECT ${turnColumns.join(', ')}${columns.map((column) => `, ${column}`).join('')} FROM requests
     WHERE id >= ? AND id < ? AND session IS NOT NULL AND ${comparable}${where.sql} ORDER BY id`,
  );
  await readSlices(low, high, portion, (from, to) => {
    for (const values of statement.values(from, to, ...where.values)) {
      const numbers = values.map((value) => (value === null ? null : Number(value)));
      const row = rowOf(numbers);
      const which = `${row.session} ${row.model}`;
      const { again, because } = stepOf(turns.get(which) ?? null, row);
      turns.set(which, row);
      if (because === null) continue;
      const key = keyOf(numbers.slice(width).map((number) => number ?? 0));
      const sum = sums.get(key) ?? { switches: 0, switchTokens: 0, changes: 0, changeTokens: 0 };
      if (because === 'switched') {
        sum.switches += 1;
        sum.switchTokens += again;
      } else {
        sum.changes += 1;
        sum.changeTokens += again;
      }
      sums.set(key, sum);
    }
    return true;
  });
  return sums;
}

function rowOf(numbers: readonly (number | null)[]): Row<TurnColumn> {
  const [id = null, session = null, model = null, credential = null, input = null, ...cache] = numbers;
  const [cache_read = null, cache_write = null, cache_write_1h = null] = cache;
  return { id, session, model, credential, input, cache_read, cache_write, cache_write_1h };
}
