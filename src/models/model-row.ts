/** One row of the table of models, and how a line of `table.jsonl` is read. */

import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asNumber, asObject, asObjects, asString } from '../protocols/json-members.ts';
import {
  type ReasoningTraits,
  type Refusals,
  refusable,
  type ToolsOverChat,
} from '../protocols/model-traits.ts';
import { isEffort } from '../protocols/reasoning.ts';
import type { Effort } from '../protocols/request.ts';
import { mediaNames } from '../protocols/token-counts.ts';

/**
 * What a million tokens cost, in US dollars. A price that is absent is that of input; of sound, pictures and video it is that of text
 * in the same place: nothing that was counted is free.
 */
export interface TokenPrice extends MediaPrice {
  input: number;
  output: number;
  cacheRead?: number;
  /** Input put into the prompt cache for five minutes, and for an hour. */
  cacheWrite?: number;
  cacheWrite1h?: number;
}

/** Of tokens that are no text, where they cost something else. `…Read`: from the prompt cache. */
type MediaPrice = Partial<Record<(typeof mediaNames)[number], number>>;

/** The prices that a row need not have. */
const furtherPrices = ['cacheRead', 'cacheWrite', 'cacheWrite1h', ...mediaNames] as const;

/** Price of tokens, and what all tokens of a request cost whose whole input is longer than `tokens`; shortest first. */
export interface SteppedPrice extends TokenPrice {
  above?: readonly (TokenPrice & { tokens: number })[];
}

/** Ways of being served that cost more or less than the usual one, in the words of answers. */
export const pricedTiers = ['flex', 'priority', 'fast', 'batch'] as const;
export type PricedTier = (typeof pricedTiers)[number];

export function isPricedTier(word: unknown): word is PricedTier {
  return pricedTiers.some((tier) => tier === word);
}

/** Prices from a day on; those without `since` are in force when the table is written. */
export interface ListPrice extends SteppedPrice {
  /** `YYYY-MM-DD`, UTC. */
  since?: string;
  tiers?: Readonly<Partial<Record<PricedTier, SteppedPrice>>>;
}

export const inputKinds = ['text', 'image', 'file', 'audio', 'video'] as const;
export type InputKind = (typeof inputKinds)[number];

/** What is known of a model. What is absent is not known. */
export interface ModelRow {
  /** Lower case, without the date of a snapshot. */
  id: string;
  /** Other names of the same model. */
  names: readonly string[];
  /** Who made it: `anthropic`, `openai`, `google` … */
  maker: string;
  /** The line it belongs to, whose newest member describes unknown newer ones: `claude-opus`, `gpt`, `gpt-mini`. */
  family: string;
  /** Tokens of prompt and answer together. */
  context?: number;
  /** The longest answer, in tokens. */
  output?: number;
  inputs?: readonly InputKind[];
  thinking?: ReasoningTraits;
  refused?: Refusals;
  prefill?: false;
  toolsOverChat?: ToolsOverChat;
  mostOverChat?: Effort;
  /** Oldest first; empty where the maker has no list price. */
  prices: readonly ListPrice[];
  /** Where each of it was read. */
  sources: readonly string[];
  /** The day that the prices were looked up: `YYYY-MM-DD`. */
  date: string;
}

/** The longest name of a model, and most entries of a list in a row: what comes from outside has a bound. */
const longestName = 200;
const longestList = 64;

/** The row of a line; otherwise a sentence that names the invalid field. */
export function readRow(value: Json): ModelRow | string {
  if (!isObject(value)) return 'a row must be an object';
  const id = name(value.id);
  const maker = name(value.maker);
  const family = name(value.family);
  const date = asString(value.date);
  if (id === undefined) return '"id" must be the name of a model, in lower case';
  if (maker === undefined || family === undefined) return `${id}: "maker" and "family" must be names`;
  if (date === undefined || !isDay(date)) return `${id}: "date" must be a day, as 2026-11-29`;
  const prices = readPrices(value.prices);
  if (prices === undefined)
    return `${id}: "prices" must be a list of prices in US dollars for a million tokens, with "input" and "output"`;
  const thinking = value.thinking === undefined ? undefined : readThinking(value.thinking);
  if (value.thinking !== undefined && thinking === undefined)
    return `${id}: "thinking" must be "none", {budget: [min, max]} or {levels: […]}`;
  const refused =
    value.refused === undefined ? undefined : readRefusals(value.refused, value.refusedOnlyThinking);
  if (value.refused !== undefined && refused === undefined)
    return `${id}: "refused" must name parameters of ${refusable.join(', ')}`;
  const context = tokens(value.context);
  const output = tokens(value.output);
  const inputs = names(value.inputs)?.filter((word) => isInputKind(word));
  return {
    id,
    names: names(value.names) ?? [],
    maker,
    family,
    ...(context !== undefined && { context }),
    ...(output !== undefined && { output }),
    ...(inputs !== undefined && { inputs }),
    ...(thinking !== undefined && { thinking }),
    ...(refused !== undefined && { refused }),
    ...(value.prefill === false && { prefill: false }),
    ...(isToolsOverChat(value.toolsOverChat) && { toolsOverChat: value.toolsOverChat }),
    ...(isEffort(value.mostOverChat) && { mostOverChat: value.mostOverChat }),
    prices,
    sources: names(value.sources) ?? [],
    date,
  };
}

function isToolsOverChat(value: Json | undefined): value is ToolsOverChat {
  return value === 'no-effort' || value === 'effort-none';
}

/** The row as a line of `table.jsonl` has it. */
export function rowLine(row: ModelRow): string {
  const { id, names: others, family, thinking, refused, prices, sources, date, ...known } = row;
  return JSON.stringify({
    // The member that a row is found by comes first.
    id,
    names: others,
    family,
    ...known,
    ...(thinking !== undefined && { thinking: thinkingWords(thinking) }),
    ...(refused !== undefined && { refused: refused.parameters }),
    ...(refused?.onlyThinking && { refusedOnlyThinking: true }),
    prices,
    sources,
    date,
  });
}

function thinkingWords(traits: ReasoningTraits): Json {
  switch (traits.kind) {
    case 'none':
      return 'none';
    case 'budget':
      return { budget: [traits.min, traits.max], off: traits.canDisable, auto: traits.canAuto };
    case 'levels':
      return { levels: traits.levels, off: traits.canDisable, auto: traits.canAuto };
  }
}

function readThinking(value: Json): ReasoningTraits | undefined {
  if (value === 'none') return { kind: 'none' };
  const given = asObject(value);
  if (given === undefined) return undefined;
  const both = { canDisable: given.off === true, canAuto: given.auto === true };
  const [min, max] = Array.isArray(given.budget) ? given.budget.map(asNumber) : [];
  if (min !== undefined && max !== undefined && 0 <= min && min <= max)
    return { kind: 'budget', min, max, ...both };
  const words = names(given.levels);
  const levels = words?.filter((word) => isEffort(word));
  return levels === undefined || levels.length === 0 || levels.length !== words?.length
    ? undefined
    : { kind: 'levels', levels, ...both };
}

function readRefusals(value: Json, onlyThinking: Json | undefined): Refusals | undefined {
  const given = asObject(value);
  if (given === undefined) return undefined;
  const parameters: Partial<Record<(typeof refusable)[number], number | null>> = {};
  for (const key in given) {
    const parameter = refusable.find((known) => known === key);
    const taken = given[key];
    if (parameter === undefined || (taken !== null && typeof taken !== 'number')) return undefined;
    parameters[parameter] = taken;
  }
  return { parameters, ...(onlyThinking === true && { onlyThinking: true }) };
}

function readPrices(value: Json | undefined): ListPrice[] | undefined {
  if (!Array.isArray(value) || value.length > longestList) return undefined;
  const prices: ListPrice[] = [];
  for (const given of value) {
    const price = isObject(given) ? readStepped(given) : undefined;
    if (!isObject(given) || price === undefined) return undefined;
    const since = asString(given.since);
    if (given.since !== undefined && (since === undefined || !isDay(since))) return undefined;
    const tiers: Partial<Record<PricedTier, SteppedPrice>> = {};
    const named = asObject(given.tiers);
    for (const tier of pricedTiers) {
      const own = asObject(named?.[tier]);
      if (own === undefined) continue;
      const read = readStepped(own);
      if (read === undefined) return undefined;
      tiers[tier] = read;
    }
    prices.push({
      ...price,
      ...(since !== undefined && { since }),
      ...(Object.keys(tiers).length > 0 && { tiers }),
    });
  }
  return prices.sort((left, right) => ((left.since ?? '') < (right.since ?? '') ? -1 : 1));
}

function readStepped(given: JsonObject): SteppedPrice | undefined {
  const price = readPrice(given);
  if (price === undefined) return undefined;
  const above: (TokenPrice & { tokens: number })[] = [];
  for (const step of asObjects(given.above).slice(0, longestList)) {
    const from = tokens(step.tokens);
    const dearer = readPrice(step);
    if (from === undefined || dearer === undefined) return undefined;
    above.push({ tokens: from, ...dearer });
  }
  above.sort((left, right) => left.tokens - right.tokens);
  return { ...price, ...(above.length > 0 && { above }) };
}

/** The dearest that a price is believed to be, in US dollars for a million tokens. */
const dearest = 10_000;

function readPrice(value: JsonObject): TokenPrice | undefined {
  const dollars = (field: Json | undefined): number | undefined => {
    const number = asNumber(field);
    return number !== undefined && number >= 0 && number <= dearest ? number : undefined;
  };
  const [input, output] = [dollars(value.input), dollars(value.output)];
  if (input === undefined || output === undefined) return undefined;
  const price: TokenPrice = { input, output };
  for (const field of furtherPrices) {
    if (value[field] === undefined) continue;
    const read = dollars(value[field]);
    if (read === undefined) return undefined;
    price[field] = read;
  }
  return price;
}

function name(value: Json | undefined): string | undefined {
  const text = asString(value);
  return text !== undefined && text !== '' && text.length <= longestName && text === text.toLowerCase()
    ? text
    : undefined;
}

function names(value: Json | undefined): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value
    .filter((word) => typeof word === 'string')
    .filter((word) => word.length <= longestName)
    .slice(0, longestList);
}

function tokens(value: Json | undefined): number | undefined {
  const number = asNumber(value);
  return number !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

function isInputKind(word: string): word is InputKind {
  return inputKinds.some((kind) => kind === word);
}
