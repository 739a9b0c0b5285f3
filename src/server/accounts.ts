/** The accounts of `auth-dir` as a running gateway uses them. Their code is loaded when there are any, or after the start. */

import { readdirSync } from 'node:fs';
import { isAccountFile } from '../accounts/account-directory.ts';
import type { ManagedAccount } from '../accounts/managed-account.ts';
import type { Config } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { type Clock, systemClock } from '../ground/clock.ts';
import { reasonOf } from '../ground/reason.ts';
import type { OpenAccounts, OpenOptions } from './open-accounts.ts';

export interface AccountsInUse {
  /** Puts a configuration in force; resolves when the accounts that are there are known. Never rejects. */
  configure(config: Config): Promise<void>;
  /** One or more for each account that is not disabled. */
  credentials(): readonly Credential[];
  /** All that there are, disabled ones too. */
  all(): readonly ManagedAccount[];
  /**
   * What is open; where nothing is yet, it is opened. Undefined where it cannot be, which is in the log. A `look` of it holds for
   * what is in force then, though a new configuration has opened the directory again meanwhile.
   */
  opened(): Promise<Pick<OpenAccounts, 'store' | 'live'> | undefined>;
  /** Whether there is any account, disabled ones too. */
  any(): boolean;
  /** Resolves when no refresh is running any more: what it spends must be kept. */
  close(): Promise<void>;
}

/** An empty directory is looked at again this many milliseconds later: first requests come before loading code for nothing. */
const idleDelay = 300;

/** `clock`: of the delay before an empty directory is looked at again. */
export function createAccountsInUse(
  options: Omit<OpenOptions, 'config'>,
  clock: Pick<Clock, 'after'> = systemClock,
): AccountsInUse {
  const { log } = options;
  let config: Config | undefined;
  /** What is open, and for which configuration it was opened. */
  let opened: { accounts: OpenAccounts; by: Config } | undefined;
  let later: (() => void) | undefined;
  // One change after the other: a directory is never opened twice.
  let turn: Promise<void> = Promise.resolve();

  function serially(action: () => Promise<void>): Promise<void> {
    turn = turn.then(action).catch((error: unknown) => {
      log.error(`accounts cannot be used: ${reasonOf(error)}`);
    });
    return turn;
  }

  /** What is open stays when the new one cannot be opened. */
  async function open(next: Config): Promise<void> {
    const { prepareAccounts } = await import('./open-accounts.ts');
    const opening = await prepareAccounts(next, { ...options, config: () => config ?? next });
    if (!opening.ok)
      return log.error(`the accounts in ${next['auth-dir']} cannot be used: ${opening.message}`);
    await close();
    opened = { accounts: await opening.open(), by: next };
  }

  async function close(): Promise<void> {
    const before = opened;
    opened = undefined;
    await before?.accounts.close();
  }

  async function configure(next: Config): Promise<void> {
    config = next;
    later?.();
    if (opened !== undefined && sameFiles(opened.by, next)) return;
    if (opened !== undefined || options.durable?.() !== undefined || holdsAccounts(next['auth-dir']))
      return open(next);
    later = clock.after(idleDelay, () => void serially(() => openLate(next)));
  }

  async function openLate(next: Config): Promise<void> {
    // Earlier callers have them open, and may wait for the result of one of their files.
    if (config !== next || opened !== undefined) return;
    await open(next);
    if (any()) void options.onChange();
  }

  /** Where another configuration has opened the same directory anew meanwhile, what is in force there has the file, too. */
  async function lookIn(
    store: OpenAccounts['store'],
    live: OpenAccounts['live'],
    file: string,
  ): Promise<void> {
    await live.look(file);
    await turn;
    const now = opened?.accounts;
    if (now !== undefined && now.live !== live && now.store.directory === store.directory)
      await now.live.look(file);
  }

  const all = (): readonly ManagedAccount[] => opened?.accounts.live.list() ?? [];
  const any = (): boolean => all().length > 0;

  return {
    configure: (next) => serially(() => configure(next)),
    credentials: () => opened?.accounts.credentials() ?? [],
    all,
    any,
    async opened() {
      await serially(async () => {
        if (opened === undefined && config !== undefined) await open(config);
      });
      const { store, live } = opened?.accounts ?? {};
      if (store === undefined || live === undefined) return undefined;
      return { store, live: { ...live, look: (file) => lookIn(store, live, file) } };
    },
    close() {
      later?.();
      return serially(close);
    },
  };
}

function sameFiles(one: Config, other: Config): boolean {
  return one['auth-dir'] === other['auth-dir'] && one['auth-encryption-key'] === other['auth-encryption-key'];
}

function holdsAccounts(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => isAccountFile(name));
  } catch {
    // Missing or unreadable: opening it reports that.
    return false;
  }
}
