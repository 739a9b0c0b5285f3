/** Which candidate each conversation is bound to, by its key, for as long as it goes on. */

export interface SessionBindings {
  /** The candidate of a conversation; asking keeps the binding alive. */
  boundTo(session: string, now: number): string | undefined;
  bind(session: string, candidate: string, now: number): void;
  /** So many tokens of the conversation are in the prompt cache of this candidate, until then: it is bound to that. */
  cached(session: string, candidate: string, cached: CachedTokens, now: number): void;
  /** How many those are now; 0 where nothing is known. */
  cachedTokens(session: string, now: number): number;
  /** Milliseconds without a request after which a binding is forgotten. */
  keepFor(milliseconds: number): void;
  readonly size: number;
}

/** Conversations that are remembered; beyond that the one quiet for longest is forgotten. */
const mostSessions = 50_000;

interface Binding {
  candidate: string;
  usedAt: number;
  cached: CachedTokens | undefined;
}

export interface CachedTokens {
  tokens: number;
  /** Ms since the epoch. */
  until: number;
}

export function createSessionBindings(most = mostSessions): SessionBindings {
  /** In the order of their last request, the oldest first. */
  const bindings = new Map<string, Binding>();
  let ttl = Number.POSITIVE_INFINITY;

  function forgetOld(now: number): void {
    for (const [session, { usedAt }] of bindings) {
      if (now - usedAt < ttl && bindings.size <= most) return;
      bindings.delete(session);
    }
  }

  return {
    boundTo(session, now) {
      forgetOld(now);
      const binding = bindings.get(session);
      if (binding === undefined) return undefined;
      bindings.delete(session);
      bindings.set(session, { ...binding, usedAt: now });
      return binding.candidate;
    },
    bind(session, candidate, now) {
      const before = bindings.get(session);
      bindings.delete(session);
      // A whole answer has told of the cache before it binds.
      const cached = before?.candidate === candidate ? before.cached : undefined;
      bindings.set(session, { candidate, usedAt: now, cached });
      forgetOld(now);
    },
    cached(session, candidate, cached, now) {
      bindings.delete(session);
      bindings.set(session, { candidate, usedAt: now, cached });
    },
    cachedTokens(session, now) {
      const cached = bindings.get(session)?.cached;
      return cached === undefined || cached.until < now ? 0 : cached.tokens;
    },
    keepFor(milliseconds) {
      ttl = milliseconds;
    },
    get size() {
      return bindings.size;
    },
  };
}
