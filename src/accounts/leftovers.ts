/** Temporary files of writers that died: what is whole in them and newer than the account's file is not lost. */
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readBoundedFile } from '../ground/bounded-file.ts';
import type { TokenReply } from '../oauth/grant.ts';
import type { Account } from './account.ts';
import { changeContent, readContent } from './account-content.ts';
import { applyTokens, parseAccount } from './account-file.ts';
import { hiddenFile } from './atomic-write.ts';
import { type FilesDeps, type LockedFile, writeReply } from './locked-account.ts';
import { journalOf, readReply } from './reply-journal.ts';

const TEMPORARY = /^\.(.+)\.[0-9a-f]{16}\.tmp$/;

/** Bytes; no account is larger. */
const LARGEST = 1024 * 1024;

/** Temporary files of the account's file, and of its journal as versions before this one wrote it. */
export interface Leftovers {
  files: readonly string[];
  journals: readonly string[];
}

export async function leftoversOf(target: string): Promise<Leftovers> {
  const directory = dirname(target);
  const names: string[] = await readdir(directory).catch(() => []);
  const of = (file: string) => {
    const start = basename(hiddenFile(file, ''));
    return names
      .filter((name) => TEMPORARY.test(name) && name.startsWith(start) && name.length === start.length + 20)
      .map((name) => join(directory, name));
  };
  return { files: of(target), journals: of(journalOf(target)) };
}

/** Under the account's lock, so that no writer of ours is alive: takes what is newer, deletes the rest. */
export async function recoverLeftovers(
  { path, target }: LockedFile,
  { files, journals }: Leftovers,
  deps: FilesDeps,
): Promise<Account | undefined> {
  let recovered: Account | undefined;
  for (const journal of journals) {
    const read = await readReply(journal, deps.encryption);
    if (read.kind === 'reply') {
      const before = await readContent(path, deps);
      const { settled, saved } = await writeReply(path, read.reply, deps);
      // What cannot be written now is tried again at the next start.
      if (!settled) continue;
      const after = await readContent(path, deps);
      const news = before.ok && after.ok && before.content.text !== after.content.text;
      if (saved.ok && news) recovered = saved.account;
    }
    await rm(journal, { force: true });
  }
  for (const file of files) {
    const account = await takeNewer(path, target, file, deps);
    if (account === 'unwritable') continue;
    recovered = account ?? recovered;
    await rm(file, { force: true });
  }
  return recovered;
}

/** The names of accounts of which there is a temporary file and nothing else: logins that were about to be written. */
export async function unfinishedSignIns(directory: string): Promise<{ name: string; file: string }[]> {
  const names: string[] = await readdir(directory).catch(() => []);
  return names.flatMap((temporary) => {
    const [, name] = TEMPORARY.exec(temporary) ?? [];
    const wanted = name !== undefined && /^[^.].*\.json$/.test(name) && !names.includes(name);
    return wanted ? [{ name, file: join(directory, temporary) }] : [];
  });
}

/** Puts a whole login in its place, where no file is; undefined where it is not whole. */
export async function finishSignIn(
  path: string,
  temporary: string,
  deps: FilesDeps,
): Promise<Account | undefined> {
  const account = await accountIn(path, temporary, deps);
  if (account === undefined || (await lstat(path).catch(() => undefined)) !== undefined) return undefined;
  await rename(temporary, path);
  return account;
}

async function takeNewer(
  path: string,
  target: string,
  temporary: string,
  deps: FilesDeps,
): Promise<Account | 'unwritable' | undefined> {
  const found = await accountIn(path, temporary, deps);
  const reply = found && replyOf(found);
  if (found === undefined || reply === undefined) return undefined;
  const later = (await modified(temporary)) > (await modified(target));
  const changed = await changeContent(
    path,
    {
      apply(text) {
        const now = parseAccount(path, text);
        return now.ok && isNewer(found, now.account, later)
          ? applyTokens(text, now.account.kind, reply, found.facts, deps.now())
          : undefined;
      },
    },
    deps,
  );
  if (!changed.ok) return changed.problem.reason === 'unwritable' ? 'unwritable' : undefined;
  const saved = changed.written ? parseAccount(path, changed.text) : undefined;
  return saved?.ok ? saved.account : undefined;
}

function isNewer(found: Account, inFile: Account, later: boolean): boolean {
  if (found.kind !== inFile.kind || Bun.deepEquals(found.tokens, inFile.tokens)) return false;
  const one = found.tokens.refreshedAt;
  const other = inFile.tokens.refreshedAt;
  // The times in files are whole seconds in some formats.
  return one === undefined || other === undefined || one === other ? later : one > other;
}

async function accountIn(path: string, temporary: string, deps: FilesDeps): Promise<Account | undefined> {
  const read = await readBoundedFile(temporary, LARGEST, lstat).catch(() => undefined);
  if (read?.kind !== 'read') return undefined;
  const opened = await deps.encryption.open(read.bytes.toString());
  const parsed = opened.ok ? parseAccount(path, opened.text) : undefined;
  return parsed?.ok ? parsed.account : undefined;
}

function replyOf({ tokens }: Account): TokenReply | undefined {
  const { accessToken, refreshToken, idToken, tokenType, expiresAt } = tokens;
  if (accessToken === undefined) return undefined;
  return { accessToken, refreshToken, idToken, tokenType, expiresAt, scope: undefined, body: {} };
}

async function modified(path: string): Promise<number> {
  return (await lstat(path).catch(() => undefined))?.mtimeMs ?? 0;
}
