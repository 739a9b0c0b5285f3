/** One timer for all that wait: a timer of its own costs a request 4 µs, a place in a chain next to nothing. */
import { systemTimers, type Timers } from '../ground/timers.ts';

export interface Alarm {
  /** When it rings, in ms of the clock; infinite while it is off. */
  at: number;
  readonly ring: () => void;
  /** The chain's own: its neighbours, and whether it is in the chain. */
  before: Alarm | undefined;
  after: Alarm | undefined;
  linked: boolean;
}

export interface Alarms {
  /** An alarm that is off. It rings as often as it is set. */
  add(ring: () => void): Alarm;
  /** Rings in so many ms, at most {@link coarse} later; 0 or infinite is off. `now` is the clock's, where it is known. */
  set(alarm: Alarm, milliseconds: number, now?: number): void;
  remove(alarm: Alarm): void;
}

/** Milliseconds between two looks at all alarms, at the least: thousands of streams do not make a look each. */
const coarse = 10;

/** `clock` is in ms and only goes forward. Nothing is scheduled while no alarm is set. `broke` gets what a ring throws. */
export function createAlarms(
  clock: () => number,
  schedule: Timers['after'] = systemTimers.after,
  broke: (error: unknown) => void = () => {},
): Alarms {
  let first: Alarm | undefined;
  /** When all are looked at next; infinite when they are not. */
  let next = Number.POSITIVE_INFINITY;
  let callOff: () => void = () => {};

  function lookAt(at: number, now: number): void {
    callOff();
    next = at;
    callOff = schedule(Math.max(0, at - now), look);
  }

  function look(): void {
    const now = clock();
    next = Number.POSITIVE_INFINITY;
    let soonest = Number.POSITIVE_INFINITY;
    for (const alarm of all()) {
      if (alarm.at <= now) {
        alarm.at = Number.POSITIVE_INFINITY;
        try {
          alarm.ring();
        } catch (error) {
          // The others ring all the same.
          broke(error);
        }
      }
      // What rings may have been set anew.
      if (alarm.at < soonest) soonest = alarm.at;
    }
    // The clock that timers go by may be ahead of ours.
    if (soonest < next) lookAt(Math.max(soonest, now + coarse), now);
  }

  /** As they are now: what rings may add and remove others. */
  function all(): Alarm[] {
    const list: Alarm[] = [];
    for (let alarm = first; alarm !== undefined; alarm = alarm.after) list.push(alarm);
    return list;
  }

  return {
    add(ring) {
      const alarm: Alarm = {
        at: Number.POSITIVE_INFINITY,
        ring,
        before: undefined,
        after: first,
        linked: true,
      };
      if (first !== undefined) first.before = alarm;
      first = alarm;
      return alarm;
    },
    set(alarm, milliseconds, now = clock()) {
      // What was removed is over.
      if (!alarm.linked) return;
      if (milliseconds <= 0 || milliseconds === Number.POSITIVE_INFINITY) {
        alarm.at = Number.POSITIVE_INFINITY;
        return;
      }
      alarm.at = now + milliseconds;
      if (alarm.at < next) lookAt(alarm.at, now);
    },
    remove(alarm) {
      alarm.at = Number.POSITIVE_INFINITY;
      if (!alarm.linked) return;
      alarm.linked = false;
      if (alarm.before === undefined) first = alarm.after;
      else alarm.before.after = alarm.after;
      if (alarm.after !== undefined) alarm.after.before = alarm.before;
      alarm.before = undefined;
      alarm.after = undefined;
    },
  };
}
