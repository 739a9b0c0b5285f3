/** The account files of one directory: read, kept up to date and never damaged by concurrent writers. */

import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Clock, systemClock } from '../ground/clock.ts';
import type { TokenReply } from '../oauth/grant.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import type { AccountKind } from '../providers/registry.ts';
import type { Account } from './account.ts';
import { changeContent, fileProblem, problemOf } from './account-content.ts';
import { accountFilesIn, type FileNames, unreadDirectories } from './account-directory.ts';
import { applySignIn, newAccountText, parseAccount } from './account-file.ts';
import { lockFile, removeLockFile } from './account-lock.ts';
import { accountFileName, freeFileName, sameAccount } from './account-name.ts';
import type { AccountProblem } from './account-problem.ts';
import { type Recovery, type Rewriting, recoverAccounts, rewriteAccounts } from './account-upkeep.ts';
import type { AccountWatch, AccountWatchOptions } from './account-watch.ts';
import { fileBehind, makePrivateDirectory, writeAtomically } from './atomic-write.ts';
import type { Encryption } from './encryption.ts';
import { withMembers } from './json-text.ts';
import {
  holdAccount,
  type Locked,
  type LockedAccount,
  type LockedFile,
  type LockWaiting,
  type ReadAccount,
  readAccount,
  type SavedAccount,
  settleAccount,
  writesUnderLock,
} from './locked-account.ts';
import { type OwnerEdits, ownerEdits } from './owner-edits.ts';
import { createRenewals } from './renewals.ts';
import { readJournal, removeJournal } from './reply-journal.ts';
import { copyProblem, oneALogin } from './same-login.ts';
import { type SignInRoom, takeSignInRoom } from './sign-in-room.ts';

export type { Recovery, Rewriting } from './account-upkeep.ts';
export type { Locked, LockedAccount, LockWaiting, ReadAccount, SavedAccount } from './locked-account.ts';

export interface AccountListing {
  /** By file name; one a login, whose copies are among the problems. */
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
  /** The name for a new file where the login does not identify its account; without it, the time of the login. */
  nameless?: string | undefined;
  /** Fields of the owner to set beside, by their names in the file: `prefix`. */
  fields?: JsonObject;
}

export interface AccountStore extends OwnerEdits {
  /** Absolute path. */
  directory: string;
  list(): Promise<AccountListing>;
  /** The names of all account files, of those that are no accounts, too. */
  names(): Promise<FileNames>;
  read(file: string): Promise<ReadAccount>;
  /** Takes room for a login that somebody is about to be asked for. */
  takeRoom(): Promise<SignInRoom>;
  /** Writes a login: into the file of the same account, if there is one, else into a new one. The owner's own fields stay. */
  saveSignIn(signIn: SignIn): Promise<SavedAccount>;
  /** {@link HeldAccount.saveTokens}, taking the lock by itself: never inside `withLock` of the same file. */
  saveTokens(
    file: string,
    spent: string | undefined,
    tokens: TokenReply,
    facts: AccountFacts,
  ): Promise<SavedAccount>;
  /** {@link HeldAccount.markSignInAgain}, taking the lock by itself. */
  markSignInAgain(file: string, secret: string, reason: string): Promise<SavedAccount>;
  /** Deletes the file and what belongs to it; a problem when it cannot be deleted or is not there. */
  remove(file: string): Promise<AccountProblem | undefined>;
  /**
   * Runs the action while no other process and no other task of this one refreshes or writes the account. What the action
   * throws is thrown on, after the lock is released.
   */
  withLock<T>(
    file: string,
    action: (held: LockedAccount) => Promise<T>,
    waiting?: LockWaiting,
  ): Promise<Locked<T>>;
  /** At start: writes the replies that a crash left unwritten, and clears away its temporary files. */
  recover(): Promise<Recovery>;
  /** Writes every file the way the encryption now asks for: encrypts, decrypts, changes the key. Can be repeated after a crash. */
  rewriteAll(): Promise<Rewriting>;
  /**
   * Puts renewed tokens back when the file again holds the refresh token that was spent for them, as after saving an old
   * copy from an editor; nothing otherwise. The problem that kept it from doing so.
   */
  putBackRenewed(account: Account): Promise<AccountProblem | undefined>;
  /** Writes renewed tokens that could not be written before, as on a full disk. What still cannot, and what now is. */
  writePending(): Promise<Recovery>;
  /** How changes are noticed, where they do not come with events of the directory. */
  watch?(options: AccountWatchOptions): AccountWatch;
  /** Digest of the content that a refresh of this process wrote last; its change is no news. */
  writtenDigest(file: string): string | undefined;
}

export interface AccountStoreOptions {
  /** `~` is already expanded. Made with mode 0700 at the first write. */
  directory: string;
  encryption: Encryption;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  /** Between two looks at a lock that another process holds. */
  wait?: Clock['wait'];
}

/** Milliseconds that a refresh elsewhere may take: its tries and their pauses. */
const LOCK_TIMEOUT_MS = 60_000;

/** Opens nothing yet: a directory that is not there has no accounts. */
export function createAccountStore(options: AccountStoreOptions): AccountStore {
  const { encryption, now, wait = systemClock.wait } = options;
  const directory = resolve(options.directory);
  const renewals = createRenewals();
  const writtenDigests = new Map<string, string>();
  const unwritten = new Set<string>();
  const deps = {
    encryption,
    wait,
    now,
    renewals,
    unwritten,
    onWrite: (path: string, digest: string) => void writtenDigests.set(path, digest),
  };
  const pathOf = (file: string) => resolve(directory, file);
  const read = (file: string) => readAccount(pathOf(file), deps);
  const settle = (file: LockedFile) => settleAccount(file, deps);

  async function list(): Promise<AccountListing> {
    const names = await accountFilesIn(directory);
    if (!names.ok) return { accounts: [], problems: [names.problem] };
    const results = await Promise.all(names.files.map((name) => read(name)));
    const below = await unreadDirectories(directory);
    const { accounts, copies } = oneALogin(results.flatMap((result) => (result.ok ? [result.account] : [])));
    const broken = results.flatMap((result) => (result.ok ? [] : [result.problem]));
    return { accounts, problems: [...broken, ...copies.map(copyProblem), ...below] };
  }

  async function underLock<T>(
    file: string,
    action: (file: LockedFile) => Promise<T>,
    { timeout = LOCK_TIMEOUT_MS, signal }: LockWaiting = {},
  ): Promise<Locked<T>> {
    const path = pathOf(file);
    const target = await fileBehind(path);
    const lock = await lockFile(target, { timeout, now, wait, signal });
    if (!lock.ok)
      return {
        ok: false,
        problem:
          lock.reason === 'busy'
            ? problemOf(path, 'busy', 'another process is working on the account; try again in a moment')
            : fileProblem(path, 'unwritable', lock.cause),
      };
    try {
      return { ok: true, value: await action({ path, target }) };
    } finally {
      lock.release();
    }
  }

  function withLock<T>(
    file: string,
    action: (held: LockedAccount) => Promise<T>,
    waiting?: LockWaiting,
  ): Promise<Locked<T>> {
    const settled = async (locked: LockedFile) => {
      const held = holdAccount(locked, deps, await settle(locked));
      try {
        return await action(held);
      } finally {
        await held.letGo();
      }
    };
    return underLock(file, settled, waiting);
  }

  async function saveSignIn(signIn: SignIn): Promise<SavedAccount> {
    try {
      await makePrivateDirectory(directory);
    } catch (error) {
      return { ok: false, problem: fileProblem(directory, 'unwritable', error) };
    }
    // Two logins of one new account at the same time are one file.
    const locked = await underLock('sign-in', async ({ target }) => {
      const { kind, facts, identity } = signIn;
      const known = sameAccount((await list()).accounts, kind, facts, identity);
      const saved = await (known ? updateSignIn(known.file, signIn) : addSignIn(signIn));
      await removeLockFile(target);
      return saved;
    });
    return locked.ok ? locked.value : locked;
  }

  async function updateSignIn(
    file: string,
    { kind, tokens, facts, fields = {} }: SignIn,
  ): Promise<SavedAccount> {
    const locked = await underLock(file, async ({ path, target }): Promise<SavedAccount> => {
      const apply = (text: string) => withMembers(applySignIn(text, kind, tokens, facts, now()), fields);
      const changed = await changeContent(path, { apply }, deps);
      if (!changed.ok) return changed;
      renewals.forget(path);
      await removeJournal(target);
      return parseAccount(path, changed.text);
    });
    return locked.ok ? locked.value : locked;
  }

  async function addSignIn({
    kind,
    tokens,
    facts,
    identity,
    nameless,
    fields = {},
  }: SignIn): Promise<SavedAccount> {
    const names = await accountFilesIn(directory);
    if (!names.ok) return names;
    // By its time, as in the peer's files.
    const wanted = accountFileName(kind, identity(facts) ?? nameless ?? String(now()));
    const path = join(directory, freeFileName(wanted, new Set(names.files)));
    const text = withMembers(newAccountText(kind, tokens, facts, now()), fields);
    try {
      await writeAtomically(path, await encryption.seal(text));
    } catch (error) {
      return { ok: false, problem: fileProblem(path, 'unwritable', error) };
    }
    return parseAccount(path, text);
  }

  async function remove(file: string): Promise<AccountProblem | undefined> {
    const removed = await underLock(file, async ({ path, target }) => {
      try {
        await rm(path);
      } catch (error) {
        return fileProblem(path, 'unwritable', error);
      } finally {
        await removeLockFile(target);
      }
      renewals.forget(path);
      await removeJournal(target);
      return undefined;
    });
    return removed.ok ? removed.value : removed.problem;
  }

  async function putBackRenewed(account: Account): Promise<AccountProblem | undefined> {
    const { file } = account;
    const journal = await readJournal(await fileBehind(file), encryption);
    if (journal.kind === 'none' && !renewals.after(account.tokens.refreshToken)) return undefined;
    const settled = await underLock(file, settle);
    return settled.ok ? settled.value.problem : settled.problem;
  }

  async function writePending(): Promise<Recovery> {
    const recovered: Account[] = [];
    const problems: AccountProblem[] = [];
    for (const file of [...unwritten]) {
      const settled = await underLock(file, settle);
      const problem = settled.ok ? settled.value.problem : settled.problem;
      if (problem !== undefined) problems.push(problem);
      if (settled.ok && settled.value.saved !== undefined) recovered.push(settled.value.saved);
    }
    return { recovered, problems };
  }

  const upkeep = { ...deps, directory, underLock };
  return {
    ...ownerEdits(upkeep),
    directory,
    list,
    names: () => accountFilesIn(directory),
    read,
    takeRoom: () => takeSignInRoom(directory),
    saveSignIn,
    ...writesUnderLock(withLock),
    remove,
    withLock,
    recover: () => recoverAccounts(upkeep),
    rewriteAll: () => rewriteAccounts(upkeep),
    putBackRenewed,
    writePending,
    writtenDigest: (file) => writtenDigests.get(pathOf(file)),
  };
}
