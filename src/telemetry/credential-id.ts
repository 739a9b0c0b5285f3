/** A credential's id for metrics and spans, which must not contain its label: labels of accounts are e-mail addresses. */
import { hash } from 'node:crypto';

/** `claude-code-3fa9c1`: the provider, and six digits of the digest of the credential's id. Stays over restarts. */
export function shortId(provider: string, id: string): string {
  return `${provider}-${hash('sha256', id, 'hex').slice(0, 6)}`;
}
