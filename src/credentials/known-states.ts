/** What is known of credentials: read for files and for other replicas, taken over from them, and changed by the owner. */
import { type Cooldown, isOpen } from './cooldown.ts';
import { type CredentialState, concerns, cooldownLike, putCooldown } from './credential-state.ts';
import { type Quota, withWindows } from './quota.ts';
import type { QuotaRecord } from './quota-file.ts';

/** A cooldown with the credential that has it. */
export interface CooldownRecord {
  credential: string;
  cooldown: Cooldown;
}

/** Which of a credential's cooldowns is meant: it has at most one of each. */
export type CooldownName = Pick<Cooldown, 'kind' | 'model'>;

/** The part of a pool that does not select. */
export interface KnownStates {
  /** Every cooldown that still means something. */
  cooldowns(now: number): CooldownRecord[];
  quotaOf(credential: string): Quota | undefined;
  /** Every window that has been reported. */
  quotas(): QuotaRecord[];
  /** Takes over windows of an earlier run; those that have been reported anew stay as they are. */
  restoreQuotas(records: readonly QuotaRecord[], now: number): void;
  inFlightOf(credential: string): number;
  /** Takes over cooldowns of an earlier run; those that are over are left out. */
  restore(records: readonly CooldownRecord[], now: number): void;
  /** The cooldown with this name, be it over; undefined when there is none. */
  cooldownOf(credential: string, name: CooldownName): Cooldown | undefined;
  /** Puts a cooldown, or none, in the place of the one with this name: what another replica has found out. */
  adopt(credential: string, name: CooldownName, cooldown: Cooldown | undefined, now: number): void;
  /** Takes over windows that another replica got from a provider, where they are newer than those known. */
  adoptQuotas(records: readonly QuotaRecord[], now: number): void;
  /** Ends the cooldowns of a credential that failures have made, all or those of one model. Gives how many there were. */
  reset(credential: string, model: string | undefined, now: number): number;
  /** A credential has spent its budget until then, or, with undefined, may spend again. */
  budget(credential: string, spent: { until: number; reason: string } | undefined, now: number): void;
}

/** The states of a pool, and how they are changed there: the orders that it chooses from follow. */
export interface PoolStates {
  states: ReadonlyMap<string, CredentialState>;
  /** That of a credential, be it new. */
  stateOf(id: string): CredentialState;
  /** Puts a cooldown in the place of the one like it. */
  put(state: CredentialState, cooldown: Cooldown, now: number): void;
  /** A cooldown of this name has been put, or has gone. */
  changed(state: CredentialState, name: CooldownName, now: number): void;
  quotaChanged(state: CredentialState, now: number): void;
  /** Ends cooldowns; gives how many. */
  drop(state: CredentialState, over: (cooldown: Cooldown) => boolean, now: number): number;
}

export function knownStates({ states, stateOf, put, changed, quotaChanged, drop }: PoolStates): KnownStates {
  return {
    cooldowns(now) {
      return [...states.values()].flatMap(({ id, cooldowns }) =>
        cooldowns
          .filter((cooldown) => isOpen(cooldown, now))
          .map((cooldown) => ({ credential: id, cooldown })),
      );
    },

    quotaOf: (credential) => states.get(credential)?.quota,
    quotas: () =>
      [...states.values()].flatMap(({ id: credential, quota: { ofAccount, ofModels } }) => [
        ...ofAccount.map((window) => ({ credential, of: undefined, window })),
        ...[...ofModels].flatMap(([of, windows]) => windows.map((window) => ({ credential, of, window }))),
      ]),
    restoreQuotas(records, now) {
      for (const { credential, of, window } of records) {
        const state = stateOf(credential);
        const known = of === undefined ? state.quota.ofAccount : state.quota.ofModels.get(of);
        if (known?.some(({ name }) => name === window.name)) continue;
        state.quota = withWindows(state.quota, of ?? '', [window]);
        quotaChanged(state, now);
      }
    },
    inFlightOf: (credential) => states.get(credential)?.inFlight ?? 0,

    restore(records, now) {
      for (const { credential, cooldown } of records) {
        if (!isOpen(cooldown, now)) continue;
        const state = stateOf(credential);
        putCooldown(state, cooldown);
        changed(state, cooldown, now);
      }
    },

    cooldownOf(credential, name) {
      const state = states.get(credential);
      return state && cooldownLike(state, name);
    },

    adopt(credential, name, cooldown, now) {
      if (cooldown !== undefined) return put(stateOf(credential), cooldown, now);
      const state = states.get(credential);
      if (state !== undefined)
        drop(state, ({ kind, model }) => kind === name.kind && model === name.model, now);
    },

    adoptQuotas(records, now) {
      for (const { credential, of, window } of records) {
        const state = stateOf(credential);
        const windows = of === undefined ? state.quota.ofAccount : state.quota.ofModels.get(of);
        const known = windows?.find(({ name }) => name === window.name);
        if (known !== undefined && known.reportedAt >= window.reportedAt) continue;
        state.quota = withWindows(state.quota, of ?? '', [window]);
        quotaChanged(state, now);
      }
    },

    reset(credential, model, now) {
      const state = states.get(credential);
      return state === undefined
        ? 0
        : drop(
            state,
            (cooldown) =>
              cooldown.kind !== 'budget' && (model === undefined || concerns(state, cooldown, model)),
            now,
          );
    },

    budget(credential, spent, now) {
      if (spent === undefined) {
        const state = states.get(credential);
        if (state !== undefined) drop(state, isOfBudget, now);
        return;
      }
      const state = stateOf(credential);
      const { until, reason } = spent;
      const before = state.cooldowns.find(isOfBudget);
      if (before?.until === until) return;
      const since = before?.since ?? now;
      put(
        state,
        { kind: 'budget', model: undefined, failures: 0, since, until, promised: undefined, reason },
        now,
      );
    },
  };
}

const isOfBudget = ({ kind }: Cooldown): boolean => kind === 'budget';
