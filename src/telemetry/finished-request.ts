/**
 * What metrics and traces read of a request that has ended: a part of the usage record, which is the one account of it. Only
 * types are here, so that telemetry stays below everything that makes them.
 */

import type { TraceContext } from './tracing/trace-context.ts';

export interface FinishedRequest {
  readonly id: string;
  /** When it came: ms since the epoch. */
  readonly at: number;
  /** The client key. */
  readonly key?: { readonly name: string } | undefined;
  readonly protocol: string;
  readonly operation: string;
  readonly streamed: boolean;
  /** The model as the client wrote it: any text. */
  readonly asked: string;
  /** The credential of the last attempt; undefined without one. */
  readonly served:
    | {
        readonly provider: string;
        readonly model: string;
        readonly billing: string;
      }
    | undefined;
  readonly status: number;
  /** Undefined for a request that went well. */
  readonly error: string | undefined;
  /** Milliseconds since it came, as is the duration. */
  readonly ttft: number | undefined;
  readonly duration: number;
  readonly usage: FinishedUsage;
  readonly attempts: readonly FinishedAttempt[];
  readonly passing?: {
    /** Milliseconds, in fractions, until the first attempt; undefined where it waited before, or there was no attempt. */
    readonly overhead: number | undefined;
    /** What the provider was asked in. */
    readonly upstream: string | undefined;
    readonly losses: readonly { readonly kind: string }[];
    readonly trace: TraceContext | undefined;
    readonly overSocket?: boolean | undefined;
  };
}

export interface FinishedUsage {
  readonly tokens: {
    readonly input?: number | undefined;
    readonly cacheRead?: number | undefined;
    readonly cacheWrite?: number | undefined;
    /** Parts of the input, of what came from the cache, and of the output that are no text. */
    readonly audioInput?: number | undefined;
    readonly imageInput?: number | undefined;
    readonly videoInput?: number | undefined;
    readonly audioRead?: number | undefined;
    readonly imageRead?: number | undefined;
    readonly audioOutput?: number | undefined;
    readonly imageOutput?: number | undefined;
    readonly output?: number | undefined;
    readonly reasoning?: number | undefined;
  };
  /** By whom: `none` where there was nothing to count, `unknown` where something was used and nobody said how much. */
  readonly counted: string;
  /** `nano`: billionths of a US dollar; undefined where nobody knows it. */
  readonly cost: { readonly nano: number } | undefined;
}

export interface FinishedAttempt {
  readonly credential?: { readonly id: string };
  readonly provider: string;
  readonly model: string;
  /** Milliseconds since the request came. */
  readonly startedAt: number;
  /** Milliseconds before it. */
  readonly waited: number;
  readonly duration: number | undefined;
  readonly status: number;
  /** `answered`, or the kind of its failure. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly cooldownUntil?: number | undefined;
}
