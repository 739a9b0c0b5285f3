/** How account files are called, and which file is whose. */
import { createHash } from 'node:crypto';
import type { AccountFacts } from '../providers/account-provider.ts';
import type { AccountKind } from '../providers/registry.ts';
import type { Account } from './account.ts';

/** Leaves room in the 255 bytes of a file name for the provider and for the names of temporary files. */
const MAX_IDENTITY = 100;

/**
 * `claude_oauth_me@example.com.json`. An identity that a file name cannot hold as it is gets a digest at its end, so that two
 * identities never share a name, not even where file names do not distinguish capitals.
 */
export function accountFileName(kind: AccountKind, identity: string): string {
  const safe = identity
    .toLowerCase()
    .replace(/[^a-z0-9@.+_-]+/g, '-')
    .replace(/^\.+/, '')
    .slice(0, MAX_IDENTITY);
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 12);
  const name = safe && safe === identity ? safe : safe ? `${safe}-${digest}` : digest;
  return `${kind}_oauth_${name}.json`;
}

/** A name that is not taken: the one wanted, else with `-2`, `-3` before `.json`. */
export function freeFileName(wanted: string, taken: ReadonlySet<string>): string {
  const base = wanted.replace(/\.json$/, '');
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${base}-${number}.json`;
    if (!taken.has(name)) return name;
  }
}

const TELLING = ['email', 'accountId', 'organizationId'] as const satisfies readonly (keyof AccountFacts)[];

/**
 * The account that a login is for. What an older file does not know yet, such as the organisation, is no difference as long as
 * something that distinguishes accounts is the same. Of several, the one that knows most of the same, then the first by name.
 */
export function sameAccount(
  accounts: readonly Account[],
  kind: AccountKind,
  facts: AccountFacts,
  identityOf: (facts: AccountFacts) => string | undefined,
): Account | undefined {
  const identity = identityOf(facts);
  if (identity === undefined) return undefined;
  const agreement = (account: Account): number => {
    if (account.kind !== kind) return 0;
    // Members of one Claude organisation have its uuid for their identity, and are distinguished by their own.
    if (identityOf(account.facts) === identity)
      return differ(account.facts.accountId, facts.accountId) ? 0 : 10 + likeness(account.facts, facts);
    const completed = { ...facts, ...account.facts };
    return identityOf(completed) === identity ? likeness(account.facts, facts) : 0;
  };
  return accounts
    .map((account) => ({ account, agreement: agreement(account) }))
    .filter((candidate) => candidate.agreement > 0)
    .sort((a, b) => b.agreement - a.agreement || (a.account.id < b.account.id ? -1 : 1))[0]?.account;
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

/** How many distinguishing facts are known on both sides and equal; 0 when one is known and different. */
function likeness(known: AccountFacts, facts: AccountFacts): number {
  let equal = 0;
  for (const fact of TELLING) {
    if (known[fact] === undefined || facts[fact] === undefined) continue;
    if (differ(known[fact], facts[fact])) return 0;
    equal++;
  }
  if (equal > 0 && Bun.deepEquals(known.projects, facts.projects)) equal++;
  return equal;
}
