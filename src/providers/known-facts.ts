import type { AccountFacts } from './account-provider.ts';

/** The facts without those that are not known, so that laying them over older ones takes nothing away. */
export function knownFacts(facts: AccountFacts): AccountFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
