/** Targets of a model route that a request fits: whose context is long enough, and which see its images. */
import type { Candidate, Route } from '../credentials/catalog.ts';
import type { AskedFeatures } from '../credentials/route-target.ts';
import type { MayServe } from '../credentials/survey.ts';
import { knownModel } from '../models/known-models.ts';

/** What is known of a candidate's model, and counts here. */
interface Capacity {
  /** In tokens. */
  context: number;
  images: boolean;
}

export interface Fitting {
  /** The candidates whose models can take the request. */
  serves: (candidate: Candidate) => boolean;
  /** The targets that cannot, each with the reason. */
  unfit: readonly { model: string; why: string }[];
}

/** More tokens than a byte is ever taken for: a file of 1 KiB counts as 1600 (token-estimate.ts). */
const tokensOfByte = 2;

/**
 * Undefined where every target takes the request as far as is known, or none does: then they are asked in their order. `may`: who
 * may serve it at all.
 */
export function fittingTargets(
  route: Route,
  asked: AskedFeatures,
  bytes: number,
  may: MayServe,
): Fitting | undefined {
  const { by } = route;
  if (by === undefined || by.targets.length < 2) return undefined;
  const least = leastOf(route);
  const tokens = bytes * tokensOfByte > least.context ? asked.tokens() : 0;
  const images = !least.images && asked.images();
  if (tokens <= least.context && !images) return undefined;
  const whyNot = (candidate: Candidate): string | undefined => {
    const capacity = capacityOf(candidate);
    if (tokens > capacity.context) return `about ${tokens} tokens, and its context has ${capacity.context}`;
    return images && !capacity.images ? 'images, which it does not see' : undefined;
  };
  const serves = (candidate: Candidate): boolean => whyNot(candidate) === undefined;
  if (!route.tiers.some((tier) => tier.some((one) => serves(one) && may?.(one) !== false))) return undefined;
  const unfit = new Map<string, string>();
  for (const candidate of route.tiers.flat()) {
    const why = whyNot(candidate);
    if (why !== undefined) unfit.set(candidate.target?.name ?? candidate.model, why);
  }
  return { serves, unfit: [...unfit].map(([model, why]) => ({ model, why })) };
}

/** The shortest context, and whether all see images: the same for every request. */
const leastOfRoutes = new WeakMap<Route, Capacity>();

function leastOf(route: Route): Capacity {
  const known = leastOfRoutes.get(route);
  if (known !== undefined) return known;
  const all = route.tiers.flat().map(capacityOf);
  const least = {
    context: Math.min(...all.map(({ context }) => context)),
    images: all.every(({ images }) => images),
  };
  leastOfRoutes.set(route, least);
  return least;
}

/** A model of which nothing is known takes everything. The owner's word goes before the table's. */
function capacityOf({ model, about }: Candidate): Capacity {
  const row = knownModel(model);
  return {
    context: about?.contextLength ?? row?.context ?? Number.POSITIVE_INFINITY,
    images: row?.inputs?.includes('image') ?? true,
  };
}
