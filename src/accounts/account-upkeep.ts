/** What is done to all account files at once: made good after a crash, and written anew with another key. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { changeContent } from './account-content.ts';
import { accountFilesIn } from './account-directory.ts';
import { removeLockFile } from './account-lock.ts';
import type { AccountProblem } from './account-problem.ts';
import { fileBehind, removeLeftovers } from './atomic-write.ts';
import { writeToCopies } from './copied-accounts.ts';
import { finishSignIn, leftoversOf, recoverLeftovers, unfinishedSignIns } from './leftovers.ts';
import {
  type FilesDeps,
  type Locked,
  type LockedFile,
  type LockWaiting,
  settleAccount,
} from './locked-account.ts';
import { journalOf, readJournal, removeJournal } from './reply-journal.ts';

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

/** The directory, and how a file of it is locked. */
export interface UpkeepDeps extends FilesDeps {
  directory: string;
  underLock<T>(
    file: string,
    action: (file: LockedFile) => Promise<T>,
    waiting?: LockWaiting,
  ): Promise<Locked<T>>;
}

/** Writes the replies that a crash left unwritten, and removes files without an account. */
export async function recoverAccounts(deps: UpkeepDeps): Promise<Recovery> {
  const { directory, encryption, now, underLock } = deps;
  const recovered: Account[] = [];
  const problems: AccountProblem[] = [];
  for (const { name, file } of await unfinishedSignIns(directory)) {
    const finished = await underLock('sign-in', async ({ target }) => {
      const account = await finishSignIn(join(directory, name), file, deps).catch(() => undefined);
      await removeLockFile(target);
      return account;
    });
    if (finished.ok && finished.value) recovered.push(finished.value);
  }
  const names = await accountFilesIn(directory);
  if (!names.ok) return { recovered, problems: [...problems, names.problem] };
  const journals = new Set<string>();
  for (const name of names.files) {
    const target = await fileBehind(join(directory, name));
    journals.add(journalOf(target));
    const leftovers = await leftoversOf(target);
    const left = leftovers.files.length + leftovers.journals.length > 0;
    if (!left && !existsSync(journalOf(target))) continue;
    const settled = await underLock(name, async (file) => {
      const result = await settleAccount(file, deps);
      if (result.pending !== undefined) return result;
      // Room that a process took which died before it got a reply.
      if ((await readJournal(target, encryption)).kind === 'none') await removeJournal(target);
      const saved = await recoverLeftovers(file, leftovers, deps);
      return saved === undefined ? result : { ...result, saved };
    });
    const problem = settled.ok ? settled.value.problem : settled.problem;
    if (problem) problems.push(problem);
    if (settled.ok && settled.value.saved) recovered.push(settled.value.saved);
  }
  await removeOrphans(names.files, journals, deps);
  await removeLeftovers(directory, now());
  return { recovered, problems };
}

/** Deletes the journals and locks of accounts that somebody deleted. */
async function removeOrphans(
  files: readonly string[],
  journals: ReadonlySet<string>,
  deps: UpkeepDeps,
): Promise<void> {
  const { directory, underLock } = deps;
  const own = new Set(files.flatMap((name) => [`.${name}.lock`, `.${name}.journal`]));
  for (const name of await readdir(directory).catch(() => [])) {
    const [, file, kind] = /^\.(.+\.json)\.(lock|journal)$/.exec(name) ?? [];
    if (file === undefined || own.has(name) || journals.has(join(directory, name))) continue;
    if (kind === 'journal') await settleOrphan(join(directory, file), deps);
    else await underLock(file, ({ target }) => removeLockFile(target), { timeout: 0 });
  }
}

/** The journal of a file that is not there any more: where that was renamed, its tokens are for the file of the new name. */
async function settleOrphan(file: string, deps: UpkeepDeps): Promise<void> {
  const journal = await readJournal(file, deps.encryption);
  if (journal.kind === 'unreadable') return;
  if (journal.kind === 'reply') await writeToCopies(file, journal.reply, deps);
  await rm(journalOf(file), { force: true });
}

/** Writes every file the way the encryption now asks for. */
export async function rewriteAccounts(deps: UpkeepDeps): Promise<Rewriting> {
  const { directory, underLock } = deps;
  const names = await accountFilesIn(directory);
  if (!names.ok) return { written: [], unchanged: [], problems: [names.problem] };
  const written: string[] = [];
  const unchanged: string[] = [];
  const problems: AccountProblem[] = [];
  for (const name of names.files) {
    const locked = await underLock(name, async (locked) => {
      const { problem } = await settleAccount(locked, deps);
      if (problem) return { ok: false as const, problem };
      return changeContent(locked.path, { apply: (text) => text, reseal: true }, deps);
    });
    const result = locked.ok ? locked.value : locked;
    if (!result.ok) problems.push(result.problem);
    else (result.written ? written : unchanged).push(name);
  }
  return { written, unchanged, problems };
}
