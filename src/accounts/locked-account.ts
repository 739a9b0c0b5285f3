/** What is done to one account file while its lock is held: renewed tokens go in, and nothing that anybody wrote goes out. */
import type { Clock } from '../ground/clock.ts';
import type { TokenReply } from '../oauth/grant.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import type { Account } from './account.ts';
import {
  type ContentDeps,
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
import { writeToCopies } from './copied-accounts.ts';
import type { Renewals } from './renewals.ts';
import {
  type JournaledReply,
  type JournalRoom,
  readJournal,
  removeJournal,
  takeJournalRoom,
} from './reply-journal.ts';

export type ReadAccount =
  /** `digest` identifies a content of the file. */
  | { ok: true; account: Account; digest: string }
  | { ok: false; problem: AccountProblem; digest: string | undefined };

/** The account as the file now holds it. */
export type SavedAccount = { ok: true; account: Account } | { ok: false; problem: AccountProblem };

/** An account whose lock this process holds. */
export interface LockedAccount {
  /** The newest content. What a crash or a full disk keeps from being written is in it. */
  read(): Promise<ReadAccount>;
  /**
   * Takes the room on the disk for the reply of a token endpoint. Before a refresh token is spent that works once: where there is
   * a problem it must not be.
   */
  takeRoom(): Promise<AccountProblem | undefined>;
  /**
   * Why the account is no longer held, looked up in this very moment: a process that was stopped may have lost it to another. Then
   * a refresh token that works once must not be sent. Undefined while it is held; files are held for as long as the process lives.
   */
  lost?(): string | undefined;
  /**
   * Writes what a refresh gave. `spent` is the refresh token that it was asked with; when the file meanwhile holds another
   * one, somebody signed in again and the file stays as it is. The account returned is the one in the file either way.
   */
  saveTokens(spent: string | undefined, tokens: TokenReply, facts: AccountFacts): Promise<SavedAccount>;
  /** Writes that the refresh token, or the cookie, is no longer taken; counts as long as the file holds that one. */
  markSignInAgain(secret: string, reason: string): Promise<SavedAccount>;
}

export interface FilesDeps extends ContentDeps {
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  renewals: Renewals;
  /** Paths of the files whose renewed tokens could not be written yet. */
  unwritten: Set<string>;
  /** Called with the digest of what a refresh writes, just before it is there. */
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
export async function readAccount(path: string, deps: ContentDeps): Promise<ReadAccount> {
  const result = await readContent(path, deps);
  if (!result.ok) return result;
  const { raw, text } = result.content;
  return { ...parseAccount(path, text), digest: digestOf(raw) };
}

/** What can be done to a file whose lock is held, after {@link settleAccount}; `letGo` when all is done. */
export function holdAccount(
  { path, target }: LockedFile,
  deps: FilesDeps,
  { pending, problem: waiting }: Settled = {},
): LockedAccount & { letGo: () => Promise<void> } {
  const { encryption, now, renewals, unwritten, onWrite } = deps;
  const written = (digest: string) => onWrite(path, digest);
  let room: JournalRoom | undefined;
  return {
    async read() {
      const result = await readContent(path, deps);
      if (!result.ok) return result;
      const { raw, text } = result.content;
      const newest = (pending && renewedText(path, text, pending, deps)) ?? text;
      return { ...parseAccount(path, newest), digest: digestOf(raw) };
    },
    async takeRoom() {
      // A journal that is not settled must stay.
      if (waiting !== undefined && (pending !== undefined || waiting.reason === 'encrypted'))
        return notRenewed(path, waiting);
      try {
        room ??= await takeJournalRoom(target, encryption);
        return undefined;
      } catch (error) {
        return notRenewed(path, fileProblem(path, 'unwritable', error));
      }
    },
    async saveTokens(spent, tokens, facts) {
      const reply = renewals.remember(path, spent, tokens, facts);
      let unjournaled: unknown;
      try {
        room ??= await takeJournalRoom(target, encryption);
        await room.write(reply);
      } catch (error) {
        unjournaled = error;
      }
      room = undefined;
      const { settled, saved } = await writeReply(path, reply, deps, written);
      if (settled) {
        // A file that was renamed meanwhile is a copy that holds the spent token, and the only one.
        await writeToCopies(path, reply, deps);
        await removeJournal(target);
        unwritten.delete(path);
        return saved;
      }
      unwritten.add(path);
      return unjournaled === undefined || saved.ok
        ? saved
        : { ok: false, problem: fileProblem(path, 'unwritable', unjournaled) };
    },
    async letGo() {
      await room?.release();
    },
    async markSignInAgain(secret, reason) {
      const apply = (text: string) => applySignInAgain(text, secret, reason, now());
      const changed = await changeContent(path, { apply, onWrite: written }, deps);
      return changed.ok ? parseAccount(path, changed.text) : changed;
    },
  };
}

function notRenewed(path: string, { message }: AccountProblem): AccountProblem {
  return {
    file: path,
    reason: 'unwritable',
    message: `${message}. A refresh token works once, so none is spent before there is room for the one that follows it`,
  };
}

/** What was still to be written, if anything was. */
export interface Settled {
  /** Why it still is. */
  problem?: AccountProblem;
  /** The tokens that still wait. */
  pending?: JournaledReply;
  /** With the tokens that were written now. */
  saved?: Account;
}

/** Writes the tokens that a crash, a full disk, or an old copy saved over them, kept out of the file. */
export async function settleAccount({ path, target }: LockedFile, deps: FilesDeps): Promise<Settled> {
  const { encryption, renewals, unwritten } = deps;
  const journal = await readJournal(target, encryption);
  if (journal.kind === 'unreadable')
    return { problem: problemOf(path, 'encrypted', `renewed tokens wait beside it: ${journal.message}`) };
  if (journal.kind === 'damaged') {
    await removeJournal(target);
    const message = 'its process ended while it wrote renewed tokens, and they are not whole';
    return { problem: problemOf(path, 'invalid', message) };
  }
  if (journal.kind === 'reply') {
    const { reply } = journal;
    const { settled, saved } = await writeReply(path, reply, deps);
    if (settled) {
      await writeToCopies(path, reply, deps);
      await removeJournal(target);
      unwritten.delete(path);
      return saved.ok ? { saved: saved.account } : {};
    }
    unwritten.add(path);
    return saved.ok ? {} : { problem: saved.problem, pending: reply };
  }
  const inFile = await readContent(path, deps);
  const missing = inFile.ok ? renewals.after(refreshTokenIn(inFile.content.text)) : undefined;
  if (missing === undefined) {
    unwritten.delete(path);
    return {};
  }
  const { settled, saved } = await writeReply(path, missing, deps);
  if (settled) unwritten.delete(path);
  else unwritten.add(path);
  return saved.ok
    ? { saved: saved.account }
    : { problem: saved.problem, ...(settled ? {} : { pending: missing }) };
}

/** What came of writing a reply: `settled` when there is nothing more to write, be the file as it should be or not, or gone. */
interface WrittenReply {
  settled: boolean;
  saved: SavedAccount;
}

/** Writes a reply into the newest content; leaves a file alone that holds neither the spent token nor one before it. */
export async function writeReply(
  path: string,
  reply: JournaledReply,
  deps: FilesDeps,
  onWrite?: (digest: string) => void,
): Promise<WrittenReply> {
  const apply = (text: string) => renewedText(path, text, reply, deps);
  const changed = await changeContent(path, onWrite ? { apply, onWrite } : { apply }, deps);
  if (!changed.ok) return { settled: changed.problem.reason === 'gone', saved: changed };
  return { settled: true, saved: parseAccount(path, changed.text) };
}

/** The text with the reply in it; undefined where it holds neither the spent token nor one before it. */
export function renewedText(
  path: string,
  text: string,
  reply: JournaledReply,
  { renewals, now }: Pick<FilesDeps, 'renewals' | 'now'>,
): string | undefined {
  const inFile = refreshTokenIn(text);
  const digest = inFile === undefined ? undefined : refreshTokenDigest(inFile);
  if (digest !== reply.spent && !renewals.after(inFile)) return undefined;
  return withTokens(path, text, reply.tokens, reply.facts, now());
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

/** What is written to an account by who does not hold it yet. */
export function writesUnderLock(
  withLock: <T>(file: string, action: (held: LockedAccount) => Promise<T>) => Promise<Locked<T>>,
) {
  const written = async (
    file: string,
    write: (held: LockedAccount) => Promise<SavedAccount>,
  ): Promise<SavedAccount> => {
    const locked = await withLock(file, write);
    return locked.ok ? locked.value : locked;
  };
  return {
    saveTokens: (file: string, spent: string | undefined, tokens: TokenReply, facts: AccountFacts) =>
      written(file, (held) => held.saveTokens(spent, tokens, facts)),
    markSignInAgain: (file: string, secret: string, reason: string) =>
      written(file, (held) => held.markSignInAgain(secret, reason)),
  };
}
