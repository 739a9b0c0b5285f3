/** One refresh of one account: the refresh token is used once, even if other processes refresh too, and its reply is not lost. */
import type { OAuthDeps } from '../oauth/client.ts';
import { failed as notHeld, UnreachableError } from '../oauth/failure.ts';
import type { GrantResult, OAuthFailure, TokenReply } from '../oauth/grant.ts';
import { refreshTokens } from '../oauth/refresh-tokens.ts';
import { serviceAccountToken } from '../oauth/service-account.ts';
import type { AccountFacts, AccountProvider, SignInDeps } from '../providers/account-provider.ts';
import type { AccountKind } from '../providers/registry.ts';
import type { Account, AccountTokens } from './account.ts';
import type { AccountProblem } from './account-problem.ts';
import type { AccountStore, LockedAccount } from './account-store.ts';
import { oauthClient, serviceAccountKey } from './provider-overrides.ts';

export interface RefreshOptions {
  store: Pick<AccountStore, 'withLock'>;
  /** The provider's record with the overrides of the configuration. */
  providerOf: (kind: AccountKind) => AccountProvider;
  /** What its calls run on: the network through the account's proxy, and the clock. */
  depsOf: (account: Account) => OAuthDeps;
  /** What went wrong without making the refresh fail; the message is for people. */
  warn: (message: string, account: Account) => void;
}

/** How a refresh ended. `account` is what holds from now on; messages are for people and hold no token. */
export type Refreshed =
  /** `by`: whose refresh it was; another process, or a person who signed in, may have been faster. */
  | { kind: 'refreshed'; account: Account; by: 'us' | 'another' }
  | { kind: 'sign-in-again'; account: Account; message: string }
  /** Another process holds the account and did not finish in time. */
  | { kind: 'pending'; message: string }
  /** `retryAfter` in seconds. */
  | { kind: 'failed'; message: string; retryAfter: number | undefined };

export type Refresh = (known: Account) => Promise<Refreshed>;

/** Milliseconds between tries when the server cannot be reached or is ill: at most as many tries as pauses and one more. */
const pauses = [1000, 2000] as const;

/** Seconds after which a full disk, or a store that could not be reached, is looked at again. */
const lookForRoom = 5;

/** Tokens count as out of date this long before they are, in milliseconds: a request takes time to arrive. */
const expirySkew = 10_000;

/** Whether a token that expires then is of use now. */
export function isExpired({ expiresAt }: Pick<AccountTokens, 'expiresAt'>, now: number): boolean {
  return expiresAt !== undefined && expiresAt - expirySkew <= now;
}

/** What a renewal gave. */
interface Given {
  /** The refresh token that was spent for them; undefined where a cookie gave them, which is not spent. */
  spent: string | undefined;
  tokens: TokenReply;
  facts: AccountFacts;
}

/**
 * Makes the function that renews the tokens of an account, given as it is known to the caller. Where the file turns out to
 * hold other tokens than the caller knew, those are the answer and nothing is spent. Never throws for what a server, a
 * file or another process does.
 */
export function createRefresh(options: RefreshOptions): Refresh {
  /** By file. Kept until written: the spent token in the file is worth nothing any more. */
  const unsaved = new Map<string, Given>();
  /** Refresh tokens that are being spent, until what they gave is written: a file may have been renamed or copied meanwhile. */
  const spending = new Map<string, Promise<void>>();

  async function underLock(known: Account, held: LockedAccount): Promise<Refreshed> {
    const read = await held.read();
    if (!read.ok) return failed(read.problem.message);
    const newest = await withUnsaved(read.account, held);
    const now = options.depsOf(newest).now();
    if (newest.tokens.accessToken !== known.tokens.accessToken && !isExpired(newest.tokens, now))
      return { kind: 'refreshed', account: newest, by: 'another' };
    if (newest.login.kind === 'sign-in-again')
      return { kind: 'sign-in-again', account: newest, message: newest.login.reason };
    const spent = newest.tokens.refreshToken;
    const { cookie } = newest.facts;
    const provider = options.providerOf(newest.kind);
    const client = oauthClient(provider, newest.facts);
    const deps = options.depsOf(newest);
    if (cookie !== undefined && client !== undefined && provider.cookieSignIn !== undefined) {
      const granted = await provider.cookieSignIn.grant(cookie, client, deps);
      if (!granted.ok) return refused(newest, cookie, granted.failure, held, now);
      const { tokens, facts } = granted;
      return { kind: 'refreshed', account: await save(newest, { spent, tokens, facts }, held), by: 'us' };
    }
    if (spent === undefined || client === undefined)
      return failed(`${provider.title}: the file holds no refresh token, so its tokens cannot be renewed`);
    const running = spending.get(spent);
    if (running !== undefined) {
      await running;
      return underLock(known, held);
    }
    const noRoom = provider.refreshTokenStays === true ? undefined : await held.takeRoom();
    if (noRoom !== undefined) return failed(noRoom.message, lookForRoom);
    const { promise, resolve } = Promise.withResolvers<void>();
    spending.set(spent, promise);
    try {
      const ask = async (): Promise<GrantResult> => {
        const lost = held.lost?.();
        return lost === undefined ? refreshTokens(client, spent, deps) : notHeld('cancelled', lost);
      };
      const granted = await patiently(ask, deps);
      if (!granted.ok) return await refused(newest, spent, granted.failure, held, now);
      return await keep(newest, spent, granted.tokens, held, deps);
    } finally {
      spending.delete(spent);
      resolve();
    }
  }

  async function withUnsaved(inFile: Account, held: LockedAccount): Promise<Account> {
    const kept = unsaved.get(inFile.file);
    if (kept === undefined) return inFile;
    unsaved.delete(inFile.file);
    if (inFile.tokens.refreshToken !== kept.spent) return inFile;
    return save(inFile, kept, held);
  }

  /** Writes tokens. Where that fails they are good all the same, in memory. */
  async function save(newest: Account, given: Given, held: LockedAccount): Promise<Account> {
    const { spent, tokens, facts } = given;
    const saved = await held.saveTokens(spent, tokens, facts);
    if (saved.ok) return saved.account;
    const now = options.depsOf(newest).now();
    unsaved.set(newest.file, given);
    options.warn(`new tokens could not be written: ${saved.problem.message}`, newest);
    return {
      ...newest,
      tokens: renewedTokens(newest.tokens, tokens, now),
      facts: { ...newest.facts, ...facts },
    };
  }

  async function keep(
    newest: Account,
    spent: string,
    tokens: TokenReply,
    held: LockedAccount,
    deps: OAuthDeps,
  ): Promise<Refreshed> {
    // Written before anything else is asked: from here on the spent token is worth nothing.
    const provider = options.providerOf(newest.kind);
    const account = await save(newest, { spent, tokens, facts: provider.factsFromReply(tokens) }, held);
    const client = oauthClient(provider, newest.facts);
    if (!provider.identifiesOnRefresh || client === undefined) {
      return { kind: 'refreshed', account, by: 'us' };
    }
    const identified = await provider.identify(
      tokens,
      client,
      { baseUrl: provider.baseUrl },
      signInDeps(deps),
    );
    if (!identified.ok) {
      options.warn(
        `renewed, but the details of the account could not be read: ${identified.failure.message}`,
        newest,
      );
      return { kind: 'refreshed', account, by: 'us' };
    }
    const current = account.tokens.refreshToken;
    const saved = await held.saveTokens(current, tokens, identified.facts);
    if (!saved.ok) options.warn(`new facts could not be written: ${saved.problem.message}`, newest);
    const facts = { ...account.facts, ...identified.facts };
    return { kind: 'refreshed', account: saved.ok ? saved.account : { ...account, facts }, by: 'us' };
  }

  async function refused(
    newest: Account,
    secret: string,
    failure: OAuthFailure,
    held: LockedAccount,
    now: number,
  ): Promise<Refreshed> {
    if (failure.kind !== 'sign-in-again') return failed(failure.message, failure.retryAfter);
    const marked = await held.markSignInAgain(secret, failure.message);
    if (!marked.ok)
      options.warn(`that a new login is needed could not be written: ${marked.problem.message}`, newest);
    const login = { kind: 'sign-in-again', reason: failure.message, since: now } as const;
    const account = marked.ok ? marked.account : { ...newest, login };
    // Somebody signed in again in the meantime: the file holds another refresh token, and stays as it is.
    if (account.login.kind === 'good') return { kind: 'refreshed', account, by: 'another' };
    return { kind: 'sign-in-again', account, message: failure.message };
  }

  return async (known) => {
    const { serviceAccount } = known.facts;
    if (serviceAccount !== undefined) {
      const deps = options.depsOf(known);
      const key = serviceAccountKey(options.providerOf(known.kind), serviceAccount);
      const granted = await patiently(() => serviceAccountToken(key, deps), deps);
      if (!granted.ok) return noServiceToken(known, granted.failure, deps.now());
      // Nothing is spent and nothing need be kept: the key gives a token whenever one is wanted.
      const tokens = renewedTokens(known.tokens, granted.tokens, deps.now());
      return { kind: 'refreshed', account: { ...known, tokens }, by: 'us' };
    }
    const locked = await options.store.withLock(known.file, (held) => underLock(known, held));
    return locked.ok ? locked.value : notLocked(locked.problem);
  };
}

/** Asks again where another try may help. A proxy that lets nothing through is left at once: another credential may answer. */
async function patiently(ask: () => Promise<GrantResult>, deps: OAuthDeps): Promise<GrantResult> {
  let result = await ask();
  for (const pause of pauses) {
    if (
      result.ok ||
      result.failure.kind !== 'unavailable' ||
      result.failure.cause instanceof UnreachableError
    )
      break;
    await deps.wait(pause);
    result = await ask();
  }
  return result;
}

/** The tokens that hold after a reply. A reply without a refresh token leaves the old one in force (RFC 6749 §6). */
function renewedTokens(previous: AccountTokens, reply: TokenReply, now: number): AccountTokens {
  return {
    accessToken: reply.accessToken,
    refreshToken: reply.refreshToken ?? previous.refreshToken,
    idToken: reply.idToken ?? previous.idToken,
    tokenType: reply.tokenType,
    expiresAt: reply.expiresAt,
    refreshedAt: now,
  };
}

/** The state of the login is in memory: a service account has no login that could be marked in its file. */
function noServiceToken(known: Account, failure: OAuthFailure, now: number): Refreshed {
  const { kind, message, retryAfter } = failure;
  if (kind !== 'sign-in-again') return failed(message, retryAfter);
  return { kind, account: { ...known, login: { kind, reason: message, since: now } }, message };
}

/** A refresh has no user to ask or to show anything to. */
function signInDeps(deps: OAuthDeps): SignInDeps {
  return { ...deps, progress: () => {}, project: undefined, choose: undefined };
}

function notLocked(problem: AccountProblem): Refreshed {
  if (problem.reason === 'busy') return { kind: 'pending', message: problem.message };
  return failed(problem.message, problem.reason === 'away' ? lookForRoom : undefined);
}

function failed(message: string, retryAfter?: number): Refreshed {
  return { kind: 'failed', message, retryAfter };
}
