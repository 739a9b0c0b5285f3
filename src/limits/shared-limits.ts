/**
 * Limits that several replicas share. The ledger of a replica stays what it is; beside it, each limit has units that are leased
 * to the replica, out of which requests are admitted without asking anybody. What is asked for, and when, is another's concern.
 */
import type { ClientLimits } from '../config/client-keys.ts';
import type { Amounts, Ask, Ledger } from './ledger.ts';
import type { LimitRefusal, LimitUsage } from './limit.ts';

export interface SharedKey {
  /** Identifies the key; no secret. */
  id: string;
  limits: ClientLimits;
  /** The id of the key in whose place this one is: what that has used counts for this one. */
  before?: string | undefined;
}

export type SharedAdmission =
  | {
      kind: 'admitted';
      /** Ends the request, once: what it reserved is free again, what it came to is used by all. */
      settle: (spent: Amounts) => void;
    }
  | { kind: 'refused'; refusal: LimitRefusal }
  /** The use of other replicas is unknown: the ledger decides, by these limits. What follows is counted by all later. */
  | { kind: 'alone'; limits: ClientLimits; admitted: () => (spent: Amounts) => void }
  /** It is unknown, and then no request is admitted. */
  | { kind: 'unavailable' };

export interface SharedLimits {
  /** What may be needed is asked for; undefined where it is leased already. Resolves after some ms in any case. */
  prepare(key: SharedKey, ask: Ask | undefined): Promise<void> | undefined;
  /** Lets a request in out of what is leased, or refuses it. `ask` undefined: it costs no tokens. */
  admit(key: SharedKey, ask: Ask | undefined, now: number): SharedAdmission;
  /** What all replicas together have used, as known last; undefined where nothing is known. */
  usageOf(key: SharedKey, now: number): LimitUsage[] | undefined;
  /** Asks for the use of a key, where it is not known at this moment; resolves after some ms in any case. */
  refresh(key: SharedKey): Promise<void> | undefined;
  /** These keys have limits: their use is asked for. `ledgerOf`: what this replica alone has counted of a key. */
  use(keys: readonly SharedKey[], ledgerOf: (id: string) => Ledger | undefined): void;
}

/** What is spent by several replicas together, and counted when it is known: budgets of credentials. */
export interface SharedSpending {
  /** So much was spent here. */
  add(spender: SharedKey, spent: Amounts): void;
  /** What all replicas together have spent, as known last; undefined where nothing is known. */
  usageOf(spender: SharedKey): LimitUsage[] | undefined;
  /** These spend. `ledgerOf`: what this replica alone has counted; `onChange`: what all have spent has changed. */
  use(
    spenders: readonly SharedKey[],
    ledgerOf: (id: string) => Ledger | undefined,
    onChange: (id: string) => void,
  ): void;
}
