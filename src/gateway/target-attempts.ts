/** Which targets of a model route a request has done with. */
import type { Candidate } from '../credentials/catalog.ts';
import type { RouteTarget } from '../credentials/route-target.ts';

export interface TargetAttempts {
  /** No credential of its target is asked any more: its model cannot take the request, or as many as may have been asked. */
  isOver(candidate: Candidate): boolean;
  /** This one is asked; gives its target where that is another than before, or was not the first. */
  takes(candidate: Candidate): RouteTarget | undefined;
  /** Its model has refused the request for what the model is. */
  refuses(candidate: Candidate): void;
  /** A further round over those that can take it. */
  again(): void;
}

/** `limit`: credentials of one target that a round asks. */
export function targetAttempts([first]: readonly RouteTarget[], limit: number): TargetAttempts {
  const asked = new Map<RouteTarget | undefined, number>();
  const refused = new Set<RouteTarget | undefined>();
  let latest = first;
  return {
    isOver: ({ target }) => refused.has(target) || (asked.get(target) ?? 0) >= limit,
    takes({ target }) {
      asked.set(target, (asked.get(target) ?? 0) + 1);
      if (target === latest) return undefined;
      latest = target;
      return target;
    },
    refuses: ({ target }) => void refused.add(target),
    again: () => asked.clear(),
  };
}
