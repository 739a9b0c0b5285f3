/**
 * The reply of a token endpoint, on the disk before it is in the account's file: a rotated refresh token that a crash, or a full
 * disk, swallowed would be gone for good. The journal's blocks are taken before the token is spent, and written in their place:
 * then there is nothing left that a full disk could refuse, and one write and one fsync between the reply and its safety.
 */
import { createHash } from 'node:crypto';
import { closeSync, fchownSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { lstat, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { readBoundedFile } from '../ground/bounded-file.ts';
import { errorCode } from '../ground/error-code.ts';
import { reasonOf } from '../ground/reason.ts';
import type { TokenReply } from '../oauth/grant.ts';
import { isObject, type JsonObject, parseJson } from '../protocols/json.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import { hiddenFile, ownerFor, syncDirectory } from './atomic-write.ts';
import type { Encryption } from './encryption.ts';

export interface JournaledReply {
  /** Digest of the refresh token that the reply was given for; undefined when there was none. */
  spent: string | undefined;
  tokens: TokenReply;
  facts: AccountFacts;
}

export type ReadJournal =
  | { kind: 'none' }
  | { kind: 'reply'; reply: JournaledReply }
  /** Half of a reply: its process died while it wrote. */
  | { kind: 'damaged' }
  /** It is there and cannot be read; `message` goes on after "the journal". */
  | { kind: 'unreadable'; message: string };

/** The journal's place beside the account's file (which is the one behind symlinks). */
export const journalOf = (file: string) => hiddenFile(file, 'journal');

/** Room for one reply. */
export interface JournalRoom {
  /** Puts the reply on the disk, once. Throws the file system's errors. */
  write(reply: JournaledReply): Promise<void>;
  /** Gives the room back, where nothing was written; else the reply stays. */
  release(): Promise<void>;
}

/** Bytes that any usual reply fits into; longer ones come from accounts whose files are long, too. */
const usualRoom = 16 * 1024;
/** A reply holds its tokens twice, and encryption makes a third more of them; the file itself is written anew, too. */
const roomPerByte = 4;

/** Bytes of the room beside the largest account's file. */
const largest = 8 * 1024 * 1024;

const beginning = 'reply ';

/**
 * Takes the room for a reply beside the account's file, in the place of a journal that is settled. Throws the file system's
 * errors: then nothing may be spent.
 */
export async function takeJournalRoom(file: string, encryption: Encryption): Promise<JournalRoom> {
  const path = journalOf(file);
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  const owner = await ownerFor(path);
  await rm(path, { force: true });
  // Not through a link, nor into a file that another user made in this moment.
  const opened = openSync(path, 'wx', 0o600);
  let open = true;
  let written = false;
  const close = (): void => {
    if (open) closeSync(opened);
    open = false;
  };
  try {
    if (owner) fchownSync(opened, owner.uid, owner.gid);
    writeWhole(opened, Buffer.alloc(usualRoom + roomPerByte * size, ' '));
    fsyncSync(opened);
    await syncDirectory(dirname(path));
  } catch (error) {
    close();
    rmSync(path, { force: true });
    throw error;
  }
  return {
    async write(reply) {
      const sealed = Buffer.from(await encryption.seal(JSON.stringify(reply)));
      const head = `${beginning}${sealed.length} ${digestOf(sealed)}\n`;
      const whole = Buffer.concat([Buffer.from(head), sealed]);
      // Without a pause: a process that is killed loses what it has not handed to the system.
      writeWhole(opened, whole);
      written = true;
      fsyncSync(opened);
      // What is left of the room is for the account's file, which is written next.
      ftruncateSync(opened, whole.length);
      close();
    },
    async release() {
      close();
      if (!written) await removeJournal(file);
    },
  };
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url');

/** Puts a reply on the disk for which no room was taken before. Throws the file system's errors. */
export async function writeJournal(
  file: string,
  reply: JournaledReply,
  encryption: Encryption,
): Promise<void> {
  const room = await takeJournalRoom(file, encryption);
  try {
    await room.write(reply);
  } finally {
    await room.release();
  }
}

const object = z.custom<JsonObject>(isObject);
const text = z.string().optional();
const journal = z.object({
  spent: text,
  tokens: z.object({
    accessToken: z.string(),
    refreshToken: text,
    idToken: text,
    tokenType: z.string(),
    scope: text,
    expiresAt: z.number().optional(),
    body: object,
  }),
  facts: z.object({
    email: text,
    accountId: text,
    plan: text,
    organizationId: text,
    organizationName: text,
    organizations: z.array(object).optional(),
    projects: z.array(z.string()).optional(),
    resourceUrl: text,
    apiKey: text,
    cookie: text,
    deviceId: text,
    location: text,
    serviceAccount: object.optional(),
  }),
});

export function readJournal(file: string, encryption: Encryption): Promise<ReadJournal> {
  return readReply(journalOf(file), encryption);
}

/** Reads the journal at this path, or what a version before this one left half moved to its place. */
export async function readReply(path: string, encryption: Encryption): Promise<ReadJournal> {
  let bytes: Buffer;
  try {
    const read = await readBoundedFile(path, largest, lstat);
    if (read.kind === 'no-file') return { kind: 'unreadable', message: 'the journal is not a file' };
    if (read.kind === 'too-large')
      return { kind: 'unreadable', message: `the journal has ${read.size} bytes, more than any` };
    bytes = read.bytes;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'none' };
    return { kind: 'unreadable', message: reasonOf(error) };
  }
  const content = contentIn(bytes);
  if (content === undefined) return { kind: 'damaged' };
  // Room that was taken and not needed.
  if (content.trim() === '') return { kind: 'none' };
  const opened = await encryption.open(content);
  if (!opened.ok) return { kind: 'unreadable', message: opened.message };
  const reply = replyIn(opened.text);
  return reply === undefined ? { kind: 'damaged' } : { kind: 'reply', reply };
}

/** The reply in the text of a journal, which is its JSON. */
export function replyIn(text: string): JournaledReply | undefined {
  const { data } = journal.safeParse(parseJson(text));
  if (!data) return undefined;
  const { tokens, facts, spent } = data;
  return {
    spent,
    facts,
    tokens: {
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      idToken: tokens.idToken,
      tokenType: tokens.tokenType,
      scope: tokens.scope,
      expiresAt: tokens.expiresAt,
      body: tokens.body,
    },
  };
}

/** What was written; undefined where that is not whole. Versions before this one wrote it without a heading. */
function contentIn(bytes: Buffer): string | undefined {
  const heading = bytes.subarray(0, 100).toString('latin1');
  if (!heading.startsWith(beginning)) return bytes.toString('utf8');
  const [line, length, digest] = /^reply (\d+) ([\w-]{43})\n/.exec(heading) ?? [];
  if (line === undefined) return undefined;
  const sealed = bytes.subarray(line.length, line.length + Number(length));
  return digestOf(sealed) === digest ? sealed.toString('utf8') : undefined;
}

/** Deletes the journal, if there is one: its reply is in the account's file, or no longer wanted. */
export async function removeJournal(file: string): Promise<void> {
  await rm(journalOf(file), { force: true });
  await syncDirectory(dirname(file));
}
