/** Refusals that several providers share. */
import type { Refusal } from './refusal.ts';

/** A subscription that its provider keeps to its own programs: nothing that a gateway could or should do about it. */
export function ownProgramsOnly(statuses: readonly number[], says: RegExp, key: string): Refusal {
  const next = `the provider's terms decide which programs a subscription may be used with; an API key has no such limit: ${key}`;
  return { statuses, says, means: 'forbidden', next };
}

/** A challenge page in front of the API: a browser would pass it, a program does not. */
export const challengePage: Refusal = {
  statuses: [403, 503],
  says: /<title>Just a moment|cf-mitigated|challenge-platform|_cf_chl/i,
  next: "the provider's guard turned this network away before the API was reached; try another network or a proxy-url for the account",
};

/** A whole number in a header's value. */
export function numberIn(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
