/**
 * One meter as a replica has it: its lease, and the talk with the server about it. One message is under way at a time; requests
 * that need more than is leased wait for the answer to the one that names them.
 */
import type { Clock } from '../../ground/clock.ts';
import type { Meters } from '../valkey/meter-script.ts';
import { answered, freeIn, type Lease, newLease, settled, spoken, taken } from './lease.ts';
import { edgeShare, type MeterKind, type MeterMessage } from './meter.ts';

export interface SharedMeter {
  readonly lease: Lease;
  /** The limit in force. */
  most: number;
  /** Units that may be taken without asking. */
  free(): number;
  /** Asks for units; resolves when the server has answered, or cannot. */
  ask(least: number, wanted: number): Promise<void>;
  /** Whether to ask would be in vain: as much is used, by all, that time alone makes room. Ms until then. */
  fullFor(least: number): number | undefined;
  /** Whether what is known of others is of this moment. */
  isFresh(): boolean;
  /** So little is left, by what is known, that every unit counts. */
  isNearEdge(): boolean;
  take(units: number): void;
  settle(units: number, used: number): void;
  /** Goes on under another name, with all that is used and held: to the server it is a meter that was lost. */
  rename(name: string): void;
  /** What it knows to be used already: an earlier start, or a key in whose place this one is. */
  seed(units: number): void;
  /** Sends changes, returns unneeded units, and renews the lease; to be called often. */
  look(): void;
  /** Whether anything has to be reported to the server, now or to keep the lease. */
  isActive(): boolean;
  /** Gives all back. */
  end(): Promise<void>;
}

export interface SharedMeterOptions {
  name: string;
  kind: MeterKind;
  most: number;
  meters: Meters;
  replica: string;
  isUp: () => boolean;
  /** Ms that the server keeps it without a word. */
  keep: () => number;
  /** Of a window: what this replica has used in the last minute, by age in seconds; of a total, what is known of all. */
  seedOf: () => readonly number[];
  clock: Pick<Clock, 'monotonic' | 'after'>;
}

interface Waiting {
  least: number;
  wanted: number;
  /** It has learnt that others hold what it needs, and asks once more. */
  again: boolean;
  done: () => void;
}

/** Ms for which units are leased ahead, and after which unused ones are returned. */
const aheadTime = 2000;
/** Nothing is leased ahead for a key that asks now and then. */
const fewRequests = 3;
/** Ms after which a second question may find what others held. */
const secondTry = 2;
/** Ms for which the server's figures about others count as current. */
const fresh = 250;
/** Ms before the end of a lease at which it is renewed. */
const renewal = 8500;

/** One that is made anew, as of a key that was removed and is back, starts at nothing: to the server it is another replica's. */
let made = 0;

export function createSharedMeter(options: SharedMeterOptions): SharedMeter {
  const { kind, meters, isUp, keep, seedOf, clock } = options;
  let { name } = options;
  /** The name under which the server knows what was used before. */
  let knownAs = name;
  made += 1;
  const replica = `${options.replica}.${made}`;
  let { most } = options;
  let lease = newLease;
  let waiting: Waiting[] = [];
  let talking: Promise<void> | undefined;
  /** Something was given back while a message was under way. */
  let more = false;
  let seeding: readonly number[] | undefined;
  /** Units taken in this span of time and in the one before, by how many requests, and when it began. */
  let taking = { now: 0, before: 0, requests: 0, since: 0 };

  function age(): void {
    const at = clock.monotonic();
    const half = aheadTime / 2;
    if (at - taking.since < half) return;
    const lasted = at - taking.since < 2 * half;
    taking = { now: 0, before: lasted ? taking.now : 0, requests: lasted ? taking.requests : 0, since: at };
  }

  const free = (): number => freeIn(lease, clock.monotonic());

  function isNearEdge(): boolean {
    const { known } = lease;
    return known === undefined || most - known.used - known.held < most * edgeShare;
  }

  /** What is worth keeping for requests to come: as much as the last seconds have taken. */
  function worthKeeping(): number {
    age();
    return isNearEdge() || taking.requests < fewRequests ? 0 : taking.now + taking.before;
  }

  function talk(): void {
    if (talking !== undefined) return;
    more = false;
    talking = say().finally(() => {
      talking = undefined;
      if (waiting.length > 0 || more) talk();
    });
  }

  async function say(): Promise<void> {
    const asked = waiting;
    waiting = [];
    if (!isUp()) return finish(asked);
    const ahead = worthKeeping();
    const sum = asked.reduce((units, { wanted }) => units + wanted, 0);
    const least = asked.reduce((units, one) => Math.min(units, one.least), Number.POSITIVE_INFINITY);
    const has = Math.max(0, free());
    const to = name;
    if (to !== knownAs) seeding ??= seedOf();
    const wish = {
      least: asked.length === 0 ? 0 : Math.max(0, least - has),
      wanted: Math.max(0, sum - has),
      ahead,
      keep: Math.max(ahead, sum),
      seed: seeding,
    };
    const sentAt = clock.monotonic();
    const next = spoken(lease, wish, sentAt);
    lease = next.lease;
    const message: MeterMessage = { kind, most, replica, ...next.message };
    try {
      const reply = await meters.say(to, message, keep());
      if (reply.kind === 'unknown') {
        seeding = seedOf();
        waiting.unshift(...asked);
        return;
      }
      if (reply.kind === 'counted') {
        seeding = undefined;
        knownAs = to;
        lease = answered(lease, message, reply, sentAt, clock.monotonic());
        const lacking = asked.filter((one) => !one.again && one.least > free() && heldByOthers(one.least));
        finish(asked.filter((one) => !lacking.includes(one)));
        if (lacking.length > 0)
          clock.after(secondTry, () => {
            waiting.push(...lacking.map((one) => ({ ...one, again: true })));
            talk();
          });
        return;
      }
      finish(asked);
    } catch {
      finish(asked);
    }
  }

  /** Whether there would be room, did not others hold it. */
  function heldByOthers(least: number): boolean {
    const { known } = lease;
    return known !== undefined && known.held > lease.reserved && known.used + least <= most;
  }

  function finish(asked: readonly Waiting[]): void {
    for (const { done } of asked) done();
  }

  return {
    get lease() {
      return lease;
    },
    get most() {
      return most;
    },
    set most(next) {
      most = next;
    },
    free,
    ask(least, wanted) {
      return new Promise((done) => {
        waiting.push({ least, wanted, again: false, done });
        talk();
      });
    },
    fullFor(least) {
      const { known } = lease;
      if (known === undefined || known.used + least <= most || known.freeIn === undefined) return undefined;
      const left = known.at + known.freeIn - clock.monotonic();
      return left > 0 ? left : undefined;
    },
    isFresh: () => lease.known !== undefined && clock.monotonic() - lease.known.at < fresh,
    isNearEdge,
    take(units) {
      age();
      taking.now += units;
      taking.requests += 1;
      lease = taken(lease, units);
      // Before it is used up, so that the next request need not wait.
      if (kind !== 'slots' && talking === undefined && isUp() && free() < worthKeeping() / 4) talk();
    },
    settle(units, used) {
      lease = settled(lease, units, used);
      // What is given back may be what another replica waits for.
      if (!isUp() || units <= used || !isNearEdge()) return;
      more = talking !== undefined;
      talk();
    },
    rename(next) {
      name = next;
    },
    seed(units) {
      if (units > (lease.known?.used ?? 0)) seeding = [units];
    },
    look() {
      const idle = free() > worthKeeping();
      const renews = lease.leased > 0 && lease.until - clock.monotonic() < renewal;
      if (isUp() && (lease.used !== lease.counted || idle || renews)) talk();
    },
    isActive: () =>
      lease.leased > 0 || lease.reserved > 0 || lease.used !== lease.counted || waiting.length > 0,
    async end() {
      await talking;
      taking = { now: 0, before: 0, requests: 0, since: clock.monotonic() };
      if (!isUp() || (lease.leased === 0 && lease.used === lease.counted)) return;
      talk();
      await talking;
    },
  };
}
