/** What is noted of a request on its way: the types that its recorder, its usage record and its log line share. */

import type { Candidate } from '../../credentials/catalog.ts';
import type { Cooldown } from '../../credentials/cooldown.ts';
import type { Clock } from '../../ground/clock.ts';
import type { Loss } from '../../protocols/codec.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import type { Log } from '../../telemetry/log.ts';
import type { PriceList } from '../../usage/price-list.ts';
import type { AttemptRecord, Usage, UsageSink } from '../../usage/record.ts';
import type { ClientRequest } from '../answer.ts';
import type { AttemptResult } from '../attempt.ts';
import type { AttemptFailure } from '../failure.ts';
import type { Outcome } from '../stream/pass-stream.ts';
import type { Resend } from '../upstream/call.ts';
import type { RequestTrace, TracedChoice, TraceStep } from './request-trace.ts';

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
  /** The request is sent once more to the same credential. */
  sentAgain(why: Resend): void;
  failed(failure: AttemptFailure, cooldown: Cooldown | undefined): void;
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
export interface Notes {
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
