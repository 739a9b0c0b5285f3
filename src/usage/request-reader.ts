/** Single requests of the store: the newest, one by its id, all of a time. */
import type { Database } from 'bun:sqlite';
import { yieldToEventLoop } from '../ground/steps.ts';
import { cacheStepOf } from './cache-reader.ts';
import {
  type AttemptColumn,
  attemptColumns,
  perMillisecond,
  placeOf,
  type RequestColumn,
  readRequestId,
  requestColumns,
  timeOf,
  writeRequestId,
} from './columns.ts';
import { type Filter, filterClauses } from './filter.ts';
import { type ListedAttempt, type ListedRequest, listedAttempt, listedRequest } from './listed-request.ts';
import { type KnownName, nameKinds, readNames } from './names.ts';
import type { CacheStep } from './prompt-cache.ts';
import { readSlices } from './read-slices.ts';
import type { Named } from './record.ts';
import type { Row } from './rows.ts';
import { first, last } from './usage-reader.ts';

export interface RequestsQuery {
  since?: number | undefined;
  until?: number | undefined;
  where: Filter;
  /** A status as `429`, a class as `4xx`, or `ok` and `failed`. */
  status?: string | undefined;
  /** The id of a request: only those that came before it. */
  before?: string | undefined;
  limit: number;
}

/** What a request paid again, and who served the turn before it; null where there was none. */
export interface RequestCache extends CacheStep {
  before: Named | null;
}

/** A cooldown as the request that began it has it. Times are ISO 8601. */
export interface KeptCooldown {
  request: string;
  model: string;
  status: number;
  reason: string;
  since: string;
  until: string;
}

export interface RequestReader {
  /** The newest first. */
  list(query: RequestsQuery): Promise<ListedRequest[]>;
  one(id: string): (ListedRequest & { attempts: ListedAttempt[] }) | undefined;
  /** Cooldowns that attempts of a credential, by its id, have begun since then, the newest first. */
  cooldowns(credential: string, since: number, limit: number): KeptCooldown[];
  /** What the prompt cache was to a request; undefined where nothing is known of that. */
  cache(id: string): Promise<RequestCache | undefined>;
  /** All of a time, the oldest first, in portions that each are a turn. */
  all(query: Pick<RequestsQuery, 'since' | 'until' | 'where' | 'status'>): AsyncGenerator<ListedRequest[]>;
}

/** Whether a text selects statuses. */
export function isStatusFilter(text: string): boolean {
  return /^(?:[1-5]\d\d|[1-5]xx|ok|failed)$/.test(text);
}

const columns = requestColumns.join(', ');
/** Requests of one portion of an export. */
const portionSize = 500;
/** A minute is what a search begins with; it never looks at less than a tenth of a second. */
const portion = { first: 60_000 * perMillisecond, smallest: 100 * perMillisecond };

export function requestReader(database: Database): RequestReader {
  function clauses(
    query: Pick<RequestsQuery, 'where' | 'status'>,
    names: ReadonlyMap<number, KnownName>,
  ): { sql: string; values: number[] } | undefined {
    const filter = filterClauses(query.where, names, true);
    const status = query.status === undefined ? { sql: '', values: [] } : statusClause(query.status);
    return filter && { sql: filter.sql + status.sql, values: [...filter.values, ...status.values] };
  }

  const range = ({
    since,
    until,
  }: Pick<RequestsQuery, 'since' | 'until'>): { low: number; high: number } => ({
    low: Math.max(since === undefined ? 0 : placeOf(since), first(database, 'requests', 'id')),
    high: Math.min(
      until === undefined ? Number.POSITIVE_INFINITY : placeOf(until),
      last(database, 'requests', 'id') + 1,
    ),
  });

  function placeOfId(id: string): number | undefined {
    const said = readRequestId(id);
    if (said === undefined) return undefined;
    const from = placeOf(said.at);
    const row = database
      .query<{ id: number }, [number, number, number]>(
        'SELECT id FROM requests WHERE id >= ? AND id < ? AND rnd = ?',
      )
      .get(from, from + perMillisecond, said.rnd);
    // What is gone by now still has its place in the order.
    return row?.id ?? from + (said.rnd % perMillisecond);
  }

  return {
    async list(query) {
      const names = readNames(database);
      const where = clauses(query, names);
      const found: Row<RequestColumn>[] = [];
      if (where === undefined) return [];
      const { low, high } = range(query);
      const before = query.before === undefined ? undefined : placeOfId(query.before);
      const statement = database.query<Row<RequestColumn>, number[]>(
        `SELECT ${columns} FROM requests WHERE id >= ? AND id < ?${where.sql} ORDER BY id DESC LIMIT ?`,
      );
      const end = Math.min(high, before ?? high);
      // Without a filter the first rows are those wanted, however old they are.
      const parts = where.sql === '' ? { first: end - low, smallest: end - low } : portion;
      await readSlices(
        low,
        end,
        parts,
        (from, to) => {
          found.push(...statement.all(from, to, ...where.values, query.limit - found.length));
          return found.length < query.limit;
        },
        true,
      );
      return found.map((row) => listedRequest(row, names));
    },

    one(id) {
      const place = placeOfId(id);
      const row =
        place === undefined
          ? null
          : database
              .query<Row<RequestColumn>, [number]>(`SELECT ${columns} FROM requests WHERE id = ?`)
              .get(place);
      if (row === null || row.rnd !== readRequestId(id)?.rnd) return undefined;
      const names = readNames(database);
      const attempts = database
        .query<Row<AttemptColumn>, [number]>(
          `SELECT ${attemptColumns.join(', ')} FROM attempts WHERE request = ? ORDER BY n`,
        )
        .all(place ?? 0);
      return { ...listedRequest(row, names), attempts: attemptsOf(row, attempts, names) };
    },

    cooldowns(credential, since, limit) {
      const names = readNames(database);
      const id = [...names].find(
        ([, { kind, name }]) => kind === nameKinds.credential && name === credential,
      )?.[0];
      if (id === undefined) return [];
      return database
        .query<Row<AttemptColumn> & { rnd: number }, [number, number, number]>(
          `SELECT ${attemptColumns.map((column) => `attempts.${column}`).join(', ')}, requests.rnd AS rnd
           FROM attempts JOIN requests ON requests.id = attempts.request
           WHERE attempts.request >= ? AND attempts.credential = ? AND cooldown IS NOT NULL
           ORDER BY attempts.request DESC LIMIT ?`,
        )
        .all(placeOf(since), id, limit)
        .map((row) => {
          const { model, status, reason, cooldownUntil } = listedAttempt(row, names);
          const at = timeOf(row.request ?? 0);
          const ended = at + (row.started ?? 0) + (row.duration ?? 0);
          return {
            ...{ request: writeRequestId(at, row.rnd), model, status, reason },
            since: new Date(ended).toISOString(),
            until: cooldownUntil ?? '',
          };
        });
    },

    async cache(id) {
      const place = placeOfId(id);
      const step = place === undefined ? undefined : await cacheStepOf(database, place);
      if (step === undefined) return undefined;
      const known = readNames(database).get(step.before ?? 0);
      return {
        ...step,
        before: known === undefined ? null : { id: known.name, name: known.label ?? known.name },
      };
    },

    async *all(query) {
      const names = readNames(database);
      const where = clauses(query, names);
      if (where === undefined) return;
      const { low, high } = range(query);
      const statement = database.query<Row<RequestColumn>, number[]>(
        `SELECT ${columns} FROM requests WHERE id >= ? AND id < ?${where.sql} ORDER BY id LIMIT ?`,
      );
      if (where.sql !== '') {
        yield* searched(low, high, statement, where.values, names);
        return;
      }
      for (let from = low; from < high; ) {
        const rows = statement.all(from, high, ...where.values, portionSize);
        if (rows.length === 0) return;
        yield rows.map((row) => listedRequest(row, names));
        from = (rows.at(-1)?.id ?? high) + 1;
        await yieldToEventLoop();
      }
    },
  };

  /** With a filter, portions are of time: how many rows fit is not known. */
  async function* searched(
    low: number,
    high: number,
    statement: { all(...values: number[]): Row<RequestColumn>[] },
    values: readonly number[],
    names: ReadonlyMap<number, KnownName>,
  ): AsyncGenerator<ListedRequest[]> {
    for (let from = low; from < high; ) {
      let rows: Row<RequestColumn>[] = [];
      let reached = from;
      await readSlices(from, high, portion, (start, end) => {
        rows = statement.all(start, end, ...values, portionSize);
        reached = rows.length === portionSize ? (rows.at(-1)?.id ?? end) + 1 : end;
        return rows.length === 0;
      });
      if (rows.length > 0) yield rows.map((row) => listedRequest(row, names));
      from = reached;
      await yieldToEventLoop();
    }
  }
}

function statusClause(status: string): { sql: string; values: number[] } {
  if (status === 'ok') return { sql: ' AND error IS NULL', values: [] };
  if (status === 'failed') return { sql: ' AND error IS NOT NULL', values: [] };
  if (status.endsWith('xx')) {
    const from = Number(status[0]) * 100;
    return { sql: ' AND status >= ? AND status < ?', values: [from, from + 100] };
  }
  return { sql: ' AND status = ?', values: [Number(status)] };
}

/** The attempts; of a request that one has answered at once they are in its own row. */
function attemptsOf(
  request: Row<RequestColumn>,
  attempts: readonly Row<AttemptColumn>[],
  names: ReadonlyMap<number, KnownName>,
): ListedAttempt[] {
  if (attempts.length > 0 || request.attempts === 0)
    return attempts.map((attempt, index) => {
      const answers = index === attempts.length - 1 && names.get(attempt.reason ?? 0)?.name === 'answered';
      // The result of an answer is in its request.
      return listedAttempt(
        answers && attempt.input === null && attempt.output === null
          ? { ...attempt, ...countsIn(request) }
          : attempt,
        names,
      );
    });
  const answered = [...names].find(([, { kind, name }]) => kind === nameKinds.reason && name === 'answered');
  const { credential, provider, model, status, billed, began, ttft } = request;
  const only: Row<AttemptColumn> = {
    ...{ request: request.id, n: 0, credential, provider, model, status, billed, waited: 0, trial: 0 },
    reason: answered?.[0] ?? null,
    started: began,
    duration: ttft === null || began === null ? null : ttft - began,
    cooldown: null,
    ...countsIn(request),
  };
  return [{ ...listedAttempt(only, names), reason: 'answered' }];
}

function countsIn(request: Row<RequestColumn>) {
  const { input, cache_read, cache_write, cache_write_1h, reasoning, output, counted, tier, cost, source } =
    request;
  const { audio_input, image_input, video_input, audio_read, image_read, audio_output, image_output } =
    request;
  return {
    ...{ input, cache_read, cache_write, cache_write_1h, reasoning, output, counted, tier, cost, source },
    ...{ audio_input, image_input, video_input, audio_read, image_read, audio_output, image_output },
  };
}
