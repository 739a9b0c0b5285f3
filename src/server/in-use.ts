/** The number of usable credentials, for the message at the start. */
import type { ManagedAccount } from '../accounts/managed-account.ts';
import type { Gateway } from '../gateway/gateway.ts';

/** Numbers of what is in use. */
export interface InUse {
  /** API keys of providers. */
  keys: number;
  /** Accounts that are not disabled. */
  accounts: number;
  /** Those of them that only a new login helps. */
  signInAgain: number;
  /** Names in the list of models. */
  models: number;
}

/** Counts what `gateway` has in use, and of `accounts` those that their owner has not turned off. */
export function inUse(gateway: Gateway, accounts: readonly ManagedAccount[]): InUse {
  const enabled = accounts.filter(({ account }) => !account.settings.disabled);
  return {
    keys: gateway.credentials().filter(({ secret }) => typeof secret === 'string').length,
    accounts: enabled.length,
    signInAgain: enabled.filter(({ account }) => account.login.kind === 'sign-in-again').length,
    models: gateway.catalog().models().length,
  };
}
