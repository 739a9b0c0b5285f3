/** Which credential each conversation is bound to, for as long as it goes on. */

export interface SessionBindings {
  /** The credential of a conversation; asking keeps the binding alive. */
  boundTo(session: string, now: number): string | undefined;
  bind(session: string, credential: string, now: number): void;
  /** Milliseconds without a request after which a binding is forgotten. */
  keepFor(milliseconds: number): void;
  readonly size: number;
}

/** Conversations that are remembered; beyond that the one quiet for longest is forgotten. */
const mostSessions = 50_000;

export function createSessionBindings(most = mostSessions): SessionBindings {
  /** In the order of their last request, the oldest first. */
  const bindings = new Map<string, { credential: string; usedAt: number }>();
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
      return binding.credential;
    },
    bind(session, credential, now) {
      bindings.delete(session);
      bindings.set(session, { credential, usedAt: now });
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
