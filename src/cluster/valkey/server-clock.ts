/** How far this computer's clock is from the server's: limits and cooldowns hold by the server's, which all replicas share. */
import type { SharedClock } from '../gossip/shared-records.ts';

export interface ServerClock extends SharedClock {
  /** The server said this time in answer to a question that was sent and answered then. All in ms since the epoch. */
  told(server: number, sent: number, received: number): void;
}

/** Differences that may be the way's alone are not believed. */
export function serverClock(): ServerClock {
  /** Known to so many ms. */
  let offset: { ms: number; within: number } | undefined;
  return {
    told(server, sent, received) {
      const within = Math.max(1, (received - sent) / 2);
      const ms = server - (sent + received) / 2;
      // A better answer is taken, and one that the known difference cannot be true beside.
      if (
        offset === undefined ||
        within <= offset.within ||
        Math.abs(ms - offset.ms) > within + offset.within
      )
        offset = { ms: Math.round(ms), within };
    },
    shared: (local) => local + (offset?.ms ?? 0),
    local: (shared) => shared - (offset?.ms ?? 0),
  };
}
