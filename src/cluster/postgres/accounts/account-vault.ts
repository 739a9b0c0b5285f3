/** The accounts of a cluster, in Postgres: what the files of a directory are to one process, so that the rest works unchanged. */
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Account } from '../../../accounts/account.ts';
import { problemOf } from '../../../accounts/account-content.ts';
import { applySignIn, contentOf, newAccountText, parseAccount } from '../../../accounts/account-file.ts';
import { findKind } from '../../../accounts/account-kind.ts';
import { accountFileName, freeFileName, sameAccount } from '../../../accounts/account-name.ts';
import type { AccountProblem } from '../../../accounts/account-problem.ts';
import type {
  AccountStore,
  Locked,
  LockedAccount,
  LockWaiting,
  Recovery,
  Rewriting,
  SavedAccount,
  SignIn,
} from '../../../accounts/account-store.ts';
import type { Encryption } from '../../../accounts/encryption.ts';
import { withMembers } from '../../../accounts/json-text.ts';
import { writesUnderLock } from '../../../accounts/locked-account.ts';
import { isExpired } from '../../../accounts/refresh.ts';
import { createRenewals } from '../../../accounts/renewals.ts';
import { removeJournal } from '../../../accounts/reply-journal.ts';
import { copyProblem, oneALogin } from '../../../accounts/same-login.ts';
import { noRoomNeeded } from '../../../accounts/sign-in-room.ts';
import type { Clock } from '../../../ground/clock.ts';
import type { Postgres, Statements } from '../connection.ts';
import { watchRows } from './account-changes.ts';
import { acquireLease } from './account-lease.ts';
import {
  allRows,
  deleteRow,
  forgetTaken,
  journaled,
  type LeaseTimes,
  lockSignIns,
  putRow,
  rowOf,
  versions,
  writeText,
} from './account-table.ts';
import { holdRow, settleRow, spoolOf } from './locked-row.ts';
import {
  changeRow,
  goneProblem,
  openRow,
  pathOf,
  type RowsDeps,
  readRow,
  rowProblem,
} from './row-content.ts';

export interface AccountVaultOptions {
  postgres: Postgres;
  /** Must encrypt. */
  encryption: Encryption;
  /** The `auth-dir`: paths of accounts begin with it, and `.cluster` in it holds this replica's journals. */
  directory: string;
  /** The name of this replica. */
  instance: string;
  /** Renews tokens of an account without a lease while Postgres is away, once its access token is dead. */
  refreshAlone?: boolean;
  clock: Clock;
  times?: Partial<LeaseTimes>;
}

/** As in `../shared` of the protocol: thirty seconds, renewed every ten; a minute for a holder that was held up. */
const usualTimes: LeaseTimes = { lease: 30_000, uncertain: 60_000 };

/** Milliseconds to wait for another replica: its lease, and the time that a dead holder is given. */
const waitingTime = 60_000;

export function createAccountVault(options: AccountVaultOptions): AccountStore {
  const { postgres, encryption, clock } = options;
  const directory = resolve(options.directory);
  const writtenDigests = new Map<string, string>();
  const deps: RowsDeps = {
    postgres,
    encryption,
    directory,
    spool: join(directory, '.cluster'),
    now: clock.now,
    renewals: createRenewals(),
    unwritten: new Set(),
    onWrite: (path, digest) => void writtenDigests.set(path, digest),
    known: new Map(),
  };
  const leases = {
    postgres,
    holder: options.instance,
    times: { ...usualTimes, ...options.times },
    clock,
  };
  const pathTo = (file: string) => resolve(directory, file);
  const nameOf = (file: string) => basename(pathTo(file));

  async function read(file: string) {
    const path = pathTo(file);
    try {
      const row = await rowOf(postgres, nameOf(file));
      if (row === undefined) return { ok: false as const, problem: goneProblem(path), digest: undefined };
      return await readRow(row, deps);
    } catch (error) {
      return { ok: false as const, problem: rowProblem(path, error), digest: undefined };
    }
  }

  async function accountsIn(on: Statements): Promise<{ accounts: Account[]; problems: AccountProblem[] }> {
    const results = await Promise.all((await allRows(on)).map((row) => readRow(row, deps)));
    return {
      accounts: results.flatMap((result) => (result.ok ? [result.account] : [])),
      problems: results.flatMap((result) => (result.ok ? [] : [result.problem])),
    };
  }

  async function withLock<T>(
    file: string,
    action: (held: LockedAccount) => Promise<T>,
    { timeout = waitingTime, signal }: LockWaiting = {},
  ): Promise<Locked<T>> {
    const path = pathTo(file);
    const name = nameOf(file);
    let held: ReturnType<typeof holdRow>;
    try {
      const taken = await acquireLease(name, leases, { timeout, signal });
      if (!taken.ok)
        return {
          ok: false,
          problem:
            taken.reason === 'gone'
              ? goneProblem(path)
              : problemOf(path, 'busy', 'another replica is working on the account; try again in a moment'),
        };
      const { lease } = taken;
      held = holdRow(name, lease, deps, await settleRow(name, lease.row, deps).catch(givenBack(lease)));
    } catch (error) {
      const problem = rowProblem(path, error);
      if (problem.reason !== 'away' || !(await mayGoAlone(name))) return { ok: false, problem };
      held = holdRow(name, undefined, deps, {});
    }
    try {
      return { ok: true, value: await action(held) };
    } finally {
      await held.letGo();
    }
  }

  /** Whether its tokens may be renewed without a lease: they are dead, and the owner wants it so. */
  async function mayGoAlone(name: string): Promise<boolean> {
    const row = deps.known.get(name);
    if (options.refreshAlone !== true || row === undefined) return false;
    // A reply waits already: it is in the memory of the replica that refreshes.
    if (deps.unwritten.has(pathOf(deps, name))) return false;
    const known = await readRow(row, deps);
    return known.ok && isExpired(known.account.tokens, clock.now());
  }

  async function saveSignIn(signIn: SignIn): Promise<SavedAccount> {
    const { kind, tokens, facts, identity, nameless, fields = {} } = signIn;
    const inside = async (on: Statements): Promise<SavedAccount> => {
      await lockSignIns(on);
      const { accounts } = await accountsIn(on);
      const known = sameAccount(accounts, kind, facts, identity);
      if (known !== undefined) return replaceLogin(on, basename(known.file), signIn);
      const taken = new Set((await versions(on)).map(({ file_name }) => file_name));
      const name = freeFileName(
        accountFileName(kind, identity(facts) ?? nameless ?? String(clock.now())),
        taken,
      );
      const text = withMembers(newAccountText(kind, tokens, facts, clock.now()), fields);
      await putRow(on, { kind, file_name: name, sealed: await encryption.seal(text) });
      return parseAccount(pathOf(deps, name), text);
    };
    try {
      return await postgres.transaction(inside);
    } catch (error) {
      return { ok: false, problem: rowProblem(directory, error) };
    }
  }

  /** A running refresh is for the previous login: its holder loses the account. */
  async function replaceLogin(on: Statements, name: string, signIn: SignIn): Promise<SavedAccount> {
    const { kind, tokens, facts, fields = {} } = signIn;
    const path = pathOf(deps, name);
    for (;;) {
      const row = await rowOf(on, name);
      if (row === undefined) return { ok: false, problem: goneProblem(path) };
      const opened = await openRow(row, deps);
      if (!opened.ok) return opened;
      const text = withMembers(applySignIn(opened.text, kind, tokens, facts, clock.now()), fields);
      const written = await writeText(on, row, await encryption.seal(text), 'takeover');
      if (written === undefined) continue;
      await forgetReplies(name);
      return parseAccount(path, text);
    }
  }

  async function forgetReplies(name: string): Promise<void> {
    const path = pathOf(deps, name);
    deps.renewals.forget(path);
    deps.unwritten.delete(path);
    await removeJournal(spoolOf(deps, name)).catch(() => {});
  }

  async function changeText(file: string, apply: (text: string) => string | undefined) {
    try {
      return await changeRow(nameOf(file), { apply, replacing: () => 'edit' }, deps);
    } catch (error) {
      return { ok: false as const, problem: rowProblem(pathTo(file), error) };
    }
  }

  async function put(file: string, text: string): Promise<AccountProblem | undefined> {
    const name = nameOf(file);
    const found = findKind(name, contentOf(text) ?? {});
    try {
      await postgres.transaction(async (on) => {
        await lockSignIns(on);
        await putRow(on, {
          kind: found.ok ? found.kind : 'unknown',
          file_name: name,
          sealed: await encryption.seal(text),
        });
      });
      await forgetReplies(name);
      return undefined;
    } catch (error) {
      return rowProblem(pathTo(file), error);
    }
  }

  async function remove(file: string): Promise<AccountProblem | undefined> {
    const name = nameOf(file);
    try {
      const removed = await postgres.transaction(async (on) => {
        await lockSignIns(on);
        const row = await rowOf(on, name);
        const opened = row && (await openRow(row, deps));
        if (opened?.ok) await forgetTaken(on, opened.text);
        return deleteRow(on, name);
      });
      if (!removed) return goneProblem(pathTo(file));
      await forgetReplies(name);
      return undefined;
    } catch (error) {
      return rowProblem(pathTo(file), error);
    }
  }

  /** Writes the replies that wait for these accounts. No lease is needed: who holds one was given the token that is spent. */
  async function settleAll(names: Iterable<string>): Promise<Recovery> {
    const recovered: Account[] = [];
    const problems: AccountProblem[] = [];
    for (const name of names) {
      try {
        const { saved, problem } = await settleRow(name, undefined, deps);
        if (saved !== undefined) recovered.push(saved);
        if (problem !== undefined) problems.push(problem);
      } catch (error) {
        problems.push(rowProblem(pathOf(deps, name), error));
      }
    }
    return { recovered, problems };
  }

  async function recover(): Promise<Recovery> {
    const spooled = (await readdir(deps.spool).catch(() => []))
      .map((name) => /^\.(.+)\.journal$/.exec(name)?.[1])
      .filter((name) => name !== undefined);
    // Where Postgres is away they are written when it is back.
    for (const name of spooled) deps.unwritten.add(pathOf(deps, name));
    try {
      return await settleAll(new Set([...spooled, ...(await journaled(postgres))]));
    } catch (error) {
      return { recovered: [], problems: [rowProblem(directory, error)] };
    }
  }

  async function rewriteAll(): Promise<Rewriting> {
    const written: string[] = [];
    const unchanged: string[] = [];
    const problems: AccountProblem[] = [];
    try {
      for (const { file_name: name } of await versions(postgres)) {
        const change = { apply: () => undefined, replacing: () => 'edit' as const, reseal: true };
        const result = await changeRow(name, change, deps);
        if (result.ok) (result.written ? written : unchanged).push(name);
        else problems.push(result.problem);
      }
    } catch (error) {
      problems.push(rowProblem(directory, error));
    }
    return { written, unchanged, problems };
  }

  const store: AccountStore = {
    directory,
    async list() {
      try {
        const { accounts: all, problems } = await accountsIn(postgres);
        const { accounts, copies } = oneALogin(all);
        return { accounts, problems: [...problems, ...copies.map(copyProblem)] };
      } catch (error) {
        return { accounts: [], problems: [rowProblem(directory, error)] };
      }
    },
    async names() {
      try {
        return { ok: true, files: (await versions(postgres)).map(({ file_name }) => file_name).sort() };
      } catch (error) {
        return { ok: false, problem: rowProblem(directory, error) };
      }
    },
    read,
    async text(file) {
      try {
        const row = await rowOf(postgres, nameOf(file));
        return row === undefined
          ? { ok: false, problem: goneProblem(pathTo(file)) }
          : await openRow(row, deps);
      } catch (error) {
        return { ok: false, problem: rowProblem(pathTo(file), error) };
      }
    },
    changeText,
    put,
    takeRoom: async () => noRoomNeeded,
    saveSignIn,
    ...writesUnderLock(withLock),
    remove,
    withLock,
    recover,
    rewriteAll,
    async putBackRenewed(account) {
      if (!deps.renewals.after(account.tokens.refreshToken)) return undefined;
      return (await settleAll([basename(account.file)])).problems[0];
    },
    writePending: () => settleAll([...deps.unwritten].map((path) => basename(path))),
    watch: (watching) => watchRows(store, deps, watching),
    writtenDigest: (file) => writtenDigests.get(pathTo(file)),
  };
  return store;
}

/** Throws on, once the lease is given back. */
function givenBack(lease: { release: () => Promise<void> }): (error: unknown) => Promise<never> {
  return async (error) => {
    await lease.release();
    throw error;
  };
}
