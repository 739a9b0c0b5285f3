import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ListPrice } from '../models/model-row.ts';
import { type CountedTokens, costOf as nanoCost } from './cost.ts';
import { priceList } from './price-list.ts';

/** In dollars. */
const costOf = (price: ListPrice | undefined, tokens: CountedTokens): number =>
  price === undefined ? Number.NaN : nanoCost(price, tokens) / 1e9;

const shipped = priceList({});
const now = Date.parse('2026-11-29T12:00:00Z');

test.each([
  ['claude-haiku-4-5-20251001', 1, 5],
  ['claude-haiku-4-5@20251001', 1, 5],
  ['claude-opus-4-20250514', 15, 75],
  ['claude-opus-4-1-20250805', 15, 75],
  ['claude-opus-4-5-20251101', 5, 25],
  ['claude-opus-5-5', 4, 20],
  ['gpt-5-2025-08-07', 1.25, 10],
  ['GPT-5', 1.25, 10],
  ['gpt-4o-2024-05-13', 5, 15],
  ['gemini-2.5-flash-lite', 0.1, 0.4],
])('%s has the price of its model', (model, input, output) => {
  expect(shipped.priceOf(model, 'asked', now)?.price).toMatchObject({ input, output });
});

test.each(['gpt-5-of-tomorrow', 'llama', ''])('%p has none', (model) => {
  expect(shipped.priceOf(model, model, now)).toBeUndefined();
});

test('prices of the configuration go before the shipped ones, and may name what clients ask for', () => {
  const own = priceList({ 'claude-*': { input: 7, output: 8 }, fast: { input: 1, output: 2 } });
  expect(own.priceOf('claude-opus-5', 'x', now)?.price).toMatchObject({ input: 7 });
  expect(own.priceOf('unknown-model', 'fast', now)?.price).toMatchObject({ input: 1 });
  expect(own.priceOf('gpt-5', 'fast', now)?.price).toMatchObject({ input: 1.25 });
});

test('prices of the configuration have long prompts and the hour of the cache, too', () => {
  const own = priceList({
    mine: {
      input: 1,
      output: 2,
      'cache-write-1h': 3,
      'long-prompts': { 'longer-than': 1000, input: 10, output: 20 },
    },
  });
  const price = own.priceOf('mine', 'mine', now)?.price;
  expect(costOf(price, { input: 1000, output: 0, cacheWrite: 1000, cacheWrite1h: 1000 })).toBeCloseTo(
    0.003,
    12,
  );
  expect(costOf(price, { input: 1001, output: 1 })).toBeCloseTo(0.01003, 12);
});

test('15: a price of the configuration that changed holds on its own days', () => {
  const own = priceList({
    'mine-*': {
      ...{ input: 1, output: 2 },
      earlier: [
        { until: '2026-11-01', input: 3, output: 4 },
        {
          until: '2026-06-01',
          input: 5,
          output: 6,
          'long-prompts': { 'longer-than': 10, input: 7, output: 8 },
        },
      ],
    },
  });
  const inputOn = (time: string) => own.priceOf('mine-1', 'x', Date.parse(time))?.price.input;
  expect(inputOn('2020-02-29T00:00:00Z')).toBe(5);
  expect(inputOn('2026-05-31T23:59:59.999Z')).toBe(5);
  expect(inputOn('2026-06-01T00:00:00Z')).toBe(3);
  expect(inputOn('2026-10-31T23:59:59Z')).toBe(3);
  expect(inputOn('2026-11-01T00:00:00Z')).toBe(1);
  const long = own.priceOf('mine-1', 'x', Date.parse('2026-01-01T00:00:00Z'));
  expect(costOf(long?.price, { input: 11, output: 0 })).toBeCloseTo(77e-6, 12);
  expect(long?.source).toBe('owner');
});

/** Bills worked out by hand from the makers' pages; those of usage.md §2 among them. */
describe('D: bills', () => {
  test.each<[string, string, CountedTokens, number]>([
    ['gpt-5.5 above 272k', 'gpt-5.5', { input: 300_000, output: 2000 }, 3.09],
    ['gpt-5.5 at 272k', 'gpt-5.5', { input: 272_000, output: 2000 }, 1.42],
    ['gpt-6.1-sol above 272k', 'gpt-6.1-sol', { input: 300_000, output: 2000, cacheRead: 100_000 }, 0.85],
    ['gemini-3.1-pro above 200k', 'gemini-3.1-pro-preview', { input: 300_000, output: 2000 }, 1.236],
    ['grok-4.5 above 200k', 'grok-4.5', { input: 300_000, output: 2000 }, 1.224],
    ['claude-sonnet-4-5 above 200k', 'claude-sonnet-4-5-20250929', { input: 300_000, output: 2000 }, 1.845],
    ['claude-sonnet-4-6 has no tiers any more', 'claude-sonnet-4-6', { input: 300_000, output: 2000 }, 0.93],
    ['claude-haiku-5-5 above 100k', 'claude-haiku-5-5', { input: 100_001, output: 1000 }, 0.0525005],
    [
      'claude-opus-5, written for an hour',
      'claude-opus-5',
      { input: 18_000, output: 0, cacheWrite: 18_000, cacheWrite1h: 18_000 },
      0.18,
    ],
    [
      'claude-opus-5, written for five minutes',
      'claude-opus-5',
      { input: 18_000, output: 0, cacheWrite: 18_000 },
      0.1125,
    ],
    [
      'claude-fable-5-1, from the cache',
      'claude-fable-5-1',
      { input: 100_000, output: 0, cacheRead: 100_000 },
      0.025,
    ],
    [
      'gpt-5.6-sol, put into the cache',
      'gpt-5.6-sol',
      { input: 10_000, output: 0, cacheWrite: 10_000 },
      0.05,
    ],
  ])('%s', (_name, model, tokens, usd) => {
    expect(costOf(shipped.priceOf(model, model, now)?.price, tokens)).toBeCloseTo(usd, 9);
  });
});

describe('the cost of an answer', () => {
  const price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };

  test('cached tokens are part of the input and have prices of their own', () => {
    const tokens = { input: 1_000_000, output: 100_000, cacheRead: 800_000, cacheWrite: 100_000 };
    expect(costOf(price, tokens)).toBeCloseTo(0.3 + 0.24 + 0.375 + 1.5, 10);
  });

  test('without prices of their own they cost what input does', () => {
    expect(costOf({ input: 3, output: 15 }, { input: 1_000_000, output: 0, cacheRead: 900_000 })).toBe(3);
  });

  test('the whole input decides on the tier, and the tier on all tokens', () => {
    const tiered: ListPrice = {
      input: 1,
      output: 1,
      above: [
        { tokens: 100, input: 2, output: 2 },
        { tokens: 200, input: 4, output: 4 },
      ],
    };
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), fc.nat(400), (input, output, cached) => {
        const times = input > 200 ? 4 : input > 100 ? 2 : 1;
        const cost = costOf(tiered, { input, output, cacheRead: Math.min(cached, input) });
        expect(cost).toBeCloseTo((times * (input + output)) / 1_000_000, 12);
      }),
    );
  });
});

describe('a service tier', () => {
  const tokens = { input: 1_000_000, output: 1_000_000, cacheRead: 400_000 };
  const costs = (model: string, tier: 'flex' | 'priority' | 'fast' | undefined, input = 200_000) =>
    costOf(shipped.priceOf(model, model, now)?.price, { input, output: 1_000_000, tier });

  test('D: costs what the maker charges for it', () => {
    expect(costs('gpt-5.4', undefined)).toBeCloseTo(0.2 * 2.5 + 15);
    expect(costs('gpt-5.4', 'flex')).toBeCloseTo(0.2 * 1.25 + 7.5);
    expect(costs('gpt-5.4', 'priority')).toBeCloseTo(0.2 * 5 + 30);
    expect(costs('claude-fable-5-2', 'fast')).toBeCloseTo(0.2 * 16 + 80);
  });

  test('D: has long prompts of its own', () => {
    expect(costs('gpt-5.4', 'flex', 300_000)).toBeCloseTo(0.3 * 2.5 + 11.25);
  });

  test('D: that the list has not costs as usual', () => {
    for (const model of ['claude-haiku-4-5', 'gemini-2.5-pro'])
      expect(costs(model, 'priority')).toBe(costs(model, undefined));
  });

  test('D: is cached at the usual price where the maker names none', () => {
    const price: ListPrice = {
      input: 2,
      output: 8,
      cacheRead: 0.5,
      tiers: { flex: { input: 1, output: 4, cacheRead: 0.5 } },
    };
    expect(costOf(price, { ...tokens, tier: 'flex' })).toBeCloseTo(0.6 * 1 + 0.4 * 0.5 + 4);
  });
});
