/** `--account`: whose login it must be. */
import type { Account } from '../../accounts/account.ts';
import { sameAccount } from '../../accounts/account-name.ts';
import type { AccountFacts, AccountProvider } from '../../providers/account-provider.ts';
import type { AccountKind } from '../../providers/registry.ts';
import { Failure } from '../failure.ts';

/**
 * Throws a {@link Failure} when the login is of another account than `wanted`: the id, file name or e-mail of an account in
 * `accounts`, or the e-mail or identity of one that is not there yet.
 */
export function demandAccount(
  wanted: string,
  kind: AccountKind,
  { title, identity }: AccountProvider,
  facts: AccountFacts,
  accounts: readonly Account[],
): void {
  const meant = accounts.filter(
    (account) =>
      account.kind === kind &&
      [account.id, `${account.id}.json`, account.file, account.facts.email, account.facts.accountId].includes(
        wanted,
      ),
  );
  const fits =
    meant.length > 0
      ? sameAccount(meant, kind, facts, identity) !== undefined
      : [facts.email, facts.accountId, identity(facts)].includes(wanted);
  if (fits) return;
  throw new Failure(
    'wrong-account',
    `${title}: signed in as ${facts.email ?? identity(facts) ?? 'somebody without a name'}, not as ${wanted}`,
    'Nothing was saved. Choose the other account in the browser, or sign out there first, and run the command again.',
  );
}
