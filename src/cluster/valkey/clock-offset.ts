/** How far this computer's clock is from the server's: limits and cooldowns hold by the server's, which all replicas share. */
import type { ClockOffset } from '../gossip/shared-records.ts';

export interface MeasuredOffset extends ClockOffset {
  /** The server's time in answer to a question that was sent and answered at these times. All in ms since the epoch. */
  measured(server: number, sent: number, received: number): void;
}

/** Differences that may be the way's alone are not believed. */
export function clockOffset(): MeasuredOffset {
  /** Known to so many ms. */
  let known: { ms: number; within: number } | undefined;
  return {
    measured(server, sent, received) {
      const within = Math.max(1, (received - sent) / 2);
      const ms = server - (sent + received) / 2;
      // A better answer is taken, and one that the known difference cannot be true beside.
      if (known === undefined || within <= known.within || Math.abs(ms - known.ms) > within + known.within)
        known = { ms: Math.round(ms), within };
    },
    shared: (local) => local + (known?.ms ?? 0),
    local: (shared) => shared - (known?.ms ?? 0),
  };
}
