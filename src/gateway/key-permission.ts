/** What a client key may use of the candidates for a model. */
import type { Candidate } from '../credentials/catalog.ts';
import type { LimitedKey } from '../limits/limiter.ts';
import { mayUseProvider } from '../limits/permission.ts';

/** Whether the key's list of providers has this one, by its kind or by the name that its entry has in the configuration. */
export function mayUse(key: LimitedKey, { credential }: Candidate): boolean {
  const { provider, givenName } = credential;
  return mayUseProvider(key.limits, givenName === undefined ? [provider.name] : [provider.name, givenName]);
}
