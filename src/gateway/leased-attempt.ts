/** One attempt with the credential that was chosen for it, and what comes of it for the credential and for the record. */
import { shippedBounds } from '../config/bounds.ts';
import type { Cooldown } from '../credentials/cooldown.ts';
import { cooldownTable } from '../credentials/cooldown-table.ts';
import { ruledAction } from '../credentials/error-rule.ts';
import { isAboutModel } from '../credentials/model-refusal.ts';
import type { Lease } from '../credentials/pool.ts';
import { hasQuotaHeaders, quotaWindows } from '../credentials/quota-headers.ts';
import type { Operation } from '../protocols/operation.ts';
import { matchesPattern } from '../providers/pattern.ts';
import type { ClientRequest } from './answer.ts';
import { type AttemptDeps, type AttemptResult, attempt } from './attempt.ts';
import { countTokens } from './count-tokens.ts';
import { embed } from './embed.ts';
import { type AttemptFailure, failureOfOutcome, tooLate } from './failure.ts';
import { forwardOperation } from './forward-operation.ts';
import { passedHeaders } from './passed-headers.ts';
import { withoutRequest } from './quoted-request.ts';
import { readFor } from './read-request.ts';
import type { RequestContext, Tried } from './request-context.ts';
import type { RequestTimer, RequestTimers } from './request-timers.ts';
import { maskedFailure, maskedFor, maskedValues } from './secret-mask.ts';
import type { SharedState } from './shared-state.ts';
import { shortFailure } from './shown-error.ts';
import { clientWentAway } from './stream/broken-stream.ts';
import type { Outcome } from './stream/pass-stream.ts';
import { withLosses } from './trace/request-recorder.ts';
import { watchUpstream } from './upstream/watch.ts';

/** How each operation is attempted. */
const runs: Record<Operation, typeof attempt> = {
  generate: attempt,
  'count-tokens': countTokens,
  embed,
  'embed-content': embed,
  compact: forwardOperation,
  'generate-image': forwardOperation,
  'edit-image': forwardOperation,
  transcribe: forwardOperation,
  'translate-speech': forwardOperation,
  speak: forwardOperation,
  interact: forwardOperation,
  'interact-beta': forwardOperation,
};

/** Providers report quotas with every answer or with none; looking for it costs as much as a tenth of a request. In ms. */
const silenceBelieved = 10_000;

/** One attempt with what it means for the pool and the record. Its place is free when it fails, whatever it fails of. */
export function tryLease(state: SharedState, context: RequestContext, lease: Lease): Promise<Tried> {
  return leased(state, context, lease).catch((error: unknown) => {
    state.pool.abandon(lease, state.deps.clock.now());
    throw error;
  });
}

async function leased(state: SharedState, context: RequestContext, lease: Lease): Promise<Tried> {
  const { pool, quotaSilence, deps: outer } = state;
  const { request, read, recorder } = context;
  const { candidate } = lease;
  const attempted = recorder.attempt(candidate, lease.during);
  let result: AttemptResult;
  const passes = context.settings['passthrough-headers'];
  let passed: Record<string, string> | undefined;
  const mask = maskedFor(candidate.credential);
  const watch = watchUpstream(
    state.inForce.limitsFor(candidate.credential, candidate.target?.timeouts),
    request.stream,
    request.signal,
    state.timers,
    outer.clock,
  );
  const deps: AttemptDeps = {
    http: outer.http,
    fetch: outer.fetch,
    userAgent: outer.userAgent,
    clock: outer.clock,
    newId: outer.newId,
    proxies: outer.proxies,
    bounds: state.inForce.settings?.bounds ?? shippedBounds,
    log: outer.log,
    watch,
    mask,
    payload: state.inForce.payload,
    longWork: state.longWork,
    transcript: request.transcript,
    onward: onwardOf(state, context),
    // A whole answer has been recorded by the time that it is known to be one.
    losing: (losses) => attempted.losing(losses),
    sentAgain: (why) => attempted.sentAgain(why),
    answered: (answer) => {
      if (passes || request.observed !== undefined) {
        const headers = maskedValues(passedHeaders(answer.headers), mask);
        if (passes) passed = headers;
        if (request.observed !== undefined) request.observed.responseHeaders = headers;
      }
      const now = outer.clock.now();
      const { credential } = candidate;
      const silence = quotaSilence.get(credential);
      if (silence !== undefined && silence > now) return;
      const { headers } = answer;
      if (hasQuotaHeaders(headers)) {
        quotaSilence.set(credential, 0);
        pool.reportQuota(candidate, quotaWindows(headers, now), now);
      } else if (silence !== 0) quotaSilence.set(credential, now + silenceBelieved);
    },
  };
  let clientStays: () => void = () => {};
  const finished = (outcome: Outcome): void => {
    watch.end();
    clientStays();
    const { error } = outcome;
    let first = true;
    try {
      const stalled = watch.passed !== undefined && { stalled: true as const };
      first = attempted.finished(
        error === undefined
          ? outcome
          : { ...outcome, error: withoutRequest(mask(error), request), ...stalled },
      );
    } catch (problem) {
      // It has been sent: a failure to record it must not hold its slot.
      outer.log.error('a request could not be recorded', { id: request.id, error: String(problem) });
    }
    if (!first) return;
    // An answer that breaks off later is its credential's failure too; a client that disconnects is not.
    let failure: AttemptFailure | undefined;
    try {
      const broken = failureOfOutcome(outcome, outer.clock.now());
      failure = broken && shortFailure(maskedFailure(broken, mask), deps.bounds['error-text']);
    } catch (problem) {
      outer.log.error('an ending could not be read', { id: request.id, error: String(problem) });
    }
    if (failure === undefined) pool.end(lease, outer.clock.now());
    else cooldownAfter(state, lease, toldOf(failure, request));
  };
  try {
    const asked = readFor(read, candidate.target);
    result = await runs[request.operation](request, asked, candidate, deps, finished);
  } catch (error) {
    watch.abandon(new Error('the attempt has failed'));
    throw error;
  }
  if (result.ok) {
    pool.succeed(lease, outer.clock.now());
    attempted.answered(result);
    if (result.answer.body instanceof ReadableStream)
      clientStays = whenUnread(request.signal, state.timers, result.answer.body, () =>
        finished({ input: undefined, output: undefined, error: clientWentAway }),
      );
    const answer = withLosses(result.answer, result.losses, deps.bounds['loss-header']);
    if (passed !== undefined) answer.headers = { ...passed, ...answer.headers };
    return { ok: true, answer };
  }
  watch.end();
  const masked =
    watch.passed === undefined
      ? maskedFailure(result.failure, mask)
      : { ...tooLate(watch.passed, watch.passedDetail), counts: result.failure.counts };
  const failure = shortFailure(masked, deps.bounds['error-text']);
  const told = toldOf(failure, request);
  if (request.signal.aborted) {
    pool.abandon(lease, outer.clock.now());
    attempted.failed(told, undefined);
    return { ok: false, failed: { candidate, failure, goesOn: false } };
  }
  const rule = ruledAction(
    candidate.credential.errorRules ?? [],
    masked.error.status,
    masked.body ?? masked.error.message,
  );
  const rejected = failure.kind === 'rejected';
  const elsewhere =
    candidate.target !== undefined && rejected && rule === undefined && isAboutModel(masked.error);
  const blameless = rejected || failure.kind === 'given-up';
  const cooldown = (rule?.coolsDown ?? !blameless) ? cooldownAfter(state, lease, told) : undefined;
  if (cooldown === undefined) pool.abandon(lease, outer.clock.now());
  attempted.failed(told, cooldown);
  if (!rejected)
    outer.log.warn('upstream failed', {
      id: request.id,
      credential: candidate.credential.label,
      model: candidate.model,
      status: told.error.status,
      reason: (told.detail ?? told.error.message).slice(0, 200),
      ...(cooldown && { cooldown: cooldown.kind, until: new Date(cooldown.until).toISOString() }),
    });
  return {
    ok: false,
    failed: {
      candidate,
      failure,
      goesOn: rule?.goOn ?? !rejected,
      ...(elsewhere && { elsewhere }),
      ...(passed && { passed }),
    },
  };
}

/** The failure as the owner reads it, in the log, in `explain` and of a cooldown: the client alone is told what it had written. */
function toldOf(failure: AttemptFailure, request: ClientRequest): AttemptFailure {
  const { error, detail } = failure;
  return {
    ...failure,
    error: { ...error, message: withoutRequest(error.message, request) },
    ...(detail !== undefined && { detail: withoutRequest(detail, request) }),
  };
}

/** What this attempt's provider gets of the request's trace; undefined where it belongs to none. */
function onwardOf(
  { deps: { onward } }: SharedState,
  { request, recorder }: RequestContext,
): AttemptDeps['onward'] {
  const { trace } = request;
  if (trace === undefined || onward === undefined) return undefined;
  const attempt = recorder.attempts() - 1;
  return (credential) => onward(trace, attempt, credential);
}

/** Milliseconds after which the answer of a disconnected client is ended, if nothing else has ended it. */
const afterwards = 1000;

/**
 * Ends an answer whose client has left before anybody read it: who reads it ends it, with what it has counted until then.
 * The result calls that off.
 */
function whenUnread(
  client: AbortSignal,
  timers: RequestTimers,
  body: ReadableStream<Uint8Array>,
  end: () => void,
): () => void {
  let late: RequestTimer | undefined;
  const leave = (): void => {
    const timer = timers.add(() => {
      timers.remove(timer);
      if (!body.locked) body.cancel().catch(() => undefined);
      end();
    });
    late = timer;
    timers.set(timer, afterwards);
  };
  if (client.aborted) leave();
  else client.addEventListener('abort', leave);
  return () => {
    client.removeEventListener('abort', leave);
    if (late !== undefined) timers.remove(late);
  };
}

/** Lets the credential cool down; gives the cooldown, if there is one. */
function cooldownAfter(
  { pool, deps }: SharedState,
  lease: Lease,
  { kind, account, error }: AttemptFailure,
): Cooldown | undefined {
  // A rule of the owner may let a credential cool down for a request's own fault: as if for its quota.
  const cooldownKind = kind === 'rejected' || kind === 'given-up' ? 'quota' : kind;
  const { model, credential } = lease.candidate;
  const ownLimit =
    cooldownKind === 'quota' &&
    credential.provider.ownLimits?.some((pattern) => matchesPattern(model, pattern)) === true;
  const whole = (account === true && !ownLimit) || cooldownTable[cooldownKind].scope === 'account';
  return pool.fail(
    lease,
    {
      kind: cooldownKind,
      model: whole ? undefined : model,
      retryAfter: error.retryAfter,
      reason: error.message,
    },
    deps.clock.now(),
  );
}
