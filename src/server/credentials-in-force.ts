/** Which credentials serve: those of the configuration, of the accounts, or the sandbox where there are none. */
import type { Config } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { credentialsFromConfig } from '../credentials/from-config.ts';
import { sandboxCredentials } from '../credentials/sandbox.ts';
import { noCredential } from '../gateway/error-answer.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Log } from '../telemetry/log.ts';
import type { AccountsInUse } from './accounts.ts';
import type { FoundModels } from './found-models.ts';

export interface CredentialsInForceDeps {
  gateway: Pick<Gateway, 'configure'>;
  config: () => Config;
  accounts: Pick<AccountsInUse, 'credentials' | 'any'>;
  found: Pick<FoundModels, 'applied'>;
  /** Starts the sandbox; gives its address. */
  startSandbox: (() => Promise<string>) | undefined;
  log: Log;
  /** Called with the owner's credentials once they serve. */
  onChange(config: Config, credentials: readonly Credential[]): Promise<void>;
}

export interface CredentialsInForce {
  /** Puts the credentials that there are now into force; resolves when they are. */
  update(): Promise<void>;
  /** Whether the sandbox serves, for want of a key and of an account. */
  readonly sandbox: boolean;
}

export function credentialsInForce(deps: CredentialsInForceDeps): CredentialsInForce {
  const { gateway, accounts, found, log } = deps;
  let sandbox = false;
  /** Whether there is no usable credential; reported once. */
  let unable = false;
  // One after the other: an older state never overtakes a newer one.
  let latest: Promise<void> = Promise.resolve();

  async function putInForce(): Promise<void> {
    const config = deps.config();
    const named = await found.applied(credentialsFromConfig(config));
    const credentials = [...named, ...accounts.credentials()];
    const wanting = config.sandbox && credentials.length === 0 && !accounts.any();
    const url = wanting ? await deps.startSandbox?.() : undefined;
    sandbox = url !== undefined;
    const none = credentials.length === 0 && !sandbox;
    if (none && !unable) log.warn(noCredential);
    unable = none;
    gateway.configure(url === undefined ? credentials : sandboxCredentials(url), config);
    await deps.onChange(config, credentials);
  }

  return {
    update() {
      latest = latest.then(putInForce).catch((error: unknown) => {
        log.error('changed credentials could not be put into force', { error: String(error) });
      });
      return latest;
    },
    get sandbox() {
      return sandbox;
    },
  };
}
