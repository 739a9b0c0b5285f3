/** What tokens cost, in whole nano-dollars: exact until the one rounding at the end. */
import { isPricedTier, type ListPrice, type TokenPrice } from '../models/model-row.ts';
import { type MediaTokens, mediaNames } from '../protocols/token-counts.ts';
import type { UsageTokens } from './record.ts';

/** How tokens were served, in the service's word, beside them. */
export interface CountedTokens extends UsageTokens {
  tier?: string | undefined;
}

/**
 * Tokens from the cache, or put there, have prices of their own where the model has such, and so have those of sound, pictures and
 * video; where it has none, those cost what text does. A prompt that is longer than a
 * step's threshold, its cached part counted, makes all tokens of the request cost the step's price, the answer's too. An answer of
 * another service tier costs what that does, where the list has it. Uncounted tokens cost nothing.
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
  const fresh = Math.max(0, input - cacheRead - cacheWrite);
  const read = step.cacheRead ?? step.input;
  if (hasMedia(tokens)) addMedia(add, { fresh, read: cacheRead, output }, tokens, step, read);
  else {
    add(fresh, step.input);
    add(cacheRead, read);
    add(output, step.output);
  }
  add(cacheWrite - hour, write);
  add(hour, step.cacheWrite1h ?? write);
  return whole + Math.round(millionths / 1e6);
}

function hasMedia(tokens: MediaTokens): boolean {
  return mediaNames.some((name) => (tokens[name] ?? 0) > 0);
}

/**
 * What was not written to the cache, where not all of it is text. Sound and pictures which a service does not report as read from
 * the cache are new as far as there is room for them among what is: text is what caches hold first.
 */
function addMedia(
  add: (count: number, dollars: number) => void,
  totals: { fresh: number; read: number; output: number },
  tokens: MediaTokens,
  price: TokenPrice,
  read: number,
): void {
  let { fresh, read: cached, output } = totals;
  for (const { input, from, each, eachRead } of [
    {
      input: tokens.audioInput,
      from: tokens.audioRead,
      each: price.audioInput ?? price.input,
      eachRead: price.audioRead ?? price.audioInput ?? read,
    },
    {
      input: tokens.imageInput,
      from: tokens.imageRead,
      each: price.imageInput ?? price.input,
      eachRead: price.imageRead ?? price.imageInput ?? read,
    },
    {
      input: tokens.videoInput,
      from: 0,
      each: price.videoInput ?? price.input,
      eachRead: price.videoInput ?? read,
    },
  ]) {
    const all = Math.max(input ?? 0, from ?? 0);
    const isNew = Math.min(all - Math.min(from ?? 0, cached), fresh);
    const isRead = Math.min(all - isNew, cached);
    fresh -= isNew;
    cached -= isRead;
    add(isNew, each);
    add(isRead, eachRead);
  }
  for (const [count, dollars] of [
    [tokens.audioOutput, price.audioOutput],
    [tokens.imageOutput, price.imageOutput],
  ] as const) {
    const part = Math.min(count ?? 0, output);
    output -= part;
    add(part, dollars ?? price.output);
  }
  add(fresh, price.input);
  add(cached, read);
  add(output, price.output);
}
