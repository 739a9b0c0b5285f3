/** What the peer's clients know an account or a key by: sixteen hexadecimal digits, which they keep in databases of their own. */
import { hash } from 'node:crypto';
import type { Credential } from '../credentials/credential.ts';

/** The same over restarts, and over changes of labels and of places in lists. All credentials of an account have one. */
export function authIndex({ id, account }: Pick<Credential, 'id' | 'account'>): string {
  return authIndexOf(account ?? id);
}

/** By the id of an account, or of a credential that is none of an account's. */
export function authIndexOf(id: string): string {
  return hash('sha256', id, 'hex').slice(0, 16);
}
