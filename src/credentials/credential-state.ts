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
  cooldowns: Cooldown[];
  quota: Quota;
  /** Requests under way. */
  inFlight: number;
  /** The account's token that was refused last; undefined when none was. */
  refused: { token: string | undefined } | undefined;
}

export function newCredentialState(id: string, rules: CooldownRules): CredentialState {
  return { id, rules, ownLimits: [], cooldowns: [], quota: unknownQuota, inFlight: 0, refused: undefined };
}

/** Whether a cooldown of the credential concerns requests for this model: a used-up quota of the account not those that have their own. */
export function concerns(state: CredentialState, { kind, model: cooled }: Cooldown, model: string): boolean {
  if (cooled !== undefined) return cooled === model;
  return kind !== 'quota' || !hasOwnLimit(state, model);
}

/** The verdict of the credential's quota about serving `model` now. */
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
  return state.cooldowns.find((cooldown) => cooldown.kind === kind && cooldown.model === model);
}

/** Puts a cooldown in the place of the one of its kind and model. */
export function putCooldown(state: CredentialState, cooldown: Cooldown): void {
  const at = state.cooldowns.findIndex(
    ({ kind, model }) => kind === cooldown.kind && model === cooldown.model,
  );
  if (at < 0) state.cooldowns.push(cooldown);
  else state.cooldowns[at] = cooldown;
}

/** Whether a credential may serve a model now, and if not, until when. */
export type Availability =
  | { kind: 'ready' }
  /** `cooldown` ends last of those that hold. */
  | { kind: 'cooling-down'; until: number; cooldown: Cooldown }
  /** It is cooling down, and may be tried when no other is left. */
  | { kind: 'last-resort'; until: number; cooldown: Cooldown }
  /** Its quota is nearly used up; it serves when no other is ready. */
  | { kind: 'reserved'; until: number };

const ready: Availability = { kind: 'ready' };

/** The availability of a credential; `byQuota` is for strategies that read quotas. */
export function availabilityOf(
  state: CredentialState,
  model: string,
  byQuota: boolean,
  now: number,
): Availability {
  let last: Cooldown | undefined;
  let lastResort = true;
  for (const cooldown of state.cooldowns) {
    if (cooldown.until <= now || !concerns(state, cooldown, model)) continue;
    lastResort &&= cooldown.kind !== 'budget' && state.rules.rules[cooldown.kind].lastResort;
    if (last === undefined || cooldown.until > last.until) last = cooldown;
  }
  if (last !== undefined)
    return { kind: lastResort ? 'last-resort' : 'cooling-down', until: last.until, cooldown: last };
  if (!byQuota) return ready;
  const { reservedUntil } = quotaFor(state, model, now);
  return reservedUntil === undefined ? ready : { kind: 'reserved', until: reservedUntil };
}
