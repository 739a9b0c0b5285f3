/** Bills worked out by hand, to the nano-dollar; prices of this table alone, so that no maker's change makes them wrong. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ListPrice } from '../models/model-row.ts';
import { type CountedTokens, costOf } from './cost.ts';
import { dollarsText } from './money.ts';

const claude: ListPrice = { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25, cacheWrite1h: 10 };
const long: ListPrice = {
  ...{ input: 1.25, output: 10, cacheRead: 0.125 },
  above: [{ tokens: 200_000, input: 2.5, output: 15, cacheRead: 0.25 }],
};
const tiered: ListPrice = {
  ...{ input: 2.5, output: 15, cacheRead: 0.25 },
  tiers: { flex: { input: 1.25, output: 7.5, cacheRead: 0.13 }, priority: { input: 5, output: 30 } },
};
const tiny: ListPrice = { input: 0.0375, output: 0.15, cacheRead: 0.003625 };

describe('bills by hand', () => {
  test.each<[string, ListPrice, CountedTokens, number]>([
    ['one token in, one out', claude, { input: 1, output: 1 }, 5_000 + 25_000],
    ['all of it from the cache', claude, { input: 18_000, cacheRead: 18_000, output: 0 }, 9_000_000],
    ['written for five minutes', claude, { input: 18_000, cacheWrite: 18_000, output: 0 }, 112_500_000],
    [
      'written for an hour',
      claude,
      { input: 18_000, cacheWrite: 18_000, cacheWrite1h: 18_000, output: 0 },
      180_000_000,
    ],
    [
      'new, read, written for both times, and answered with thoughts',
      claude,
      {
        input: 20_000,
        cacheRead: 12_000,
        cacheWrite: 6_000,
        cacheWrite1h: 2_000,
        output: 800,
        reasoning: 500,
      },
      2_000 * 5_000 + 12_000 * 500 + 4_000 * 6_250 + 2_000 * 10_000 + 800 * 25_000,
    ],
    ['a prompt at the threshold', long, { input: 200_000, output: 1_000 }, 200_000 * 1_250 + 1_000 * 10_000],
    ['one token more', long, { input: 200_001, output: 1_000 }, 200_001 * 2_500 + 1_000 * 15_000],
    [
      'past it with its cached part alone',
      long,
      { input: 250_000, cacheRead: 240_000, output: 100 },
      10_000 * 2_500 + 240_000 * 250 + 100 * 15_000,
    ],
    [
      'flex',
      tiered,
      { input: 1_000, cacheRead: 400, output: 10, tier: 'flex' },
      600 * 1_250 + 400 * 130 + 10 * 7_500,
    ],
    ['priority', tiered, { input: 1_000, output: 10, tier: 'priority' }, 1_000 * 5_000 + 10 * 30_000],
    [
      'the usual tier by its name',
      tiered,
      { input: 1_000, output: 10, tier: 'default' },
      1_000 * 2_500 + 10 * 15_000,
    ],
    ['parts of nano-dollars, rounded once', tiny, { input: 3, cacheRead: 1, output: 1 }, 229],
    ['a million of them', tiny, { input: 1_000_000, cacheRead: 999_999, output: 7 }, 3_626_084],
  ])('%s', (_name, price, tokens, nano) => {
    expect(costOf(price, tokens)).toBe(nano);
  });
});

test('it is exact: as with whole numbers of any size, rounded once at the end', () => {
  const count = fc.nat({ max: 10_000_000 });
  const price = fc.nat({ max: 10_000_000 }).map((thousandths) => thousandths / 1000);
  fc.assert(
    fc.property(count, count, count, price, price, price, (fresh, read, output, input, out, cacheRead) => {
      const big = (tokens: number, dollars: number): bigint =>
        BigInt(tokens) * BigInt(Math.round(dollars * 1e9));
      const all = big(fresh, input) + big(read, cacheRead) + big(output, out);
      const cost = costOf(
        { input, output: out, cacheRead },
        { input: fresh + read, cacheRead: read, output },
      );
      expect(BigInt(cost)).toBe((all + 500_000n) / 1_000_000n);
    }),
  );
});

test('dollars are written exactly', () => {
  expect([0, 1, 1_500_000_000, 12_000_000_000, -250_000_000].map(dollarsText)).toEqual([
    ...['0', '0.000000001', '1.5', '12', '-0.25'],
  ]);
  expect(dollarsText(9_007_199_254_740_993_000_000_001n)).toBe('9007199254740993.000000001');
});
