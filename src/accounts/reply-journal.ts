/**
 * The reply of a token endpoint, on the disk before it is in the account's file: a rotated refresh token that a crash
 * swallowed would be gone for good.
 */
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { TokenReply } from '../oauth/grant.ts';
import { isObject, type JsonObject, parseJson } from '../protocols/json.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import { hiddenFile, syncDirectory, writeAtomically } from './atomic-write.ts';
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
  /** It is there and cannot be read; `message` goes on after "the journal". */
  | { kind: 'unreadable'; message: string };

/** The journal's place beside the account's file (which is the one behind symlinks). */
export const journalOf = (file: string) => hiddenFile(file, 'journal');

/** Puts the reply on the disk. Throws the file system's errors. */
export async function writeJournal(
  file: string,
  reply: JournaledReply,
  encryption: Encryption,
): Promise<void> {
  await writeAtomically(journalOf(file), await encryption.seal(JSON.stringify(reply)));
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

export async function readJournal(file: string, encryption: Encryption): Promise<ReadJournal> {
  let content: string;
  try {
    content = await readFile(journalOf(file), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'none' };
    return { kind: 'unreadable', message: error instanceof Error ? error.message : String(error) };
  }
  const opened = await encryption.open(content);
  if (!opened.ok) return { kind: 'unreadable', message: opened.message };
  const { data } = journal.safeParse(parseJson(opened.text));
  if (!data) return { kind: 'unreadable', message: 'is damaged' };
  const { tokens, facts, spent } = data;
  return {
    kind: 'reply',
    reply: {
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
    },
  };
}

/** Deletes the journal, if there is one: its reply is in the account's file, or no longer wanted. */
export async function removeJournal(file: string): Promise<void> {
  await rm(journalOf(file), { force: true });
  await syncDirectory(dirname(file));
}
