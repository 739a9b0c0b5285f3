/** The limits of all client keys: ledgers in memory and on disk. */

import { type ClientLimits, rotatedKeys } from '../config/client-keys.ts';
import { keyId } from '../config/hashed-key.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../ground/clock.ts';
import type { ProtocolError } from '../protocols/model.ts';
import { costOf } from '../usage/cost.ts';
import { dollarsOf } from '../usage/money.ts';
import { type PriceList, priceList } from '../usage/price-list.ts';
import { type CounterFile, createCounterFile } from './counter-file.ts';
import {
  type Admission,
  type Amounts,
  type Ask,
  admit,
  emptyLedger,
  entered,
  isEmpty,
  type Ledger,
  type LimitName,
  type LimitUsage,
  nothing,
  settle,
  usageOf,
} from './ledger.ts';
import { limitError, unavailable } from './refusal.ts';
import type { SharedLimits } from './shared-limits.ts';

/** A client key that has limits. */
export interface LimitedKey {
  /** Identifies the key; no secret. */
  id: string;
  name: string | undefined;
  limits: ClientLimits;
}

/** What a request may come to: guesses, before it is answered. */
export interface Expected {
  /** The provider's name of the model, and the one that the client wrote. */
  model: string;
  asked: string;
  input: number;
  /** Of the largest answer. */
  output: number;
}

/** What a request has come to. */
export interface Spent {
  tokens: number;
  /** Nano-dollars; undefined where no price is known. */
  cost: number | undefined;
  model: string;
}

export type Entry =
  /** Settled exactly once: later calls change nothing. `spent` undefined: it came to nothing. */
  { ok: true; settle: (spent: Spent | undefined) => void } | { ok: false; error: ProtocolError };

export interface Limiter {
  /** Puts a configuration in force; the first one that limits a key brings back what an earlier run has counted. */
  configure(config: Pick<Config, 'api-keys' | 'auth-dir' | 'prices'>): Promise<void>;
  /**
   * To be waited for before `admit`, where replicas share limits and this one has to ask for what the request needs: some ms.
   * Undefined where there is nothing to wait for.
   */
  prepare(key: LimitedKey, expected: Expected | undefined): Promise<void> | undefined;
  /** Lets a request in or refuses it. `expected` undefined: it costs no tokens. */
  admit(key: LimitedKey, expected: Expected | undefined): Entry;
  /** Learns how the limits of a key stand on all replicas; undefined where there is nothing to wait for. */
  refresh(key: LimitedKey): Promise<void> | undefined;
  /** How the limits of a key stand now. */
  usageOf(key: LimitedKey): LimitUsage[];
  /** Writes what has not been written yet. */
  close(): Promise<void>;
}

export interface LimiterOptions {
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  warn: (sentence: string) => void;
  /** A request was refused because of this limit of the key. */
  onRefusal?: (limit: LimitName, key: LimitedKey) => void;
  /** The limits that replicas share; without it the ledger is all there is. */
  shared?: SharedLimits | undefined;
  /** Milliseconds between two writes of the file at least; a second by default. */
  delay?: number;
}

/** Names of models come from clients: so many are remembered as warned of. */
const warnedNames = 1024;

export function createLimiter({ now, warn, onRefusal, shared, delay }: LimiterOptions): Limiter {
  let ledgers = new Map<string, Ledger>();
  let prices: PriceList = priceList({});
  let file: CounterFile | undefined;
  let directory: string | undefined;
  const unpriced = new Set<string>();
  /** Keys that were replaced, with those in their places. */
  let rotated: ReadonlyMap<string, string> = new Map();

  /** What a key has used that was replaced counts for the key in its place. */
  function takeOverRotated(): void {
    for (const [before, now] of rotated) {
      const used = ledgers.get(before);
      if (used === undefined || ledgers.has(now)) continue;
      ledgers.set(now, used);
      ledgers.delete(before);
      file?.changed();
    }
  }

  /** Says once of a model that a budget of money cannot count it. */
  function warnUnpriced(key: LimitedKey, model: string): void {
    const { day, month } = key.limits.budget ?? {};
    if ((day?.usd === undefined && month?.usd === undefined) || unpriced.has(model)) return;
    if (unpriced.size >= warnedNames) unpriced.clear();
    unpriced.add(model);
    warn(
      `The model "${model}" has no known price: its tokens count, but no money does. Give it one under "prices".`,
    );
  }

  function askOf(key: LimitedKey, { model, asked, input, output }: Expected): Ask {
    const known = prices.priceOf(model, asked, now());
    if (known === undefined) warnUnpriced(key, model);
    const usd = (tokens: { input: number; output: number }) =>
      known === undefined ? 0 : dollarsOf(costOf(known.price, tokens));
    const prompt = usd({ input, output: 0 });
    return {
      input: { tokens: input, usd: prompt },
      // What the answer costs depends on the prompt's length.
      output: { tokens: output, usd: usd({ input, output }) - prompt },
    };
  }

  /** What a ledger says, with what ends the request's part in the limits of all replicas. */
  type SharedLedgerAdmission = Admission & { settleShared?: (spent: Amounts) => void };

  function admitted(
    key: LimitedKey,
    ask: Ask | undefined,
    at: number,
  ): SharedLedgerAdmission | 'unavailable' {
    const ledger = ledgers.get(key.id) ?? emptyLedger(at);
    if (shared === undefined) return admit(ledger, key.limits, ask, at);
    const admission = shared.admit(key, ask, at);
    switch (admission.kind) {
      case 'unavailable':
        return 'unavailable';
      case 'refused':
        return { ok: false, refusal: admission.refusal };
      case 'admitted':
        return {
          ok: true,
          reserved: nothing,
          ledger: entered(ledger, nothing, at),
          settleShared: admission.settle,
        };
      case 'alone': {
        const own = admit(ledger, admission.limits, ask, at);
        return own.ok ? { ...own, settleShared: admission.admitted() } : own;
      }
    }
  }

  function useShared(keys: Config['api-keys']): void {
    if (shared === undefined) return;
    const befores = new Map([...rotated].map(([before, now]) => [now, before]));
    const limited = keys.flatMap(({ key, limits }) => {
      const id = keyId(key);
      return limits === undefined ? [] : [{ id, limits, before: befores.get(id) }];
    });
    shared.use(limited, (id) => ledgers.get(id));
  }

  return {
    async configure(config) {
      prices = priceList(config.prices);
      unpriced.clear();
      rotated = new Map(rotatedKeys(config['api-keys']).map(({ before, now }) => [before, now]));
      const limited = config['api-keys'].some(({ limits }) => limits !== undefined);
      if (!limited || directory === config['auth-dir']) {
        takeOverRotated();
        useShared(config['api-keys']);
        return;
      }
      const before = file;
      directory = config['auth-dir'];
      const opened = createCounterFile({
        directory,
        now,
        ledgers: () => kept(ledgers, now()),
        onProblem: warn,
        ...(delay !== undefined && { delay }),
      });
      await before?.close();
      // What has been counted in this run goes before what a file says.
      ledgers = new Map([...((await opened.load()) ?? []), ...ledgers]);
      file = opened;
      takeOverRotated();
      useShared(config['api-keys']);
    },

    refresh: (key) => shared?.refresh(key),

    prepare: (key, expected) => shared?.prepare(key, expected && askOf(key, expected)),

    admit(key, expected) {
      const at = now();
      const ask = expected && askOf(key, expected);
      const admission = admitted(key, ask, at);
      if (admission === 'unavailable') return { ok: false, error: unavailable };
      if (!admission.ok) {
        onRefusal?.(admission.refusal.limit, key);
        return { ok: false, error: limitError(admission.refusal, key.name, at) };
      }
      const { reserved, settleShared } = admission;
      ledgers.set(key.id, admission.ledger);
      file?.changed();
      let settled = false;
      return {
        ok: true,
        settle(spent) {
          if (settled) return;
          settled = true;
          const end = now();
          if (spent !== undefined && spent.cost === undefined && spent.tokens > 0)
            warnUnpriced(key, spent.model);
          const amounts =
            spent === undefined ? nothing : { tokens: spent.tokens, usd: dollarsOf(spent.cost ?? 0) };
          settleShared?.(amounts);
          // The key may have been replaced while the request ran.
          const whose = rotated.get(key.id) ?? key.id;
          ledgers.set(whose, settle(ledgers.get(whose) ?? emptyLedger(end), reserved, amounts, end));
          file?.changed();
        },
      };
    },

    usageOf(key) {
      const at = now();
      return shared?.usageOf(key, at) ?? usageOf(ledgers.get(key.id) ?? emptyLedger(at), key.limits, at);
    },

    close: async () => file?.close(),
  };
}

/** Without those in which nothing counts any more. */
function kept(ledgers: Map<string, Ledger>, now: number): ReadonlyMap<string, Ledger> {
  for (const [key, ledger] of ledgers) if (isEmpty(ledger, now)) ledgers.delete(key);
  return ledgers;
}
