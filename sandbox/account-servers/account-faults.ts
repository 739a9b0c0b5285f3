/** What is to go wrong with accounts: at the next token call, at onboarding, while a device waits, when the API is asked. */
import { isObject, type Json } from '../json.ts';
import { asNumber, asString } from '../json-members.ts';
import { isMeant, type Whom } from './ledger.ts';
import { type AccountName, accountNames } from './services.ts';

/** What can go wrong in each place. */
export const faultWords = {
  /** Any call of the token endpoint that is not a device's poll. */
  token: ['status', 'invalid-grant', 'hang', 'slow', 'lost', 'no-refresh-token', 'html'],
  /** The same, only for refreshes. */
  refresh: ['status', 'invalid-grant', 'hang', 'slow', 'lost', 'no-refresh-token', 'html'],
  userinfo: ['status'],
  onboarding: ['pending', 'validation-required', 'status'],
  /** Where the provider reports what an account has left. */
  quota: ['status'],
  device: ['pending', 'slow-down', 'denied', 'expired', 'unavailable'],
  api: ['quota', 'unauthorized', 'status'],
} as const;
export type FaultPlace = keyof typeof faultWords;
export type FaultWord = (typeof faultWords)[FaultPlace][number];

export interface AccountFault extends Whom {
  at: FaultPlace;
  fault: FaultWord;
  /** How often; 1 by default. */
  times?: number;
  /** HTTP status of `status`; 500 by default. */
  status?: number;
  /** Seconds, for 429 and `quota`. */
  retryAfter?: number;
  /** How long `slow` takes. */
  milliseconds?: number;
}

/** Faults that have not struck yet. */
export type PendingFaults = (AccountFault & { left: number })[];

export function addFault(pending: PendingFaults, fault: AccountFault): void {
  pending.push({ ...fault, left: fault.times ?? 1 });
}

/** The first fault meant for this call and called by one of `words` (any where absent); counts the strike. */
export function strike(
  pending: PendingFaults,
  places: readonly FaultPlace[],
  provider: AccountName,
  person: string | undefined,
  words?: readonly FaultWord[],
): AccountFault | undefined {
  const at = pending.findIndex(
    (fault) =>
      places.includes(fault.at) &&
      isMeant(fault, provider, person) &&
      (words === undefined || words.includes(fault.fault)),
  );
  const found = pending[at];
  if (found === undefined) return undefined;
  found.left--;
  if (found.left <= 0) pending.splice(at, 1);
  return found;
}

const places: readonly FaultPlace[] = [
  'token',
  'refresh',
  'userinfo',
  'onboarding',
  'quota',
  'device',
  'api',
];

/** The fault that a JSON body describes, or what is wrong with it. */
export function readFault(body: Json | undefined): AccountFault | { problem: string } {
  if (!isObject(body)) return { problem: 'The body is not a JSON object.' };
  const whom = readWhom(body);
  if ('problem' in whom) return whom;
  const at = places.find((place) => place === body.at);
  if (at === undefined) return { problem: `'at' must be one of ${places.join(', ')}.` };
  const words: readonly FaultWord[] = faultWords[at];
  const fault = words.find((word) => word === body.fault);
  if (fault === undefined) return { problem: `'fault' at ${at} must be one of ${words.join(', ')}.` };
  const numbers: Pick<AccountFault, 'times' | 'status' | 'retryAfter' | 'milliseconds'> = {};
  for (const field of ['times', 'status', 'retryAfter', 'milliseconds'] as const) {
    const value = body[field];
    if (value === undefined) continue;
    const number = asNumber(value);
    if (number === undefined || number < 0) return { problem: `'${field}' must be a number.` };
    numbers[field] = number;
  }
  return { ...whom, at, fault, ...numbers };
}

/** Whom a JSON body is about. */
export function readWhom(body: Json | undefined): Whom | { problem: string } {
  if (!isObject(body)) return { problem: 'The body is not a JSON object.' };
  const provider = accountNames.find((name) => name === body.provider);
  if (body.provider !== undefined && provider === undefined)
    return { problem: `'provider' must be one of ${accountNames.join(', ')}.` };
  const person = asString(body.person);
  return { ...(provider === undefined ? {} : { provider }), ...(person === undefined ? {} : { person }) };
}
