/**
 * What a conversation has in a provider's prompt cache, and what a turn has to pay again of it: because another credential
 * serves it, whose cache does not know it, or because it no longer begins as it did. Pure.
 */

/** One turn of a conversation. Tokens as in a record: `input` has all of them in it. */
export interface CacheTurn {
  /** Ms since the epoch. */
  at: number;
  credential: string | number;
  input: number | undefined;
  cacheRead: number | undefined;
  cacheWrite: number | undefined;
  cacheWrite1h: number | undefined;
}

export interface CacheStep {
  /** Tokens that were in a cache after the turn before, and had to be read anew. */
  again: number;
  /** Why: another credential, or another beginning; null where nothing was paid again. */
  because: 'switched' | 'changed' | null;
}

/** Tokens that a prompt needs to be cached at all. Source: platform.openai.com/docs/guides/prompt-caching; Claude's are the same or fewer. */
export const leastCached = 1024;

/** Ms that a cache outlasts its last use by, unless an hour was paid for. Source: platform.claude.com/docs/en/build-with-claude/prompt-caching. */
const usually = 5 * 60_000;
const forAnHour = 60 * 60_000;

/** Tokens of the conversation that are in the cache behind this turn, and until when: ms since the epoch. */
export function cachedBehind({ at, input = 0, cacheRead, cacheWrite, cacheWrite1h = 0 }: CacheTurn): {
  tokens: number;
  until: number;
} {
  // Services that cache by themselves report what they read alone: what they were sent is what they have.
  const tokens =
    cacheWrite !== undefined ? (cacheRead ?? 0) + cacheWrite : cacheRead === undefined ? 0 : input;
  return {
    tokens: tokens < leastCached ? 0 : tokens,
    until: at + (cacheWrite1h > 0 ? forAnHour : usually),
  };
}

const nothing: CacheStep = { again: 0, because: null };

/** What a turn paid again of what the one `before` it, of the same conversation and model, had left in the cache. */
export function cacheStep(before: CacheTurn | undefined, turn: CacheTurn): CacheStep {
  if (before === undefined) return nothing;
  const { tokens, until } = cachedBehind(before);
  // A shorter prompt is another one: of a helper of the client, or the conversation after it was summed up.
  if (tokens === 0 || turn.at > until || (turn.input ?? 0) < tokens) return nothing;
  const again = tokens - (turn.cacheRead ?? 0);
  if (before.credential !== turn.credential) return again > 0 ? { again, because: 'switched' } : nothing;
  // Caches work in blocks: a part of the end is always read anew.
  return again > tokens / 2 ? { again, because: 'changed' } : nothing;
}
