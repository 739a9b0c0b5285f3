/** How a request went, from the store of usage: for requests from before a restart. */
import type { RequestTrace, TracedCache, TraceStep } from '../gateway/trace/request-trace.ts';
import type { ListedAttempt, ListedRequest } from '../usage/listed-request.ts';
import type { RequestCache } from '../usage/request-reader.ts';

/** The trace as far as it is stored. Messages of upstreams are in the log alone. */
export function traceOf(
  request: ListedRequest,
  attempts: readonly ListedAttempt[],
  step?: RequestCache,
): RequestTrace {
  const { id, at, key, protocol, asked, operation, choice, status, duration, error } = request;
  const cache = cacheOf(request, step);
  return {
    id,
    at: Date.parse(at),
    client: protocol,
    key: key?.name,
    model: asked,
    operation,
    choice: choice === null ? undefined : { ...choice, boundTo: choice.boundTo ?? undefined, passed: [] },
    steps: attempts.flatMap(stepsOf),
    outcome: { status, duration, error: error ?? undefined },
    ...(cache && { cache }),
  };
}

function cacheOf(
  { tokens: { cacheRead, cacheWrite, cacheWrite1h }, credential }: ListedRequest,
  step: RequestCache | undefined,
): TracedCache | undefined {
  if (cacheRead === null && cacheWrite === null && (step?.again ?? 0) === 0) return undefined;
  const before = step?.before ?? undefined;
  return {
    read: cacheRead ?? 0,
    written: (cacheWrite ?? 0) + (cacheWrite1h ?? 0),
    again: step?.again ?? 0,
    because: step?.because ?? null,
    before: before === undefined || before.id === credential?.id ? null : before.name,
  };
}

function stepsOf(attempt: ListedAttempt): TraceStep[] {
  const { credential, provider, model, startedAt, waited, duration, trial, status, reason, cooldownUntil } =
    attempt;
  const wait: TraceStep[] =
    waited > 0 ? [{ kind: 'wait', at: Math.max(0, startedAt - waited), milliseconds: waited }] : [];
  const failed = {
    status,
    why: reason,
    reason: 'see the log',
    restsUntil: cooldownUntil === null ? undefined : Date.parse(cooldownUntil),
  };
  return [
    ...wait,
    {
      kind: 'attempt',
      credential: credential.name,
      provider,
      model,
      startedAt,
      duration: duration ?? undefined,
      trial,
      result: reason === 'answered' ? 'answered' : reason === 'unanswered' ? undefined : failed,
    },
  ];
}
