/** One account in use: its state, its token source, and its refreshes. */
import type { Clock } from '../ground/clock.ts';
import type { AccountProvider } from '../providers/account-provider.ts';
import type { Log } from '../telemetry/log.ts';
import { type Account, isRenewable } from './account.ts';
import { isExpired, type Refresh, type Refreshed } from './refresh.ts';
import {
  afterBegin,
  afterEnd,
  noHistory,
  type RefreshEnd,
  type RefreshHistory,
  type RefreshTiming,
} from './refresh-schedule.ts';
import { signInCommand } from './sign-in-command.ts';
import type { Renewed, TokenSource } from './token-source.ts';

export interface ManagedAccount {
  /** Its present state. */
  readonly account: Account;
  /** Stays the same while the account is there, whatever happens to its file. */
  readonly source: TokenSource;
  readonly history: RefreshHistory;
  /** Why the last refresh failed, for people; undefined when it did not. */
  readonly failure: string | undefined;
}

/** The account as the schedule and the watch see it. */
export interface StoredAccount extends ManagedAccount {
  timing(): RefreshTiming;
  /** Renews the tokens; one refresh at a time, which everybody gets who asks meanwhile. */
  refresh(): Promise<Refreshed>;
  /** The running refresh. */
  readonly flight: Promise<Refreshed> | undefined;
  /** Applies the present content of the file. */
  replace(account: Account): void;
}

export interface StoredAccountOptions {
  refresh: Refresh;
  provider: (account: Account) => AccountProvider;
  log: Pick<Log, 'debug' | 'warn'>;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  /** Credentials made of the account are out of date. */
  onChange: () => void;
  /** A refresh has ended, so there is room for another. */
  onEnd: (result: Refreshed) => void;
}

export function keepAccount(first: Account, options: StoredAccountOptions): StoredAccount {
  const { log, now } = options;
  let account = first;
  let history = noHistory;
  let failure: string | undefined;
  let flight: Promise<Refreshed> | undefined;
  /** The refresh token that was spent for the tokens in force. */
  let spent: string | undefined;

  function put(next: Account): void {
    const previous = account;
    account = next;
    if (!sameUse(previous, next)) options.onChange();
  }

  function refresh(): Promise<Refreshed> {
    if (flight !== undefined) return flight;
    const known = account;
    history = afterBegin(history, now());
    flight = options
      .refresh(known)
      .catch(
        (error: unknown): Refreshed => ({ kind: 'failed', message: String(error), retryAfter: undefined }),
      )
      .then((result) => {
        flight = undefined;
        settle(known, result);
        options.onEnd(result);
        return result;
      });
    return flight;
  }

  function settle(known: Account, result: Refreshed): void {
    history = afterEnd(history, endOf(result, known), now());
    const fields = { account: known.id, provider: options.provider(known).title };
    switch (result.kind) {
      case 'refreshed':
        failure = undefined;
        spent = known.tokens.refreshToken;
        put(result.account);
        log.debug('tokens renewed', { ...fields, by: result.by });
        break;
      case 'sign-in-again':
        failure = result.message;
        put(result.account);
        log.warn(`a new login is needed: ${result.message}`, { ...fields, command: signInCommand(known) });
        break;
      case 'pending':
        log.debug('another process renews these tokens', fields);
        break;
      case 'failed': {
        // A lasting problem, such as a full disk, occurs often and is logged once.
        const write = failure === result.message ? log.debug : log.warn;
        failure = result.message;
        write(`tokens could not be renewed: ${result.message}`, {
          ...fields,
          again: new Date(history.notBefore).toISOString(),
        });
      }
    }
  }

  /** What was read before a refresh was written, or an old copy that an editor saved: its refresh token is spent. */
  function isOutdated({ tokens }: Account): boolean {
    return spent !== undefined && tokens.refreshToken === spent && account.tokens.refreshToken !== spent;
  }

  function current(): string | undefined {
    // Where nothing can be renewed, the provider has the last word on what still holds.
    return isExpired(account.tokens, now()) && isRenewable(account) ? undefined : tokenOf(account);
  }

  async function renew(rejected: string | undefined): Promise<Renewed> {
    const token = current();
    if (token !== undefined && token !== rejected) return { ok: true, token };
    const { login } = account;
    if (login.kind === 'sign-in-again') return { ok: false, message: login.reason, signInAgain: true };
    if (!isRenewable(account)) {
      const message = 'The token is not accepted, and there is none to renew it with.';
      return { ok: false, message, signInAgain: true };
    }
    if (flight === undefined && failure !== undefined && history.notOnDemandBefore > now())
      return { ok: false, message: failure, signInAgain: false };
    const result = await refresh();
    if (result.kind !== 'refreshed')
      return { ok: false, message: result.message, signInAgain: result.kind === 'sign-in-again' };
    const renewed = tokenOf(result.account);
    return renewed === undefined || renewed === rejected
      ? { ok: false, message: 'The provider gave the same token again.', signInAgain: false }
      : { ok: true, token: renewed };
  }

  return {
    get account() {
      return account;
    },
    get history() {
      return history;
    },
    get failure() {
      return failure;
    },
    get flight() {
      return flight;
    },
    source: { current, renew },
    refresh,
    timing() {
      const { tokens, settings, facts } = account;
      return {
        // The refresh token of an account that is not used would die; the key of a service account does not.
        renewable: isRenewable(account) && !(facts.serviceAccount !== undefined && settings.disabled),
        login: account.login.kind,
        expiresAt: tokens.expiresAt,
        refreshedAt: tokens.refreshedAt,
        lead: leadOf(account, options.provider(account)),
        interval: settings.refreshInterval,
      };
    },
    replace(inFile) {
      const kept = isOutdated(inFile) || hasSameServiceKey(account, inFile);
      const next = kept ? { ...inFile, tokens: account.tokens } : inFile;
      if (!Bun.deepEquals(next.tokens, account.tokens)) {
        // Whatever failed, failed with other tokens.
        history = { ...noHistory, running: history.running };
        failure = undefined;
      }
      put(next);
    },
  };
}

function leadOf({ facts }: Account, { cookieSignIn, refreshLead }: AccountProvider): number {
  return (facts.cookie === undefined ? undefined : cookieSignIn?.refreshLead) ?? refreshLead;
}

/** What the API takes: a key that comes with the token, where there is one. */
function tokenOf({ facts, tokens }: Account): string | undefined {
  return facts.apiKey ?? tokens.accessToken;
}

/** Whether credentials made of one are the same as those made of the other; tokens are asked for when they are needed. */
function sameUse(one: Account, other: Account): boolean {
  const { tokens: _one, login: _was, ...before } = one;
  const { tokens: _other, login: _is, ...after } = other;
  return Bun.deepEquals(before, after);
}

/** The token of a service account is in memory only: a file that is read again does not contain it. */
function hasSameServiceKey({ facts: before }: Account, { facts: after }: Account): boolean {
  return after.serviceAccount !== undefined && Bun.deepEquals(before.serviceAccount, after.serviceAccount);
}

function endOf(result: Refreshed, known: Account): RefreshEnd {
  switch (result.kind) {
    case 'refreshed': {
      const { expiresAt } = result.account.tokens;
      return {
        kind: 'refreshed',
        effective: expiresAt === undefined || expiresAt !== known.tokens.expiresAt,
      };
    }
    case 'pending':
      return { kind: 'pending' };
    case 'sign-in-again':
      return { kind: 'failed', retryAfter: undefined };
    case 'failed':
      return { kind: 'failed', retryAfter: result.retryAfter };
  }
}
