/** The accounts of a directory while the program runs: kept up with their files, their tokens renewed in time. */
import type { Clock } from '../ground/clock.ts';
import type { AccountKind } from '../providers/registry.ts';
import type { Log } from '../telemetry/log.ts';
import type { Account } from './account.ts';
import type { AccountProblem } from './account-problem.ts';
import type { AccountStore } from './account-store.ts';
import { type AccountChange, type AccountWatchOptions, watchAccounts } from './account-watch.ts';
import { keepAccount, type ManagedAccount, type StoredAccount } from './managed-account.ts';
import { createRefresh, type Refreshed, type RefreshOptions } from './refresh.ts';
import { decideRefreshes, refreshNumbers } from './refresh-schedule.ts';
import { copyProblem, oneALogin } from './same-login.ts';

export interface ManagedAccountsOptions extends Omit<RefreshOptions, 'store' | 'warn'> {
  store: AccountStore;
  log: Pick<Log, 'debug' | 'info' | 'warn'>;
  clock: Clock;
  /** What credentials are made of has changed. Not called before `ready`. Resolves when that is in force. */
  onChange: () => void | Promise<void>;
  /** A renewal of the tokens of an account of this kind has ended. */
  onRefresh?: ((kind: AccountKind, result: Refreshed['kind']) => void) | undefined;
  watch?: Pick<AccountWatchOptions, 'rescanMs' | 'debounceMs'>;
}

export interface ManagedAccounts {
  /** The accounts that were there at the start are in the list. */
  ready: Promise<void>;
  /** By file name. */
  list(): readonly ManagedAccount[];
  /** Files that are no accounts, and why. */
  problems(): readonly AccountProblem[];
  /** Applies the present content of a file, by its absolute path; resolves when that is done. */
  look(file: string): Promise<void>;
  /** Renews the tokens of the account in this file now; undefined where there is none. */
  refresh(file: string): Promise<Refreshed> | undefined;
  /** Ends watch and schedule, and waits for refreshes that are running: what they spend must be kept. */
  close(): Promise<void>;
}

/** Milliseconds that changes are gathered before they are reported: many files may come at once. */
const gathering = 20;

/** Loads the accounts of the store, watches them and renews their tokens until the result is closed. */
export function createManagedAccounts(options: ManagedAccountsOptions): ManagedAccounts {
  const { store, log, clock } = options;
  const kept = new Map<string, StoredAccount>();
  /** Files that are the same login as another, by their path: neither used nor renewed. */
  const copies = new Map<string, AccountProblem>();
  const problems = new Map<string, AccountProblem>();
  let started = false;
  let closed = false;
  let cancelNotify: (() => void) | undefined;
  /** Ends when what was reported last is in force. */
  let inForce: Promise<void> = Promise.resolve();

  const providerOf = (account: Account) => options.providerOf(account.kind);
  const fields = (account: Account) => ({ account: account.id, provider: providerOf(account).title });
  const refresh = createRefresh({
    ...options,
    warn: (message, account) => log.warn(message, fields(account)),
  });

  function notify(): void {
    if (!started || closed) return;
    cancelNotify ??= clock.after(gathering, () => {
      cancelNotify = undefined;
      inForce = Promise.resolve(options.onChange());
    });
  }

  /** What has been gathered is reported now; resolves when all that was reported is in force, be it a moment before. */
  async function notifyNow(): Promise<void> {
    if (cancelNotify !== undefined) {
      cancelNotify();
      cancelNotify = undefined;
      inForce = Promise.resolve(options.onChange());
    }
    await inForce;
  }

  function lookAtSchedule(): void {
    if (!started || closed) return;
    const due = decideRefreshes(
      used().map(([id, account]) => ({ id, timing: account.timing(), history: account.history })),
      clock.now(),
    );
    for (const id of due) void kept.get(id)?.refresh();
  }

  const used = () => [...kept].filter(([file]) => !copies.has(file));

  function change(event: AccountChange): void {
    if (closed) return;
    if (event.type === 'removed') remove(event);
    else put(event.account);
    if (started) findCopies();
  }

  /** The files of one login take turns: the one with the newest token is used, and when it goes, another. */
  function findCopies(): void {
    const before = new Set(copies.keys());
    const sorted = oneALogin(
      [...kept.values()].map(({ account }) => account),
      ({ file }) => !copies.has(file),
    );
    copies.clear();
    for (const copy of sorted.copies) {
      const { file } = copy.account;
      const problem = copyProblem(copy);
      copies.set(file, problem);
      if (!before.delete(file)) {
        log.warn(problem.message, { file });
        notify();
      }
    }
    // What is left was a copy, and is the account now.
    for (const file of before) if (kept.has(file)) notify();
  }

  function remove({ file, id }: { file: string; id: string }): void {
    problems.delete(file);
    if (!kept.delete(file)) return;
    log.info('account removed', { account: id });
    notify();
  }

  function put(account: Account): void {
    problems.delete(account.file);
    const known = kept.get(account.file);
    if (started) log.info(known === undefined ? 'account added' : 'account changed', fields(account));
    if (known !== undefined) {
      known.replace(account);
    } else {
      const added = keepAccount(account, {
        refresh,
        provider: providerOf,
        log,
        now: clock.now,
        onChange: () => kept.get(account.file) === added && notify(),
        onEnd(result) {
          options.onRefresh?.(account.kind, result.kind);
          lookAtSchedule();
        },
      });
      kept.set(account.file, added);
      notify();
    }
  }

  const watchOptions: AccountWatchOptions = {
    ...options.watch,
    clock,
    onChange: change,
    onProblem(problem) {
      if (closed) return;
      problems.set(problem.file, problem);
      log.warn(problem.message, { file: problem.file });
    },
  };
  const watch = store.watch?.(watchOptions) ?? watchAccounts(store, watchOptions);
  const ready = watch.ready.then(() => {
    started = true;
    findCopies();
    lookAtSchedule();
  });
  const stopLooking = clock.every(refreshNumbers.checkInterval, () => {
    lookAtSchedule();
    void writePending();
  });

  /** Tries again to write what a full disk refused; one try at a time. */
  let writing: Promise<void> | undefined;
  function writePending(): Promise<void> {
    writing ??= store.writePending().then(({ recovered, problems }) => {
      writing = undefined;
      for (const account of recovered)
        log.info('renewed tokens that could not be written before are in the file', fields(account));
      if (closed)
        for (const { message, file } of problems)
          log.warn(`renewed tokens are not in the account's file at the end: ${message}`, { file });
    });
    return writing;
  }

  return {
    ready,
    list: () =>
      used()
        .map(([, account]) => account)
        .sort((a, b) => (a.account.file < b.account.file ? -1 : 1)),
    problems: () => [...problems.values(), ...copies.values()],
    async look(file) {
      await watch.look(file);
      await notifyNow();
      // A file that was no account is gone without a word from the watch.
      if (!problems.has(file)) return;
      const read = await store.read(file);
      if (!read.ok && read.problem.reason === 'gone') problems.delete(file);
    },
    refresh: (file) => (copies.has(file) ? undefined : kept.get(file)?.refresh()),
    async close() {
      closed = true;
      stopLooking();
      cancelNotify?.();
      await watch.close();
      await Promise.all([...kept.values()].map(({ flight }) => flight));
      await writing;
      await writePending();
    },
  };
}
