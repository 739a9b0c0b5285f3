/** What is known of a request when it is over: its line in the log and its trace. */
import type { Candidate } from '../../credentials/catalog.ts';
import { providerNameOf } from '../../credentials/credential.ts';
import { namedSession } from '../../credentials/session-key.ts';
import type { Loss } from '../../protocols/codec.ts';
import type { AttemptRecord, ErrorClass, Usage } from '../../usage/record.ts';
import type { Answer, ClientRequest } from '../answer.ts';
import { clientGone } from '../error-answer.ts';
import { withoutRequest } from '../quoted-request.ts';
import { clientWentAway } from '../stream/broken-stream.ts';
import type { Outcome } from '../stream/pass-stream.ts';
import type { AttemptRecorder, Notes, RecorderDeps, RequestRecorder } from './request-notes.ts';
import { addStep, type RequestTrace, type TraceStep, tracedLosses } from './request-trace.ts';
import {
  classOf,
  failedTokens,
  longestError,
  longestLosses,
  longestReason,
  lossCodes,
  mostAttempts,
  servedBy,
  ttft,
  uncounted,
  usageOf,
  usageRecord,
  withFailed,
} from './request-usage.ts';

/** `traceBytes`: what its trace takes at most. Functions outside are not made for each request. */
export function requestRecorder(
  request: ClientRequest,
  deps: RecorderDeps,
  traceBytes: number,
): RequestRecorder {
  const { clock } = deps;
  const elapsed = (): number => Math.round(clock.monotonic() - request.receivedAt);
  const trace: RequestTrace = {
    id: request.id,
    at: Math.round(clock.now() - (clock.monotonic() - request.receivedAt)),
    client: request.protocol,
    key: request.client?.name,
    model: request.model.toWellFormed(),
    operation: request.operation,
    choice: undefined,
    steps: [],
    outcome: undefined,
  };
  const recorder: RequestRecorder = {
    trace,
    losses: [],
    known: false,
    session: () => namedSession(request.headers, undefined),
    used: undefined,
    elapsed,
    attempts: () => notes.attempts,
    chosenFrom(choice) {
      trace.choice = choice;
    },
    step(step) {
      if (step.kind === 'wait') notes.waited += step.milliseconds;
      addStep(trace, step, traceBytes);
    },
    attempt: (candidate, trial) => attemptRecorder(notes, candidate, trial, traceBytes),
    refused: (error) =>
      record(
        notes,
        error.status,
        { error: withoutRequest(error.message, request) },
        error === clientGone ? 'client-gone' : error.kind,
      ),
  };
  const notes: Notes = {
    request,
    deps,
    recorder,
    size: request.body.byteLength,
    attempted: [],
    attempts: 0,
    spent: [],
    used: undefined,
    firstByte: undefined,
    waited: 0,
    overhead: undefined,
  };
  return recorder;
}

/** Times that a request is sent once more that are kept: it may be once for each reason. */
const mostResends = 8;

function attemptRecorder(
  notes: Notes,
  candidate: Candidate,
  trial: boolean,
  traceBytes: number,
): AttemptRecorder {
  const { request, deps, recorder, attempted } = notes;
  const { elapsed } = recorder;
  notes.attempts += 1;
  notes.used = candidate;
  const { credential, model } = candidate;
  const sinceArrival = deps.clock.monotonic() - request.receivedAt;
  const startedAt = Math.round(sinceArrival);
  if (notes.attempts === 1 && notes.waited === 0) notes.overhead = sinceArrival;
  const step: Extract<TraceStep, { kind: 'attempt' }> = {
    kind: 'attempt',
    credential: credential.label,
    provider: providerNameOf(credential),
    model,
    startedAt,
    duration: undefined,
    trial,
    result: undefined,
  };
  addStep(recorder.trace, step, traceBytes);
  const served = servedBy(candidate);
  const entry: AttemptRecord = {
    credential: served.credential,
    provider: served.provider,
    model: served.model,
    billing: served.billing,
    startedAt,
    waited: notes.waited,
    duration: undefined,
    trial,
    status: 0,
    reason: 'unanswered',
    cooldownUntil: undefined,
    usage: undefined,
  };
  notes.waited = 0;
  if (attempted.length < mostAttempts) attempted.push(entry);
  let finished = false;
  let status = 200;
  return {
    losing(losses) {
      recorder.losses = losses;
    },
    sentAgain(why) {
      step.sentAgain ??= [];
      if (step.sentAgain.length < mostResends) step.sentAgain.push(why);
    },
    finished(outcome) {
      if (finished) return false;
      finished = true;
      entry.status = status;
      if (entry.reason === 'unanswered') {
        entry.reason = 'answered';
        entry.duration = elapsed() - startedAt;
      }
      record(notes, status, outcome, classOf(outcome));
      return true;
    },
    answered({ answer, losses }) {
      status = answer.status;
      const firstByte = elapsed();
      notes.firstByte = firstByte;
      step.duration = firstByte - startedAt;
      step.result = 'answered';
      entry.status = status;
      entry.duration = step.duration;
      entry.reason = 'answered';
      recorder.losses = losses;
    },
    failed({ kind, error, detail, counts }, cooldown) {
      const firstByte = elapsed();
      notes.firstByte = firstByte;
      step.duration = firstByte - startedAt;
      step.result = {
        status: error.status,
        why: kind,
        reason: (detail ?? error.message).slice(0, longestReason).toWellFormed(),
        restsUntil: cooldown?.until,
      };
      entry.status = error.status;
      entry.duration = step.duration;
      entry.reason = kind;
      entry.cooldownUntil = cooldown?.until;
      if (counts !== undefined) {
        entry.usage = usageOf(notes, candidate, error.status, counts);
        notes.spent.push(entry.usage);
      }
    },
  };
}

/** Writes down how the request has ended. */
function record(
  notes: Notes,
  status: number,
  outcome: Partial<Outcome>,
  failed: ErrorClass | undefined,
): void {
  const { request, deps, recorder, used } = notes;
  const { trace } = recorder;
  // One line a request, whatever comes behind its end.
  if (trace.outcome !== undefined) return;
  if (outcome.error !== undefined && outcome.error !== clientWentAway) request.transcript?.failed();
  if (request.observed !== undefined && outcome.error !== undefined)
    request.observed.error = outcome.error.slice(0, longestError).toWellFormed();
  const duration = recorder.elapsed();
  trace.outcome = { status, duration, error: outcome.error?.slice(0, longestError).toWellFormed() };
  traceLosses(recorder);
  const served = used && servedBy(used);
  let usage: Usage = uncounted;
  let own = uncounted;
  // Neither counting nor the log may break an answer.
  try {
    own = usageOf(notes, used, status, outcome);
    usage = notes.spent.length === 0 ? own : withFailed(notes, own);
  } catch (error) {
    reported(notes, 'a request could not be counted', error);
  }
  try {
    request.settled?.({ status, candidate: used, usage });
  } catch (error) {
    reported(notes, 'a request could not be counted', error);
  }
  if (used !== undefined) recorder.used?.(own, used);
  try {
    write(notes, status, duration, usage, outcome.error);
  } catch (error) {
    reported(notes, 'a request could not be recorded', error);
  }
  const { sinks } = deps;
  if (sinks === undefined || sinks.length === 0) return;
  const whole = usageRecord(notes, status, duration, served, usage, failed);
  // The one place that passes finished requests to their sinks. A failing sink does not stop the others.
  for (const sink of sinks)
    try {
      sink.add(whole);
    } catch (error) {
      reported(notes, 'a request could not be kept', error);
    }
}

function traceLosses({ trace, losses }: RequestRecorder): void {
  if (losses.length > 0) trace.losses = tracedLosses(losses);
}

function reported({ request, deps }: Notes, sentence: string, error: unknown): void {
  try {
    deps.log.error(sentence, { id: request.id, error: String(error) });
  } catch {
    // There is no place left to report it.
  }
}

function write(
  notes: Notes,
  status: number,
  duration: number,
  { tokens, counted }: Usage,
  error: string | undefined,
): void {
  const { request, deps, recorder, used } = notes;
  deps.log.request({
    id: request.id,
    client: request.protocol,
    key: request.client?.name,
    model: request.model,
    served_model: used === undefined || used.model === request.model ? undefined : used.model,
    provider: used && providerNameOf(used.credential),
    credential: used?.credential.label,
    attempts: notes.attempts,
    status,
    ttft: ttft(notes, duration),
    duration,
    input: tokens.input,
    output: tokens.output,
    estimated: counted === 'estimate' ? true : undefined,
    failed_input: failedTokens(notes, 'input'),
    failed_output: failedTokens(notes, 'output'),
    loss: lossCodes(recorder.losses, longestLosses),
    error,
    trace_id: request.trace?.traceId,
  });
}

/** The answer with its losses in a header of at most so many bytes. */
export function withLosses(answer: Answer, losses: readonly Loss[], most: number): Answer {
  // Header values are ASCII (RFC 9110 §5.5).
  const codes = lossCodes(losses, most)?.replace(/[^\x20-\x7e]/g, '?');
  if (codes !== undefined) answer.headers = { ...answer.headers, 'x-translation-loss': codes };
  return answer;
}
