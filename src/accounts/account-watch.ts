/** Notices that accounts have come, changed or gone, however their files were changed. */
import type { WatchTimers } from '../config/watch.ts';
import type { Account } from './account.ts';
import type { AccountProblem } from './account-problem.ts';
import type { AccountStore } from './account-store.ts';

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
  timers?: WatchTimers;
}

export interface AccountWatch {
  /** The accounts that were there at the start have been reported as added. */
  ready: Promise<void>;
  /** Looks at the directory now; settles when everything has been reported. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export declare function watchAccounts(store: AccountStore, options: AccountWatchOptions): AccountWatch;
