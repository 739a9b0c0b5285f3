/** What is known of a request when it is over: its line in the log and its trace. */
import type { Candidate } from '../../credentials/catalog.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { Rest } from '../../credentials/rest.ts';
import { namedSession } from '../../credentials/session-key.ts';
import type { Loss } from '../../protocols/codec.ts';
import type { ProtocolError } from '../../protocols/model.ts';
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
import type { Outcome } from '../stream/pass-through.ts';
import { addStep, type RequestTrace, type TracedChoice, type TraceStep } from './request-trace.ts';
import { settled } from './settlement.ts';

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
  /** The answer has gone out. False when that was known: a client that leaves both cancels the stream and breaks its upstream. */
  finished(outcome: Outcome): boolean;
  answered(result: Extract<AttemptResult, { ok: true }>): void;
  failed(failure: AttemptFailure, rest: Rest | undefined): void;
}

export interface RecorderWorld {
  log: Log;
  clock: () => number;
  now: () => number;
  /** Who gets each finished request; those that are in it when a request ends. */
  sinks?: readonly UsageSink[];
  /** What models cost now; without it no request has a cost. */
  prices?: () => PriceList;
}

/** `traceBytes`: what its trace takes at most. */
export function requestRecorder(
  request: ClientRequest,
  { log, clock, now, sinks = [], prices }: RecorderWorld,
  traceBytes: number,
): RequestRecorder {
  let attempts = 0;
  let used: Candidate | undefined;
  let firstByte: number | undefined;
  /** Milliseconds that were waited for a place or a cooldown since the last attempt. */
  let waited = 0;
  const attempted: AttemptRecord[] = [];
  const size = request.body.byteLength;
  /** Milliseconds until the first attempt, where nothing was waited for. */
  let overhead: number | undefined;
  const elapsed = (): number => Math.round(clock() - request.receivedAt);
  const trace: RequestTrace = {
    id: request.id,
    at: Math.round(now() - (clock() - request.receivedAt)),
    client: request.protocol,
    model: request.model,
    operation: request.operation,
    choice: undefined,
    steps: [],
    outcome: undefined,
  };

  /** Writes down how the request has ended. */
  function record(status: number, outcome: Partial<Outcome>, failed: ErrorClass | undefined): void {
    // One line a request, whatever comes behind its end.
    if (trace.outcome !== undefined) return;
    if (outcome.error !== undefined && outcome.error !== clientWentAway) request.transcript?.failed();
    if (request.observed !== undefined && outcome.error !== undefined)
      request.observed.error = outcome.error.slice(0, longestError);
    const duration = elapsed();
    trace.outcome = { status, duration, error: outcome.error?.slice(0, longestError) };
    const served = used && servedBy(used);
    let usage: Usage = uncounted;
    // Neither counting nor the log may break an answer.
    try {
      usage = settled({ request, size, served, status, outcome, prices: prices?.(), at: trace.at });
    } catch (error) {
      reported('a request could not be counted', error);
    }
    try {
      request.settled?.({ status, candidate: used, usage });
    } catch (error) {
      reported('a request could not be counted', error);
    }
    if (used !== undefined) recorder.used?.(usage, used);
    try {
      write(status, duration, usage, outcome.error);
    } catch (error) {
      reported('a request could not be recorded', error);
    }
    if (sinks.length > 0) handOver(usageRecord(status, duration, served, usage, failed));
  }

  /** The one place where finished requests go to whoever keeps or counts them. One that fails is no reason for others to. */
  function handOver(record: UsageRecord): void {
    for (const sink of sinks)
      try {
        sink.add(record);
      } catch (error) {
        reported('a request could not be kept', error);
      }
  }

  function usageRecord(
    status: number,
    duration: number,
    served: Served | undefined,
    usage: Usage,
    error: ErrorClass | undefined,
  ): UsageRecord {
    const { choice } = trace;
    return {
      id: request.id,
      at: trace.at,
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
      ttft: ttft(duration),
      duration,
      usage,
      attempts: attempted,
      choice,
      passing: {
        overhead,
        upstream: used?.credential.provider.protocol,
        losses: recorder.losses,
        trace: request.trace,
        observed: request.observed,
      },
    };
  }

  /** A whole answer is recorded as it goes out: its first byte is its last. */
  function ttft(duration: number): number | undefined {
    return attempts === 0 ? undefined : Math.round(firstByte ?? duration);
  }

  function reported(sentence: string, error: unknown): void {
    try {
      log.error(sentence, { id: request.id, error: String(error) });
    } catch {
      // There is nowhere left to say it.
    }
  }

  function write(
    status: number,
    duration: number,
    { tokens, counted }: Usage,
    error: string | undefined,
  ): void {
    log.request({
      id: request.id,
      client: request.protocol,
      model: request.model,
      provider: used?.credential.provider.name,
      credential: used?.credential.label,
      attempts,
      status,
      ttft: ttft(duration),
      duration,
      input: tokens.input,
      output: tokens.output,
      estimated: counted === 'estimate' ? true : undefined,
      loss: lossCodes(recorder.losses, longestLosses),
      error,
      trace_id: request.trace?.traceId,
    });
  }

  const recorder: RequestRecorder = {
    trace,
    losses: [],
    known: false,
    session: () => namedSession(request.headers, undefined),
    used: undefined,
    elapsed,
    attempts: () => attempts,
    chosenFrom(choice) {
      trace.choice = choice;
    },
    step(step) {
      if (step.kind === 'wait') waited += step.milliseconds;
      addStep(trace, step, traceBytes);
    },
    attempt(candidate, trial) {
      attempts += 1;
      used = candidate;
      const { credential, model } = candidate;
      const sinceArrival = clock() - request.receivedAt;
      const startedAt = Math.round(sinceArrival);
      if (attempts === 1 && waited === 0) overhead = sinceArrival;
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
      addStep(trace, step, traceBytes);
      const served = servedBy(candidate);
      const entry: AttemptRecord = {
        credential: served.credential,
        provider: served.provider,
        model: served.model,
        billing: served.billing,
        startedAt,
        waited,
        duration: undefined,
        trial,
        status: 0,
        reason: 'unanswered',
        cooldownUntil: undefined,
        usage: undefined,
      };
      waited = 0;
      if (attempted.length < mostAttempts) attempted.push(entry);
      let told = false;
      let status = 200;
      return {
        finished(outcome) {
          if (told) return false;
          told = true;
          entry.status = status;
          if (entry.reason === 'unanswered') {
            entry.reason = 'answered';
            entry.duration = elapsed() - startedAt;
          }
          record(status, outcome, classOf(outcome));
          return true;
        },
        answered({ answer, losses }) {
          status = answer.status;
          firstByte = elapsed();
          step.duration = firstByte - startedAt;
          step.result = 'answered';
          entry.status = status;
          entry.duration = step.duration;
          entry.reason = 'answered';
          recorder.losses = losses;
        },
        failed({ kind, error, detail }, rest) {
          firstByte = elapsed();
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
        },
      };
    },
    refused: (error) =>
      record(error.status, { error: error.message }, error === clientGone ? 'client-gone' : error.kind),
  };
  return recorder;
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
