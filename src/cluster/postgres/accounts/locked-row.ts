/**
 * An account under its lease: what a refresh gave is on this replica's disk first, then beside the account's text in Postgres, then in
 * the text. A reply that comes when the lease is another's is not dropped: where the text still holds the spent token, it is
 * the only living one.
 */
import { join } from 'node:path';
import type { Account } from '../../../accounts/account.ts';
import { problemOf } from '../../../accounts/account-content.ts';
import { applySignInAgain, parseAccount, refreshTokenIn } from '../../../accounts/account-file.ts';
import type { AccountProblem } from '../../../accounts/account-problem.ts';
import { makePrivateDirectory } from '../../../accounts/atomic-write.ts';
import { type LockedAccount, renewedText, type SavedAccount } from '../../../accounts/locked-account.ts';
import {
  type JournaledReply,
  type JournalRoom,
  readJournal,
  removeJournal,
  replyIn,
  takeJournalRoom,
} from '../../../accounts/reply-journal.ts';
import { reasonOf } from '../../../ground/reason.ts';
import type { Lease } from './account-lease.ts';
import { type AccountRow, dropJournal, rowOf, writeJournal } from './account-table.ts';
import { changeRow, goneProblem, pathOf, type RowsDeps, readRow, rowProblem } from './row-content.ts';

/** The lease's holder; undefined where no lease is needed or available. */
type Fence = Pick<AccountRow, 'id' | 'fence'> | undefined;

/** The place beside which this replica's journal of the account lies. */
export const spoolOf = ({ spool }: Pick<RowsDeps, 'spool'>, name: string): string => join(spool, name);

/** Puts a reply into the newest text that holds the token which was spent for it. Throws PostgresFailure. */
async function writeReply(
  name: string,
  reply: JournaledReply,
  fence: Fence,
  deps: RowsDeps,
): Promise<SavedAccount> {
  const path = pathOf(deps, name);
  const changed = await changeRow(
    name,
    {
      apply: (text) => renewedText(path, text, reply, deps),
      // With another's lease: it is ended, for what it was taken for is here.
      replacing: (row) => (fence !== undefined && row.fence === fence.fence ? 'renewal' : 'takeover'),
      own: true,
    },
    deps,
  );
  return changed.ok ? parseAccount(path, changed.text) : changed;
}

/** What was still to be written for an account. */
export interface SettledRow {
  problem?: AccountProblem;
  /** The tokens that still wait. */
  pending?: JournaledReply;
  /** With the tokens that were written now. */
  saved?: Account;
}

/** Writes the replies that wait for an account: beside its text, on this replica's disk, in its memory. Throws PostgresFailure. */
export async function settleRow(name: string, fence: Fence, deps: RowsDeps): Promise<SettledRow> {
  const { postgres, encryption, renewals, unwritten } = deps;
  const path = pathOf(deps, name);
  let result: SettledRow = {};
  const put = async (reply: JournaledReply): Promise<boolean> => {
    const saved = await writeReply(name, reply, fence, deps);
    const settled = saved.ok || saved.problem.reason === 'gone' || saved.problem.reason === 'invalid';
    if (saved.ok) result = { ...result, saved: saved.account };
    else if (!settled) result = { problem: saved.problem, pending: reply };
    return settled;
  };
  const row = await rowOf(postgres, name);
  if (row?.journal != null) {
    const opened = await encryption.open(row.journal);
    if (!opened.ok)
      return { problem: problemOf(path, 'encrypted', `renewed tokens wait beside it: ${opened.message}`) };
    const reply = replyIn(opened.text);
    if (reply === undefined || (await put(reply))) await dropJournal(postgres, row, row.journal);
  }
  const journal = await readJournal(spoolOf(deps, name), encryption);
  if (journal.kind === 'unreadable')
    return {
      problem: problemOf(path, 'encrypted', `renewed tokens wait on this computer: ${journal.message}`),
    };
  if (journal.kind === 'damaged' || (journal.kind === 'reply' && (await put(journal.reply))))
    await removeJournal(spoolOf(deps, name));
  const newest = await rowOf(postgres, name);
  const opened = newest === undefined ? undefined : await encryption.open(newest.sealed);
  const missing = opened?.ok ? renewals.after(refreshTokenIn(opened.text)) : undefined;
  if (missing !== undefined) await put(missing);
  if (result.pending === undefined) unwritten.delete(path);
  else unwritten.add(path);
  return result;
}

/** What can be done to an account under a lease; undefined for a lease where Postgres is away and the account is refreshed alone. */
export function holdRow(
  name: string,
  lease: Lease | undefined,
  deps: RowsDeps,
  { pending, problem: waiting }: SettledRow,
): LockedAccount & { letGo: () => Promise<void> } {
  const { postgres, encryption, renewals, unwritten } = deps;
  const path = pathOf(deps, name);
  const spooled = spoolOf(deps, name);
  let room: JournalRoom | undefined;

  async function takeSpace(): Promise<JournalRoom> {
    await makePrivateDirectory(deps.spool);
    return takeJournalRoom(spooled, encryption);
  }

  async function newestRow(): Promise<AccountRow | undefined> {
    return lease === undefined ? deps.known.get(name) : rowOf(postgres, name);
  }

  return {
    async read() {
      try {
        const row = await newestRow();
        if (row === undefined) return { ok: false, problem: goneProblem(path), digest: undefined };
        return await readRow(row, deps, (text) => pending && renewedText(path, text, pending, deps));
      } catch (error) {
        return { ok: false, problem: rowProblem(path, error), digest: undefined };
      }
    },
    async takeRoom() {
      if (waiting !== undefined) return waiting;
      try {
        room ??= await takeSpace();
      } catch (error) {
        const words = reasonOf(error);
        return problemOf(
          path,
          'unwritable',
          `there is no room in ${deps.spool} for the tokens that follow, so none is spent: ${words}`,
        );
      }
      if (lease === undefined) return undefined;
      try {
        if (await lease.spend()) return undefined;
        return problemOf(path, 'busy', lease.lost() ?? 'another replica renews these tokens');
      } catch (error) {
        return rowProblem(path, error);
      }
    },
    lost: () => lease?.lost(),
    async saveTokens(spent, tokens, facts) {
      const reply = renewals.remember(path, spent, tokens, facts);
      let unspooled: unknown;
      try {
        room ??= await takeSpace();
        await room.write(reply);
      } catch (error) {
        unspooled = error;
      }
      room = undefined;
      try {
        if (lease !== undefined)
          await writeJournal(postgres, lease.row, await encryption.seal(JSON.stringify(reply)));
        const saved = await writeReply(name, reply, lease?.row, deps);
        if (saved.ok || saved.problem.reason === 'gone') {
          await removeJournal(spooled).catch(() => {});
          unwritten.delete(path);
        } else unwritten.add(path);
        return saved;
      } catch (error) {
        unwritten.add(path);
        const problem = rowProblem(path, error);
        if (unspooled === undefined) return { ok: false, problem };
        const words = reasonOf(unspooled);
        return {
          ok: false,
          problem: { ...problem, message: `${problem.message}; nor in ${deps.spool}: ${words}` },
        };
      }
    },
    async markSignInAgain(secret, reason) {
      const apply = (text: string) => applySignInAgain(text, secret, reason, deps.now());
      try {
        const row = await rowOf(postgres, name);
        // Who holds it now knows better what became of this token.
        const fenced = lease !== undefined && row !== undefined && row.fence !== lease.row.fence;
        const change = {
          apply: fenced ? () => undefined : apply,
          replacing: () => 'edit' as const,
          own: true,
        };
        const changed = await changeRow(name, change, deps);
        return changed.ok ? parseAccount(path, changed.text) : changed;
      } catch (error) {
        return { ok: false, problem: rowProblem(path, error) };
      }
    },
    async letGo() {
      await room?.release();
      // Where the reply waits for Postgres, the lease runs out by itself: others give its holder time to bring it.
      await (unwritten.has(path) ? lease?.abandon() : lease?.release());
    },
  };
}
