/** The choice of the next credential: a pure function over the route, the rests and where the rotation stands. */
import type { Candidate, Route } from './catalog.ts';
import { isHard, isResting, type Rest } from './cooldown.ts';

/** What the choice depends on, apart from the route. */
export interface SelectionState {
  /** Where the rotation of each model stands. */
  cursors: ReadonlyMap<string, number>;
  /** Rests by {@link restKey}. */
  rests: ReadonlyMap<string, Rest>;
}

export type Selection =
  | { kind: 'chosen'; candidate: Candidate; cursor: number }
  /** Candidates there are, but all rest; `until` is when the first comes back, in ms since the epoch. */
  | { kind: 'resting'; until: number; resting: { candidate: Candidate; rest: Rest }[] }
  /** Every candidate has been tried in this request. */
  | { kind: 'exhausted' };

/** A credential rests per model: a quota of one model says nothing about another. */
export function restKey(candidate: Candidate): string {
  return `${candidate.credential.id}\n${candidate.model}`;
}

/**
 * The next candidate in the rotation that is not resting and not in `tried`, from the highest tier that has one.
 * When all that is left rests, softly resting ones are chosen before giving up (see the cooldown rules).
 */
export function select(
  route: Route,
  state: SelectionState,
  tried: ReadonlySet<Candidate>,
  now: number,
): Selection {
  const cursor = state.cursors.get(route.model) ?? 0;
  let soft: Candidate | undefined;
  const resting: { candidate: Candidate; rest: Rest }[] = [];
  for (const tier of route.tiers) {
    for (let step = 0; step < tier.length; step++) {
      const candidate = tier[(cursor + step) % tier.length];
      if (candidate === undefined || tried.has(candidate)) continue;
      const rest = state.rests.get(restKey(candidate));
      if (rest === undefined || !isResting(rest, now)) {
        return { kind: 'chosen', candidate, cursor: cursor + step + 1 };
      }
      if (isHard(rest)) resting.push({ candidate, rest });
      else soft ??= candidate;
    }
  }
  if (soft !== undefined) return { kind: 'chosen', candidate: soft, cursor: cursor + 1 };
  if (resting.length === 0) return { kind: 'exhausted' };
  return { kind: 'resting', until: Math.min(...resting.map(({ rest }) => rest.until)), resting };
}
