/** What the pool knows of one credential, whatever the model: its cooldowns, its quota, its load. */
import { matchesPattern } from '../providers/pattern.ts';
import type { Cooldown } from './cooldown.ts';
import type { CooldownRules } from './cooldown-table.ts';
import { type Quota, type QuotaState, quotaState, unknownQuota } from './quota.ts';

export interface CredentialState {
  readonly id: string;
  rules: CooldownRules;
  /** Patterns of models whose limits are not the account's. */
  ownLimits: readonly string[];
  /** At most one for each kind and model. */
  rests: Cooldown[];
  quota: Quota;
  /** Requests under way. */
  inFlight: number;
  /** The account's token that was refused last; undefined when none was. */
  refused: { token: string | undefined } | undefined;
}

export function newCredentialState(id: string, rules: CooldownRules): CredentialState {
  return { id, rules, ownLimits: [], rests: [], quota: unknownQuota, inFlight: 0, refused: undefined };
}

/** Whether a rest of the credential concerns requests for this model: a used-up quota of the account not those that have their own. */
export function concerns(state: CredentialState, { kind, model: resting }: Cooldown, model: string): boolean {
  if (resting !== undefined) return resting === model;
  return kind !== 'quota' || !hasOwnLimit(state, model);
}

/** What the credential's quota says about serving `model` now. */
export function quotaFor(state: CredentialState, model: string, now: number): QuotaState {
  const { quota } = state;
  return quotaState(hasOwnLimit(state, model) ? { ...quota, ofAccount: [] } : quota, model, now);
}

function hasOwnLimit({ ownLimits }: CredentialState, model: string): boolean {
  return ownLimits.length > 0 && ownLimits.some((pattern) => matchesPattern(model, pattern));
}

/** The credential's cooldown of a kind, for a model or for all. */
export function cooldownLike(
  state: CredentialState,
  { kind, model }: Pick<Cooldown, 'kind' | 'model'>,
): Cooldown | undefined {
  return state.rests.find((rest) => rest.kind === kind && rest.model === model);
}

/** Puts a cooldown in the place of the one of its kind and model. */
export function putCooldown(state: CredentialState, rest: Cooldown): void {
  const at = state.rests.findIndex(({ kind, model }) => kind === rest.kind && model === rest.model);
  if (at < 0) state.rests.push(rest);
  else state.rests[at] = rest;
}

/** Whether a credential may serve a model now, and if not, until when. */
export type Availability =
  | { kind: 'ready' }
  /** `rest` ends last of those that hold. */
  | { kind: 'resting'; until: number; rest: Cooldown }
  /** It is cooling down, and may be tried when nothing else is left. */
  | { kind: 'last-resort'; until: number; rest: Cooldown }
  /** Its quota is nearly used up; it serves when nobody else is ready. */
  | { kind: 'spared'; until: number };

const ready: Availability = { kind: 'ready' };

/** How a credential stands; `sparing` is for strategies that read quotas. */
export function availabilityOf(
  state: CredentialState,
  model: string,
  sparing: boolean,
  now: number,
): Availability {
  let last: Cooldown | undefined;
  let lastResort = true;
  for (const rest of state.rests) {
    if (rest.until <= now || !concerns(state, rest, model)) continue;
    lastResort &&= rest.kind !== 'budget' && state.rules.rules[rest.kind].lastResort;
    if (last === undefined || rest.until > last.until) last = rest;
  }
  if (last !== undefined)
    return { kind: lastResort ? 'last-resort' : 'resting', until: last.until, rest: last };
  if (!sparing) return ready;
  const { sparedUntil } = quotaFor(state, model, now);
  return sparedUntil === undefined ? ready : { kind: 'spared', until: sparedUntil };
}
