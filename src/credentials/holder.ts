/** What the pool knows of one credential, whatever the model: its rests, its quota, its load. */
import { matchesPattern } from '../providers/pattern.ts';
import type { CooldownRules } from './cooldown-table.ts';
import { type Quota, type QuotaStanding, quotaStanding, unknownQuota } from './quota.ts';
import type { Rest } from './rest.ts';

export interface Holder {
  readonly id: string;
  rules: CooldownRules;
  /** Patterns of models whose limits are not the account's. */
  ownLimits: readonly string[];
  /** At most one for each kind and model. */
  rests: Rest[];
  quota: Quota;
  /** Requests under way. */
  inFlight: number;
  /** The account's token that was refused last; undefined when none was. */
  refused: { token: string | undefined } | undefined;
}

export function newHolder(id: string, rules: CooldownRules): Holder {
  return { id, rules, ownLimits: [], rests: [], quota: unknownQuota, inFlight: 0, refused: undefined };
}

/** Whether a rest of the credential concerns requests for this model: a used-up quota of the account not those that have their own. */
export function concerns(holder: Holder, { kind, model: resting }: Rest, model: string): boolean {
  if (resting !== undefined) return resting === model;
  return kind !== 'quota' || !hasOwnLimit(holder, model);
}

/** What the credential's quota says about serving `model` now. */
export function quotaFor(holder: Holder, model: string, now: number): QuotaStanding {
  const { quota } = holder;
  return quotaStanding(hasOwnLimit(holder, model) ? { ...quota, ofAccount: [] } : quota, model, now);
}

function hasOwnLimit({ ownLimits }: Holder, model: string): boolean {
  return ownLimits.length > 0 && ownLimits.some((pattern) => matchesPattern(model, pattern));
}

/** The credential's rest of a kind, for a model or for all. */
export function restLike(holder: Holder, { kind, model }: Pick<Rest, 'kind' | 'model'>): Rest | undefined {
  return holder.rests.find((rest) => rest.kind === kind && rest.model === model);
}

/** Puts a rest in the place of the one of its kind and model. */
export function putRest(holder: Holder, rest: Rest): void {
  const at = holder.rests.findIndex(({ kind, model }) => kind === rest.kind && model === rest.model);
  if (at < 0) holder.rests.push(rest);
  else holder.rests[at] = rest;
}

/** Whether a credential may serve a model now, and if not, until when. */
export type Standing =
  | { kind: 'ready' }
  /** `rest` ends last of those that hold. */
  | { kind: 'resting'; until: number; rest: Rest }
  /** It rests, and may be tried when nothing else is left. */
  | { kind: 'last-resort'; until: number; rest: Rest }
  /** Its quota is nearly used up; it serves when nobody else is ready. */
  | { kind: 'spared'; until: number };

const ready: Standing = { kind: 'ready' };

/** How a credential stands; `sparing` is for strategies that read quotas. */
export function standingOf(holder: Holder, model: string, sparing: boolean, now: number): Standing {
  let last: Rest | undefined;
  let lastResort = true;
  for (const rest of holder.rests) {
    if (rest.until <= now || !concerns(holder, rest, model)) continue;
    lastResort &&= rest.kind !== 'budget' && holder.rules.rules[rest.kind].lastResort;
    if (last === undefined || rest.until > last.until) last = rest;
  }
  if (last !== undefined)
    return { kind: lastResort ? 'last-resort' : 'resting', until: last.until, rest: last };
  if (!sparing) return ready;
  const { sparedUntil } = quotaFor(holder, model, now);
  return sparedUntil === undefined ? ready : { kind: 'spared', until: sparedUntil };
}
