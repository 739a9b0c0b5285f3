/** What the peer's clients know an account or a key by: sixteen hexadecimal digits, which they keep in databases of their own. */
import { hash } from 'node:crypto';
import type { Credential } from '../credentials/credential.ts';

/** By the id of an account, or of a key: the same over restarts, and over changes of labels and of places in lists. */
export function authIndex(id: string): string {
  return hash('sha256', id, 'hex').slice(0, 16);
}

/** Of a credential: all of one account have the same. */
export function authIndexOf({ id, account }: Pick<Credential, 'id' | 'account'>): string {
  return authIndex(account ?? id);
}
