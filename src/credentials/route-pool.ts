/** The candidates of one route, kept apart by whether they may serve: those that may in the strategy's order, the others by when they come back. */
import type { Candidate, Route } from './catalog.ts';
import { availabilityOf, type CredentialState, quotaFor } from './credential-state.ts';
import type { Entry, Tier } from './entry.ts';
import { createHeap } from './heap.ts';

import type { Strategy } from './strategy.ts';

export interface RoutePool {
  readonly tiers: readonly Tier[];
  readonly entries: readonly Entry[];
  /** The entry of a candidate, by its {@link candidateKey}; the index is made when first asked for. */
  entryOf(key: string): Entry | undefined;
  readonly strategy: Strategy;
}

/** Distinguishes the candidates of a route: several models of one credential may have the same alias. */
export function candidateKey({ credential, model }: Candidate): string {
  return `${credential.id}\n${model}`;
}

const soonerBack = (a: Entry, b: Entry): boolean => a.until < b.until;

/**
 * Puts every candidate in its place. The one operation that looks at all of them: once a route and configuration.
 * `before` is the pool of the same route in the configuration before: whose turn it is does not begin anew.
 */
export function createRoutePool(
  route: Route,
  strategy: Strategy,
  stateOf: (candidate: Candidate) => CredentialState,
  before: RoutePool | undefined,
  now: number,
): RoutePool {
  const entries: Entry[] = [];
  const earlier = before?.strategy === strategy ? before : undefined;
  const clock = earlier === undefined ? 0 : lowestRank(earlier.entries);
  const tiers = route.tiers.map((candidates): Tier => {
    const tier: Tier = {
      ready: strategy.order(clock),
      'cooling-down': createHeap<Entry>(soonerBack),
      'last-resort': createHeap<Entry>(soonerBack),
      reserved: createHeap<Entry>(soonerBack),
    };
    const inOrder = candidates.map((candidate, place) => ({
      candidate,
      place,
      known: earlier?.entryOf(candidateKey(candidate)),
    }));
    if (earlier !== undefined) inOrder.sort((a, b) => (a.known?.served ?? 0) - (b.known?.served ?? 0));
    for (const { candidate, place, known } of inOrder) {
      if (strategy.byWeight && candidate.credential.weight <= 0) continue;
      const state = stateOf(candidate);
      const entry: Entry = {
        candidate,
        state,
        tier,
        place,
        where: 'out',
        until: 0,
        served: known?.served ?? 0,
        inFlight: state.inFlight,
        resetsAt: Number.POSITIVE_INFINITY,
        dueAt: Number.POSITIVE_INFINITY,
        rank: known?.rank ?? 0,
        heapAt: -1,
        before: undefined,
        after: undefined,
      };
      entries.push(entry);
      settle(entry, strategy, now);
    }
    return tier;
  });
  let byKey: Map<string, Entry> | undefined;
  return {
    tiers,
    entries,
    strategy,
    entryOf(key) {
      byKey ??= new Map(entries.map((entry) => [candidateKey(entry.candidate), entry]));
      return byKey.get(key);
    },
  };
}

function lowestRank(entries: readonly Entry[]): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { rank } of entries) if (rank < lowest) lowest = rank;
  return Number.isFinite(lowest) ? lowest : 0;
}

/** Moves an entry to the place of its credential's state. */
export function settle(entry: Entry, strategy: Strategy, now: number): void {
  const { state, tier } = entry;
  const availability = availabilityOf(state, entry.candidate.model, strategy.byQuota, now);
  const until = availability.kind === 'ready' ? 0 : availability.until;
  const { resetsAt, dueAt } = strategy.byQuota ? quotaFor(state, entry.candidate.model, now) : entry;
  const changed = entry.resetsAt !== resetsAt || entry.dueAt !== dueAt || entry.inFlight !== state.inFlight;
  if (availability.kind === entry.where && until === entry.until && !changed) return;
  const stays = availability.kind === entry.where;
  if (!stays) leave(entry);
  entry.resetsAt = resetsAt;
  entry.dueAt = dueAt;
  entry.inFlight = state.inFlight;
  entry.until = until;
  entry.where = availability.kind;
  if (availability.kind === 'ready') {
    if (stays) tier.ready.changed(entry);
    else tier.ready.add(entry);
  } else if (stays) tier[availability.kind].moved(entry);
  else tier[availability.kind].add(entry);
}

function leave(entry: Entry): void {
  if (entry.where === 'ready') entry.tier.ready.remove(entry);
  else if (entry.where !== 'out') entry.tier[entry.where].remove(entry);
}

/** Brings back those whose time has come. Each comes back once a cooldown, so that a request pays for its own at most. */
export function wake(tier: Tier, strategy: Strategy, now: number): void {
  for (const heap of [tier['cooling-down'], tier['last-resort'], tier.reserved]) {
    for (let first = heap.first(); first !== undefined && first.until <= now; first = heap.first())
      settle(first, strategy, now);
  }
  if (!strategy.byQuota) return;
  // A window after its reset is unknown: its credential joins those of unknown quota.
  for (
    let first = tier.ready.first();
    first !== undefined && first.resetsAt <= now;
    first = tier.ready.first()
  ) {
    const { state, candidate } = first;
    const { resetsAt, dueAt } = quotaFor(state, candidate.model, now);
    first.resetsAt = resetsAt;
    first.dueAt = dueAt;
    tier.ready.changed(first);
  }
}
