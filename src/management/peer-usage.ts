/** Usage as the peer's `GET /usage` had it, which many programs still ask for: from the store, so that it outlasts restarts. */

import { type Count, keptSums, type PairSums } from '../usage/kept-sums.ts';
import { type LatestRequest, latestRequests } from '../usage/latest-requests.ts';
import { readNames } from '../usage/names.ts';
import type { OpenUsage } from '../usage/open-usage.ts';
import type { Named } from '../usage/record.ts';
import type { KnownCredential, ServedBy } from './known-credentials.ts';
import { peerTokens, plainForm, type TokenForm } from './peer-tokens.ts';
import { isoTime } from './shown-time.ts';

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
  /** Requests, each as JSON already: there may be thousands, and programs poll them. */
  details: string[];
}

/** Pairs of key and model that are distinguished; those that cost least are put together beyond. */
const mostPairs = 2000;
/** Their replacement. */
const others = '(others)';
/** The replacement of a missing key or model. */
const none = '(none)';
/** Over how many days the hours of the day are summed up, in ms; from the beginning of an hour. */
const hoursSpan = 30 * 86_400_000;
const hourMs = 3_600_000;

/** What credentials and client keys are called. */
export interface PeerNames {
  credential(served: ServedBy): KnownCredential;
  /** What is shown of a client key: never the key. */
  clientKey(key: Named): string;
}

/** `details`: the latest requests that are named one by one, at most. Reads in slices. */
export async function peerUsage(
  { database, days }: OpenUsage,
  { credential, clientKey }: PeerNames,
  now: number,
  details: number,
): Promise<PeerUsage> {
  const since = Math.floor((now - hoursSpan) / hourMs) * hourMs;
  const sums = await keptSums(database, days, since, now);
  const names = readNames(database);
  const apis = new Map<string, { total: PeerApi; models: Map<string, PeerModel> }>();

  const shown = new Map<number, string>();
  function keyOf(id: number): string {
    let name = shown.get(id);
    if (name === undefined) {
      const known = id === 0 ? undefined : readNames(database).get(id);
      const key = known === undefined ? unnamed : { id: known.name, name: known.label ?? known.name };
      name = clientKey(key) || key.name;
      shown.set(id, name);
    }
    return name;
  }

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

  const pairs = sums.pairs.toSorted(dearestFirst);
  const total = { requests: 0, failed: 0, tokens: 0 };
  for (const [index, { requests, failed, tokens, ...pair }] of pairs.entries()) {
    const known = index < mostPairs;
    const [key, model] = known ? [keyOf(pair.key), names.get(pair.model)?.name ?? none] : [others, others];
    const found = modelOf(key, model);
    found.total_requests += requests;
    found.total_tokens += tokens;
    const api = apis.get(key)?.total;
    if (api !== undefined) {
      api.total_requests += requests;
      api.total_tokens += tokens;
    }
    total.requests += requests;
    total.failed += failed;
    total.tokens += tokens;
  }
  const servedBy = new Map<string, ServedText>();
  function served({ credential: by, provider }: LatestRequest): ServedText {
    if (by === undefined) return nobody;
    const which = `${by.id}\n${provider}`;
    let text = servedBy.get(which);
    if (text === undefined) {
      const { source, authIndex: auth_index, form } = credential({ ...by, provider });
      text = { members: JSON.stringify({ source, auth_index }).slice(1, -1), form };
      servedBy.set(which, text);
    }
    return text;
  }
  for await (const requests of latestRequests(database, details))
    for (const request of requests) {
      const model = apis.get(keyOf(request.key))?.models.get(request.model);
      (model ?? modelOf(others, others)).details.push(detailText(request, served(request)));
    }

  const ofDays = summedUp(sums.days, dateText);
  const ofHours = summedUp(sums.hours, (at) => hourText(at - days.begins(days.dayOf(at))));
  return {
    total_requests: total.requests,
    success_count: total.requests - total.failed,
    failure_count: total.failed,
    total_tokens: total.tokens,
    requests_by_day: ofDays.requests,
    requests_by_hour: ofHours.requests,
    tokens_by_day: ofDays.tokens,
    tokens_by_hour: ofHours.tokens,
    apis: Object.fromEntries(
      [...apis].map(([key, api]) => [key, { ...api.total, models: Object.fromEntries(api.models) }]),
    ),
  };
}

const unnamed: Named = { id: none, name: none };

/** Who has served a request, as members of its JSON. */
interface ServedText {
  members: string;
  form: TokenForm;
}

const nobody: ServedText = { members: '"source":"","auth_index":""', form: plainForm };

/** A request as the peer had it; `request_id` is ours: the same request is not taken in twice. */
function detailText(
  { id, at, duration, failed, tokens }: LatestRequest,
  { members, form }: ServedText,
): string {
  const counts = peerTokens(tokens, form);
  // Put together by hand: nothing in it but the members, which are JSON already, can hold a quote.
  return `{"timestamp":"${isoTime(at)}","latency_ms":${duration},${members},"tokens":{${detailTokens
    .map((name) => `"${name}":${counts[name]}`)
    .join(',')}},"failed":${failed},"request_id":"${id}"}`;
}

const detailTokens = [
  ...(['input_tokens', 'output_tokens', 'reasoning_tokens', 'cached_tokens'] as const),
  ...(['cache_creation_tokens', 'total_tokens'] as const),
] as const;

function dearestFirst(one: PairSums, other: PairSums): number {
  return (
    other.cost - one.cost || other.requests - one.requests || one.key - other.key || one.model - other.model
  );
}

/** Requests and tokens of each name, the oldest first. */
function summedUp(
  counts: ReadonlyMap<number, Count>,
  nameOf: (at: number) => string,
): { requests: Record<string, number>; tokens: Record<string, number> } {
  const requests: Record<string, number> = {};
  const tokens: Record<string, number> = {};
  for (const [at, count] of [...counts].toSorted(([one], [other]) => one - other)) {
    const name = nameOf(at);
    requests[name] = (requests[name] ?? 0) + count.requests;
    tokens[name] = (tokens[name] ?? 0) + count.tokens;
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
