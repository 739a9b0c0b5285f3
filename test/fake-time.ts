import { createRequestTimers, type RequestTimers } from '../src/gateway/request-timers.ts';
import type { Timers } from '../src/ground/timers.ts';

export interface FakeTime {
  timers: RequestTimers;
  clock: () => number;
  /** Runs once after so many ms; gives what calls it off. */
  after: Timers['after'];
  /** How many timers run. */
  scheduled: () => number;
  /** Lets so many ms pass, with all that is due on the way. */
  pass: (milliseconds: number) => void;
}

/** Alarms whose time is what the test says. */
export function fakeTime(): FakeTime {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const after: FakeTime['after'] = (milliseconds, run) => {
    const timer = { at: now + milliseconds, run };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  return {
    timers: createRequestTimers(() => now, after),
    after,
    clock: () => now,
    scheduled: () => timers.size,
    pass(milliseconds) {
      const until = now + milliseconds;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers.delete(due);
        now = Math.max(now, due.at);
        due.run();
      }
      now = until;
    },
  };
}
