/**
 * Those who were turned away before anything was asked of a provider: counted by kind, logged without what they sent as a
 * key, and slowed down where they guess.
 */
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../telemetry/log.ts';

/** Why somebody was turned away. */
export type RefusalKind =
  | 'missing-client-key'
  | 'wrong-client-key'
  | 'disabled-client-key'
  | 'expired-client-key'
  | 'wrong-management-key'
  | 'foreign-host'
  | 'foreign-origin'
  | 'unknown-address';

export interface Refused {
  kind: RefusalKind;
  /** The sender's address: that of the socket, or from the header of a trusted proxy. */
  address: string | undefined;
  method: string;
  path: string;
}

export interface Refusals {
  /**
   * Counts and logs it. For wrong keys it resolves after a while, the longer the more there were from this address: no caller
   * is banned, and a right key, which never comes here, waits for nothing. Gives how long the next wrong one would wait, in
   * milliseconds.
   */
  refused(what: Refused): Promise<number>;
  /** How many there were since the start, by kind. */
  counts(): Readonly<Record<RefusalKind, number>>;
}

export interface RefusalsDeps {
  log: Pick<Log, 'warn'>;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  wait: Clock['wait'];
}

/** Wrong keys without a delay: a person mistypes. */
const free = 3;
/** The delay of the first slow one, in milliseconds; doubles with each further. */
const firstDelay = 100;
const longestDelay = 5000;
/** Wrong keys are forgotten when there were none for so long, in milliseconds. */
const forgottenAfter = 10 * 60_000;
/** Addresses remembered; beyond, those that were wrong longest ago are forgotten. */
const mostAddresses = 4096;
/** Refusals that wait at the same time; further ones are not delayed, so that waiting uses a bounded memory. */
const mostWaiting = 256;
/** Lines of one kind in a minute; the first line after it has the number of omitted ones. */
const linesPerMinute = 20;
const minute = 60_000;
/** As much of an address as is logged. */
const shownLength = 200;

const guessed: readonly RefusalKind[] = ['wrong-client-key', 'wrong-management-key'];

interface Lines {
  since: number;
  written: number;
  leftOut: number;
}

export function createRefusals({ log, now, wait }: RefusalsDeps): Refusals {
  const counts: Record<RefusalKind, number> = {
    'missing-client-key': 0,
    'wrong-client-key': 0,
    'disabled-client-key': 0,
    'expired-client-key': 0,
    'wrong-management-key': 0,
    'foreign-host': 0,
    'foreign-origin': 0,
    'unknown-address': 0,
  };
  const lines = new Map<RefusalKind, Lines>();
  const wrong = new Map<string, { count: number; at: number }>();
  let waiting = 0;

  function write({ kind, address, method, path }: Refused): void {
    const time = now();
    let state = lines.get(kind);
    if (state === undefined || time - state.since >= minute) {
      if (state !== undefined && state.leftOut > 0)
        log.warn('refused, not logged one by one', { reason: kind, count: state.leftOut });
      state = { since: time, written: 0, leftOut: 0 };
      lines.set(kind, state);
    }
    if (state.written >= linesPerMinute) {
      state.leftOut += 1;
      return;
    }
    state.written += 1;
    log.warn('refused', { reason: kind, address, method, path: path.slice(0, shownLength) });
  }

  /** How many wrong keys have come from this address, this one included. */
  function countOf(address: string): number {
    const time = now();
    const before = wrong.get(address);
    const count = before === undefined || time - before.at > forgottenAfter ? 1 : before.count + 1;
    wrong.delete(address);
    wrong.set(address, { count, at: time });
    const oldest = wrong.keys().next();
    if (wrong.size > mostAddresses && !oldest.done) wrong.delete(oldest.value);
    return count;
  }

  return {
    async refused(what) {
      counts[what.kind] += 1;
      write(what);
      if (what.address === undefined || !guessed.includes(what.kind)) return 0;
      const count = countOf(neighbourhood(what.address));
      const delay = delayOf(count);
      if (delay === 0 || waiting >= mostWaiting) return delayOf(count + 1);
      waiting += 1;
      await wait(delay);
      waiting -= 1;
      return delayOf(count + 1);
    },
    counts: () => counts,
  };
}

/** Milliseconds that the wrong key of this number waits. */
function delayOf(count: number): number {
  return count <= free ? 0 : Math.min(longestDelay, firstDelay * 2 ** Math.min(16, count - free - 1));
}

/** One IPv6 network of a household or a server counts as one address: RFC 6177 has /64 and larger. */
function neighbourhood(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
