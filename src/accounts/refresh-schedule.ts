/** When which account's tokens are renewed. Pure: what is known of the accounts and the time of day in, decisions out. */
import type { LoginState } from './account.ts';

const second = 1000;
const minute = 60 * second;

/**
 * The numbers of the schedule, spans in milliseconds. Sources: the mission text (Token Refresh) for the first four; the
 * others are ours. How long before expiry a refresh is due is in each provider's record (`refreshLead`).
 */
export const refreshNumbers = {
  /** Between two looks at all accounts. */
  checkInterval: 5 * second,
  /** Refreshes at the same time. */
  maxConcurrent: 16,
  /** After a refresh has begun, here or in another process, before the same account is looked at again. */
  pendingBackoff: minute,
  /** After a refresh that failed, unless the server asked for a wait. */
  failureBackoff: 5 * minute,
  /** A server's Retry-After counts within these bounds. */
  shortestRetryAfter: 5 * second,
  longestRetryAfter: 30 * minute,
  /** After a refresh that gave tokens which expire no later than the ones before. */
  ineffectiveBackoff: 30 * second,
  /** A request that needs a token now does not ask a server again that refused it less than this ago. */
  demandBackoff: 10 * second,
  /** Share of a token's life that is always used, however long the lead: short-lived tokens are not renewed without end. */
  shareOfLife: 0.5,
} as const;

/** The facts of the account file and the provider's record that determine the next refresh. */
export interface RefreshTiming {
  /** False where nothing can be renewed: there is no refresh token and no service account. */
  renewable: boolean;
  login: LoginState['kind'];
  /** Milliseconds since the epoch, undefined when unknown; as in `AccountTokens`. */
  expiresAt: number | undefined;
  refreshedAt: number | undefined;
  /** Milliseconds before expiry; as in `AccountProvider`. */
  lead: number;
  /** Milliseconds; the file's own wish, as in `AccountSettings`. */
  interval: number | undefined;
}

/** What happened with an account's refreshes since the program or the account came. */
export interface RefreshHistory {
  running: boolean;
  /** Milliseconds since the epoch: no refresh on schedule before. */
  notBefore: number;
  /** Milliseconds since the epoch: a request in need gets the last failure until then. */
  notOnDemandBefore: number;
}

export const noHistory: RefreshHistory = { running: false, notBefore: 0, notOnDemandBefore: 0 };

/** How a refresh ended, as far as the next one depends on it. */
export type RefreshEnd =
  /** `effective`: the tokens expire later than the ones before. */
  | { kind: 'refreshed'; effective: boolean }
  /** Another process is at it. */
  | { kind: 'pending' }
  /** `retryAfter` in seconds. */
  | { kind: 'failed'; retryAfter: number | undefined };

/** The history once a refresh has begun. */
export function afterBegin(history: RefreshHistory, now: number): RefreshHistory {
  return { ...history, running: true, notBefore: now + refreshNumbers.pendingBackoff };
}

/** The history once it has ended. */
export function afterEnd(history: RefreshHistory, end: RefreshEnd, now: number): RefreshHistory {
  const ended = { ...history, running: false };
  switch (end.kind) {
    case 'refreshed':
      return end.effective
        ? { ...ended, notOnDemandBefore: 0 }
        : { ...ended, notBefore: now + refreshNumbers.ineffectiveBackoff, notOnDemandBefore: 0 };
    case 'pending':
      return { ...ended, notBefore: now + refreshNumbers.pendingBackoff };
    case 'failed': {
      const stated = end.retryAfter === undefined ? undefined : boundedRetryAfter(end.retryAfter);
      return {
        ...ended,
        notBefore: now + (stated ?? refreshNumbers.failureBackoff),
        notOnDemandBefore: now + (stated ?? refreshNumbers.demandBackoff),
      };
    }
  }
}

function boundedRetryAfter(seconds: number): number {
  const { shortestRetryAfter, longestRetryAfter } = refreshNumbers;
  return Math.min(Math.max(seconds * second, shortestRetryAfter), longestRetryAfter);
}

/**
 * The moment at which a refresh is due, in milliseconds since the epoch; `Infinity` for never, 0 for at once. Of an
 * account of which neither expiry nor last refresh is known nothing speaks against a refresh now.
 */
export function dueAt(timing: RefreshTiming): number {
  if (!timing.renewable || timing.login === 'sign-in-again') return Number.POSITIVE_INFINITY;
  const { expiresAt, refreshedAt, interval } = timing;
  if (interval !== undefined) {
    if (refreshedAt === undefined) return 0;
    const aged = refreshedAt + interval;
    return expiresAt === undefined
      ? aged
      : Math.min(aged, expiresAt - usableLead(interval, expiresAt, refreshedAt));
  }
  if (expiresAt !== undefined) return expiresAt - usableLead(timing.lead, expiresAt, refreshedAt);
  return refreshedAt === undefined ? 0 : refreshedAt + timing.lead;
}

function usableLead(lead: number, expiresAt: number, refreshedAt: number | undefined): number {
  if (refreshedAt === undefined) return lead;
  return Math.min(lead, Math.max(0, (expiresAt - refreshedAt) * refreshNumbers.shareOfLife));
}

/** An account in the schedule. */
export interface Scheduled {
  id: string;
  timing: RefreshTiming;
  history: RefreshHistory;
}

/** The accounts whose refresh begins now: those that are due, the first to expire first, as many as there is room for. */
export function decideRefreshes(accounts: Iterable<Scheduled>, now: number): string[] {
  const due: { id: string; expiresAt: number }[] = [];
  let room = refreshNumbers.maxConcurrent;
  for (const { id, timing, history } of accounts) {
    if (history.running) room -= 1;
    else if (history.notBefore <= now && dueAt(timing) <= now)
      due.push({ id, expiresAt: timing.expiresAt ?? 0 });
  }
  if (due.length > room) due.sort((a, b) => a.expiresAt - b.expiresAt);
  return due.slice(0, Math.max(0, room)).map(({ id }) => id);
}
