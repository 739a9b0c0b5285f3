/**
 * A limit that replicas share, as the server keeps it: what is used, and what is leased to whom. This is the protocol as a pure
 * function; the server runs the same as a script (valkey/meter-script.ts), and tests hold one against the other.
 *
 * A replica sends the totals of what it has used and holds, never increments: so a message that is lost, repeated or
 * late does no harm. What it holds expires unless it is sent again, so that a dead replica holds nothing.
 */

/** `window` counts what was used in the last minute, `total` all there was, `slots` only what is held. All in whole units. */
export type MeterKind = 'window' | 'total' | 'slots';

/** The figures of one replica for one meter. */
export interface MeterMessage {
  kind: MeterKind;
  /** The limit. */
  most: number;
  replica: string;
  /** Greater with each message of a replica. */
  seq: number;
  /** Units that this replica has used since it started; of those, the ones that the server is known to have counted. */
  used: number;
  counted: number;
  /** Units that it keeps for running requests and for those to come. */
  held: number;
  /** Units that it needs: at least so many, or none; as many as that at best. */
  least: number;
  wanted: number;
  /** Units beyond, for requests to come, where there is plenty. */
  ahead: number;
  /**
   * What it knows to be used already, where the server may have lost it. Of a window its own use by age, in pairs of seconds ago
   * and units; of a total, one number: the use of all. Undefined until the server reports that it does not know the replica.
   */
  seed: readonly number[] | undefined;
}

export type MeterReply =
  | {
      kind: 'counted';
      granted: number;
      /** Units used by all, and held by all after this message. */
      used: number;
      held: number;
      /** Ms until `least` units are free, as far as that depends on time alone. */
      freeIn: number | undefined;
      /** How many replicas hold or have used something. */
      replicas: number;
    }
  /** The server has no state of this replica: it has to send all again, with a seed. */
  | { kind: 'unknown' }
  /** A later message has been here. */
  | { kind: 'late' };

export interface MeterState {
  /** Of a window: units by second of the server's clock. */
  seconds: ReadonlyMap<number, number>;
  /** Of a total. */
  total: number | undefined;
  /** By replica: what it held last, until when, and the number of its last message. */
  leases: ReadonlyMap<string, { held: number; until: number; seq: number }>;
  /** By replica: what was counted of its use. */
  counted: ReadonlyMap<string, number>;
}

export const newMeter: MeterState = {
  seconds: new Map(),
  total: undefined,
  leases: new Map(),
  counted: new Map(),
};

/** Ms that what a replica holds is kept for it without a word. */
export const leaseTime = 15_000;
/** Seconds that a unit counts in a window, after the second in which it was counted. */
export const windowSeconds = 60;
/** Below this share of a limit nothing is leased ahead; and of what is left, so much is leased ahead at most, by all together. */
export const edgeShare = 0.05;
export const aheadShare = 0.1;

/** One message; `now` is the server's time in ms. */
export function meterStep(
  before: MeterState,
  message: MeterMessage,
  now: number,
): { state: MeterState; reply: MeterReply } {
  const { kind, most, replica } = message;
  const second = Math.floor(now / 1000);
  const own = before.leases.get(replica);
  if (own !== undefined && own.seq >= message.seq) return { state: before, reply: { kind: 'late' } };
  const known = before.counted.get(replica);
  // A replica without use has nothing to send again.
  if (known === undefined && message.counted > 0 && message.seed === undefined && kind !== 'slots')
    return { state: before, reply: { kind: 'unknown' } };

  const seconds = new Map([...before.seconds].filter(([at]) => at >= second - windowSeconds));
  let total = before.total ?? 0;
  const add = (at: number, units: number): void => {
    if (units > 0) seconds.set(at, (seconds.get(at) ?? 0) + units);
  };
  // A total only grows: what was known of it once is true still.
  if (kind === 'total') total = Math.max(total, message.seed?.[0] ?? 0);
  else if (known === undefined && message.seed !== undefined)
    for (let at = 0; at + 1 < message.seed.length; at += 2)
      add(second - (message.seed[at] ?? 0), message.seed[at + 1] ?? 0);
  const fresh = Math.max(0, message.used - (known ?? message.counted));
  if (kind === 'window') add(second, fresh);
  if (kind === 'total') total += fresh;

  const leases = new Map([...before.leases].filter(([, { until }]) => until > now));
  leases.delete(replica);
  let others = 0;
  for (const { held } of leases.values()) others += held;
  const replicas = leases.size + 1;
  let used = kind === 'total' ? total : 0;
  if (kind === 'window') for (const units of seconds.values()) used += units;
  const rest = Math.max(0, most - used - others - message.held);
  const granted = grantOf(rest, message, replicas);
  const held = message.held + granted;
  leases.set(replica, { held, until: now + leaseTime, seq: message.seq });
  const counted = new Map(before.counted);
  counted.set(replica, Math.max(message.used, known ?? 0));
  return {
    state: { seconds, total: kind === 'total' ? total : undefined, leases, counted },
    reply: {
      kind: 'counted',
      granted,
      used,
      held: others + held,
      freeIn: freeIn(kind, seconds, message.least - rest, now),
      replicas,
    },
  };
}

function grantOf(rest: number, { most, least, wanted, ahead }: MeterMessage, replicas: number): number {
  if (rest < least) return 0;
  const plenty = rest - wanted;
  const more = plenty < most * edgeShare ? 0 : Math.min(ahead, Math.floor((plenty * aheadShare) / replicas));
  return Math.min(rest, wanted) + Math.max(0, more);
}

/** Ms until so many units more are free, by what leaves the window. */
function freeIn(
  kind: MeterKind,
  seconds: ReadonlyMap<number, number>,
  lacking: number,
  now: number,
): number | undefined {
  if (lacking <= 0) return 0;
  if (kind !== 'window') return undefined;
  let freed = 0;
  for (const [at, units] of [...seconds].sort(([one], [other]) => one - other)) {
    freed += units;
    if (freed >= lacking) return (at + windowSeconds + 1) * 1000 - now;
  }
  return undefined;
}
