/** Notices that accounts have come, changed or gone, however their files were changed. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Clock, systemClock } from '../ground/clock.ts';
import { watchDirectory } from '../ground/directory-watch.ts';
import type { Account } from './account.ts';
import { fileProblem } from './account-content.ts';
import { isAccountFile } from './account-directory.ts';
import type { AccountProblem } from './account-problem.ts';
import type { AccountStore } from './account-store.ts';
import { watchLinks } from './link-watch.ts';

export type AccountChange =
  | { type: 'added' | 'changed'; account: Account }
  /** `id` and `file` are those of the account that is gone. */
  | { type: 'removed'; id: string; file: string };

export interface AccountWatchOptions {
  /** Each change once; not the tokens that this process' own refresh wrote through the same store. Must not throw. */
  onChange: (change: AccountChange) => void;
  /** Each new problem once; the last good state of the account stays in force. Must not throw. */
  onProblem: (problem: AccountProblem) => void;
  /** Time in ms between two looks without any event: bind mounts and network file systems send none. 30 s by default. */
  rescanMs?: number;
  /** Quiet time in ms after an event before the file is read. */
  debounceMs?: number;
  clock?: Clock;
}

export interface AccountWatch {
  /** The accounts that were there at the start have been reported as added. */
  ready: Promise<void>;
  /** Looks at the directory now; settles when everything has been reported. */
  check(): Promise<void>;
  /** Looks at one file now, by its absolute path; what is found is meant, not a step on the way. */
  look(file: string): Promise<void>;
  close(): Promise<void>;
}

/** What was last seen of a file. */
interface Seen {
  /** Of the content that was reported, be it an account or a problem. */
  digest: string | undefined;
  /** The last good state. */
  account: Account | undefined;
  problem: AccountProblem | undefined;
}

const RESCAN_MS = 30_000;
const DEBOUNCE_MS = 20;
/** A writer between two steps has ended after this time in ms; only then is a missing or broken file taken as meant. */
const CONFIRM_MS = 120;
/** A directory that is not there is looked for this often, in ms: the first login makes it. */
const REOPEN_MS = 400;

/** Watches the directory of the store, which need not exist yet. */
export function watchAccounts(
  store: AccountStore,
  {
    onChange,
    onProblem,
    rescanMs = RESCAN_MS,
    debounceMs = DEBOUNCE_MS,
    clock = systemClock,
  }: AccountWatchOptions,
): AccountWatch {
  const { directory } = store;
  const seen = new Map<string, Seen>();
  const looks = new Map<string, Promise<void>>();
  const pending = new Map<string, () => void>();
  const links = watchLinks((file) => later(file, debounceMs, () => look(file, false)));
  let stopWatching: (() => void) | undefined;
  let watched: string | undefined;
  let closed = false;

  /** Runs once per key, when nothing has asked for it for that long. */
  function later(key: string, ms: number, run: () => unknown): void {
    pending.get(key)?.();
    const cancel = clock.after(ms, () => {
      pending.delete(key);
      if (!closed) run();
    });
    pending.set(key, cancel);
  }

  /** One look at a file at a time. `settled`: what is found is meant, not a step on the way. */
  function look(file: string, settled: boolean): Promise<void> {
    const turn = (looks.get(file) ?? Promise.resolve()).then(() => lookOnce(file, settled));
    looks.set(file, turn);
    return turn.finally(() => {
      if (looks.get(file) === turn) looks.delete(file);
    });
  }

  async function lookOnce(file: string, settled: boolean): Promise<void> {
    await links.follow(file);
    const result = await store.read(file);
    if (closed) return;
    const before = seen.get(file);
    if (result.ok) {
      pending.get(confirmation(file))?.();
      return found(file, result.account, result.digest, before);
    }
    if (result.problem.reason === 'gone') {
      if (!before) return;
      if (!settled) return later(confirmation(file), CONFIRM_MS, () => look(file, true));
      seen.delete(file);
      if (before.account) onChange({ type: 'removed', id: before.account.id, file });
      return;
    }
    const { message } = result.problem;
    if (before?.problem?.message === message && before.digest === result.digest) return;
    if (!settled) return later(confirmation(file), CONFIRM_MS, () => look(file, true));
    seen.set(file, { digest: result.digest, account: before?.account, problem: result.problem });
    onProblem(result.problem);
  }

  async function found(
    file: string,
    account: Account,
    digest: string,
    before: Seen | undefined,
  ): Promise<void> {
    if (before?.digest === digest) return;
    seen.set(file, { digest, account, problem: undefined });
    const known = before?.account !== undefined;
    // Who refreshes has the account already; but a file that was broken is news even so.
    if (known && !before.problem && store.writtenDigest(file) === digest) return;
    onChange({ type: known ? 'changed' : 'added', account });
    if (!known) return;
    const problem = await store.putBackRenewed(account);
    if (problem && !closed) onProblem(problem);
  }

  async function rescan(settled: boolean): Promise<void> {
    await keepWatching();
    if (closed) return;
    const names = await readdir(directory).catch((error: unknown) => {
      const problem = fileProblem(directory, 'unreadable', error);
      if (problem.reason !== 'gone') reportDirectory(problem);
      return undefined;
    });
    if (names) seen.delete(directory);
    const there = (names ?? []).filter(isAccountFile).map((name) => join(directory, name));
    const known = [...seen.keys()].filter((file) => file !== directory);
    await Promise.all([...new Set([...there, ...known])].map((file) => look(file, settled)));
  }

  function reportDirectory(problem: AccountProblem): void {
    if (closed || seen.get(directory)?.problem?.message === problem.message) return;
    seen.set(directory, { digest: undefined, account: undefined, problem });
    onProblem(problem);
  }

  /** Watches what now has the directory's name: one that was put in its place is another one. */
  async function keepWatching(): Promise<void> {
    const now = await stat(directory).catch(() => undefined);
    const identity = now ? `${now.dev}:${now.ino}` : undefined;
    if (closed) return;
    if (identity === undefined) later(directory, REOPEN_MS, () => rescan(false));
    if (identity === watched) return;
    watched = identity;
    stopWatching?.();
    stopWatching = identity === undefined ? undefined : watchDirectory(directory, onEvent, onLost);
    // The regular look sees what changes.
    if (stopWatching === undefined) watched = undefined;
  }

  function onLost(): void {
    watched = undefined;
    later(directory, REOPEN_MS, () => rescan(false));
  }

  /** Also runs for what this process writes beside the accounts, thousands of times a second: that must cost nothing. */
  function onEvent(name: string | null): void {
    if (name !== null && isAccountFile(name)) {
      const path = join(directory, name);
      later(path, debounceMs, () => look(path, false));
    }
    // Our own locks, journals and temporary files are hidden; `..data` is how Kubernetes swaps all files at once.
    else if (name === null || !name.startsWith('.') || name.startsWith('..') || name === basename(directory))
      later(directory, debounceMs, () => rescan(false));
  }

  const ready = rescan(true);
  const stopRescan = clock.every(rescanMs, () => rescan(false));
  return {
    ready,
    async check() {
      await ready;
      await rescan(true);
    },
    look: (file) => look(file, true),
    async close() {
      closed = true;
      stopRescan();
      for (const cancel of pending.values()) cancel();
      await ready;
      await Promise.all(looks.values());
      stopWatching?.();
      links.close();
    },
  };
}

const confirmation = (file: string) => `confirm ${file}`;
