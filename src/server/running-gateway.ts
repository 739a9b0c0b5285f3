/** What a gateway is started with, and what can be done with one that runs. */
import type { Config } from '../config/schema.ts';
import type { ManagementKeys } from '../management/access.ts';
import type { ManagedConfig } from '../management/managed-config.ts';
import type { Log } from '../telemetry/log.ts';
import type { InUse } from './in-use.ts';

export interface StartOptions {
  config: Config;
  version: string;
  log: Log;
  /** Starts the sandbox that serves where the config lets it and there is neither a key nor an account; gives its address. */
  sandbox?: () => Promise<string>;
  /** The file that the configuration came from, for the management API. */
  configFile?: () => ManagedConfig | undefined;
  /** Which of several processes on one port this is; undefined for one that has it alone. */
  worker?: number | undefined;
  /** Further keys of the management API. */
  managementKeys?: ManagementKeys;
}

export interface RunningGateway {
  url: string;
  /** Whether the sandbox serves, for want of a key and of an account. */
  readonly sandbox: boolean;
  /** How many keys, accounts and models there are now. */
  inUse(): InUse;
  /** Puts another configuration in force; resolves once it is. Host, port and tls change only with a new start. */
  reload(config: Config): Promise<void>;
  /** Why a configuration could not be put in force: its `auth-dir` is another gateway's. Waits for one that is stopping. */
  refusal(config: Config): Promise<string | undefined>;
  /** Counts a changed configuration that could not be put in force; `why`, without secrets, is shown until another one is. */
  reloadFailed(why?: string): void;
  /**
   * Drains: for `shutdown-drain` it still answers, and reports that it is not ready. Then takes no new connections, lets answers
   * finish within the grace period, and ends them.
   */
  stop(): Promise<void>;
  /** The address of the console, without a management key with what signs in until the gateway stops; undefined where there is no console. */
  consoleAddress(): Promise<string | undefined>;
}
