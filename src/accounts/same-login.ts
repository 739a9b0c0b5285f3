/** One login in several files: each is one account, whose newest file is used; a rotating token is not spent by two. */
import { basename } from 'node:path';
import type { AccountFacts } from '../providers/account-provider.ts';
import { accountProviders } from '../providers/registry.ts';
import type { Account } from './account.ts';
import { problemOf } from './account-content.ts';
import type { AccountProblem } from './account-problem.ts';

export interface SortedAccounts {
  /** One a login, in the order given. */
  accounts: readonly Account[];
  /** The files beside them, each with the account that is used in its place. */
  copies: readonly { account: Account; of: Account }[];
}

const TELLING = ['email', 'accountId', 'organizationId'] as const satisfies readonly (keyof AccountFacts)[];

/**
 * Sorts out the files that are the same login as another: the same refresh token, or the same provider, account, organisation
 * and project. The newest token wins; among equal ones a file that is not disabled, then one that `isUsed`, then the first.
 */
export function oneALogin(
  accounts: readonly Account[],
  isUsed: (account: Account) => boolean = () => false,
): SortedAccounts {
  const groups: Account[][] = [];
  /** The position of a group among all, and the groups that contain a mark of an account: only those may be its own. */
  const places = new Map<Account[], number>();
  const marked = new Map<string, Set<Account[]>>();
  const near = (account: Account): Account[][] => {
    const found = new Set(marksOf(account).flatMap((mark) => [...(marked.get(mark) ?? [])]));
    return [...found].sort((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0));
  };
  // Who is known best goes first: a file that knows less is one with it, but cannot make one of two that differ.
  const known = (account: Account) => TELLING.filter((fact) => textOf(account, fact) !== undefined).length;
  for (const account of [...accounts].sort((one, other) => known(other) - known(one))) {
    const possible = near(account);
    const sameToken = possible.find((group) => group.some((other) => haveSameToken(account, other)));
    const alike = possible.filter((group) => group.every((other) => areAlike(account, other)));
    const group = sameToken ?? (alike.length === 1 ? alike[0] : undefined) ?? [];
    if (group.length === 0) {
      places.set(group, groups.length);
      groups.push(group);
    }
    group.push(account);
    for (const mark of marksOf(account)) marked.set(mark, (marked.get(mark) ?? new Set()).add(group));
  }
  const copies = groups.flatMap((group) => {
    const [of, ...others] = group.sort(
      (one, other) =>
        newest(one, other) ||
        Number(one.settings.disabled) - Number(other.settings.disabled) ||
        Number(isUsed(other)) - Number(isUsed(one)) ||
        (one.file < other.file ? -1 : 1),
    );
    return of === undefined ? [] : others.map((account) => ({ account, of }));
  });
  const copied = new Set(copies.map(({ account }) => account));
  return { accounts: accounts.filter((account) => !copied.has(account)), copies };
}

/** The warning about a file with the same login as another. */
export function copyProblem({ account, of }: SortedAccounts['copies'][number]): AccountProblem {
  const used = basename(of.file);
  return problemOf(
    account.file,
    'duplicate',
    `it is the same login as ${used}, which is used; two would spend one refresh token twice. Delete the one you do not need`,
  );
}

function textOf({ facts }: Account, fact: (typeof TELLING)[number]): string | undefined {
  return facts[fact]?.trim().toLowerCase() || undefined;
}

/** What two files of one login have in common: one of these. */
function marksOf(account: Account): string[] {
  const { kind, tokens, facts } = account;
  const marks = {
    token: tokens.refreshToken,
    email: textOf(account, 'email'),
    id: textOf(account, 'accountId'),
    service: facts.serviceAccount?.client_email,
  };
  return Object.entries(marks).flatMap(([name, mark]) =>
    mark === undefined ? [] : `${kind} ${name} ${mark}`,
  );
}

function haveSameToken(one: Account, other: Account): boolean {
  const token = one.tokens.refreshToken;
  if (one.kind !== other.kind || token === undefined || token !== other.tokens.refreshToken) return false;
  // One that stays may serve several projects, a file each.
  return accountProviders[one.kind].refreshTokenStays !== true || haveSameProjects(one, other);
}

function areAlike(one: Account, other: Account): boolean {
  if (one.kind !== other.kind || !haveSameProjects(one, other)) return false;
  const key = one.facts.serviceAccount;
  if (key !== undefined || other.facts.serviceAccount !== undefined)
    return (
      key?.client_email === other.facts.serviceAccount?.client_email &&
      key?.project_id === other.facts.serviceAccount?.project_id &&
      one.facts.location === other.facts.location
    );
  // A cookie is another login than tokens are, and is not spent.
  if ((one.facts.cookie === undefined) !== (other.facts.cookie === undefined)) return false;
  let equal = 0;
  for (const fact of TELLING) {
    const [here, there] = [textOf(one, fact), textOf(other, fact)];
    if (here === undefined || there === undefined) continue;
    if (here !== there) return false;
    // An organisation has several members; alone it identifies none.
    if (fact !== 'organizationId') equal += 1;
  }
  return equal > 0;
}

/** What is not known is no difference. */
function haveSameProjects({ facts: one }: Account, { facts: other }: Account): boolean {
  if (!one.projects?.length || !other.projects?.length) return true;
  return Bun.deepEquals([...one.projects].sort(), [...other.projects].sort());
}

/** Negative where the first has the newer tokens. */
function newest(one: Account, other: Account): number {
  const spent = Number(one.login.kind === 'sign-in-again') - Number(other.login.kind === 'sign-in-again');
  if (spent !== 0 || one.tokens.refreshToken === other.tokens.refreshToken) return spent;
  return (
    (other.tokens.refreshedAt ?? 0) - (one.tokens.refreshedAt ?? 0) ||
    (other.tokens.expiresAt ?? 0) - (one.tokens.expiresAt ?? 0)
  );
}
