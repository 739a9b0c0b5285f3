/** What the account servers of one sandbox share, and one request to them. */
import type { Clock } from '../../src/ground/clock.ts';
import { jsonAnswer } from '../delivery.ts';
import type { Journal } from '../journal.ts';
import { type PendingFaults, strike } from './account-faults.ts';
import { newKey, type SigningKey } from './keys.ts';
import { emptyLedger, type Ledger } from './ledger.ts';
import type { AccountName } from './services.ts';

export interface AccountOptions {
  /** Seconds that access tokens of every provider are good for, instead of the providers' own times. */
  lifetime?: number;
  /** Seconds between polls of a device; 1 by default. */
  deviceInterval?: number;
}

export interface AccountDeps {
  ledger: Ledger;
  faults: PendingFaults;
  /** Signs id tokens. Made when first asked for. */
  identityKey: () => SigningKey;
  /** Of the service account. Made when first asked for. */
  serviceKey: () => SigningKey;
}

/** RFC 8628 wants 5 s where the server does not say; a sandbox need not keep anybody waiting. */
const defaultInterval = 1;

export function accountDeps(options: AccountOptions, now: Clock['now']): AccountDeps {
  return {
    ledger: emptyLedger(now, options.deviceInterval ?? defaultInterval, options.lifetime),
    faults: [],
    identityKey: onDemand('sandbox-identity'),
    serviceKey: onDemand('sandbox-service'),
  };
}

/** The same servers with nothing remembered; their keys stay, and with them the service account's file. */
export function forgotten(deps: AccountDeps, options: AccountOptions): AccountDeps {
  return {
    ...accountDeps(options, deps.ledger.now),
    identityKey: deps.identityKey,
    serviceKey: deps.serviceKey,
  };
}

function onDemand(id: string): () => SigningKey {
  let key: SigningKey | undefined;
  return () => {
    key ??= newKey(id);
    return key;
  };
}

/** One request to a provider's account servers. */
export interface AccountCall {
  request: Request;
  url: URL;
  name: AccountName;
  /** What follows `/accounts/<name>`, as at the provider. */
  path: string;
  /** `http://127.0.0.1:8400/accounts/claude`. */
  root: string;
  deps: AccountDeps;
  journal: Journal;
}

/** The token in the Authorization header. */
export function bearerToken(request: Request): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

/** The status that a fault of this place asks for; undefined where none strikes. */
export function statusFault(
  call: AccountCall,
  place: 'userinfo' | 'onboarding' | 'quota',
  person: string | undefined,
): Response | undefined {
  const fault = strike(call.deps.faults, [place], call.name, person, ['status']);
  if (fault === undefined) return undefined;
  const status = fault.status ?? 500;
  return jsonAnswer({ error: { code: status, message: 'The sandbox was asked to fail here.' } }, status);
}
