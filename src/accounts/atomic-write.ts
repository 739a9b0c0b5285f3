/** Files that are at any moment either the old or the new content, whole, and readable by their owner only. */

import { createHash, randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { lstat, mkdir, open, readdir, readlink, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { foreignOwner } from '../ground/file-owner.ts';

/** Symlinks followed one after the other; as many as Linux follows in one path. */
const MAX_LINKS = 40;
/** A temporary file lives for milliseconds; older ones belong to writers that died. */
const LEFTOVER_AGE_MS = 60_000;
const TEMPORARY = /^\..*\.[0-9a-f]{16}\.tmp$/;

/** The file behind all symlinks; the path itself when it is none. What it leads to need not exist. */
export async function fileBehind(path: string): Promise<string> {
  let file = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    const target = await readlink(file).catch(() => undefined);
    if (target === undefined) return file;
    file = resolve(dirname(file), target);
  }
  return file;
}

/**
 * Whether a symlink on the way to the file was made by somebody who may not lead us there: neither this user nor the system's
 * administrator, nor the owner of its target. What may be read or written is the decision of the files' owner.
 */
export async function isStrangersLink(path: string): Promise<boolean> {
  const own = process.getuid?.();
  let file = resolve(path);
  const owners = new Set<number>();
  for (let links = 0; links < MAX_LINKS; links++) {
    const found = await lstat(file).catch(() => undefined);
    if (found?.isSymbolicLink() !== true) {
      const trusted = new Set([own, 0, found?.uid]);
      return own !== undefined && [...owners].some((owner) => !trusted.has(owner));
    }
    owners.add(found.uid);
    file = resolve(dirname(file), await readlink(file).catch(() => ''));
  }
  return true;
}

/** The hidden file of the given kind that belongs to a file and lies beside it: `.name.json.lock`. */
export function hiddenFile(file: string, kind: string): string {
  const name = basename(file);
  const short = Buffer.byteLength(name) <= 200 ? name : createHash('sha256').update(name).digest('hex');
  return join(dirname(file), `.${short}.${kind}`);
}

/** A hidden file beside the given one, of a name that no other has. */
export function temporaryFile(file: string): string {
  return hiddenFile(file, `${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Makes a file, mode 0600, of the {@link ownerFor} its directory, its data on the disk. Throws the file system's errors, EEXIST
 * where there is such a file; of one that cannot be written to its end nothing stays.
 */
export async function writeNewFile(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    try {
      await handle.writeFile(content);
      await handle.chmod(0o600);
      const owner = await ownerFor(file);
      if (owner) await handle.chown(owner.uid, owner.gid);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

export interface AtomicWriteOptions {
  /** Asked in the instant before the new content takes the place of the old; true gives up the write. Must not wait. */
  unless?: () => boolean;
  /** What happens to a symlink at the path: what it links to is written (usual), or it gives way to a file of its own. */
  links?: 'follow' | 'replace';
}

/**
 * Writes the file, or what it links to: a temporary file in the same directory, mode 0600, its data on the disk before the
 * rename and the rename on the disk before this returns. False when `unless` gave it up. Throws the file system's errors.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  { unless, links = 'follow' }: AtomicWriteOptions = {},
): Promise<boolean> {
  const file = links === 'follow' ? await fileBehind(path) : resolve(path);
  const temporary = temporaryFile(file);
  await writeNewFile(temporary, content);
  try {
    if (unless?.()) {
      await rm(temporary, { force: true });
      return false;
    }
    renameSync(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(file));
  return true;
}

/** Puts the names in a directory on the disk, where the platform can do that. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => undefined);
  if (!handle) return; // Windows opens no directories, and needs none on the disk.
  try {
    await handle.sync();
  } catch {
    // Some network file systems refuse; their rename is as lasting as they make it.
  } finally {
    await handle.close();
  }
}

/**
 * Whose a new file is to be, where not ours: what root makes in another user's directory is for that user, so that the gateway
 * reads what `sudo … auth` wrote. Give it by the open file, never by its name: that user may put a link in its place.
 */
export async function ownerFor(file: string): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(dirname(file));
  return uid === 0 ? undefined : { uid, gid };
}

/**
 * Makes the directory with mode 0700 where it is not there yet. One that is there keeps its mode, which is for its owner to
 * choose: {@link directoryProblem} reports a dangerous one. Gives the outermost directory that it has made. Throws the file system's errors.
 */
export async function makePrivateDirectory(directory: string): Promise<string | undefined> {
  return mkdir(directory, { recursive: true, mode: 0o700 });
}

/** The problem of a path that is not a directory, or that others may read or write; undefined without one. */
export async function directoryProblem(directory: string): Promise<string | undefined> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() === false)
    return `auth-dir ${directory} is a file, not a directory: neither accounts nor usage can be kept there. Name a directory, or move the file away.`;
  const owner = found === undefined ? undefined : await foreignOwner(directory);
  if (owner !== undefined)
    return `auth-dir ${directory}: ${owner}. Until then its accounts are not used, and nothing is kept there.`;
  if (process.platform === 'win32' || found === undefined || (found.mode & 0o077) === 0) return undefined;
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  const what = (found.mode & 0o022) === 0 ? 'look into it' : 'change what is in it';
  return `auth-dir ${directory} has the mode ${mode}: other users of this computer may ${what}. It stays as it is; chmod 700 closes it.`;
}

/** Deletes the temporary files that writers who died left behind. `now`: milliseconds since the epoch. */
export async function removeLeftovers(directory: string, now: number): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (!TEMPORARY.test(name)) continue;
    const file = join(directory, name);
    const age = now - ((await lstat(file).catch(() => undefined))?.mtimeMs ?? now);
    if (age > LEFTOVER_AGE_MS) await rm(file, { force: true });
  }
}
