/** What is known of a request when it is over: its line in the log and its trace. */

import type { Candidate } from '../../credentials/catalog.ts';
import type { Cooldown } from '../../credentials/cooldown.ts';
import type { Credential } from '../../credentials/credential.ts';
import { namedSession } from '../../credentials/session-key.ts';
import type { Clock } from '../../ground/clock.ts';
import type { Loss } from '../../protocols/codec.ts';
import type { ProtocolError } from '../../protocols/model.ts';
import { sumOf } from '../../protocols/token-counts.ts';
import type { Log } from '../../telemetry/log.ts';
import type { PriceList } from '../../usage/price-list.ts';
import type {
  AttemptRecord,
  ErrorClass,
  Named,
  Served,
  Usage,
  UsageRecord,
  UsageSink,
} from '../../usage/record.ts';
import type { Answer, ClientRequest } from '../answer.ts';
import type { AttemptResult } from '../attempt.ts';
import { clientGone } from '../error-answer.ts';
import type { AttemptFailure } from '../failure.ts';
import { clientWentAway } from '../stream/broken-stream.ts';
import type { Outcome } from '../stream/pass-stream.ts';
import {
  addStep,
  type RequestTrace,
  type TracedChoice,
  type TraceStep,
  tracedLosses,
} from './request-trace.ts';
import { settled, usageTogether } from './settlement.ts';

export interface RequestRecorder {
  readonly trace: RequestTrace;
  losses: readonly Loss[];
  /** Whether the model's name is one that is served. */
  known: boolean;
  /** The conversation, where the client names one; asked when the request is over. */
  session: () => string | undefined;
  /** Called with what the request has come to, and who was asked last. */
  used: ((usage: Usage, candidate: Candidate) => void) | undefined;
  /** Milliseconds since the request came. */
  elapsed(): number;
  /** How many there have been. */
  attempts(): number;
  chosenFrom(choice: TracedChoice): void;
  step(step: TraceStep): void;
  attempt(candidate: Candidate, trial: boolean): AttemptRecorder;
  /** The client gets this error. */
  refused(error: ProtocolError): void;
}

export interface AttemptRecorder {
  /** What translation cannot carry over is in this list, or comes into it. */
  losing(losses: readonly Loss[]): void;
  /** The answer has gone out. False when that was known: a client that leaves both cancels the stream and breaks its upstream. */
  finished(outcome: Outcome): boolean;
  answered(result: Extract<AttemptResult, { ok: true }>): void;
  failed(failure: AttemptFailure, rest: Cooldown | undefined): void;
}

export interface RecorderDeps {
  log: Log;
  clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Who gets each finished request; those that are in it when a request ends. */
  sinks?: readonly UsageSink[];
  /** What models cost now; without it no request has a cost. */
  prices?: () => PriceList;
}

/** What has been noted of a request until now. */
interface Notes {
  readonly request: ClientRequest;
  readonly deps: RecorderDeps;
  readonly recorder: RequestRecorder;
  /** Bytes of its body when it came. */
  readonly size: number;
  readonly attempted: AttemptRecord[];
  attempts: number;
  /** What attempts that failed have come to all the same. */
  readonly spent: Usage[];
  used: Candidate | undefined;
  firstByte: number | undefined;
  /** Milliseconds that were waited for a place or a cooldown since the last attempt. */
  waited: number;
  /** Milliseconds until the first attempt, where nothing was waited for. */
  overhead: number | undefined;
}

/** `traceBytes`: what its trace takes at most. Functions that stand outside are not made anew for each request. */
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
    model: request.model,
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
        { error: error.message },
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
    provider: credential.provider.name,
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
  let told = false;
  let status = 200;
  return {
    losing(losses) {
      recorder.losses = losses;
    },
    finished(outcome) {
      if (told) return false;
      told = true;
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
    failed({ kind, error, detail, counts }, rest) {
      const firstByte = elapsed();
      notes.firstByte = firstByte;
      step.duration = firstByte - startedAt;
      step.result = {
        status: error.status,
        why: kind,
        reason: (detail ?? error.message).slice(0, longestReason),
        restsUntil: rest?.until,
      };
      entry.status = error.status;
      entry.duration = step.duration;
      entry.reason = kind;
      entry.cooldownUntil = rest?.until;
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
    request.observed.error = outcome.error.slice(0, longestError);
  const duration = recorder.elapsed();
  trace.outcome = { status, duration, error: outcome.error?.slice(0, longestError) };
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
  // The one place where finished requests go to whoever keeps or counts them. One that fails is no reason for others to.
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

function usageOf(
  { request, size, deps, recorder }: Notes,
  candidate: Candidate | undefined,
  status: number,
  outcome: Partial<Outcome>,
): Usage {
  return settled({
    ...{ request, size, status, outcome },
    named: candidate?.target?.name ?? request.model,
    served: candidate && servedBy(candidate),
    prices: deps.prices?.(),
    at: recorder.trace.at,
  });
}

/** What a request has come to with attempts that failed: what each of them told stands with it, and the sum with the request. */
function withFailed({ attempted, attempts, spent }: Notes, own: Usage): Usage {
  const last = attempts === attempted.length ? attempted.at(-1) : undefined;
  if (last?.reason === 'answered') last.usage = own;
  return usageTogether([...spent, own]);
}

function usageRecord(
  notes: Notes,
  status: number,
  duration: number,
  served: Served | undefined,
  usage: Usage,
  error: ErrorClass | undefined,
): UsageRecord {
  const { request, recorder, used } = notes;
  const { at, choice } = recorder.trace;
  return {
    id: request.id,
    at,
    key: request.client,
    session: recorder.session(),
    protocol: request.protocol,
    operation: request.operation,
    streamed: request.stream,
    asked: request.model,
    known: recorder.known,
    served,
    status,
    error,
    ttft: ttft(notes, duration),
    duration,
    usage,
    attempts: notes.attempted,
    choice,
    passing: {
      overhead: notes.overhead,
      upstream: used?.credential.provider.protocol,
      losses: recorder.losses,
      trace: request.trace,
      observed: request.observed,
    },
  };
}

/** A whole answer is recorded as it goes out: its first byte is its last. */
function ttft({ attempts, firstByte }: Notes, duration: number): number | undefined {
  return attempts === 0 ? undefined : Math.round(firstByte ?? duration);
}

function reported({ request, deps }: Notes, sentence: string, error: unknown): void {
  try {
    deps.log.error(sentence, { id: request.id, error: String(error) });
  } catch {
    // There is nowhere left to say it.
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
    provider: used?.credential.provider.name,
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

/** Of the tokens of a line in the log: those of attempts that failed. */
function failedTokens({ spent }: Notes, which: 'input' | 'output'): number | undefined {
  return spent.length === 0 ? undefined : sumOf(...spent.map(({ tokens }) => tokens[which]));
}

/** Of a request that nothing can be said about. */
const uncounted: Usage = { tokens: {}, counted: 'none', tier: undefined, cost: undefined };

/** Attempts of one request that are kept one by one. */
const mostAttempts = 64;

function classOf({ error, told, stalled }: Outcome): ErrorClass | undefined {
  if (error === undefined) return undefined;
  if (error === clientWentAway) return 'client-gone';
  if (stalled === true) return 'stalled';
  return told?.kind ?? 'broken-off';
}

/** Names of credentials, made once each: many requests of one are in memory together. */
const names = new WeakMap<Credential, Named>();

function servedBy({ credential, model }: Candidate): Served {
  let named = names.get(credential);
  if (named === undefined) {
    named = { id: credential.id, name: credential.label };
    names.set(credential, named);
  }
  return {
    credential: named,
    provider: credential.provider.name,
    model,
    billing: typeof credential.secret === 'string' || credential.provider.billed ? 'paid' : 'subscription',
  };
}

/** Characters of a request's error that its trace keeps. */
const longestError = 1000;

/** Characters of an upstream's message that a trace keeps. */
const longestReason = 200;

/** Bytes of the losses in a line of the log. */
const longestLosses = 2048;

/** Each loss once, in at most so many characters: what is left out is counted behind them, as in `...+12`. */
function lossCodes(losses: readonly Loss[], most: number): string | undefined {
  if (losses.length === 0) return undefined;
  const codes = [...new Set(losses.map((loss) => `${loss.kind}:${loss.field}`))];
  const all = codes.join(', ');
  if (all.length <= most) return all;
  const taken: string[] = [];
  let room = most - `...+${codes.length}`.length;
  for (const code of codes) {
    room -= code.length + 2;
    if (room < 0) break;
    taken.push(code);
  }
  return [...taken, `...+${codes.length - taken.length}`].join(', ');
}

/** The answer with its losses in a header of at most so many bytes. */
export function withLosses(answer: Answer, losses: readonly Loss[], most: number): Answer {
  // Header values are ASCII (RFC 9110 §5.5).
  const codes = lossCodes(losses, most)?.replace(/[^\x20-\x7e]/g, '?');
  if (codes !== undefined) answer.headers = { ...answer.headers, 'x-translation-loss': codes };
  return answer;
}
