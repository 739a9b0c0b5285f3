/** How long a conversation waits for the credential that has it in its prompt cache, rather than having another read it anew. */

import { cachedBehind, leastCached } from '../usage/prompt-cache.ts';
import type { UsageTokens } from '../usage/record.ts';

/**
 * Ms of waiting that a token is worth: about what it takes to read one that no cache knows, which is all the time that the
 * switch would cost, and then its price comes on top.
 */
const perToken = 0.1;

/** Ms that are worth waiting for so many cached tokens; `longest` is `routing.session-affinity-wait`. */
export function worthWaiting(cached: number, longest: number): number {
  return cached < leastCached ? 0 : Math.min(longest, cached * perToken);
}

/** What the bindings of conversations keep of a turn. */
export function cachedOf(tokens: UsageTokens, at: number): { tokens: number; until: number } {
  const { input, cacheRead, cacheWrite, cacheWrite1h } = tokens;
  return cachedBehind({ at, credential: '', input, cacheRead, cacheWrite, cacheWrite1h });
}
