/** One timer for all that wait: a timer of its own costs a request 4 µs, a place in a chain next to nothing. */
import type { Clock } from '../ground/clock.ts';

export interface RequestTimer {
  /** When it fires, in ms of the clock; infinite while it is off. */
  at: number;
  readonly fire: () => void;
  /** The chain's own: its neighbours, and whether it is in the chain. */
  before: RequestTimer | undefined;
  after: RequestTimer | undefined;
  linked: boolean;
}

export interface RequestTimers {
  /** A timer that is off. It fires as often as it is set. */
  add(fire: () => void): RequestTimer;
  /** Fires in so many ms, at most {@link coarse} later; 0 or infinite is off. `now` is the clock's, where it is known. */
  set(timer: RequestTimer, milliseconds: number, now?: number): void;
  remove(timer: RequestTimer): void;
}

/** Milliseconds between two looks at all timers, at the least: thousands of streams do not make a look each. */
const coarse = 10;

/** Nothing is scheduled while no timer is set. `broke` gets what a timer throws. */
export function createRequestTimers(
  clock: Pick<Clock, 'monotonic' | 'after'>,
  broke: (error: unknown) => void = () => {},
): RequestTimers {
  let first: RequestTimer | undefined;
  /** When all are looked at next; infinite when they are not. */
  let next = Number.POSITIVE_INFINITY;
  let callOff: () => void = () => {};

  function lookAt(at: number, now: number): void {
    callOff();
    next = at;
    callOff = clock.after(Math.max(0, at - now), look);
  }

  function look(): void {
    const now = clock.monotonic();
    next = Number.POSITIVE_INFINITY;
    let soonest = Number.POSITIVE_INFINITY;
    for (const timer of all()) {
      if (timer.at <= now) {
        timer.at = Number.POSITIVE_INFINITY;
        try {
          timer.fire();
        } catch (error) {
          // The others fire all the same.
          broke(error);
        }
      }
      // What fires may have been set anew.
      if (timer.at < soonest) soonest = timer.at;
    }
    // The clock that timers go by may be ahead of ours.
    if (soonest < next) lookAt(Math.max(soonest, now + coarse), now);
  }

  /** As they are now: what fires may add and remove others. */
  function all(): RequestTimer[] {
    const list: RequestTimer[] = [];
    for (let timer = first; timer !== undefined; timer = timer.after) list.push(timer);
    return list;
  }

  return {
    add(fire) {
      const timer: RequestTimer = {
        at: Number.POSITIVE_INFINITY,
        fire,
        before: undefined,
        after: first,
        linked: true,
      };
      if (first !== undefined) first.before = timer;
      first = timer;
      return timer;
    },
    set(timer, milliseconds, now = clock.monotonic()) {
      // What was removed is over.
      if (!timer.linked) return;
      if (milliseconds <= 0 || milliseconds === Number.POSITIVE_INFINITY) {
        timer.at = Number.POSITIVE_INFINITY;
        return;
      }
      timer.at = now + milliseconds;
      if (timer.at < next) lookAt(timer.at, now);
    },
    remove(timer) {
      timer.at = Number.POSITIVE_INFINITY;
      if (!timer.linked) return;
      timer.linked = false;
      if (timer.before === undefined) first = timer.after;
      else timer.before.after = timer.after;
      if (timer.after !== undefined) timer.after.before = timer.before;
      timer.before = undefined;
      timer.after = undefined;
    },
  };
}
