/** Logins put among the accounts, where they are not there yet. One whose refresh token works once is offered as a new sign-in first. */
import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import type { Account } from '../accounts/account.ts';
import { parseAccount } from '../accounts/account-file.ts';
import { accountFileName, freeFileName, sameAccount } from '../accounts/account-name.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import { oneALogin } from '../accounts/same-login.ts';
import type { TokenReply } from '../oauth/grant.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import { type AccountKind, accountProviders } from '../providers/registry.ts';
import type { Carried } from './merge.ts';
import type { ImportPlan, LeftOut } from './plan.ts';

export type Copied = { ok: true; carried: Carried[]; left: LeftOut[] } | { ok: false; sentence: string };

export interface CopyDeps {
  /** Rotating logins are copied, too. */
  takeOver: boolean;
  dryRun: boolean;
  store: () => Promise<AccountStore>;
}

interface Login {
  kind: AccountKind;
  title: string;
  rotates: boolean;
  facts: AccountFacts;
  refreshToken: string | undefined;
  /** What is in its file, where that is one of our format. */
  account?: Account;
  /** Undefined when it is saved; else why not. */
  save: (store: AccountStore) => Promise<{ ok: true; id: string } | { ok: false; sentence: string }>;
}

export async function copyAccounts(plan: ImportPlan, deps: CopyDeps): Promise<Copied> {
  const carried: Carried[] = [];
  const left: LeftOut[] = [];
  for (const login of loginsOf(plan)) {
    const { kind, title } = login;
    const store = await openedStore(deps);
    const there = store && inStore(login, (await store.list()).accounts, store.directory);
    if (there !== undefined) {
      carried.push({ title, to: there.id, state: 'there' });
      continue;
    }
    if (login.rotates && !deps.takeOver) {
      left.push({
        title,
        reason: `its refresh token works once: sign in beside it with "cli-proxy-api auth ${kind}"; --take-over copies it, and the first refresh signs the other program out`,
      });
      continue;
    }
    if (deps.dryRun || store === undefined) {
      carried.push({ title, to: 'auth-dir', state: 'new' });
      continue;
    }
    const saved = await login.save(store);
    if (!saved.ok) return saved;
    carried.push({ title, to: saved.id, state: 'new' });
  }
  return { ok: true, carried, left };
}

/** A dry run needs no key for encrypted accounts: without it, their contents are unknown. */
async function openedStore({ dryRun, store }: CopyDeps): Promise<AccountStore | undefined> {
  try {
    return await store();
  } catch (error) {
    if (dryRun) return undefined;
    throw error;
  }
}

function loginsOf({ accounts, files }: ImportPlan): Login[] {
  return [
    ...accounts.map(({ tokens, ...account }) => ({
      ...account,
      refreshToken: tokens.refreshToken,
      save: (store: AccountStore) => signedIn(store, account, tokens),
    })),
    ...files.flatMap(({ path, text, ...file }): Login[] => {
      const parsed = parseAccount(path, text);
      if (!parsed.ok) return [];
      const { facts, tokens } = parsed.account;
      return [
        {
          ...file,
          account: parsed.account,
          facts,
          refreshToken: tokens.refreshToken,
          save: (store) => written(store, basename(path), text),
        },
      ];
    }),
  ];
}

async function signedIn(
  store: AccountStore,
  { kind, facts }: Pick<Login, 'kind' | 'facts'>,
  tokens: TokenReply,
): ReturnType<Login['save']> {
  const { identity } = accountProviders[kind];
  const nameless = nameOfToken(tokens.refreshToken);
  const saved = await store.saveSignIn({ kind, tokens, facts, identity, nameless });
  return saved.ok ? { ok: true, id: saved.account.id } : { ok: false, sentence: saved.problem.message };
}

/** The file as it is: the owner's own fields, several projects, other spellings. */
async function written(store: AccountStore, name: string, text: string): ReturnType<Login['save']> {
  const { accounts, problems } = await store.list();
  const taken = new Set([...accounts, ...problems].map(({ file }) => basename(file)));
  const free = freeFileName(name.replace(/\.json$/i, '.json'), taken);
  const problem = await store.put(free, text);
  return problem === undefined
    ? { ok: true, id: free.replace(/\.json$/, '') }
    : { ok: false, sentence: problem.message };
}

/** The identity of a login whose tokens name no account: its first refresh token, also after a refresh. */
function nameOfToken(refreshToken: string | undefined): string | undefined {
  if (refreshToken === undefined) return undefined;
  return `imported-${createHash('sha256').update(refreshToken).digest('hex').slice(0, 16)}`;
}

/** The account that the login is already: the very file, or the same login in another. */
function inStore(
  { kind, facts, refreshToken, account }: Login,
  accounts: readonly Account[],
  directory: string,
): Account | undefined {
  const own = accounts.filter((one) => one.kind === kind);
  // Files may be of several projects of one login, each an account.
  if (account !== undefined) {
    const isIt = dirname(account.file) === resolve(directory);
    return own.find(
      (one) =>
        (isIt && basename(one.file) === basename(account.file)) ||
        oneALogin([one, account]).copies.length > 0,
    );
  }
  return (
    sameAccount(own, kind, facts, accountProviders[kind].identity) ??
    own.find((one) => refreshToken !== undefined && one.tokens.refreshToken === refreshToken) ??
    ofName(own, kind, nameOfToken(refreshToken))
  );
}

function ofName(
  accounts: readonly Account[],
  kind: AccountKind,
  name: string | undefined,
): Account | undefined {
  return name === undefined
    ? undefined
    : accounts.find(({ file }) => basename(file) === accountFileName(kind, name));
}
