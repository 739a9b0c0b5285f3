/** Which candidate each conversation is bound to, by its key, for as long as it goes on. */

/** Bindings that several replicas share: a conversation stays with its candidate whichever replica it comes to. */
export interface SharedBindings {
  /** The candidate of a conversation that has not been here; undefined when it is unknown, or not answered within some ms. */
  find(session: string): Promise<string | undefined>;
  /** It is bound to this candidate, for so many ms; `moved`: it was bound to another one, which others may believe still. */
  put(session: string, candidate: string, ms: number, moved: boolean): void;
}

export interface SessionBindings {
  /** Whether a conversation is known here, so that no replica need be asked. */
  knows(session: string): boolean;
  /** Takes over what another replica has bound: as a whole conversation, or only where it is known here. */
  adopt(session: string, candidate: string, now: number, onlyKnown?: boolean): void;
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
  /** When it was reported to the other replicas. */
  sharedAt: number;
}

export interface CachedTokens {
  tokens: number;
  /** Ms since the epoch. */
  until: number;
}

export function createSessionBindings(
  most = mostSessions,
  shared?: Pick<SharedBindings, 'put'>,
): SessionBindings {
  /** In the order of their last request, the oldest first. */
  const bindings = new Map<string, Binding>();
  let ttl = Number.POSITIVE_INFINITY;

  function forgetOld(now: number): void {
    for (const [session, { usedAt }] of bindings) {
      if (now - usedAt < ttl && bindings.size <= most) return;
      bindings.delete(session);
    }
  }

  function keep(session: string, binding: Omit<Binding, 'sharedAt'>, before: Binding | undefined): void {
    const { candidate, usedAt } = binding;
    const moved = before !== undefined && before.candidate !== candidate;
    // Others forget it when its time is over: now and then it is reported that it goes on.
    const reports =
      shared !== undefined && (before === undefined || moved || usedAt - before.sharedAt > ttl / 4);
    bindings.delete(session);
    bindings.set(session, {
      ...binding,
      sharedAt: reports || before === undefined ? usedAt : before.sharedAt,
    });
    if (reports) shared.put(session, candidate, ttl, moved);
  }

  return {
    knows: (session) => bindings.has(session),
    adopt(session, candidate, now, onlyKnown = false) {
      const before = bindings.get(session);
      if (before === undefined ? onlyKnown : before.candidate === candidate) return;
      bindings.delete(session);
      bindings.set(session, { candidate, usedAt: now, cached: undefined, sharedAt: now });
      forgetOld(now);
    },
    boundTo(session, now) {
      forgetOld(now);
      const binding = bindings.get(session);
      if (binding === undefined) return undefined;
      keep(session, { ...binding, usedAt: now }, binding);
      return binding.candidate;
    },
    bind(session, candidate, now) {
      const before = bindings.get(session);
      // A whole answer has reported the cache before it binds.
      const cached = before?.candidate === candidate ? before.cached : undefined;
      keep(session, { candidate, usedAt: now, cached }, before);
      forgetOld(now);
    },
    cached(session, candidate, cached, now) {
      keep(session, { candidate, usedAt: now, cached }, bindings.get(session));
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
