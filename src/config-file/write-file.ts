/** Puts a new text into the configuration file: at any moment it holds the old or the new one, whole. */
import { renameSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileBehind, syncDirectory, temporaryFile } from '../accounts/atomic-write.ts';
import { errorCode } from '../ground/error-code.ts';

export type FileWritten = { ok: true; how: 'renamed' | 'in-place' } | { ok: false; sentence: string };

/** What a directory refuses that a file in it may still allow: new names in it, or another file under this one. */
const noRename = new Set(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV']);

/**
 * Writes the file, or what it links to; its mode and owner stay. Where no other file can take its place, as with a single file
 * that is mounted into a container, it is written in place, once `copied` reports that a copy of it is stored.
 */
export async function writeFileKeepingMode(
  path: string,
  text: string,
  copied: boolean,
): Promise<FileWritten> {
  const file = await fileBehind(path);
  try {
    await replaceFile(file, text);
    return { ok: true, how: 'renamed' };
  } catch (error) {
    if (!noRename.has(errorCode(error) ?? ''))
      return { ok: false, sentence: `${path} cannot be written: ${String(error)}` };
    if (!copied)
      return {
        ok: false,
        sentence: `${path} cannot be replaced (${errorCode(error)}), and it is not written in place while no copy of it can be kept in the auth-dir.`,
      };
  }
  try {
    await overwriteFile(file, text);
    return { ok: true, how: 'in-place' };
  } catch (error) {
    return {
      ok: false,
      sentence: `${path} cannot be written by this user, or is mounted read-only (${errorCode(error) ?? String(error)}).`,
    };
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const before = await stat(file).catch(() => undefined);
  const temporary = temporaryFile(file);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      if (before !== undefined) await giveTo(handle, before);
      await handle.sync();
    } finally {
      await handle.close();
    }
    renameSync(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(file));
}

async function giveTo(
  handle: FileHandle,
  { uid, gid, mode }: { uid: number; gid: number; mode: number },
): Promise<void> {
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid);
  await handle.chmod(mode & 0o777);
}

/**
 * In one write, as long as the old text at least: line breaks fill up the rest of a longer one, so that what remains of it is
 * never read as if it belonged to the new one.
 */
async function overwriteFile(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'r+');
  const bytes = Buffer.from(text);
  const { size } = await handle.stat();
  const padded = Buffer.alloc(Math.max(bytes.byteLength, size), '\n');
  padded.set(bytes);
  for (let at = 0; at < padded.byteLength; ) {
    const { bytesWritten } = await handle.write(padded, at, padded.byteLength - at, at);
    at += bytesWritten;
  }
  await handle.truncate(bytes.byteLength);
  await handle.sync();
}
