/** What one replica has of a meter: leased, in use, and used. Pure: each function gives a new lease. Units are whole. */
import { leaseTime, type MeterMessage, type MeterReply } from './meter.ts';

export interface Lease {
  /** Units that the server keeps for this replica, those that it does not know to be used yet among them. */
  readonly leased: number;
  /** By requests that run. */
  readonly reserved: number;
  /** Since the start; of those, what the server is known to have counted. */
  readonly used: number;
  readonly counted: number;
  readonly seq: number;
  /** Until when the server keeps it, by a clock that only goes forward. */
  readonly until: number;
  /** The last answer of the server, and its time. */
  readonly known: Known | undefined;
}

export interface Known {
  used: number;
  /** By all. */
  held: number;
  freeIn: number | undefined;
  replicas: number;
  at: number;
}

export const newLease: Lease = {
  leased: 0,
  reserved: 0,
  used: 0,
  counted: 0,
  seq: 0,
  until: 0,
  known: undefined,
};

/** Ms before the server's own end of a lease at which it is no longer counted upon. */
const margin = 1500;

/** Units that a request may take without asking; less than 0 where more was let in than was leased. */
export function freeIn({ leased, reserved, used, counted, until }: Lease, now: number): number {
  const free = leased - reserved - (used - counted);
  return now < until ? free : Math.min(0, free);
}

/** A request takes units, be they leased or not. */
export function taken(lease: Lease, units: number): Lease {
  return { ...lease, reserved: lease.reserved + units };
}

/** A request gives back what it took; some of it, or more than that, is used. */
export function settled(lease: Lease, units: number, used: number): Lease {
  return { ...lease, reserved: Math.max(0, lease.reserved - units), used: lease.used + used };
}

export interface Wish {
  least: number;
  wanted: number;
  ahead: number;
  /** Free units beyond this are given back. */
  keep: number;
  seed?: readonly number[] | undefined;
}

/** The message to send now; returned units are no longer free from here on, whether or not it arrives. */
export function spoken(
  lease: Lease,
  wish: Wish,
  now: number,
): { lease: Lease; message: Omit<MeterMessage, 'kind' | 'most' | 'replica'> } {
  const pending = lease.used - lease.counted;
  const kept = Math.max(0, Math.min(freeIn(lease, now), wish.keep));
  const seq = lease.seq + 1;
  return {
    lease: { ...lease, seq, leased: lease.reserved + pending + kept },
    message: {
      seq,
      used: lease.used,
      counted: lease.counted,
      held: lease.reserved + kept,
      least: wish.least,
      wanted: wish.wanted,
      ahead: wish.ahead,
      seed: wish.seed,
    },
  };
}

/** The server's answer to a message that was sent at `sentAt`. Meanwhile requests may have come and gone. */
export function answered(
  lease: Lease,
  { used, held }: Pick<MeterMessage, 'used' | 'held'>,
  reply: Extract<MeterReply, { kind: 'counted' }>,
  sentAt: number,
  now: number,
): Lease {
  return {
    ...lease,
    leased: held + reply.granted,
    counted: Math.max(lease.counted, used),
    until: sentAt + leaseTime - margin,
    known: {
      used: reply.used,
      held: reply.held,
      freeIn: reply.freeIn,
      replicas: reply.replicas,
      at: now,
    },
  };
}
