/** Usage as the peer's `GET /usage` had it, which many programs still ask for: from the store, so that it outlasts restarts. */

import type { ListedRequest } from '../usage/listed-request.ts';
import type { OpenUsage } from '../usage/open-usage.ts';
import type { Named } from '../usage/record.ts';
import { requestReader } from '../usage/request-reader.ts';
import { nextTurn } from '../usage/turns.ts';
import { usageReader } from '../usage/usage-reader.ts';
import type { UsageRow } from '../usage/usage-row.ts';
import type { KnownCredential, ServedBy } from './known-credentials.ts';
import { type PeerTokens, peerTokens } from './peer-tokens.ts';

export interface PeerUsage {
  total_requests: number;
  success_count: number;
  failure_count: number;
  total_tokens: number;
  requests_by_day: Record<string, number>;
  requests_by_hour: Record<string, number>;
  tokens_by_day: Record<string, number>;
  tokens_by_hour: Record<string, number>;
  apis: Record<string, PeerApi>;
}

interface PeerApi {
  total_requests: number;
  total_tokens: number;
  models: Record<string, PeerModel>;
}

interface PeerModel {
  total_requests: number;
  total_tokens: number;
  details: PeerDetail[];
}

interface PeerDetail {
  timestamp: string;
  latency_ms: number;
  source: string;
  auth_index: string;
  tokens: Omit<PeerTokens, 'cache_read_tokens' | 'cache_read_tokens_present'>;
  failed: boolean;
  /** Ours: the same request is not taken in twice. */
  request_id: string;
}

/** Pairs of key and model that are told apart; those that cost least are put together beyond. */
const mostPairs = 2000;
/** What stands for them. */
const others = '(others)';
/** Requests of one turn. */
const portion = 250;
/** Over how many days the hours of the day are summed up, in ms. */
const hoursSpan = 30 * 86_400_000;
const hourMs = 3_600_000;

/** What credentials and client keys are called. */
export interface PeerNames {
  credential(served: ServedBy): KnownCredential;
  /** What is shown of a client key: never the key. */
  clientKey(key: Named): string;
}

/** `details`: the latest requests that are named one by one, at most. Reads in turns. */
export async function peerUsage(
  { database, days }: OpenUsage,
  { credential, clientKey }: PeerNames,
  now: number,
  details: number,
): Promise<PeerUsage> {
  const reader = usageReader(database, days);
  const table = await reader.totals({ by: ['key', 'model'], where: {} });
  const byDay = await reader.series({ by: [], where: {}, step: 'day' });
  const byHour = await reader.series({ by: [], where: {}, step: 'hour', since: now - hoursSpan });
  const apis = new Map<string, { total: PeerApi; models: Map<string, PeerModel> }>();

  const nameOf = (key: Named | null | undefined): string | undefined =>
    key === null || key === undefined ? undefined : clientKey(key) || key.name;

  function modelOf(key: string, model: string): PeerModel {
    let api = apis.get(key);
    if (api === undefined) {
      api = { total: { total_requests: 0, total_tokens: 0, models: {} }, models: new Map() };
      apis.set(key, api);
    }
    let found = api.models.get(model);
    if (found === undefined) {
      found = { total_requests: 0, total_tokens: 0, details: [] };
      api.models.set(model, found);
    }
    return found;
  }

  for (const [index, row] of table.rows.entries()) {
    const known = index < mostPairs;
    const [key, model] = known ? [nameOf(row.key) ?? others, row.model ?? others] : [others, others];
    const sums = modelOf(key, model);
    const tokens = tokensOf(row);
    sums.total_requests += row.requests;
    sums.total_tokens += tokens;
    const total = apis.get(key)?.total;
    if (total !== undefined) {
      total.total_requests += row.requests;
      total.total_tokens += tokens;
    }
  }
  for await (const requests of latest({ ok: true, database, days }, details))
    for (const request of requests) {
      const model = apis.get(nameOf(request.key) ?? noKey)?.models.get(request.model ?? request.asked);
      (model ?? modelOf(others, others)).details.push(peerDetail(request, credential));
    }

  const { total } = table;
  const ofDays = summedUp(byDay.rows, (at) => dateText(days.dayOf(at)));
  const ofHours = summedUp(byHour.rows, (at) => hourText(at - days.begins(days.dayOf(at))));
  return {
    total_requests: total.requests,
    success_count: total.requests - total.failed,
    failure_count: total.failed,
    total_tokens: tokensOf(total),
    requests_by_day: ofDays.requests,
    requests_by_hour: ofHours.requests,
    tokens_by_day: ofDays.tokens,
    tokens_by_hour: ofHours.tokens,
    apis: Object.fromEntries(
      [...apis].map(([key, api]) => [key, { ...api.total, models: Object.fromEntries(api.models) }]),
    ),
  };
}

/** What stands for a key where there was none, as the store's reader has it. */
const noKey = '(none)';

/** The latest requests, the newest first, in turns. */
async function* latest({ database }: OpenUsage, most: number): AsyncGenerator<ListedRequest[]> {
  const reader = requestReader(database);
  let before: string | undefined;
  for (let left = most; left > 0; left -= portion) {
    const requests = await reader.list({ where: {}, before, limit: Math.min(left, portion) });
    before = requests.at(-1)?.id;
    if (before === undefined) return;
    yield requests;
    await nextTurn();
  }
}

function peerDetail(request: ListedRequest, credential: (served: ServedBy) => KnownCredential): PeerDetail {
  const { credential: served, provider } = request;
  const known = served === null ? undefined : credential({ ...served, provider: provider ?? '' });
  const { input, cacheRead, cacheWrite, cacheWrite1h, reasoning, output } = request.tokens;
  const counted = {
    input: input ?? 0,
    cacheRead: cacheRead ?? 0,
    cacheWrite: (cacheWrite ?? 0) + (cacheWrite1h ?? 0),
    reasoning: reasoning ?? 0,
    output: output ?? 0,
  };
  const {
    cache_read_tokens: _read,
    cache_read_tokens_present: _present,
    ...tokens
  } = peerTokens(counted, known?.countsCacheApart === true);
  return {
    timestamp: request.at,
    latency_ms: request.duration,
    source: known?.source ?? '',
    auth_index: known?.authIndex ?? '',
    tokens,
    failed: request.error !== null,
    request_id: request.id,
  };
}

const tokensOf = ({ tokens }: UsageRow): number => tokens.input + tokens.output;

/** Requests and tokens of each name. */
function summedUp(
  rows: readonly UsageRow[],
  nameOf: (at: number) => string,
): { requests: Record<string, number>; tokens: Record<string, number> } {
  const requests: Record<string, number> = {};
  const tokens: Record<string, number> = {};
  for (const row of rows) {
    const name = nameOf(Date.parse(row.at ?? ''));
    requests[name] = (requests[name] ?? 0) + row.requests;
    tokens[name] = (tokens[name] ?? 0) + tokensOf(row);
  }
  return { requests, tokens };
}

/** `2026-11-29`, of a day by its number. */
function dateText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** `09`, of the time since a day began. */
function hourText(since: number): string {
  return String(Math.min(23, Math.floor(since / hourMs))).padStart(2, '0');
}
