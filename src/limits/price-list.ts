/** What tokens of a model cost: the owner's prices before the shipped ones. */
import type { ModelPrice } from '../config/client-keys.ts';
import { matchesPattern } from '../providers/pattern.ts';
import { shippedPrices } from './prices.ts';

/** Tokens as a provider counted them. */
export interface CountedTokens {
  /** Cached ones included. */
  input: number;
  output: number;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
}

export interface PriceList {
  /** The price of a model: by its provider's name or, where that has none, by the clients' name. Undefined when unknown. */
  priceOf(model: string, asked: string): ModelPrice | undefined;
}

/** Names come from clients, so the memory for them is bounded. */
const rememberedNames = 1024;

export function priceList(own: Readonly<Record<string, ModelPrice>>): PriceList {
  const rows = [
    ...Object.entries(own).map(([model, price]) => ({ models: [model], price })),
    ...shippedPrices,
  ];
  const known = new Map<string, ModelPrice | undefined>();
  const find = (name: string): ModelPrice | undefined =>
    rows.find(({ models }) => models.some((model) => matchesPattern(name, model)))?.price;
  const priceNamed = (name: string): ModelPrice | undefined => {
    if (known.has(name)) return known.get(name);
    const price = find(name) ?? find(withoutDate(name));
    if (known.size >= rememberedNames) known.clear();
    known.set(name, price);
    return price;
  };
  return { priceOf: (model, asked) => priceNamed(model) ?? priceNamed(asked) };
}

/** `claude-haiku-4-5-20251001`, `claude-haiku-4-5@20251001` and `gpt-5-2025-08-07` cost what the model without the date does. */
function withoutDate(model: string): string {
  return model.replace(/[-@](\d{8}|\d{4}-\d{2}-\d{2})$/, '');
}

/** US dollars. Tokens from the cache, or put there, have prices of their own where the model has such. */
export function costOf(price: ModelPrice | undefined, tokens: CountedTokens): number {
  if (price === undefined) return 0;
  const { input, output, cacheRead = 0, cacheWrite = 0 } = tokens;
  const plain = Math.max(0, input - cacheRead - cacheWrite);
  return (
    (plain * price.input +
      cacheRead * (price['cache-read'] ?? price.input) +
      cacheWrite * (price['cache-write'] ?? price.input) +
      output * price.output) /
    1_000_000
  );
}
