/** What a model costs: the owner's prices before the shipped ones. */
import type { ModelPrice } from '../config/client-keys.ts';
import type { ModelRoutes } from '../config/model-route-keys.ts';
import { listPrice } from '../models/known-models.ts';
import type { ListPrice, TokenPrice } from '../models/model-row.ts';
import { matchesPattern } from '../providers/pattern.ts';

export interface PriceList {
  /**
   * The price of a model at a time (ms since the epoch): by its provider's name or, where that has none, by the clients'
   * name. Undefined when unknown.
   */
  priceOf(model: string, asked: string, at: number): KnownPrice | undefined;
  /**
   * The name that {@link priceOf} may go by for a request of which only the client's name is left: that of a model route is no
   * name of a model. Empty where it may have led to several.
   */
  namedBy(asked: string): string;
}

/** A price, and its source. */
export interface KnownPrice {
  price: ListPrice;
  source: 'owner' | 'list';
}

/** Prices that are remembered by their names: some of those come from clients. */
const remembered = 1024;
const dayMs = 86_400_000;

export function priceList(own: Readonly<Record<string, ModelPrice>>, routes: ModelRoutes = {}): PriceList {
  const owned = Object.entries(own).map(([pattern, price]) => ({ pattern, prices: ownPrices(price) }));
  const ownedPrice = (name: string, at: number): KnownPrice | undefined => {
    const mine = owned.find(({ pattern }) => matchesPattern(name, pattern))?.prices;
    if (mine === undefined) return undefined;
    const day = new Date(at).toISOString().slice(0, 10);
    return (mine.earlier.find(({ until }) => day < until) ?? mine.now).known;
  };
  const priceNamed = (name: string, at: number): KnownPrice | undefined => {
    const mine = ownedPrice(name, at) ?? ownedPrice(withoutDate(name), at);
    if (mine !== undefined) return mine;
    const price = listPrice(name, at);
    return price && { price, source: 'list' };
  };
  // Prices change from day to day at most: each is looked up once in one.
  const known = new Map<string, KnownPrice | undefined>();
  let day = 0;
  return {
    namedBy(asked) {
      const name = asked.toLowerCase();
      const route = Object.entries(routes).find(([named]) =>
        matchesPattern(name, named.trim().toLowerCase()),
      )?.[1];
      if (route === undefined) return asked;
      const targets = [...route.models, ...route.rules.flatMap(({ models }) => models)];
      const named = new Set(targets.map(({ model }) => (model === '*' ? asked : model)));
      const [only = ''] = named;
      return named.size === 1 ? only : named.has(asked) ? asked : '';
    },
    priceOf(model, asked, at) {
      const today = Math.floor(at / dayMs);
      if (today !== day || known.size >= remembered) known.clear();
      day = today;
      const names = model === asked ? model : `${model}\n${asked}`;
      if (known.has(names)) return known.get(names);
      const found = priceNamed(model, at) ?? priceNamed(asked, at);
      known.set(names, found);
      return found;
    },
  };
}

/** `claude-haiku-4-5-20251001`, `claude-haiku-4-5@20251001` and `gpt-5-2025-08-07` cost what the model without the date does. */
function withoutDate(model: string): string {
  return model.replace(/[-@](\d{8}|\d{4}-\d{2}-\d{2})$/, '');
}

interface OwnPrices {
  now: { known: KnownPrice };
  /** Those that hold no more, the earliest first; `until` is a day that they do not hold on. */
  earlier: readonly { known: KnownPrice; until: string }[];
}

function ownPrices({ earlier = [], ...price }: ModelPrice): OwnPrices {
  const known = (one: OwnPrice): KnownPrice => ({ price: ownPrice(one), source: 'owner' });
  return {
    now: { known: known(price) },
    earlier: earlier
      .map(({ until, ...before }) => ({ known: known(before), until }))
      .sort((one, other) => (one.until < other.until ? -1 : 1)),
  };
}

type OwnPrice = Omit<ModelPrice, 'earlier'>;

function ownPrice(price: OwnPrice): ListPrice {
  const long = price['long-prompts'];
  return {
    ...tokenPrice(price),
    ...(long !== undefined && { above: [{ tokens: long['longer-than'], ...tokenPrice(long) }] }),
  };
}

type OwnTokenPrice = Omit<OwnPrice, 'long-prompts'>;

/** How the configuration writes the prices that a model need not have. */
const settingNames = {
  cacheRead: 'cache-read',
  cacheWrite: 'cache-write',
  cacheWrite1h: 'cache-write-1h',
  audioInput: 'audio-input',
  audioRead: 'audio-cache-read',
  audioOutput: 'audio-output',
  imageInput: 'image-input',
  imageRead: 'image-cache-read',
  imageOutput: 'image-output',
  videoInput: 'video-input',
} as const satisfies Record<Exclude<keyof TokenPrice, 'input' | 'output'>, keyof OwnTokenPrice>;

function tokenPrice(price: OwnTokenPrice): TokenPrice {
  const own: TokenPrice = { input: price.input, output: price.output };
  let name: keyof typeof settingNames;
  for (name in settingNames) {
    const dollars = price[settingNames[name]];
    if (dollars !== undefined) own[name] = dollars;
  }
  return own;
}
