/** What the owner of a client key reads with it at `GET /v1/usage`: its own limits and usage, and nothing of others. */
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../ground/clock.ts';
import type { Limiter } from '../../limits/limiter.ts';
import { listedLimit } from '../../management/listed-limit.ts';
import type { KeyLimit } from '../../management/own-answers.ts';
import { isoTime } from '../../management/shown-time.ts';
import { readTime } from '../../usage/time-word.ts';
import { usageReader } from '../../usage/usage-reader.ts';
import type { UsageRow } from '../../usage/usage-row.ts';
import { type Admitted, clientAuth } from '../client-auth.ts';
import type { ManagedUsage } from './managed-usage.ts';

/** Times are ISO 8601. */
export interface OwnUsage {
  object: 'usage';
  key: {
    name: string;
    /** When the key that was sent ceases to open; null where it does not. */
    expires: string | null;
  };
  limits: KeyLimit[];
  /** Null where no usage is kept. */
  usage: { today: UsageRow; span: OwnSpan } | null;
}

export interface OwnSpan {
  since: string;
  until: string;
  total: UsageRow;
  /** By the provider's names of the models. */
  models: UsageRow[];
}

export type OwnUsageAnswer = { ok: true; usage: OwnUsage } | { ok: false; param: 'since' | 'until' };

export interface OwnUsageSource {
  limiter: Pick<Limiter, 'usageOf' | 'refresh'>;
  kept: Pick<ManagedUsage, 'open'>;
  /** Ms since the epoch. */
  now: Clock['now'];
}

/** Milliseconds for which an answer is given again: a client that polls reads the store no more often. */
const fresh = 1000;
/** Answers that are remembered. */
const mostRemembered = 256;

/** Answers with the span from `since` to `until`, by default the last thirty days. A client that polls costs one reading a second. */
export function ownUsage({
  limiter,
  kept,
  now,
}: OwnUsageSource): (client: Admitted, query: URLSearchParams | undefined) => Promise<OwnUsageAnswer> {
  const remembered = new Map<string, { at: number; usage: Promise<SpanAnswer> }>();

  async function read(id: string, query: URLSearchParams | undefined): Promise<SpanAnswer> {
    const open = await kept.open();
    if (!open.ok) return { ok: true, usage: null };
    const { database, days, digests } = open;
    const at = now();
    const written = { since: query?.get('since') || '30d', until: query?.get('until') || 'now' };
    const since = readTime(written.since, at, days);
    if (since === undefined) return { ok: false, param: 'since' };
    const until = readTime(written.until, at, days);
    if (until === undefined || until < since) return { ok: false, param: 'until' };
    const reader = usageReader(database, days);
    const where = { key: digests.key(id) };
    const span = await reader.totals({ since, until, by: ['model'], where });
    const today = await reader.totals({ since: days.begins(days.dayOf(at)), by: [], where });
    return {
      ok: true,
      usage: {
        today: today.total,
        span: { since: isoTime(since), until: isoTime(until), total: span.total, models: span.rows },
      },
    };
  }

  function remember(id: string, query: URLSearchParams | undefined): Promise<SpanAnswer> {
    const which = [id, query?.get('since') ?? '', query?.get('until') ?? ''].join('\n');
    const found = remembered.get(which);
    const at = now();
    if (found !== undefined && at - found.at < fresh) return found.usage;
    if (remembered.size >= mostRemembered) remembered.clear();
    const usage = read(id, query);
    remembered.set(which, { at, usage });
    return usage;
  }

  return async ({ client, limited, ends }, query) => {
    const answer = await remember(client.id, query);
    if (!answer.ok) return answer;
    if (limited !== undefined) await limiter.refresh(limited);
    return {
      ok: true,
      usage: {
        object: 'usage',
        key: { name: client.name, expires: ends === undefined ? null : isoTime(ends) },
        limits: limited === undefined ? [] : limiter.usageOf(limited).map(listedLimit),
        usage: answer.usage,
      },
    };
  };
}

/** The same for the key of this id, as the console shows it; undefined where there is no such key. */
export async function usageOfKey(
  usageOf: ReturnType<typeof ownUsage>,
  keys: Config['api-keys'],
  id: string,
  query: URLSearchParams,
): Promise<OwnUsage | undefined> {
  const admitted = keys.length === 0 ? undefined : clientAuth(keys).byId(id);
  const answer = admitted && (await usageOf(admitted, query));
  return answer?.ok ? answer.usage : undefined;
}

type SpanAnswer = { ok: true; usage: OwnUsage['usage'] } | { ok: false; param: 'since' | 'until' };
