/** The end of every sign-in, whichever way it came: whose account it is, whether its key is good, and the file. */
import type { OAuthClient, OAuthDeps } from '../oauth/client.ts';
import type { Failed } from '../oauth/failure.ts';
import type { GrantResult, OAuthFailure, TokenReply } from '../oauth/grant.ts';
import { serviceAccountToken } from '../oauth/service-account.ts';
import type { AccountFacts, AccountProvider, SignInDeps } from '../providers/account-provider.ts';
import type { AccountStore, SavedAccount, SignIn } from './account-store.ts';
import { serviceAccountKey } from './provider-overrides.ts';

/** Who signed in, with what was granted. */
export interface SignedIn {
  /** Undefined for service accounts, whose key is among the facts. */
  tokens: TokenReply | undefined;
  facts: AccountFacts;
}

/** Asks the provider whose account a grant is. A grant that failed stays so. */
export async function identified(
  provider: AccountProvider,
  client: OAuthClient,
  grant: GrantResult,
  deps: SignInDeps,
): Promise<({ ok: true } & SignedIn) | Failed> {
  if (!grant.ok) return grant;
  const { tokens } = grant;
  const found = await provider.identify(tokens, client, { baseUrl: provider.baseUrl }, deps);
  return found.ok ? { ok: true, tokens, facts: found.facts } : found;
}

/** Writes the file of the account, that of an earlier login of it where there is one. */
export function saveSignedIn(
  store: Pick<AccountStore, 'saveSignIn'>,
  kind: SignIn['kind'],
  { identity }: AccountProvider,
  { tokens, facts }: SignedIn,
  fields: SignIn['fields'] = {},
): Promise<SavedAccount> {
  return store.saveSignIn({ kind, tokens, facts, identity, fields });
}

export type KeyCheck =
  | { kind: 'good' }
  /** Google was not reached: the key may still be good. The sentence is for people. */
  | { kind: 'unchecked'; message: string }
  | { kind: 'refused'; failure: OAuthFailure };

/** Gets a token with the key of a service account. */
export async function checkServiceAccount(
  { serviceAccount }: AccountFacts,
  provider: AccountProvider,
  deps: OAuthDeps,
): Promise<KeyCheck> {
  if (serviceAccount === undefined) return { kind: 'good' };
  const grant = await serviceAccountToken(serviceAccountKey(provider, serviceAccount), deps);
  if (grant.ok) return { kind: 'good' };
  const { failure } = grant;
  return failure.kind === 'unavailable'
    ? { kind: 'unchecked', message: failure.message }
    : { kind: 'refused', failure };
}
