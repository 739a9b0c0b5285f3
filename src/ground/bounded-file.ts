import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** The bytes of a regular file, or why they were not read. */
export type BoundedFile =
  | { kind: 'read'; bytes: Buffer }
  /** A directory, a pipe, a device. */
  | { kind: 'no-file' }
  | { kind: 'too-large'; size: number };

/**
 * Reads a regular file of at most so many bytes. Anything else is not opened: opening a pipe would wait for its writer. With
 * `lstat` as `look` a symbolic link is not followed, and counts as no file; who has looked already gives what was found. Rejects
 * with the system's error.
 */
export async function readBoundedFile(
  path: string,
  most: number,
  look: (path: string) => Promise<Pick<Stats, 'isFile' | 'size'>> = stat,
): Promise<BoundedFile> {
  const found = await look(path);
  if (!found.isFile()) return { kind: 'no-file' };
  if (found.size > most) return { kind: 'too-large', size: found.size };
  return { kind: 'read', bytes: await readFile(path) };
}
