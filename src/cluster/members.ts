/** The list of replicas, for both engines. */
import type { Replica } from './ports.ts';

export interface Members {
  /** This one among them; itself alone while nothing is known. */
  list(): readonly Replica[];
  /** Which of how many this one is: a place of its own, the same for all who know the same replicas. */
  place(): Place;
  /** Announces that it leaves. */
  leave(): Promise<void>;
}

export interface Place {
  rank: number;
  of: number;
}

export function placeIn(members: readonly Replica[], { id }: Replica): Place {
  const ids = members.map((member) => member.id).sort();
  const rank = ids.indexOf(id);
  return rank < 0 ? { rank: ids.length, of: ids.length + 1 } : { rank, of: ids.length };
}
