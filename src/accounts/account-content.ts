/** The text of an account file: read through the encryption, and changed without undoing what somebody else changes. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { readBoundedFile } from '../ground/bounded-file.ts';
import type { Clock } from '../ground/clock.ts';
import { errorCode } from '../ground/error-code.ts';
import { reasonOf } from '../ground/reason.ts';
import { contentOf } from './account-file.ts';
import type { AccountProblem, AccountProblemReason } from './account-problem.ts';
import { fileBehind, isStrangersLink, writeAtomically } from './atomic-write.ts';
import type { Encryption } from './encryption.ts';

export interface FileContent {
  /** As it is on the disk. */
  raw: string;
  /** Decrypted. */
  text: string;
  /** Whether it is encrypted as a write would now do it. */
  current: boolean;
}

export type ReadContent =
  | { ok: true; content: FileContent }
  | { ok: false; problem: AccountProblem; digest: string | undefined };

export type ChangedContent =
  /** What the file now holds; `written` when that is news. */
  { ok: true; text: string; written: boolean } | { ok: false; problem: AccountProblem };

export interface ContentDeps {
  encryption: Encryption;
  wait: Clock['wait'];
}

/** An editor that writes in place is done after this many looks, this many milliseconds apart. */
const LOOKS = 40;
const LOOK_MS = 10;

/** Bytes; id_tokens with many organizations make the largest files, of some 20,000. */
const LARGEST = 1024 * 1024;

/** Distinguishes contents of a file. */
export function digestOf(raw: string): string {
  return createHash('sha256').update(raw).digest('base64url');
}

export function problemOf(file: string, reason: AccountProblemReason, message: string): AccountProblem {
  return { file, reason, message: `${basename(file)}: ${message}` };
}

/** The problem that a file system's error is. */
export function fileProblem(file: string, reason: AccountProblemReason, error: unknown): AccountProblem {
  const code = errorCode(error);
  if (code === 'ENOENT') return problemOf(file, 'gone', 'there is no such file');
  const verb = reason === 'unwritable' ? 'written' : 'read';
  if (code === 'EACCES' || code === 'EPERM')
    return problemOf(file, reason, `the file may not be ${verb}: permission denied`);
  const words = reasonOf(error);
  return problemOf(file, reason, `the file cannot be ${verb}: ${words}`);
}

export async function readContent(file: string, { encryption }: ContentDeps): Promise<ReadContent> {
  let raw: string;
  try {
    // A missing file is reported as such, not by its links.
    const found = await stat(file);
    if (await isStrangersLink(file)) return unusable(file, strangersLink);
    const read = await readBoundedFile(file, LARGEST, async () => found);
    if (read.kind === 'no-file') return unusable(file, 'it is not a file');
    if (read.kind === 'too-large') return unusable(file, `it is larger than any account, ${read.size} bytes`);
    raw = read.bytes.toString();
  } catch (error) {
    return { ok: false, problem: fileProblem(file, 'unreadable', error), digest: undefined };
  }
  return opened(file, raw, encryption);
}

const strangersLink = 'it is a symbolic link that another user made, and is not followed';

function unusable(file: string, message: string): ReadContent {
  return { ok: false, problem: problemOf(file, 'unreadable', message), digest: undefined };
}

async function opened(file: string, raw: string, encryption: Encryption): Promise<ReadContent> {
  const result = await encryption.open(raw);
  if (!result.ok)
    return { ok: false, problem: problemOf(file, 'encrypted', result.message), digest: digestOf(raw) };
  return { ok: true, content: { raw, text: result.text, current: result.current } };
}

export interface Change {
  /** The new text for the newest text, which is one JSON object; undefined leaves the file alone. */
  apply: (text: string) => string | undefined;
  /** Also writes an unchanged text that is not encrypted as it now should be. */
  reseal?: boolean;
  /** Called just before the content with this digest takes its place. */
  onWrite?: (digest: string) => void;
}

/**
 * Changes the newest text of the file. What another program writes in the meantime is not lost: the change is then applied to
 * that. A file that is just being written is waited for, a little.
 */
export async function changeContent(
  file: string,
  { apply, reseal = false, onWrite }: Change,
  deps: ContentDeps,
): Promise<ChangedContent> {
  const { encryption, wait } = deps;
  let target: string;
  let handle: FileHandle | undefined;
  /** Read from the file, or left by a writer in a file that was just replaced. */
  let late: string | undefined;
  try {
    for (let look = 0; ; look++) {
      if (await isStrangersLink(file))
        return { ok: false, problem: problemOf(file, 'unwritable', strangersLink) };
      target = await fileBehind(file);
      handle = await open(target, 'r');
      const inPlace = await handle.readFile('utf8');
      const read = await opened(file, late ?? inPlace, encryption);
      if (!read.ok) return read;
      const { text, current } = read.content;
      if (!contentOf(text)) {
        if (look >= LOOKS) return { ok: false, problem: problemOf(file, 'invalid', 'the file is cut off') };
        late = undefined;
        await handle.close();
        await wait(LOOK_MS);
        continue;
      }
      const next = apply(text) ?? (late === undefined ? undefined : text);
      const wanted = next !== undefined && (next !== text || late !== undefined || (reseal && !current));
      if (!wanted) return { ok: true, text, written: late !== undefined };
      const sealed = await encryption.seal(next);
      const written = await writeAtomically(target, sealed, {
        unless() {
          if (readFileSync(target, 'utf8') !== inPlace) return true;
          onWrite?.(digestOf(sealed));
          return false;
        },
      });
      if (written) {
        late = await writtenLate(handle, inPlace, deps);
        if (late === undefined) return { ok: true, text: next, written: true };
      } else late = undefined;
      await handle.close();
    }
  } catch (error) {
    return { ok: false, problem: fileProblem(file, 'unwritable', error) };
  } finally {
    await handle?.close().catch(() => {}); // Closed already, in most cases.
  }
}

/** What a program wrote in place into a file that was replaced at the same moment; undefined in all but the rarest cases. */
async function writtenLate(
  handle: FileHandle,
  before: string,
  { encryption, wait }: ContentDeps,
): Promise<string | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const now = await readFromStart(handle);
    if (now === before) return undefined;
    const result = await encryption.open(now);
    if (result.ok && contentOf(result.text)) return now;
    await wait(LOOK_MS);
  }
  return undefined;
}

async function readFromStart(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat();
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await handle.read(buffer, 0, size, 0);
  return buffer.toString('utf8', 0, bytesRead);
}
