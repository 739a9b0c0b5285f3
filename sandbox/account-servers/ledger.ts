/** What the authorization servers remember: logins, their tokens, codes and devices. Tokens are never shown by it. */

import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../src/ground/clock.ts';
import type { Person } from './people.ts';
import { type AccountName, accountNames, services } from './services.ts';

/** One login: a family of tokens that descend from one consent. */
export interface Login {
  readonly provider: AccountName;
  readonly person: Person;
  readonly scopes: readonly string[];
  /** What was renewed with a refresh token. */
  refreshes: number;
  /** How often a refresh token that was already spent came again. */
  reuses: number;
  /** Access tokens given out. */
  issued: number;
  /** No token of it is good any more. */
  revoked: boolean;
  /** The refresh token in force. */
  refreshToken: string | undefined;
}

/** What happened at a token endpoint, in order; without any token. */
export interface LedgerEvent {
  /** Milliseconds since the epoch. */
  at: number;
  provider: AccountName;
  person: string;
  kind: 'login' | 'refresh' | 'reuse' | 'refused' | 'revoked';
}

export interface AccessToken {
  login: Login;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** An authorization code that waits for its exchange. */
export interface Code {
  provider: AccountName;
  person: Person;
  redirectUri: string;
  challenge: string | undefined;
  state: string | undefined;
  scopes: readonly string[];
  /** Whether a refresh token was asked for. */
  offline: boolean;
  expiresAt: number;
  /** The login that it gave; a second exchange ends it (RFC 6749 §4.1.2). */
  spentFor: Login | undefined;
}

/** A device that waits for a person. */
export interface Device {
  provider: AccountName;
  deviceCode: string;
  userCode: string;
  challenge: string | undefined;
  scopes: readonly string[];
  offline: boolean;
  /** Seconds between polls. */
  interval: number;
  polledAt: number | undefined;
  expiresAt: number;
  decision: { kind: 'waiting' } | { kind: 'denied' } | { kind: 'allowed'; person: Person };
  spent: boolean;
}

export interface Ledger {
  now: Clock['now'];
  /** Seconds, by provider; others have the provider's own. */
  lifetimes: Map<AccountName, number>;
  /** Seconds between polls of a device. */
  deviceInterval: number;
  logins: Login[];
  events: LedgerEvent[];
  access: Map<string, AccessToken>;
  /** iFlow's keys, each as good as the access token that it was asked for with. */
  apiKeys: Map<string, AccessToken>;
  /** Of browsers that are signed in to iFlow's platform. */
  cookies: Map<string, Login>;
  /** Every refresh token ever given, spent ones too. */
  refresh: Map<string, Login>;
  codes: Map<string, Code>;
  devices: Map<string, Device>;
  /** Which project Code Assist works with, by provider and person. */
  onboarded: Map<string, string>;
  /** Projects in which the API was switched on. */
  enabled: Set<string>;
}

export function emptyLedger(now: Clock['now'], deviceInterval: number, lifetime: number | undefined): Ledger {
  return {
    now,
    lifetimes: new Map(lifetime === undefined ? [] : accountNames.map((name) => [name, lifetime])),
    deviceInterval,
    logins: [],
    events: [],
    access: new Map(),
    apiKeys: new Map(),
    cookies: new Map(),
    refresh: new Map(),
    codes: new Map(),
    devices: new Map(),
    onboarded: new Map(),
    enabled: new Set(),
  };
}

/** Text that nobody can guess. */
export function secret(prefix = '', bytes = 24): string {
  return prefix + randomBytes(bytes).toString('base64url');
}

/** RFC 7636 §4.6. */
export function fitsChallenge(verifier: string, challenge: string): boolean {
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}

function record(ledger: Ledger, login: Login, kind: LedgerEvent['kind']): void {
  ledger.events.push({ at: ledger.now(), provider: login.provider, person: login.person.id, kind });
}

/** What a token reply is made of. */
export interface Issued {
  login: Login;
  accessToken: string;
  /** Undefined where none was asked for, or where the old one stays in force. */
  refreshToken: string | undefined;
  /** Seconds. */
  expiresIn: number;
}

/** How the access token is written; opaque where undefined. */
export type AccessWriter = (login: Login, expiresAt: number) => string;

interface Consent {
  provider: AccountName;
  person: Person;
  scopes: readonly string[];
}

/** A person has signed in; there is no token yet. */
export function newLogin(ledger: Ledger, { provider, person, scopes }: Consent): Login {
  const login: Login = {
    provider,
    person,
    scopes,
    refreshes: 0,
    reuses: 0,
    issued: 0,
    revoked: false,
    refreshToken: undefined,
  };
  ledger.logins.push(login);
  record(ledger, login, 'login');
  return login;
}

/** A person has agreed: a new family of tokens. */
export function signIn(ledger: Ledger, who: Consent & { offline: boolean }, write?: AccessWriter): Issued {
  const login = newLogin(ledger, who);
  const refreshToken = who.offline ? newRefreshToken(ledger, login) : undefined;
  return { ...newAccessToken(ledger, login, write), refreshToken };
}

export type Refreshed = { ok: true; issued: Issued } | { ok: false; why: 'unknown' | 'revoked' | 'reused' };

/**
 * Spends a refresh token. One that was spent before ends the whole family (RFC 9700 §4.14.2). `rotate` false leaves the
 * token in force, as servers do that do not rotate.
 */
export function renew(ledger: Ledger, token: string, rotate: boolean, write?: AccessWriter): Refreshed {
  const login = ledger.refresh.get(token);
  if (login === undefined) return { ok: false, why: 'unknown' };
  if (login.refreshToken !== token) {
    login.reuses++;
    login.revoked = true;
    record(ledger, login, 'reuse');
    return { ok: false, why: 'reused' };
  }
  if (login.revoked) {
    record(ledger, login, 'refused');
    return { ok: false, why: 'revoked' };
  }
  login.refreshes++;
  record(ledger, login, 'refresh');
  const refreshToken = rotate ? newRefreshToken(ledger, login) : undefined;
  return { ok: true, issued: { ...newAccessToken(ledger, login, write), refreshToken } };
}

function newRefreshToken(ledger: Ledger, login: Login): string {
  const token = secret(services[login.provider].prefixes.refresh);
  ledger.refresh.set(token, login);
  login.refreshToken = token;
  return token;
}

function newAccessToken(
  ledger: Ledger,
  login: Login,
  write: AccessWriter | undefined,
): Omit<Issued, 'refreshToken'> {
  const { lifetime, prefixes } = services[login.provider];
  const expiresIn = ledger.lifetimes.get(login.provider) ?? lifetime;
  const expiresAt = ledger.now() + expiresIn * 1000;
  const accessToken = write?.(login, expiresAt) ?? secret(prefixes.access, 36);
  ledger.access.set(accessToken, { login, expiresAt });
  login.issued++;
  return { login, accessToken, expiresIn };
}

/** Seconds that a key is good for which was made with a cookie; iFlow's own are good for a week. */
const keyLifetime = 7 * 86_400;

/** A key of iFlow that a cookie was used for; the ones before stay good, as the platform leaves them. */
export function issueKey(ledger: Ledger, login: Login, key: string): AccessToken {
  const lifetime = ledger.lifetimes.get(login.provider) ?? keyLifetime;
  const entry: AccessToken = { login, expiresAt: ledger.now() + lifetime * 1000 };
  ledger.apiKeys.set(key, entry);
  ledger.access.set(key, entry);
  if (login.issued++ > 0) {
    login.refreshes++;
    record(ledger, login, 'refresh');
  }
  return entry;
}

/** Whose token it is; undefined when it is none of this provider's, has run out, or was revoked. */
export function holder(ledger: Ledger, provider: AccountName, token: string): Login | undefined {
  const login = valid(ledger, ledger.access.get(token));
  return login?.provider === provider ? login : undefined;
}

/** Whose key of iFlow it is. */
export function keyHolder(ledger: Ledger, key: string): Login | undefined {
  return valid(ledger, ledger.apiKeys.get(key));
}

function valid(ledger: Ledger, token: AccessToken | undefined): Login | undefined {
  return token === undefined || token.login.revoked || token.expiresAt <= ledger.now()
    ? undefined
    : token.login;
}

/** Whom something is about; what is absent stands for all. */
export interface Whom {
  provider?: AccountName;
  /** A person's id. */
  person?: string;
}

export function isMeant(whom: Whom, provider: AccountName, person: string | undefined): boolean {
  return (
    (whom.provider === undefined || whom.provider === provider) &&
    (whom.person === undefined || whom.person === person)
  );
}

/** Access tokens given so far are no longer good; refresh tokens are. Gives how many they were. */
export function expireTokens(ledger: Ledger, whom: Whom): number {
  let count = 0;
  for (const token of ledger.access.values()) {
    if (token.expiresAt <= ledger.now() || !isMeant(whom, token.login.provider, token.login.person.id))
      continue;
    token.expiresAt = ledger.now();
    count++;
  }
  return count;
}

/** Logins so far are no longer good. Gives how many they were. */
export function revokeLogins(ledger: Ledger, whom: Whom): number {
  let count = 0;
  for (const login of ledger.logins) {
    if (login.revoked || !isMeant(whom, login.provider, login.person.id)) continue;
    login.revoked = true;
    record(ledger, login, 'revoked');
    count++;
  }
  return count;
}
