/** How long a person still has, live on a terminal, a line a minute elsewhere. */
import { type Clock, systemClock } from '../../ground/clock.ts';
import type { Output } from '../shell.ts';

export interface Countdown {
  /** Ends it and clears its line. */
  stop(): void;
}

/** Counts down to `until` (milliseconds since the epoch) with `now` as the clock. */
export function countDown(output: Output, what: string, until: number, now: Clock['now']): Countdown {
  const left = () => Math.max(0, Math.ceil((until - now()) / 1000));
  if (!output.terminal) {
    output.write(`${what}: ${clock(left())} left.\n`);
    return { stop: systemClock.every(60_000, () => output.write(`${what}: ${clock(left())} left.\n`)) };
  }
  // The whole line anew, so that what a person types beside it does not pile up.
  const show = () => output.write(`\r\x1b[2K${what}: ${output.style('bold', clock(left()))} left `);
  show();
  const end = systemClock.every(1000, show);
  return {
    stop() {
      end();
      output.write('\r\x1b[2K');
    },
  };
}

/** `4:05` of 245 seconds. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
