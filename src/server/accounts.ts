/** The accounts of `auth-dir` as a running gateway uses them. Their code is loaded when there are any, or after the start. */
import { readdirSync } from 'node:fs';
import type { LiveAccounts } from '../accounts/live-accounts.ts';
import type { Config } from '../config/schema.ts';
import { systemTimers } from '../config/watch.ts';
import type { Credential } from '../credentials/credential.ts';
import { outside } from '../gateway/outside.ts';
import type { Proxies } from '../gateway/proxy.ts';
import type { Log } from '../telemetry/log.ts';

export interface AccountsInUse {
  /** Puts a configuration in force; resolves when the accounts that are there are known. */
  configure(config: Config): Promise<void>;
  /** One or more for each account that is not disabled. */
  credentials(): readonly Credential[];
  /** Whether there is any account, disabled ones too. */
  any(): boolean;
  /** Resolves when no refresh is running any more: what it spends must be kept. */
  close(): Promise<void>;
}

export interface AccountsInUseOptions {
  log: Log;
  proxies: Proxies;
  /** `cli-proxy-api/<version>`. */
  userAgent: string;
  /** `credentials()` now gives others. */
  onChange: () => void;
}

/** An empty directory is looked at again this many milliseconds later: first requests come before loading code for nothing. */
const idleDelay = 300;

interface Opened {
  /** What it was opened with. */
  directory: string;
  encryptionKey: string | undefined;
  live: LiveAccounts;
  credentials: (config: Config) => Credential[];
}

export function createAccountsInUse(options: AccountsInUseOptions): AccountsInUse {
  const { log } = options;
  let config: Config | undefined;
  let opened: Opened | undefined;
  let later: ReturnType<typeof setTimeout> | undefined;
  // One change after the other: a directory is never opened twice.
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (action: () => Promise<void>): Promise<void> => {
    turn = turn
      .then(action)
      .catch((error: unknown) => log.error('accounts cannot be used', { error: String(error) }));
    return turn;
  };

  function isOpen(next: Config): boolean {
    return opened?.directory === next['auth-dir'] && opened.encryptionKey === next['auth-encryption-key'];
  }

  async function open(next: Config): Promise<void> {
    const encryptionKey = next['auth-encryption-key'];
    const directory = next['auth-dir'];
    const [
      { createLiveAccounts },
      { createAccountStore },
      encryption,
      { credentialsFromAccounts },
      overrides,
      connection,
    ] = await Promise.all([
      import('../accounts/live-accounts.ts'),
      import('../accounts/account-store.ts'),
      import('../accounts/encryption.ts'),
      import('../credentials/from-accounts.ts'),
      import('../providers/overrides.ts'),
      import('../providers/connection.ts'),
    ]);
    const key = encryptionKey === undefined ? undefined : await encryption.readEncryptionKey(encryptionKey);
    // Without its key nothing may be written: renewed tokens would lie open where they were encrypted.
    if (key?.ok === false) return log.error(`no account is used: auth-encryption-key: ${key.message}`);
    const store = createAccountStore({
      directory,
      encryption: encryption.createEncryption({ key: key?.key }),
      now: Date.now,
    });
    const { recovered, problems } = await store.recover();
    for (const { id } of recovered)
      log.info('renewed tokens that were not written yet are saved', { account: id });
    for (const { message } of problems) log.warn(message);
    const inForce = (): Config => config ?? next;
    const live = createLiveAccounts({
      store,
      log,
      now: Date.now,
      timers: systemTimers,
      providerOf: (kind) => overrides.accountProvider(kind, inForce()),
      worldOf: ({ kind, settings }) =>
        outside({
          ...options,
          proxyUrl: settings.proxyUrl ?? inForce()['proxy-url'],
          tls: connection.connectionTo(inForce().providers[kind].tls).tls,
        }),
      onChange: options.onChange,
    });
    opened = {
      directory,
      encryptionKey,
      live,
      credentials: (now) => credentialsFromAccounts(live.list(), now),
    };
    await live.ready;
  }

  async function close(): Promise<void> {
    clearTimeout(later);
    const before = opened;
    opened = undefined;
    await before?.live.close();
  }

  return {
    configure: (next) =>
      inTurn(async () => {
        config = next;
        if (isOpen(next)) return;
        await close();
        if (holdsAccounts(next['auth-dir'])) return open(next);
        later = setTimeout(
          () =>
            inTurn(async () => {
              if (config !== next) return;
              await open(next);
              if (opened?.live.list().length !== 0) options.onChange();
            }),
          idleDelay,
        );
        later.unref();
      }),
    credentials: () => (config === undefined ? [] : (opened?.credentials(config) ?? [])),
    any: () => (opened?.live.list().length ?? 0) > 0,
    close: () => inTurn(close),
  };
}

function holdsAccounts(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => name.endsWith('.json'));
  } catch {
    // Not there yet, or not to be read: whoever opens it says so.
    return false;
  }
}
