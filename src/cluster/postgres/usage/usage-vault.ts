/** Usage of all replicas in Postgres: each request once, by its id, with the sums by hour and day in the same transaction. */
import { z } from 'zod';
import { recordIn } from '../../../usage/kept-record.ts';
import type { UsageRecord } from '../../../usage/record.ts';
import type { UsageCursor, UsagePortion, UsageVault } from '../../ports.ts';
import type { Postgres } from '../connection.ts';
import { isAway } from '../failure.ts';
import { sweepInTurns } from '../sweep.ts';

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

const text = (value: string | undefined): string | undefined => value?.replaceAll('\0', '').toWellFormed();

function rowOf(record: UsageRecord, instance: string) {
  const {
    id,
    at,
    key,
    served: by,
    asked,
    status,
    error,
    duration,
    usage: { tokens, cost },
  } = record;
  return {
    ...{ id, instance, at: at / 1000, status, error, duration },
    key: text(key?.id),
    key_name: text(key?.name),
    credential: text(by?.credential.name),
    provider: by?.provider,
    model: text(by?.model),
    asked: text(asked),
    billing: by?.billing,
    input: Math.round(tokens.input ?? 0),
    cache_read: Math.round(tokens.cacheRead ?? 0),
    cache_write: Math.round(tokens.cacheWrite ?? 0),
    reasoning: Math.round(tokens.reasoning ?? 0),
    output: Math.round(tokens.output ?? 0),
    nano: cost?.nano,
    record: JSON.stringify(record),
  };
}

const columns = [
  ...[
    'id',
    'instance',
    'at',
    'key',
    'key_name',
    'credential',
    'provider',
    'model',
    'asked',
    'status',
    'error',
  ],
  ...['input', 'cache_read', 'cache_write', 'reasoning', 'output', 'nano', 'billing', 'duration', 'record'],
];
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

const addAll = `WITH fresh AS (
  INSERT INTO cpa_usage_request (${columns.join(', ')})
  SELECT ${columns.map((name) => (name === 'at' ? 'to_timestamp(at)' : name)).join(', ')}
  FROM jsonb_to_recordset($1::text::jsonb) AS sent (id text, instance text, at double precision, key text, key_name text,
    credential text, provider text, model text, asked text, status integer, error text, input bigint, cache_read bigint,
    cache_write bigint, reasoning bigint, output bigint, nano bigint, billing text, duration double precision, record text)
  ON CONFLICT (id) DO NOTHING RETURNING *),
  hours AS (${addSums('hour')})
  ${addSums('day')}`;

const portionRow = z.object({ tx: z.string(), id: z.string(), record: z.string() });

export function createUsageVault({ postgres, instance, onProblem }: UsageVaultOptions): UsageVault {
  async function add(records: readonly UsageRecord[]): Promise<boolean> {
    const rows = JSON.stringify(records.map((record) => rowOf(record, instance)));
    try {
      await postgres.transaction(async (inside) => {
        await inside.run(`SELECT pg_advisory_xact_lock(${lock[0]}, ${lock[1]})`);
        await inside.run(addAll, [rows]);
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
        await sweepInTurns(
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
