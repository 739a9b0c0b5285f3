import { accountProviders } from '../providers/registry.ts';
import type { Account } from './account.ts';

/** What a person runs to sign this account in again, in the way of its last login. */
export function signInCommand({ kind, facts }: Pick<Account, 'kind' | 'facts'>): string {
  if (accountProviders[kind].signIn.includes('file')) return `cli-proxy-api auth ${kind} --file FILE`;
  return `cli-proxy-api auth ${kind}${facts.cookie === undefined ? '' : ' --cookie'}`;
}
