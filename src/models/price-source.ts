/**
 * Reads the price data of the project genai-prices (github.com/pydantic/genai-prices, MIT): its published file is a list of
 * providers; the copy in `scripts/models` has them by name. Prices are US dollars for a million tokens.
 */

import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asNumber, asObject, asObjects, asString } from '../protocols/json-members.ts';
import { plainName, possibleNames } from './model-name.ts';
import {
  isPricedTier,
  type ListPrice,
  type PricedTier,
  type SteppedPrice,
  type TokenPrice,
} from './model-row.ts';

/** What the source knows of a model. */
export interface PricedModel {
  maker: string;
  id: string;
  names: string[];
  context?: number;
  prices: ListPrice[];
}

/** A maker whose models the table has. */
export interface PricedMaker {
  /** As the table has it. */
  name: string;
  /** The source's name of it. */
  prices: string;
  /** How the names of its own models begin there. */
  models: RegExp;
}

/** Models that do not answer in text. */
const others = /claude-v1|tts|audio|realtime|transcri|live|robotics|omni|voice|\.ft-|:/;

/** The models of the source, as priced on `today` (`YYYY-MM-DD`) and later; undefined when it is something else. */
export function readPriceSource(
  value: Json,
  today: string,
  makers: readonly PricedMaker[],
): PricedModel[] | undefined {
  const models: PricedModel[] = [];
  const found = providersOf(value);
  if (found.length === 0) return undefined;
  for (const [provider, listed] of found) {
    const ours = makers.find(({ prices }) => prices === provider);
    if (ours === undefined) continue;
    const own = asObjects(listed.models).filter(({ id }) => {
      const name = asString(id)?.toLowerCase() ?? '';
      return ours.models.test(name) && !others.test(name);
    });
    const ids = new Set(own.map((model) => plainName(asString(model.id) ?? '')));
    for (const model of own) {
      const prices = pricesOf(model.prices, today);
      const [now, ...later] = prices;
      if (now === undefined) continue;
      const tiers = tiersOf(model.price_variants, now, today);
      const context = asNumber(model.context_window);
      const id = baseId(asString(model.id) ?? '', ids);
      models.push({
        maker: ours.name,
        id,
        names: namesOf(model.match, id, ids),
        ...(context !== undefined && { context }),
        prices: tiers === undefined ? prices : [{ ...now, tiers }, ...later],
      });
    }
  }
  return models;
}

function providersOf(value: Json): [string, JsonObject][] {
  const byName = asObject(asObject(value)?.providers);
  if (byName !== undefined)
    return Object.entries(byName).flatMap(([name, listed]): [string, JsonObject][] =>
      isObject(listed) ? [[name, listed]] : [],
    );
  return asObjects(value).flatMap((listed): [string, JsonObject][] => {
    const name = asString(listed.id);
    return name === undefined ? [] : [[name, listed]];
  });
}

/** Without the maker's path, and without the date or stage of a name unless another model is called so. */
function baseId(written: string, ids: ReadonlySet<string>): string {
  const id = written.slice(written.lastIndexOf('/') + 1).toLowerCase();
  const base = id
    .replace(/[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|\d{4})$/, '')
    .replace(/-(?:latest|preview)$/, '');
  return ids.has(plainName(base)) ? id : base;
}

/** What the source's rule names: whole names, and beginnings of names. */
function namesOf(match: Json | undefined, id: string, ids: ReadonlySet<string>): string[] {
  const own = plainName(id);
  const found = new Map<string, string>();
  const visit = (rule: Json | undefined): void => {
    const listed = asObject(rule);
    if (listed === undefined) return;
    for (const inner of [...asObjects(listed.or), ...asObjects(listed.and)]) visit(inner);
    const name = (asString(listed.equals) ?? asString(listed.starts_with))
      ?.toLowerCase()
      .replace(/[-@]$/, '');
    if (name === undefined || /[/:]/.test(name)) return;
    const plain = plainName(name);
    // A name that leads here by itself need not be listed.
    const leadsTo = possibleNames(name).find((possible) => possible === own || ids.has(possible));
    if (!ids.has(plain) && !found.has(plain) && leadsTo !== own) found.set(plain, name);
  };
  visit(match);
  return [...found.values()];
}

const fields = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cacheRead',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWrite1h',
  input_audio_mtok: 'audioInput',
  cache_audio_read_mtok: 'audioRead',
  output_audio_mtok: 'audioOutput',
  input_image_mtok: 'imageInput',
  cache_image_read_mtok: 'imageRead',
  output_image_mtok: 'imageOutput',
  input_video_mtok: 'videoInput',
} as const;

/** Prices from a day on, the one in force first. Where a maker charges by time of day, the dearest counts. */
function pricesOf(value: Json | undefined, today: string): ListPrice[] {
  const all = (Array.isArray(value) ? asObjects(value) : [{ prices: value }]).flatMap((entry) => {
    const price = priceOf(asObject(entry.prices));
    const constraint = asObject('constraint' in entry ? entry.constraint : undefined);
    const since = asString(constraint?.start_date) ?? '';
    const byHour = constraint?.start_time !== undefined;
    return price === undefined ? [] : [{ since, byHour, price }];
  });
  const dated = all
    .filter(({ byHour }) => !byHour)
    .sort((left, right) => (left.since < right.since ? -1 : 1));
  const present = dated.findLast(({ since }) => since <= today);
  const hourly = all.filter(({ byHour, price }) => byHour && price.output > (present?.price.output ?? 0));
  const now = hourly.reduce(
    (most, { price }) => (price.output > most.output ? price : most),
    present?.price ?? { input: 0, output: 0 },
  );
  if (present === undefined && hourly.length === 0) return [];
  const later = dated.filter(({ since }) => since > today).map(({ since, price }) => ({ since, ...price }));
  return [now, ...later];
}

/** What the tiers cost that are in force; what a tier has no price for costs as usual. */
function tiersOf(value: Json | undefined, usual: ListPrice, today: string): ListPrice['tiers'] {
  const { above: _above, since: _since, ...base } = usual;
  const tiers: Partial<Record<PricedTier, SteppedPrice>> = {};
  for (const { when, prices, constraint } of asObjects(value)) {
    const listed = asObject(when);
    // Anthropic's faster answers are a speed, those of OpenAI a tier; batch answers have it in the place of a tier.
    const tier = listed?.service_tier ?? listed?.speed ?? listed?.processing;
    const price = priceOf(asObject(prices));
    if (!isPricedTier(tier) || price === undefined) continue;
    if ((asString(asObject(constraint)?.start_date) ?? '') <= today) tiers[tier] = { ...base, ...price };
  }
  return Object.keys(tiers).length > 0 ? tiers : undefined;
}

function priceOf(listed: JsonObject | undefined): SteppedPrice | undefined {
  if (listed === undefined) return undefined;
  const base: Partial<TokenPrice> = {};
  const starts = new Set<number>();
  for (const [field, ours] of entriesOf(fields)) {
    const price = listed[field];
    const amount = dollars(isObject(price) ? price.base : price);
    if (amount !== undefined) base[ours] = amount;
    if (!isObject(price)) continue;
    for (const tier of asObjects(price.tiers)) {
      const start = asNumber(tier.start);
      if (start !== undefined) starts.add(start);
    }
  }
  const { input, output = 0, ...cache } = base;
  if (input === undefined) return undefined;
  const above = [...starts]
    .sort((left, right) => left - right)
    .map((tokens) => ({ tokens, ...tierOf(listed, tokens, { input, output, ...cache }) }));
  return { input, output, ...cache, ...(above.length > 0 && { above }) };
}

/** The prices of a request whose input is longer than `tokens`. */
function tierOf(listed: JsonObject, tokens: number, base: TokenPrice): TokenPrice {
  const tier: TokenPrice = { ...base };
  for (const [field, ours] of entriesOf(fields)) {
    const price = listed[field];
    if (!isObject(price)) continue;
    for (const { start, price: dearer } of asObjects(price.tiers)) {
      const amount = dollars(dearer);
      const from = asNumber(start);
      if (amount !== undefined && from !== undefined && from <= tokens) tier[ours] = amount;
    }
  }
  return tier;
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  const found: [K, V][] = [];
  for (const key in record) found.push([key, record[key]]);
  return found;
}

/** The source writes decimals as text, to keep them exact. */
function dollars(value: Json | undefined): number | undefined {
  const amount = typeof value === 'string' && value !== '' ? Number(value) : asNumber(value);
  return amount !== undefined && Number.isFinite(amount) ? amount : undefined;
}
