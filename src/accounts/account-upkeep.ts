/** What is done to all account files at once: made good after a crash, and written anew with another key. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { changeContent } from './account-content.ts';
import { accountFilesIn } from './account-directory.ts';
import { removeLockFile } from './account-lock.ts';
import type { AccountProblem } from './account-problem.ts';
import { fileBehind, removeLeftovers } from './atomic-write.ts';
import {
  type FilesWorld,
  type Locked,
  type LockedFile,
  type LockWaiting,
  settleAccount,
} from './held-account.ts';
import { journalOf, readJournal } from './reply-journal.ts';

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
export interface UpkeepWorld extends FilesWorld {
  directory: string;
  underLock<T>(
    file: string,
    action: (file: LockedFile) => Promise<T>,
    waiting?: LockWaiting,
  ): Promise<Locked<T>>;
}

/** Writes the replies that a crash left unwritten, and clears away what belongs to nobody any more. */
export async function recoverAccounts(world: UpkeepWorld): Promise<Recovery> {
  const { directory, encryption, now, underLock } = world;
  await removeLeftovers(directory, now());
  const names = await accountFilesIn(directory);
  if (!names.ok) return { recovered: [], problems: [names.problem] };
  const recovered: Account[] = [];
  const problems: AccountProblem[] = [];
  const journals = new Set<string>();
  for (const name of names.files) {
    const target = await fileBehind(join(directory, name));
    journals.add(journalOf(target));
    if ((await readJournal(target, encryption)).kind === 'none') continue;
    const settled = await underLock(name, (file) => settleAccount(file, world));
    const problem = settled.ok ? settled.value.problem : settled.problem;
    if (problem) problems.push(problem);
    if (settled.ok && settled.value.saved) recovered.push(settled.value.saved);
  }
  await removeOrphans(names.files, journals, world);
  return { recovered, problems };
}

/** Deletes the journals and locks of accounts that somebody deleted. */
async function removeOrphans(
  files: readonly string[],
  journals: ReadonlySet<string>,
  { directory, underLock }: UpkeepWorld,
): Promise<void> {
  const own = new Set(files.flatMap((name) => [`.${name}.lock`, `.${name}.journal`]));
  for (const name of await readdir(directory).catch(() => [])) {
    const [, file, kind] = /^\.(.+\.json)\.(lock|journal)$/.exec(name) ?? [];
    if (file === undefined || own.has(name) || journals.has(join(directory, name))) continue;
    if (kind === 'journal') await rm(join(directory, name), { force: true });
    else await underLock(file, ({ target }) => removeLockFile(target), { timeout: 0 });
  }
}

/** Writes every file the way the encryption now asks for. */
export async function rewriteAccounts(world: UpkeepWorld): Promise<Rewriting> {
  const { directory, underLock } = world;
  const names = await accountFilesIn(directory);
  if (!names.ok) return { written: [], unchanged: [], problems: [names.problem] };
  const written: string[] = [];
  const unchanged: string[] = [];
  const problems: AccountProblem[] = [];
  for (const name of names.files) {
    const locked = await underLock(name, async (locked) => {
      const { problem } = await settleAccount(locked, world);
      if (problem) return { ok: false as const, problem };
      return changeContent(locked.path, { apply: (text) => text, reseal: true }, world);
    });
    const result = locked.ok ? locked.value : locked;
    if (!result.ok) problems.push(result.problem);
    else (result.written ? written : unchanged).push(name);
  }
  return { written, unchanged, problems };
}
