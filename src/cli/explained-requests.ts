/** Requests to choose from: those that usage keeps, and those that only a running gateway remembers. */

import type { Config } from '../config/schema.ts';
import type { RequestTrace } from '../gateway/trace/request-trace.ts';
import { systemClock } from '../ground/clock.ts';
import type { ListedRequest } from '../usage/listed-request.ts';
import { Failure } from './failure.ts';
import { shortened } from './help.ts';
import { askRunning, notRunning } from './running-gateway.ts';
import { timeText } from './shown-time.ts';
import { usageResponse } from './usage/usage-source.ts';

/** Which requests are wanted: all by default. */
export interface WantedRequests {
  failed?: boolean | undefined;
  key?: string | undefined;
  model?: string | undefined;
  /** A time as `usage` takes it. */
  since?: string | undefined;
  /** At most so many. */
  limit: number;
}

export interface ExplainedRequest {
  id: string;
  /** ISO 8601. */
  at: string;
  /** Null while it runs. */
  status: number | null;
  error: string | null;
  /** The name of the client key. */
  key: string | null;
  model: string;
  credential: string | null;
  attempts: number;
}

/** What a gateway remembers in the list of its latest. */
const mostRemembered = 2000;

/** The newest first. Throws a {@link Failure} where no gateway runs and none has left anything. */
export async function explainedRequests(config: Config, wanted: WantedRequests): Promise<ExplainedRequest[]> {
  const kept = await requestLogFiles(config, wanted);
  const count = Array.isArray(kept) ? wanted.limit : mostRemembered;
  const answer = await askRunning(config['auth-dir'], `requests?count=${count}`);
  if (answer === undefined && !Array.isArray(kept)) throw kept;
  const known = new Set(Array.isArray(kept) ? kept.map(({ id }) => id) : []);
  const since = await sinceTime(config, wanted.since);
  const remembered =
    answer !== undefined && 'requests' in answer
      ? answer.requests
          .map(ofTrace)
          .filter((request) => !known.has(request.id) && fits(request, wanted, since))
      : [];
  return [...remembered, ...(Array.isArray(kept) ? kept.map(ofKept) : [])]
    .sort((one, other) => (one.at < other.at ? 1 : -1))
    .slice(0, wanted.limit);
}

/** Those of the store; why there are none where nothing is kept. */
async function requestLogFiles(
  config: Config,
  { failed, key, model, since, limit }: WantedRequests,
): Promise<ListedRequest[] | Failure> {
  try {
    const params = { key, model, since, limit: String(limit), status: failed ? 'failed' : undefined };
    const answer: { requests: ListedRequest[] } = JSON.parse(
      await (await usageResponse(config, 'requests', params)).text(),
    );
    return answer.requests;
  } catch (error) {
    if (!(error instanceof Failure) || error.ending === 'usage') throw error;
    return notRunning(config['auth-dir'], 'Usage keeps no request of an earlier one either.');
  }
}

async function sinceTime(config: Config, since: string | undefined): Promise<number> {
  if (since === undefined || since === '') return 0;
  const { readTime } = await import('../usage/time-word.ts');
  const { localDays, ownTimezone } = await import('../usage/local-day.ts');
  return readTime(since, systemClock.now(), localDays(config.usage.timezone ?? ownTimezone())) ?? 0;
}

function fits(request: ExplainedRequest, { failed, key, model }: WantedRequests, since: number): boolean {
  return (
    (!failed || request.error !== null) &&
    (key === undefined || request.key === key) &&
    (model === undefined || request.model === model) &&
    Date.parse(request.at) >= since
  );
}

function ofTrace({ id, at, key, model, steps, outcome }: RequestTrace): ExplainedRequest {
  const attempts = steps.filter((step) => step.kind === 'attempt');
  return {
    id,
    at: new Date(at).toISOString(),
    status: outcome?.status ?? null,
    error: outcome?.error ?? null,
    key: key ?? null,
    model,
    credential: attempts.at(-1)?.credential ?? null,
    attempts: attempts.length,
  };
}

function ofKept(request: ListedRequest): ExplainedRequest {
  const { id, at, status, error, key, asked, credential, attemptCount } = request;
  return {
    ...{ id, at, status, error, model: asked, attempts: attemptCount },
    ...{ key: key?.name ?? null, credential: credential?.name ?? null },
  };
}

/** A row for each, under a heading. */
export function requestRows(requests: readonly ExplainedRequest[], timezone: string | undefined): string[][] {
  const rows = requests.map(({ id, at, status, error, key, model, credential, attempts }) => [
    id,
    timeText(at, timezone),
    status === null ? 'running' : error === null ? String(status) : `${status} ${error}`,
    key ?? '-',
    shortened(model),
    credential ?? '-',
    String(attempts),
  ]);
  return [['REQUEST', 'TIME', 'STATUS', 'KEY', 'MODEL', 'CREDENTIAL', 'ATTEMPTS'], ...rows];
}
