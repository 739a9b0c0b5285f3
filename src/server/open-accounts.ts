/** Opens the accounts of a directory for a running gateway: store, watch, refreshes and the credentials they give. */
import { type AccountStore, createAccountStore } from '../accounts/account-store.ts';
import { createEncryption } from '../accounts/encryption.ts';
import { readEncryptionKey } from '../accounts/encryption-key.ts';
import { createManagedAccounts, type ManagedAccounts } from '../accounts/managed-accounts.ts';
import { connectionTo } from '../accounts/provider-connection.ts';
import { accountProvider } from '../accounts/provider-overrides.ts';
import type { DurableState } from '../cluster/ports.ts';
import type { Config } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { credentialsFromAccounts } from '../credentials/from-accounts.ts';
import { createOfferedModels, listAge } from '../gateway/offered-models.ts';
import { outboundDeps } from '../gateway/upstream/outbound.ts';
import type { Proxies } from '../gateway/upstream/proxy.ts';
import { systemClock } from '../ground/clock.ts';
import type { HttpClient } from '../http-client/client.ts';
import type { Log } from '../telemetry/log.ts';

/** Milliseconds after a change of the accounts until their providers' lists of models are asked for: requests come first. */
const listDelay = 5000;

export interface OpenOptions {
  log: Log;
  http: HttpClient;
  proxies: Proxies;
  /** `cli-proxy-api/<version>`. */
  userAgent: string;
  /** The accounts, or what is made of them, have changed. */
  /** Resolves when the credentials are in force. */
  onChange: () => void | Promise<void>;
  /** A renewal of an account's tokens has ended. */
  onRefresh?: (kind: string, result: string) => void;
  /** Of a cluster: what keeps the accounts of all its replicas, in the place of files. */
  durable?: () => Pick<DurableState, 'accounts' | 'takeAccountFiles'> | undefined;
  /** The configuration in force. */
  config: () => Config;
}

export interface OpenAccounts {
  store: AccountStore;
  live: ManagedAccounts;
  credentials(): Credential[];
  /** Ends what runs for the accounts; resolves when no refresh is running any more. */
  close(): Promise<void>;
}

/** Everything is there to open the accounts; nothing is read or watched before `open`. */
export type FirstEvent = { ok: true; open: () => Promise<OpenAccounts> } | { ok: false; message: string };

/** Prepares `auth-dir` of this configuration. Without the key that it names there is nothing to open. */
export async function prepareAccounts(config: Config, options: OpenOptions): Promise<FirstEvent> {
  const setting = config['auth-encryption-key'];
  const read = setting === undefined ? undefined : await readEncryptionKey(setting);
  // Nothing may be written without it: renewed tokens would lie open where they were encrypted.
  if (read?.ok === false) return { ok: false, message: `auth-encryption-key: ${read.message}` };
  const place = { directory: config['auth-dir'], encryption: createEncryption({ key: read?.key }) };
  const durable = options.durable?.();
  const store = durable?.accounts(place) ?? createAccountStore({ ...place, now: systemClock.now });
  return {
    ok: true,
    async open() {
      const { log } = options;
      const { recovered, problems } = await store.recover();
      for (const { id } of recovered)
        log.info('tokens that a crash had kept from the file are saved', { account: id });
      for (const { message } of problems) log.warn(message);
      const endIntake = await durable?.takeAccountFiles(place);
      const live = createManagedAccounts({
        store,
        log,
        clock: systemClock,
        providerOf: (kind) => accountProvider(kind, options.config()),
        depsOf: ({ id, kind, settings }) => {
          const inForce = options.config();
          const proxyUrl = settings.proxyUrl ?? inForce['proxy-url'];
          return outboundDeps({
            ...options,
            pool: id,
            proxyUrl,
            tls: connectionTo(inForce.providers[kind].tls).tls,
            bounds: inForce.bounds,
            connectTime: settings.timeouts?.connect ?? inForce.timeouts.connect,
          });
        },
        onChange: options.onChange,
        onRefresh: options.onRefresh,
      });
      await live.ready;
      const offered = createOfferedModels({ ...options, clock: systemClock, inForce: options.config });
      const made = (): Credential[] => credentialsFromAccounts(live.list(), options.config());
      const look = async (): Promise<void> => {
        if ((await offered.look(made())) && !closed) void options.onChange();
      };
      let closed = false;
      let soon: (() => void) | undefined;
      const later = systemClock.every(listAge, look);
      return {
        store,
        live,
        credentials() {
          soon?.();
          soon = systemClock.after(listDelay, look);
          return offered.applied(made());
        },
        async close() {
          closed = true;
          soon?.();
          later();
          await endIntake?.();
          await live.close();
        },
      };
    },
  };
}
