import { createRequestTimers, type RequestTimers } from '../src/gateway/request-timers.ts';
import type { Clock } from '../src/ground/clock.ts';

/** A clock that goes on only when the test says so. */
export interface FakeClock extends Clock {
  /** Those of a gateway under this clock. */
  timers: RequestTimers;
  /** How many timers run. */
  scheduled(): number;
  /** Lets so many ms pass, with all that is due on the way. */
  pass(ms: number): void;
  /** Sets the computer's clock, as its owner may: no time passes. */
  set(now: number): void;
}

/** `start`: ms since the epoch at the beginning. */
export function fakeClock(start = 0): FakeClock {
  let monotonic = 0;
  let epoch = start;
  const timers = new Set<{ at: number; run: () => void }>();
  const after: Clock['after'] = (ms, run) => {
    const timer = { at: monotonic + Math.max(0, ms), run };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const clock: Clock = {
    now: () => epoch + monotonic,
    monotonic: () => monotonic,
    after,
    every(ms, run) {
      let callOff = after(ms, again);
      function again(): void {
        callOff = after(ms, again);
        run();
      }
      return () => callOff();
    },
    wait(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          callOff();
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const callOff = after(ms, done);
        signal?.addEventListener('abort', done);
      });
    },
  };
  return {
    ...clock,
    timers: createRequestTimers(clock),
    scheduled: () => timers.size,
    pass(ms) {
      const until = monotonic + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due);
        monotonic = Math.max(monotonic, due.at);
        due.run();
      }
      monotonic = until;
    },
    set(now) {
      epoch = now - monotonic;
    },
  };
}
