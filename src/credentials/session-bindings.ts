/** Which candidate each conversation is bound to, by its key, for as long as it goes on. */

export interface SessionBindings {
  /** The candidate of a conversation; asking keeps the binding alive. */
  boundTo(session: string, now: number): string | undefined;
  bind(session: string, candidate: string, now: number): void;
  /** Milliseconds without a request after which a binding is forgotten. */
  keepFor(milliseconds: number): void;
  readonly size: number;
}

/** Conversations that are remembered; beyond that the one quiet for longest is forgotten. */
const mostSessions = 50_000;

export function createSessionBindings(most = mostSessions): SessionBindings {
  /** In the order of their last request, the oldest first. */
  const bindings = new Map<string, { candidate: string; usedAt: number }>();
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
      bindings.delete(session);
      bindings.set(session, { candidate, usedAt: now });
      forgetOld(now);
    },
    keepFor(milliseconds) {
      ttl = milliseconds;
    },
    get size() {
      return bindings.size;
    },
  };
}
