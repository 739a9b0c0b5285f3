/** The next step of a request when no candidate is ready: wait, start another round, try a last resort, or stop. Pure. */
import type { FailureKind } from './cooldown-table.ts';

export interface RetryLimits {
  /** Rounds over the credentials after the first (`request-retry`). */
  rounds: number;
  /** Milliseconds that a request may wait in all (`max-retry-interval`). */
  longestWait: number;
}

export interface RetryState {
  /** Rounds gone through after the first. */
  rounds: number;
  /** Milliseconds waited so far. */
  waited: number;
  /** The last failure; undefined before the first attempt. */
  last: FailureKind | undefined;
}

export type NextStep =
  /** Wait so many milliseconds, then all credentials may be tried again. */
  | { kind: 'wait'; milliseconds: number }
  /** All credentials may be tried again; those that could not be reached a moment ago, too. */
  | { kind: 'again' }
  /** There was no attempt yet: one that is cooling down may be tried, where its cooldown allows that. */
  | { kind: 'last-resort' }
  | { kind: 'stop' };

/** Failures that another round may cure; a key that is refused stays refused. */
const curable: readonly FailureKind[] = ['quota', 'model-missing', 'unavailable', 'given-up'];

/** A wait ends up to this share later, at random, and at most so many ms: requests that wait together do not come back together. */
const spread = { share: 0.25, most: 2000 };

/**
 * The next step. `soonest` is when the first cooldown ends, in ms since the epoch, or undefined when none is cooling down;
 * `random` is in [0, 1). A wait never makes a request wait longer than its limit in all.
 */
export function nextStep(
  state: RetryState,
  limits: RetryLimits,
  soonest: number | undefined,
  now: number,
  random: number,
): NextStep {
  const room = limits.longestWait - state.waited;
  if (soonest !== undefined && room > 0) {
    const wait = Math.max(1, soonest - now);
    if (wait <= room)
      return {
        kind: 'wait',
        milliseconds: Math.min(room, wait + Math.round(Math.min(wait * spread.share, spread.most) * random)),
      };
  }
  if (state.last === undefined) return soonest === undefined ? { kind: 'stop' } : { kind: 'last-resort' };
  if (state.rounds < limits.rounds && curable.includes(state.last)) return { kind: 'again' };
  return { kind: 'stop' };
}
