import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { jsonYielding } from './yielding-json.ts';

test('16: written in slices, a value is the same text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 7 }), async (value) => {
      expect(await jsonYielding({ value, unset: undefined })).toBe(JSON.stringify({ value }));
    }),
  );
});

test('16: a long list is, too, and others run meanwhile', async () => {
  const value = { rows: Array.from({ length: 200_000 }, (_, at) => ({ at, name: `row ${at}` })), total: 1 };
  let others = 0;
  const counting = setInterval(() => (others += 1), 0);
  expect(await jsonYielding(value)).toBe(JSON.stringify(value));
  clearInterval(counting);
  expect(others).toBeGreaterThan(0);
});
