/** What tokens cost, in whole nano-dollars: exact until the one rounding at the end. */
import { isPricedTier, type ListPrice } from '../models/model-row.ts';
import type { UsageTokens } from './record.ts';

/** How tokens were served, in the service's word, beside them. */
export interface CountedTokens extends UsageTokens {
  tier?: string | undefined;
}

/**
 * Tokens from the cache, or put there, have prices of their own where the model has such. A prompt that is longer than a
 * step's threshold, its cached part counted, makes all tokens of the request cost what the step says, the answer's too. An answer of
 * another service tier costs what that does, where the list has it. Tokens that nobody has counted cost nothing.
 */
export function costOf(price: ListPrice, tokens: CountedTokens, tier = tokens.tier): number {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0 } = tokens;
  const served = (isPricedTier(tier) && price.tiers?.[tier]) || price;
  const step = served.above?.findLast((above) => input > above.tokens) ?? served;
  const hour = Math.min(cacheWrite, tokens.cacheWrite1h ?? 0);
  const write = step.cacheWrite ?? step.input;
  let whole = 0;
  let millionths = 0;
  const add = (count: number, dollars: number): void => {
    // A million tokens cost so many nano-dollars: what one costs, and a rest in millionths. Both products are exact.
    const million = Math.round(dollars * 1e9);
    const each = Math.floor(million / 1e6);
    whole += count * each;
    millionths += count * (million - each * 1e6);
  };
  add(Math.max(0, input - cacheRead - cacheWrite), step.input);
  add(cacheRead, step.cacheRead ?? step.input);
  add(cacheWrite - hour, write);
  add(hour, step.cacheWrite1h ?? write);
  add(output, step.output);
  return whole + Math.round(millionths / 1e6);
}
