/** What is done to one account file while its lock is held: renewed tokens go in, and nothing that anybody wrote goes out. */
import type { TokenReply } from '../oauth/grant.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import type { Account } from './account.ts';
import {
  type ContentWorld,
  changeContent,
  digestOf,
  fileProblem,
  problemOf,
  readContent,
} from './account-content.ts';
import {
  applySignInAgain,
  applyTokens,
  parseAccount,
  refreshTokenDigest,
  refreshTokenIn,
} from './account-file.ts';
import type { AccountProblem } from './account-problem.ts';
import type { Renewals } from './renewals.ts';
import { type JournaledReply, readJournal, removeJournal, writeJournal } from './reply-journal.ts';

export type ReadAccount =
  /** `digest` tells one content of the file from another. */
  | { ok: true; account: Account; digest: string }
  | { ok: false; problem: AccountProblem; digest: string | undefined };

/** The account as the file now holds it. */
export type SavedAccount = { ok: true; account: Account } | { ok: false; problem: AccountProblem };

/** An account whose lock this process holds. */
export interface HeldAccount {
  /** The newest content. What a crash had kept from being written is in it. */
  read(): Promise<ReadAccount>;
  /**
   * Writes what a refresh gave. `spent` is the refresh token that it was asked with; when the file meanwhile holds another
   * one, somebody signed in again and the file stays as it is. The account returned is the one in the file either way.
   */
  saveTokens(spent: string | undefined, tokens: TokenReply, facts: AccountFacts): Promise<SavedAccount>;
  /** Writes that the refresh token, or the cookie, is no longer taken; counts as long as the file holds that one. */
  markSignInAgain(secret: string, reason: string): Promise<SavedAccount>;
}

export interface FilesWorld extends ContentWorld {
  /** Milliseconds since the epoch. */
  now: () => number;
  renewals: Renewals;
  /** Told the digest of what a refresh writes, just before it is there. */
  onWrite: (path: string, digest: string) => void;
}

/** The file at the path; `target` is the file behind symlinks, beside which its journal lies. */
export interface LockedFile {
  path: string;
  target: string;
}

/** What came of an action under a lock. */
export type Locked<T> = { ok: true; value: T } | { ok: false; problem: AccountProblem };

export interface LockWaiting {
  /** Milliseconds to wait for another process; 60,000 by default. */
  timeout?: number;
  signal?: AbortSignal;
}

/** Reads and parses the file. */
export async function readAccount(path: string, world: ContentWorld): Promise<ReadAccount> {
  const result = await readContent(path, world);
  if (!result.ok) return result;
  const { raw, text } = result.content;
  return { ...parseAccount(path, text), digest: digestOf(raw) };
}

/** What can be done to a file whose lock is held. */
export function holdAccount({ path, target }: LockedFile, world: FilesWorld): HeldAccount {
  const { encryption, now, renewals, onWrite } = world;
  const written = (digest: string) => onWrite(path, digest);
  return {
    read: () => readAccount(path, world),
    async saveTokens(spent, tokens, facts) {
      const digest = spent === undefined ? undefined : refreshTokenDigest(spent);
      const reply: JournaledReply = { spent: digest, tokens, facts };
      renewals.remember(path, reply);
      try {
        await writeJournal(target, reply, encryption);
      } catch (error) {
        // What cannot be journaled may still be written; if not, that is what the caller hears.
        const saved = await writeReply(path, reply, world, written);
        return saved.ok ? saved : { ok: false, problem: fileProblem(path, 'unwritable', error) };
      }
      const saved = await writeReply(path, reply, world, written);
      if (saved.ok || saved.problem.reason === 'gone') await removeJournal(target);
      return saved;
    },
    async markSignInAgain(secret, reason) {
      const apply = (text: string) => applySignInAgain(text, secret, reason, now());
      const changed = await changeContent(path, { apply, onWrite: written }, world);
      return changed.ok ? parseAccount(path, changed.text) : changed;
    },
  };
}

/** What was still to be written, if anything was. */
export interface Settled {
  /** Why it still is. */
  problem?: AccountProblem;
  /** With the tokens that were written now. */
  saved?: Account;
}

/** Writes the tokens that a crash, or an old copy saved over them, kept out of the file. */
export async function settleAccount({ path, target }: LockedFile, world: FilesWorld): Promise<Settled> {
  const { encryption, renewals } = world;
  const journal = await readJournal(target, encryption);
  if (journal.kind === 'unreadable')
    return { problem: problemOf(path, 'encrypted', `renewed tokens wait beside it: ${journal.message}`) };
  if (journal.kind === 'reply') {
    const saved = await writeReply(path, journal.reply, world);
    if (!saved.ok && saved.problem.reason !== 'gone') return { problem: saved.problem };
    await removeJournal(target);
    return saved.ok ? { saved: saved.account } : {};
  }
  const inFile = await readContent(path, world);
  const missing = inFile.ok ? renewals.after(path, refreshTokenIn(inFile.content.text)) : undefined;
  if (!missing) return {};
  const saved = await writeReply(path, missing, world);
  return saved.ok ? { saved: saved.account } : { problem: saved.problem };
}

/** Writes a reply into the newest content; leaves a file alone that holds neither the spent token nor one before it. */
async function writeReply(
  path: string,
  reply: JournaledReply,
  world: FilesWorld,
  onWrite?: (digest: string) => void,
): Promise<SavedAccount> {
  const apply = (text: string) => {
    const inFile = refreshTokenIn(text);
    const digest = inFile === undefined ? undefined : refreshTokenDigest(inFile);
    if (digest !== reply.spent && !world.renewals.after(path, inFile)) return undefined;
    return withTokens(path, text, reply.tokens, reply.facts, world.now());
  };
  const changed = await changeContent(path, onWrite ? { apply, onWrite } : { apply }, world);
  return changed.ok ? parseAccount(path, changed.text) : changed;
}

/** The text with the tokens and facts of a refresh. `now`: milliseconds since the epoch. */
function withTokens(
  path: string,
  text: string,
  tokens: TokenReply,
  facts: AccountFacts,
  now: number,
): string {
  const parsed = parseAccount(path, text);
  // A file with a wrong field elsewhere must not lose its tokens too.
  const kind = parsed.ok ? parsed.account.kind : 'gemini';
  return applyTokens(text, kind, tokens, facts, now);
}
