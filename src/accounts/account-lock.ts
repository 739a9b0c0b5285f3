/**
 * One lock an account, across processes: only its holder refreshes or writes the account.
 *
 * The lock is one of the operating system's, taken through SQLite on an empty file: when its process dies, however it dies,
 * the system lets go at once, so no stale lock is ever judged by process ids, host names or ages, and none is taken over.
 * A container and its host share it on a bind mount.
 */

import { Database } from 'bun:sqlite';
import { closeSync, fchownSync, lstatSync, openSync, rmSync } from 'node:fs';
import { access, constants, lstat, rm } from 'node:fs/promises';
import type { Clock } from '../ground/clock.ts';
import { errorCode } from '../ground/error-code.ts';
import { hiddenFile, ownerFor } from './atomic-write.ts';

export interface LockOptions {
  /** Milliseconds to wait for the present holder. */
  timeout: number;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  wait: Clock['wait'];
  signal?: AbortSignal | undefined;
}

export type Lock =
  | { ok: true; release: () => void }
  /** `busy`: another process still holds it. `unwritable`: a lock cannot be made; `cause` has the reason. */
  | { ok: false; reason: 'busy' }
  | { ok: false; reason: 'unwritable'; cause: unknown };

const FIRST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 50;

/** Takes the lock of the file, which need not exist; its directory must. */
export async function lockFile(file: string, { timeout, now, wait, signal }: LockOptions): Promise<Lock> {
  const deadline = now() + timeout;
  for (let pause = FIRST_WAIT_MS; ; pause = Math.min(pause * 1.5, LONGEST_WAIT_MS)) {
    const lock = await tryLock(hiddenFile(file, 'lock'));
    if (lock.ok || lock.reason === 'unwritable') return lock;
    if (signal?.aborted || now() >= deadline) return lock;
    await wait(pause * (0.5 + Math.random()), signal);
  }
}

/** Deletes the lock file; only while holding it. A waiting process then locks a new file. */
export async function removeLockFile(file: string): Promise<void> {
  await rm(hiddenFile(file, 'lock'), { force: true });
}

async function tryLock(path: string): Promise<Lock> {
  let database: Database;
  let before: string | undefined;
  try {
    await makeLockFile(path);
    before = await identityOf(path);
    database = new Database(path, { create: false, readwrite: true });
  } catch (cause) {
    // Deleted at this moment, a file can be made again; one that may not be opened stays so.
    const deleted = errorCode(cause) === 'SQLITE_CANTOPEN' && (await mayBeOpened(path));
    return deleted ? { ok: false, reason: 'busy' } : { ok: false, reason: 'unwritable', cause };
  }
  try {
    // A file that was deleted meanwhile would be the lock of nothing.
    if (begin(database) && before !== undefined && (await identityOf(path)) === before)
      return { ok: true, release: keep(database) };
    database.close();
    return { ok: false, reason: 'busy' };
  } catch (cause) {
    database.close();
    return { ok: false, reason: 'unwritable', cause };
  }
}

/** Locks are released by their holders, never by the garbage collector. */
const held = new Set<Database>();

function keep(database: Database): () => void {
  held.add(database);
  return () => {
    held.delete(database);
    database.close();
  };
}

async function mayBeOpened(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}

async function makeLockFile(path: string): Promise<void> {
  try {
    const owner = await ownerFor(path);
    // In one step: closing a file lets go of every lock that this process has on it (POSIX fcntl), others' included.
    const made = openSync(path, 'wx', 0o600);
    if (owner) fchownSync(made, owner.uid, owner.gid);
    closeSync(made);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    // A link would make the lock one of another file.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(path, { force: true });
  }
}

/** Device and inode; undefined for a file that is not there. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found && `${found.dev}:${found.ino}`;
}

/** Takes SQLite's lock for writing, of which there is one; without ever writing. False when another has it. */
function begin(database: Database): boolean {
  try {
    database.run('PRAGMA journal_mode = MEMORY');
    database.run('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (errorCode(error)?.startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}
