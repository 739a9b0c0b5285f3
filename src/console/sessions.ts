/** Who is signed in to the console: sessions in memory, and tickets that make one. */

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../ground/clock.ts';

/** What a session may do: everything, or see what one client key has used. */
export type Role = { kind: 'owner' } | { kind: 'key'; id: string; name: string };

export interface Session {
  /** For lists: not what opens it. */
  readonly id: string;
  readonly role: Role;
  /** Ms since the epoch. */
  readonly since: number;
  readonly address: string | undefined;
  usedAt: number;
}

/** What is kept of a session. */
export interface KeptSession extends Session {
  /** Of the management key that it was opened under: shows nothing of it to who has not the session's secret. */
  readonly ownerMark: string;
}

export interface Sessions {
  /** A secret that makes an owner's session once, within a minute. */
  ticket(): string;
  /** A secret that makes owner's sessions until the gateway stops: for the address that a start prints to a terminal. */
  lasting(): string;
  /** Whether a ticket opens; one that does is used up, unless it lasts. */
  redeem(ticket: string): boolean;
  /** Whether it is what `lasting` gave. */
  isLasting(ticket: string): boolean;
  /** A new session's secret. */
  open(role: Role, address: string | undefined): string;
  /** The session that a secret opens; it is kept for another {@link lifetime}. */
  find(secret: string): Session | undefined;
  /** Takes over a session of another replica; from then on `find` judges it. */
  adopt(secret: string, session: KeptSession): void;
  /** What is kept of it, whether it still holds or not. */
  kept(secret: string): KeptSession | undefined;
  close(secret: string): void;
  closeAll(): void;
  list(): Session[];
}

/** Milliseconds for which a session is kept without use, and a ticket holds. */
export const lifetime = 12 * 3600_000;
export const ticketTime = 60_000;
/** Sessions and tickets that are kept; the oldest give way. */
const most = 200;

/**
 * `now` is in ms since the epoch. Only digests of secrets are kept. `ownerKey` is the management key in force: with another one the
 * sessions of owners end, because changing it is meant to exclude holders of the old one.
 */
export function createSessions(now: Clock['now'], ownerKey: () => string = () => ''): Sessions {
  const sessions = new Map<string, KeptSession>();
  const tickets = new Map<string, number>();
  let lastingDigest: string | undefined;

  function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
    const [oldest] = map.keys();
    if (map.size >= most && oldest !== undefined) map.delete(oldest);
    map.set(key, value);
  }

  const isLasting = (ticket: string): boolean =>
    lastingDigest !== undefined && isSame(digestOf(ticket), lastingDigest);

  return {
    isLasting,
    ticket() {
      const secret = newSecret();
      keep(tickets, digestOf(secret), now() + ticketTime);
      return secret;
    },
    lasting() {
      const secret = newSecret();
      lastingDigest = digestOf(secret);
      return secret;
    },
    redeem(ticket) {
      if (isLasting(ticket)) return true;
      const digest = digestOf(ticket);
      const until = tickets.get(digest);
      tickets.delete(digest);
      return until !== undefined && now() < until;
    },
    open(role, address) {
      const secret = newSecret();
      const at = now();
      keep(sessions, digestOf(secret), {
        id: randomBytes(6).toString('hex'),
        role,
        since: at,
        usedAt: at,
        address,
        ownerMark: markOf(secret, ownerKey()),
      });
      return secret;
    },
    find(secret) {
      const digest = digestOf(secret);
      const session = sessions.get(digest);
      if (session === undefined) return undefined;
      const isOld = now() - session.usedAt > lifetime;
      if (isOld || (session.role.kind === 'owner' && session.ownerMark !== markOf(secret, ownerKey()))) {
        sessions.delete(digest);
        return undefined;
      }
      session.usedAt = now();
      return session;
    },
    adopt: (secret, session) => keep(sessions, digestOf(secret), session),
    kept: (secret) => sessions.get(digestOf(secret)),
    close: (secret) => void sessions.delete(digestOf(secret)),
    closeAll: () => sessions.clear(),
    list: () => [...sessions.values()].filter(({ usedAt }) => now() - usedAt <= lifetime),
  };
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function markOf(secret: string, ownerKey: string): string {
  return createHmac('sha256', secret).update(ownerKey).digest('hex');
}

/** What is kept and shared in the place of a secret. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
