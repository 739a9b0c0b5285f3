/** Usage of all replicas in Postgres: each request once, by its id, with the sums by hour and day in the same transaction. */
import { z } from 'zod';
import { recordIn } from '../../../usage/kept-record.ts';
import type { UsageRecord, UsageTokens } from '../../../usage/record.ts';
import type { UsageCursor, UsagePortion, UsageVault } from '../../ports.ts';
import type { Postgres } from '../connection.ts';
import { isAway } from '../failure.ts';
import { sweepInBatches } from '../sweep.ts';

export interface UsageVaultOptions {
  postgres: Postgres;
  /** The replica that adds. */
  instance: string;
  onProblem: (error: unknown) => void;
}

/** Rows of one portion. */
const portionSize = 500;

/** One writer at a time: sums of two batches would wait for each other crosswise. */
const lock = [0x637061, 3] as const;

/**
 * The separator of a column's values, and the mark of a missing one. A statement gets each column as one text: to parse
 * the same as JSON takes Postgres five times as long, more than all the rest of what a request costs it. No text of a row has either:
 * JSON writes control characters as escapes, and they are taken out of names.
 */
const between = '\x1f';
const nothing = '\x1e';

const text = (value: string | undefined): string | undefined =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  value?.replaceAll(/[\0\x1e\x1f]/g, '').toWellFormed();

interface Column {
  name: string;
  of: (record: UsageRecord, instance: string) => string | number | undefined;
  /** How its text becomes its value, where that is none. */
  value?: string;
}

const named = (name: string, of: Column['of']): Column => ({ name, of });
const counted = (name: string, of: (tokens: UsageTokens) => number | undefined): Column => ({
  name,
  of: ({ usage }) => Math.round(of(usage.tokens) ?? 0),
  value: `${name}::bigint`,
});

const columns: readonly Column[] = [
  named('id', ({ id }) => id),
  named('instance', (_, instance) => instance),
  { name: 'at', of: ({ at }) => at / 1000, value: 'to_timestamp(at::double precision)' },
  named('key', ({ key }) => text(key?.id)),
  named('key_name', ({ key }) => text(key?.name)),
  named('credential', ({ served }) => text(served?.credential.name)),
  named('provider', ({ served }) => served?.provider),
  named('model', ({ served }) => text(served?.model)),
  named('asked', ({ asked }) => text(asked)),
  { name: 'status', of: ({ status }) => status, value: 'status::integer' },
  named('error', ({ error }) => error),
  counted('input', ({ input }) => input),
  counted('cache_read', ({ cacheRead }) => cacheRead),
  counted('cache_write', ({ cacheWrite }) => cacheWrite),
  counted('reasoning', ({ reasoning }) => reasoning),
  counted('output', ({ output }) => output),
  { name: 'nano', of: ({ usage }) => usage.cost?.nano, value: 'nano::bigint' },
  named('billing', ({ served }) => served?.billing),
  { name: 'duration', of: ({ duration }) => duration, value: 'duration::double precision' },
  named('record', (record) => JSON.stringify(record)),
];
const columnNames = columns.map(({ name }) => name).join(', ');

function columnText({ of }: Column, records: readonly UsageRecord[], instance: string): string {
  return records.map((record) => of(record, instance) ?? nothing).join(between);
}

const sums = [
  'requests',
  'failed',
  'input',
  'cache_read',
  'cache_write',
  'reasoning',
  'output',
  'paid',
  'worth',
];
const groups = ['key', 'credential', 'provider', 'model'];

const addSums = (
  step: 'hour' | 'day',
): string => `INSERT INTO cpa_usage_${step} (${[step, ...groups, ...sums].join(', ')})
  SELECT date_trunc('${step}', at, 'UTC'), ${groups.map((name) => `coalesce(${name}, '')`).join(', ')}, count(*), count(error),
    sum(input), sum(cache_read), sum(cache_write), sum(reasoning), sum(output),
    coalesce(sum(nano) FILTER (WHERE billing IS DISTINCT FROM 'subscription'), 0),
    coalesce(sum(nano) FILTER (WHERE billing = 'subscription'), 0)
  FROM fresh GROUP BY 1, 2, 3, 4, 5
  ON CONFLICT (${[step, ...groups].join(', ')}) DO UPDATE SET
  ${sums.map((name) => `${name} = cpa_usage_${step}.${name} + excluded.${name}`).join(', ')}`;

/** What the sums are made of: less of a row to keep until they are. */
const summed = ['at', ...groups, 'error', ...sums.slice(2, 7), 'nano', 'billing'].join(', ');

const addAll = `WITH fresh AS (
  INSERT INTO cpa_usage_request (${columnNames})
  SELECT ${columns.map(({ name, value = name }) => value).join(', ')}
  FROM ROWS FROM (${columns
    .map((_, at) => `string_to_table($${at + 1}::text, chr(31), chr(30))`)
    .join(', ')}) AS sent (${columnNames})
  ON CONFLICT (id) DO NOTHING RETURNING ${summed}),
  hours AS (${addSums('hour')})
  ${addSums('day')}`;

const portionRow = z.object({ tx: z.string(), id: z.string(), record: z.string() });

export function createUsageVault({ postgres, instance, onProblem }: UsageVaultOptions): UsageVault {
  async function add(records: readonly UsageRecord[]): Promise<boolean> {
    const texts = columns.map((column) => columnText(column, records, instance));
    try {
      await postgres.transaction(async (inside) => {
        await inside.run(`SELECT pg_advisory_xact_lock(${lock[0]}, ${lock[1]})`);
        await inside.run(addAll, texts);
      });
      return true;
    } catch (error) {
      if (isAway(error)) return false;
      // One that is refused takes no others with it.
      const half = Math.ceil(records.length / 2);
      if (records.length > 1) return (await add(records.slice(0, half))) && add(records.slice(half));
      onProblem(error);
      return true;
    }
  }

  return {
    add,
    async after(cursor): Promise<UsagePortion | undefined> {
      try {
        const [limits] = await postgres.rows(
          z.object({ ended: z.string() }),
          'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS ended',
        );
        const ended = limits?.ended ?? '0';
        // A database that was restored counts anew.
        const from: UsageCursor =
          cursor !== undefined && BigInt(cursor.tx) <= BigInt(ended) ? cursor : { tx: '0', id: '' };
        const rows = await postgres.rows(
          portionRow,
          // What this replica has added does not come back: it would be as much work again as to add it.
          `SELECT tx::text AS tx, id, record FROM cpa_usage_request
           WHERE (tx, id) > ($1::text::xid8, $2) AND tx < $3::text::xid8 AND instance <> $4
           ORDER BY cpa_usage_request.tx, id LIMIT ${portionSize}`,
          [from.tx, from.id, ended, instance],
        );
        const records = rows.flatMap((row) => {
          const record = recordIn(row.record);
          return record === undefined ? [] : [record];
        });
        const end = rows.length === portionSize ? rows.at(-1) : undefined;
        return {
          records,
          // Of all that had ended, nothing is left.
          cursor: end === undefined ? { tx: ended, id: '' } : { tx: end.tx, id: end.id },
          more: end !== undefined,
        };
      } catch (error) {
        if (!isAway(error)) onProblem(error);
        return undefined;
      }
    },
    async sweep(olderThan) {
      try {
        await sweepInBatches(
          postgres,
          'usage',
          `WITH old AS (DELETE FROM cpa_usage_request WHERE id IN (SELECT id FROM cpa_usage_request
             WHERE at < clock_timestamp() - $1 * interval '1 ms' LIMIT $2::int) RETURNING 1)
           SELECT count(*)::int AS gone FROM old`,
          [olderThan],
        );
      } catch (error) {
        if (!isAway(error)) onProblem(error);
      }
    },
    onBack: (handler) => postgres.onState(({ kind }) => void (kind === 'up' && handler())),
  };
}
