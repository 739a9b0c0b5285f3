/** A device sign-in that has begun: what both ways of it have in common. */
import { type Failed, failed } from './failure.ts';
import type { GrantResult } from './grant.ts';

/** What the person is shown. */
export interface DeviceCode {
  userCode: string;
  /** Where the code is typed. */
  address: string;
  /** The address that has the code in it already; undefined where the server gives none. */
  completeAddress: string | undefined;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** What one question to the server came to. */
export type Polled =
  /** `slowDown`: RFC 8628 §3.5, the interval grows by 5 seconds for good. */
  { ok: 'pending'; slowDown: boolean } | GrantResult;

/** A device sign-in that has begun. */
export interface StartedDevice {
  ok: true;
  code: DeviceCode;
  /** Seconds between two questions, as the server wants it. */
  interval: number;
  poll: () => Promise<Polled>;
}

/** Seconds, RFC 8628 §3.2: the interval where the server names none. */
export const defaultInterval = 5;
/** The code is good no longer. */
export function expired(title: string): Failed {
  return failed(
    'timed-out',
    `The code for ${title} has expired without being confirmed. Start again for a new one.`,
  );
}

/** The person denied. */
export function declined(title: string, why: string): Failed {
  return failed('denied', `The sign-in to ${title} was declined.${why}`);
}
