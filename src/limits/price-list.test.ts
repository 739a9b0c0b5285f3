import { describe, expect, test } from 'bun:test';
import { listedModels } from '../providers/models.ts';
import { costOf, priceList } from './price-list.ts';
import { shippedPrices } from './prices.ts';

const shipped = priceList({});

test.each([
  ['claude-haiku-4-5-20251001', 1, 5],
  ['claude-haiku-4-5@20251001', 1, 5],
  ['claude-opus-4-20250514', 15, 75],
  ['claude-opus-4-1-20250805', 15, 75],
  ['claude-opus-4-5-20251101', 5, 25],
  ['gpt-5-2025-08-07', 1.25, 10],
  ['GPT-5', 1.25, 10],
  ['gemini-2.5-flash-lite', 0.1, 0.4],
])('%s has the price of its model', (model, input, output) => {
  expect(shipped.priceOf(model, 'asked')).toMatchObject({ input, output });
});

test.each(['gpt-5-of-tomorrow', 'claude-opus-5-5', 'llama', ''])('%p has none', (model) => {
  expect(shipped.priceOf(model, model)).toBeUndefined();
});

test.each(['claude', 'gemini', 'vertex', 'openai', 'claude-code'] as const)(
  'every model that is shipped for %s has a price',
  (provider) => {
    const without = listedModels[provider].filter((model) => shipped.priceOf(model, model) === undefined);
    expect(without).toEqual([]);
  },
);

test('no model stands in two rows', () => {
  const names = shippedPrices.flatMap(({ models }) => models);
  expect(new Set(names).size).toBe(names.length);
});

test('prices of the configuration go before the shipped ones, and may name what clients ask for', () => {
  const own = priceList({ 'claude-*': { input: 7, output: 8 }, fast: { input: 1, output: 2 } });
  expect(own.priceOf('claude-opus-5', 'x')).toMatchObject({ input: 7 });
  expect(own.priceOf('unknown-model', 'fast')).toMatchObject({ input: 1 });
  expect(own.priceOf('gpt-5', 'fast')).toMatchObject({ input: 1.25 });
});

describe('the cost of an answer', () => {
  const price = { input: 3, output: 15, 'cache-read': 0.3, 'cache-write': 3.75 };

  test('cached tokens are part of the input and have prices of their own', () => {
    const tokens = { input: 1_000_000, output: 100_000, cacheRead: 800_000, cacheWrite: 100_000 };
    expect(costOf(price, tokens)).toBeCloseTo(0.3 + 0.24 + 0.375 + 1.5, 10);
  });

  test('without prices of their own they cost what input does', () => {
    expect(costOf({ input: 3, output: 15 }, { input: 1_000_000, output: 0, cacheRead: 900_000 })).toBe(3);
  });

  test('a model without a price costs nothing', () => {
    expect(costOf(undefined, { input: 1_000_000, output: 1_000_000 })).toBe(0);
  });
});
