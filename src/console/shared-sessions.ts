/**
 * Sessions and tickets that hold on every replica of a cluster. Each replica has its own copy of those that it has met, and looks
 * about once a second whether they have ended elsewhere; while that is unknown, it uses its copies alone. What is shared is
 * named by digests of secrets. A session that has ended leaves a mark, so that none comes back from the copy of a replica.
 */

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SharedTexts } from '../cluster/ports.ts';
import type { Clock } from '../ground/clock.ts';
import {
  digestOf,
  type KeptSession,
  lifetime,
  type Role,
  type Session,
  type Sessions,
  ticketTime,
} from './sessions.ts';

/** {@link Sessions} as far as the console uses them, where an answer may come from elsewhere. */
export interface SharedSessions {
  /** On other replicas it makes sessions for {@link lifetime}. */
  lasting(): string | Promise<string>;
  ticket(): string | Promise<string>;
  redeem(ticket: string): boolean | Promise<boolean>;
  open(role: Role, address: string | undefined): string | Promise<string>;
  find(secret: string): Session | undefined | Promise<Session | undefined>;
  close(secret: string): void | Promise<void>;
  closeAll(): void | Promise<void>;
  /** Those of all replicas; while that is unknown, those that this one has seen. */
  list(): Session[] | Promise<Session[]>;
}

/** Ms for which a copy is trusted. */
const trusted = 1000;
const ended = 'ended';
/** Which sessions hold: those that were opened since all were ended. */
const roundName = 'console-round';
/** The names of those that were opened. */
const listName = 'console-sessions';
/** Sessions of one list. */
const mostListed = 200;

/** `now` is in ms since the epoch. `own` are the copies of this replica. */
export function sharedSessions(own: Sessions, texts: SharedTexts, now: Clock['now']): SharedSessions {
  /** Of each copy: the round it was opened in (null: the first), and when it was looked at last. */
  const looks = new WeakMap<Session, { round: string | null; at: number }>();

  let lastLasting: string | undefined;

  async function look(secret: string, known: KeptSession | undefined): Promise<Session | undefined> {
    const name = sessionName(secret);
    const [text, round] = await Promise.all([texts.get(name, lifetime), texts.get(roundName)]);
    if (text === undefined || round === undefined) return known;
    const found = text === null ? undefined : readSession(text, now());
    const of = found?.round ?? (known && looks.get(known)?.round) ?? null;
    if (text !== null) void texts.note(listName, name, lifetime);
    const isOver = (text !== null && found === undefined) || (round !== null && of !== round);
    if (isOver) {
      own.close(secret);
      return undefined;
    }
    if (known === undefined) {
      if (found === undefined) return undefined;
      own.adopt(secret, found.session);
      looks.set(found.session, { round: of, at: now() });
      return own.find(secret);
    }
    // It was opened while notices could not be sent, or the notice is lost.
    if (text === null && (await texts.add(name, textOf(known, of), lifetime)) !== true) return known;
    looks.set(known, { round: of, at: now() });
    return known;
  }

  return {
    async list() {
      const [names, round] = await Promise.all([texts.noted(listName), texts.get(roundName)]);
      if (names === undefined || round === undefined) return own.list();
      const found = await Promise.all(
        names.slice(0, mostListed).map(async ({ name, until }) => {
          const text = await texts.get(name);
          const read = typeof text === 'string' ? readSession(text, until - lifetime) : undefined;
          return read?.round === round ? [read.session] : [];
        }),
      );
      return found.flat().sort((one, other) => one.since - other.since);
    },
    async lasting() {
      if (lastLasting !== undefined) await texts.put(ticketName(lastLasting), ended, lifetime);
      lastLasting = own.lasting();
      await texts.put(ticketName(lastLasting), 'lasting', lifetime);
      return lastLasting;
    },
    async ticket() {
      const ticket = own.ticket();
      await texts.put(ticketName(ticket), 'unspent', ticketTime);
      return ticket;
    },
    async redeem(ticket) {
      if (own.isLasting(ticket)) return true;
      const isOwn = own.redeem(ticket);
      const kept = isOwn || !isSecret(ticket) ? undefined : await texts.get(ticketName(ticket));
      if (kept === 'lasting') return true;
      if (!isOwn && kept !== 'unspent') return false;
      return (await texts.add(`${ticketName(ticket)}:spent`, 'spent', ticketTime)) ?? isOwn;
    },
    async open(role, address) {
      const round = (await texts.get(roundName)) ?? null;
      const secret = own.open(role, address);
      const session = own.kept(secret);
      if (session === undefined) return secret;
      looks.set(session, { round, at: now() });
      await texts.put(sessionName(secret), textOf(session, round), lifetime);
      await texts.note(listName, sessionName(secret), lifetime);
      return secret;
    },
    async find(secret) {
      const session = own.find(secret);
      const looked = session && looks.get(session);
      if (looked !== undefined && now() - looked.at < trusted) return session;
      return isSecret(secret) ? look(secret, session && own.kept(secret)) : undefined;
    },
    async close(secret) {
      own.close(secret);
      if (isSecret(secret)) await texts.put(sessionName(secret), ended, lifetime);
    },
    async closeAll() {
      own.closeAll();
      // Who was not seen for so long has ended by itself.
      await texts.put(roundName, randomBytes(12).toString('base64url'), lifetime + trusted);
    },
  };
}

/** Whether it may be one of ours: any other value is invalid, and not asked about. */
function isSecret(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

const sessionName = (secret: string): string => `console-session:${digestOf(secret)}`;
const ticketName = (ticket: string): string => `console-ticket:${digestOf(ticket)}`;

const sharedSession = z.object({
  round: z.string().nullable(),
  id: z.string(),
  role: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('owner') }),
    z.object({ kind: z.literal('key'), id: z.string(), name: z.string() }),
  ]),
  since: z.number(),
  address: z.string().nullable(),
  ownerMark: z.string(),
});

function textOf({ id, role, since, address, ownerMark }: KeptSession, round: string | null): string {
  const shared: z.infer<typeof sharedSession> = {
    ...{ round, id, role, since, ownerMark },
    address: address ?? null,
  };
  return JSON.stringify(shared);
}

/** Undefined for the mark of one that has ended. */
function readSession(
  text: string,
  usedAt: number,
): { session: KeptSession; round: string | null } | undefined {
  const written = text === ended ? undefined : sharedSession.safeParse(jsonOf(text)).data;
  if (written === undefined) return undefined;
  const { round, address, ...rest } = written;
  return { session: { ...rest, address: address ?? undefined, usedAt }, round };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
