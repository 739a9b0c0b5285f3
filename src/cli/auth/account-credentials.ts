import type { Account } from '../../accounts/account.ts';
import type { TokenSource } from '../../accounts/token-source.ts';
import type { Config } from '../../config/schema.ts';
import type { Credential } from '../../credentials/credential.ts';
import { credentialsFromAccounts } from '../../credentials/from-accounts.ts';

/** The credentials of these accounts for lists of models: they make no calls, so they need no token. */
export function listedCredentials(accounts: readonly Account[], config: Config): Credential[] {
  const usable = accounts.filter(({ login }) => login.kind === 'good');
  return credentialsFromAccounts(
    usable.map((account) => ({ account, source: unasked })),
    config,
  );
}

const unasked: TokenSource = {
  current: () => undefined,
  renew: async () => ({ ok: false, message: 'a list needs no token', signInAgain: false }),
};
