/** The limits of all client keys: ledgers in memory and on disk. */

import { type ClientLimits, rotatedKeys } from '../config/client-keys.ts';
import { keyId } from '../config/hashed-key.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../ground/clock.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { costOf } from '../usage/cost.ts';
import { dollarsOf } from '../usage/money.ts';
import { type PriceList, priceList } from '../usage/price-list.ts';
import {
  type Admission,
  type Amounts,
  type Ask,
  admit,
  entered,
  nothing,
  settle,
  usageOf,
} from './ledger.ts';
import { createLedgerBook } from './ledger-book.ts';
import type { LimitName, LimitUsage } from './limit.ts';
import { limitError, unavailable } from './refusal.ts';
import type { SharedLimits } from './shared-limits.ts';
import { unpricedModels } from './unpriced-models.ts';

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
  /** The answer is made later: nobody here counts it. */
  later?: boolean;
}

/** What a request has come to. */
export interface Spent {
  tokens: number;
  /** Nano-dollars; undefined where no price is known. */
  cost: number | undefined;
  /** Something was used, and nobody said how much: an image, sound. */
  isUnknown?: boolean;
  /** What it comes to is not seen here: it counts as what was reserved for it. */
  isReserved?: boolean;
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
  /** Asks for the use of a key's limits on all replicas; undefined where there is nothing to wait for. */
  refresh(key: LimitedKey): Promise<void> | undefined;
  /** The present use of a key's limits. */
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

export function createLimiter({ now, warn, onRefusal, shared, delay }: LimiterOptions): Limiter {
  const book = createLedgerBook({ now, onProblem: warn, ...(delay !== undefined && { delay }) });
  let prices: PriceList = priceList({});
  const unpriced = unpricedModels(warn, 'its tokens count');
  /** Keys that were replaced, with those in their places. */
  let rotated: ReadonlyMap<string, string> = new Map();

  /** What a key has used that was replaced counts for the key in its place. */
  function takeOverRotated(): void {
    for (const [before, now] of rotated) book.move(before, now);
  }

  function askOf(key: LimitedKey, { model, asked, input, output }: Expected): Ask {
    const known = prices.priceOf(model, asked, now());
    if (known === undefined) unpriced.warnOf(model, key.limits.budget);
    const usd = (tokens: { input: number; output: number }) =>
      known === undefined ? 0 : dollarsOf(costOf(known.price, tokens));
    const prompt = usd({ input, output: 0 });
    return {
      input: { tokens: input, usd: prompt },
      // What the answer costs depends on the prompt's length.
      output: { tokens: output, usd: usd({ input, output }) - prompt },
    };
  }

  /** The result of a ledger, with the function that ends the request's share in the limits of all replicas. */
  type SharedLedgerAdmission = Admission & { settleShared?: (spent: Amounts) => void };

  function admitted(
    key: LimitedKey,
    ask: Ask | undefined,
    at: number,
  ): SharedLedgerAdmission | 'unavailable' {
    const ledger = book.of(key.id, at);
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
    shared.use(limited, book.find);
  }

  return {
    async configure(config) {
      prices = priceList(config.prices);
      unpriced.forget();
      rotated = new Map(rotatedKeys(config['api-keys']).map(({ before, now }) => [before, now]));
      if (config['api-keys'].some(({ limits }) => limits !== undefined))
        await book.keepIn(config['auth-dir']);
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
      book.put(key.id, admission.ledger);
      let settled = false;
      return {
        ok: true,
        settle(spent) {
          if (settled) return;
          settled = true;
          const end = now();
          if (spent !== undefined && spent.cost === undefined) {
            if (spent.isUnknown) unpriced.warnOfUncounted(spent.model, key.limits.budget);
            else if (spent.tokens > 0) unpriced.warnOf(spent.model, key.limits.budget);
          }
          const amounts = amountsOf(spent, ask);
          settleShared?.(amounts);
          // The key may have been replaced while the request ran.
          const whose = rotated.get(key.id) ?? key.id;
          book.put(whose, settle(book.of(whose, end), reserved, amounts, end));
        },
      };
    },

    usageOf(key) {
      const at = now();
      return shared?.usageOf(key, at) ?? usageOf(book.of(key.id, at), key.limits, at);
    },

    close: book.close,
  };
}

function amountsOf(spent: Spent | undefined, ask: Ask | undefined): Amounts {
  if (spent === undefined) return nothing;
  if (spent.isReserved !== true || ask === undefined)
    return { tokens: spent.tokens, usd: dollarsOf(spent.cost ?? 0) };
  const { input, output } = ask;
  return { tokens: input.tokens + output.tokens, usd: input.usd + output.usd };
}
