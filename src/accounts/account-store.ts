/** The account files of one directory: read, kept up to date and never damaged, whoever else writes there. */
import type { TokenReply } from '../oauth/grant.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { AccountFacts, AccountKind } from '../providers/account-provider.ts';
import type { Account } from './account.ts';
import type { AccountProblem } from './account-problem.ts';
import type { Encryption } from './encryption.ts';

export type ReadAccount =
  /** `digest` tells one content of the file from another. */
  | { ok: true; account: Account; digest: string }
  | { ok: false; problem: AccountProblem; digest: string | undefined };

/** The account as the file now holds it. */
export type SavedAccount = { ok: true; account: Account } | { ok: false; problem: AccountProblem };

export interface AccountListing {
  /** By file name. */
  accounts: readonly Account[];
  problems: readonly AccountProblem[];
}

export interface SignIn {
  kind: AccountKind;
  /** Undefined for service accounts, whose key is among the facts. */
  tokens: TokenReply | undefined;
  facts: AccountFacts;
  /** The provider's: what makes two logins the same account. */
  identity: (facts: AccountFacts) => string | undefined;
  /** Fields of the owner to set beside, by their names in the file: `prefix`. */
  fields?: JsonObject;
}

/** An account whose lock this process holds. */
export interface HeldAccount {
  /** The newest content. What a crash had kept from being written is in it. */
  read(): Promise<ReadAccount>;
  /**
   * Writes what a refresh gave. `spent` is the refresh token that it was asked with; when the file meanwhile holds another
   * one, somebody signed in again and the file stays as it is. The account returned is the one in the file either way.
   */
  saveTokens(spent: string | undefined, tokens: TokenReply, facts: AccountFacts): Promise<SavedAccount>;
  /** Writes that the refresh token is no longer taken; counts as long as the file holds that refresh token. */
  markSignInAgain(refreshToken: string, reason: string): Promise<SavedAccount>;
}

export type Locked<T> = { ok: true; value: T } | { ok: false; problem: AccountProblem };

export interface LockWaiting {
  /** Milliseconds to wait for another process; 60,000 by default. */
  timeout?: number;
  signal?: AbortSignal;
}

export interface AccountStore {
  /** Absolute path. */
  directory: string;
  list(): Promise<AccountListing>;
  read(file: string): Promise<ReadAccount>;
  /** Writes a login: into the file of the same account, whoever made it, else into a new one. The owner's own fields stay. */
  saveSignIn(signIn: SignIn): Promise<SavedAccount>;
  /** {@link HeldAccount.saveTokens}, taking the lock by itself: never inside `withLock` of the same file. */
  saveTokens(
    file: string,
    spent: string | undefined,
    tokens: TokenReply,
    facts: AccountFacts,
  ): Promise<SavedAccount>;
  /** {@link HeldAccount.markSignInAgain}, taking the lock by itself. */
  markSignInAgain(file: string, refreshToken: string, reason: string): Promise<SavedAccount>;
  /** Deletes the file and what belongs to it; a problem when it cannot be deleted or is not there. */
  remove(file: string): Promise<AccountProblem | undefined>;
  /**
   * Runs the action while no other process and nobody else in this one refreshes or writes the account. What the action
   * throws is thrown on, after the lock is released.
   */
  withLock<T>(
    file: string,
    action: (held: HeldAccount) => Promise<T>,
    waiting?: LockWaiting,
  ): Promise<Locked<T>>;
  /** At start: writes the replies that a crash left unwritten, and clears away its temporary files. */
  recover(): Promise<Recovery>;
  /** Writes every file the way the encryption now asks for: encrypts, decrypts, changes the key. Can be repeated after a crash. */
  rewriteAll(): Promise<Rewriting>;
  /**
   * Puts renewed tokens back when the file again holds the refresh token that was spent for them, as after saving an old
   * copy from an editor. The account as it then is.
   */
  putBackRenewed(file: string): Promise<ReadAccount>;
  /** Digest of the content that a refresh of this process wrote last; its change is no news. */
  writtenDigest(file: string): string | undefined;
}

export interface Recovery {
  /** Accounts whose renewed tokens were saved. */
  recovered: readonly Account[];
  problems: readonly AccountProblem[];
}

export interface Rewriting {
  /** Names of the files that were written. */
  written: readonly string[];
  /** Names of the files that already were as wanted. */
  unchanged: readonly string[];
  problems: readonly AccountProblem[];
}

export interface AccountStoreOptions {
  /** `~` is already expanded. Made with mode 0700 at the first write. */
  directory: string;
  encryption: Encryption;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Between two looks at a lock that another process holds. */
  wait?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export declare function createAccountStore(options: AccountStoreOptions): AccountStore;
