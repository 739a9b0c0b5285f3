/** What is known of a request once it is over: one value for limits, the log, the usage store, metrics and traces. */

import type { Protocol } from '../protocols/model.ts';
import type { Operation } from '../protocols/operation.ts';
import type { ErrorKind } from '../protocols/protocol-error.ts';
import type { TokenCounts } from '../protocols/token-counts.ts';
import type { TraceContext } from '../telemetry/tracing/trace-context.ts';

/** Whatever keeps, counts or exports finished requests. */
export interface UsageSink {
  /** Called once for each request, in the turn in which it ends: it takes the record and returns, its work comes later. */
  add(record: UsageRecord): void;
}

/** Something by its id, which stays, and the name that people know it by. Neither is a secret. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface UsageRecord {
  /** The request's id; ids of later requests are greater. */
  id: string;
  /** When it came: ms since the epoch. */
  at: number;
  /** The client key; undefined where none was looked at. */
  key: Named | undefined;
  /** The conversation that the client names; undefined where it names none. */
  session: string | undefined;
  protocol: Protocol;
  operation: Operation;
  /** Whether the client asked for a stream. */
  streamed: boolean;
  /** The model as the client wrote it. */
  asked: string;
  /** Whether {@link asked} is a name that the gateway serves: others may be any text. */
  known: boolean;
  /** The credential of the last attempt; undefined without one. */
  served: Served | undefined;
  /** What the client got: an HTTP status. A stream that broke off later has the 200 that it began with. */
  status: number;
  /** Undefined for a request that went well. */
  error: ErrorClass | undefined;
  /** Milliseconds since it came: until the first content, undefined without an attempt, and until its end. */
  ttft: number | undefined;
  duration: number;
  usage: Usage;
  /** In the order in which they were made. */
  attempts: readonly AttemptRecord[];
  /** The state of the candidates when it arrived; undefined without any. */
  choice: ChoiceRecord | undefined;
  /** What metrics and traces read; records that were kept have none. */
  passing?: PassingFacts;
}

/** Facts of a request that are not kept with it. */
export interface PassingFacts {
  /** Milliseconds, in fractions, until the first attempt; undefined where it waited before, or there was no attempt. */
  overhead: number | undefined;
  /** The protocol of the last attempt; undefined without one. */
  upstream: Protocol | undefined;
  /** What translation could not carry over, by kind. */
  losses: readonly { readonly kind: string }[];
  /** The trace that it belongs to; undefined where none is exported. */
  trace: TraceContext | undefined;
  /** It came over a WebSocket. */
  overSocket?: boolean | undefined;
  /** Undefined while the queue of usage records nothing. */
  observed?: ObservedRequest | undefined;
}

/** What only the queue of usage has of a request. */
export interface ObservedRequest {
  /** The socket's address. */
  address: string | undefined;
  forwardedFor: string;
  userAgent: string;
  /** `POST /v1/messages`. */
  endpoint: string;
  /** The requested effort and service tier, where the body has them. */
  effort?: string | undefined;
  serviceTier?: string | undefined;
  /** Of the provider's last answer, without what is secret. */
  responseHeaders?: Readonly<Record<string, string>>;
  /** What went wrong, without secrets, cut. */
  error?: string;
}

export interface Served {
  credential: Named;
  /** The provider's kind: `claude`, `gemini-key` … */
  provider: string;
  /** The provider's name of the model. */
  model: string;
  /** Whether each token is billed, or comes with a subscription. */
  billing: Billing;
}

export type Billing = 'paid' | 'subscription';

/**
 * Why a request failed: an error's kind, a client that left before the end, an answer that broke off, or one that a limit of
 * time ended.
 */
export type ErrorClass = ErrorKind | 'client-gone' | 'broken-off' | 'stalled';

/** What a request or an attempt has come to. */
export interface Usage {
  tokens: UsageTokens;
  counted: Counted;
  /** How it was served, in the service's word: `flex`, `priority` … */
  tier: string | undefined;
  /** Undefined where no price is known: that is not nothing. */
  cost: Cost | undefined;
}

/** Tokens; undefined where not reported. Totals include their parts. */
export type UsageTokens = Omit<TokenCounts, 'serviceTier' | 'cost'>;

/**
 * By whom tokens were counted: `odd` are a provider's numbers that contradict each other, `none` that there was nothing to count, `unknown`
 * that something was used and nobody said how much of it.
 */
export type Counted = 'provider' | 'estimate' | 'odd' | 'none' | 'unknown';

export interface Cost {
  /** Billionths of a US dollar, whole. */
  nano: number;
  source: CostSource;
}

/** The source of the cost: the service itself, the owner's `prices`, or the shipped list. */
export type CostSource = 'upstream' | 'owner' | 'list';

/** One attempt. Times are ms since the request came. */
export interface AttemptRecord extends Served {
  startedAt: number;
  /** Before it, for a place or for a credential to come back. */
  waited: number;
  /** Until the first content, or until it failed. */
  duration: number | undefined;
  /** It was let through during a cooldown, to find out whether that still holds. */
  trial: boolean;
  status: number;
  /** `answered`, or the kind of its failure: `quota`, `auth`, `unavailable` … */
  reason: string;
  /** Until when its credential may not be used after it: ms since the epoch. */
  cooldownUntil: number | undefined;
  /** Undefined where it reported none. */
  usage: Usage | undefined;
}

export interface ChoiceRecord {
  strategy: string;
  candidates: number;
  ready: number;
  resting: number;
  spared: number;
  /** The conversation's credential, with `routing.session-affinity`. */
  boundTo: string | undefined;
}
