/** A limit as others see it: its name, how much of it is gone, and why it refuses. */
import type { Period } from './spending.ts';

/** Each limit by its key in the configuration. */
export type LimitName =
  | 'concurrency'
  | 'requests-per-minute'
  | 'tokens-per-minute'
  | `budget.${Period}.${'tokens' | 'usd'}`;

/** Why a request is not admitted. */
export interface LimitRefusal {
  limit: LimitName;
  most: number;
  /** Used up or reserved. */
  used: number;
  /** When there is room again, in ms since the epoch; undefined when that depends on requests that run. */
  resetsAt: number | undefined;
  /** The input is larger than the whole limit: it will never be admitted. */
  tooLarge: boolean;
  /** There may be room soon: the rest is held by requests that run, or by other replicas for those to come, or no answer was in time. */
  heldElsewhere?: boolean;
}

/** How much of a limit is gone. */
export interface LimitUsage {
  limit: LimitName;
  most: number;
  /** Used up or reserved. */
  used: number;
  /** When all of it is there again, in ms since the epoch; undefined when nothing is gone, or when that depends on requests that run. */
  resetsAt: number | undefined;
}
