/** What tokens of a model cost: the owner's prices before the shipped ones. */
import type { ModelPrice } from '../config/client-keys.ts';
import { listPrice } from '../models/known-models.ts';
import type { ListPrice, PricedTier, TokenPrice } from '../models/model-row.ts';
import { matchesPattern } from '../providers/pattern.ts';

/** Tokens as a provider counted them. */
export interface CountedTokens {
  /** Cached ones included. */
  input: number;
  output: number;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
  /** Of `cacheWrite`: what was put there for an hour. */
  cacheWrite1h?: number | undefined;
  /** How the answer was served, where that has a price of its own. */
  tier?: PricedTier | undefined;
}

export interface PriceList {
  /**
   * The price of a model at a time (ms since the epoch): by its provider's name or, where that has none, by the clients'
   * name. Undefined when unknown.
   */
  priceOf(model: string, asked: string, at: number): ListPrice | undefined;
}

export function priceList(own: Readonly<Record<string, ModelPrice>>): PriceList {
  const owned = Object.entries(own).map(([pattern, price]) => ({ pattern, price: ownPrice(price) }));
  const priceNamed = (name: string, at: number): ListPrice | undefined =>
    ownedPrice(name) ?? ownedPrice(withoutDate(name)) ?? listPrice(name, at);
  const ownedPrice = (name: string): ListPrice | undefined =>
    owned.find(({ pattern }) => matchesPattern(name, pattern))?.price;
  return { priceOf: (model, asked, at) => priceNamed(model, at) ?? priceNamed(asked, at) };
}

/** `claude-haiku-4-5-20251001`, `claude-haiku-4-5@20251001` and `gpt-5-2025-08-07` cost what the model without the date does. */
function withoutDate(model: string): string {
  return model.replace(/[-@](\d{8}|\d{4}-\d{2}-\d{2})$/, '');
}

function ownPrice(price: ModelPrice): ListPrice {
  const long = price['long-prompts'];
  return {
    ...tokenPrice(price),
    ...(long !== undefined && { above: [{ tokens: long['longer-than'], ...tokenPrice(long) }] }),
  };
}

type OwnTokenPrice = Omit<ModelPrice, 'long-prompts'>;

function tokenPrice(price: OwnTokenPrice): TokenPrice {
  const { input, output } = price;
  const [cacheRead, cacheWrite, cacheWrite1h] = [
    price['cache-read'],
    price['cache-write'],
    price['cache-write-1h'],
  ];
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(cacheWrite1h !== undefined && { cacheWrite1h }),
  };
}

/**
 * US dollars. Tokens from the cache, or put there, have prices of their own where the model has such. A prompt that is longer
 * than a step's threshold, its cached part counted, makes all tokens of the request cost what the step says, the answer's too. An
 * answer of another service tier costs what that does, where the list has it.
 */
export function costOf(price: ListPrice | undefined, tokens: CountedTokens): number {
  if (price === undefined) return 0;
  const { input, output, cacheRead = 0, cacheWrite = 0 } = tokens;
  const served = (tokens.tier && price.tiers?.[tokens.tier]) ?? price;
  const step = served.above?.findLast((above) => input > above.tokens) ?? served;
  const hour = Math.min(cacheWrite, tokens.cacheWrite1h ?? 0);
  const plain = Math.max(0, input - cacheRead - cacheWrite);
  const write = step.cacheWrite ?? step.input;
  return (
    (plain * step.input +
      cacheRead * (step.cacheRead ?? step.input) +
      (cacheWrite - hour) * write +
      hour * (step.cacheWrite1h ?? write) +
      output * step.output) /
    1_000_000
  );
}
