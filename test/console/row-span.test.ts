import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { reach, startsOf } from '../../console/row-span.ts';

const heights = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 400 });

test('whatever is on the screen is there, and not much more', () => {
  fc.assert(
    fc.property(heights, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1200), (rows, where, height) => {
      const starts = startsOf(rows, (row) => row);
      const top = Math.floor(where * starts.total);
      const { first, end } = reach(starts, top, height);
      for (const [at, row] of rows.entries()) {
        const begin = starts.of(at);
        if (begin + row > top && begin < top + height) {
          expect(at).toBeGreaterThanOrEqual(first);
          expect(at).toBeLessThan(end);
        }
      }
      const seen = starts.at(top + height) - starts.at(top) + 1;
      expect(end - first).toBeLessThanOrEqual(seen + 2 * 12 + 2 * 4);
    }),
  );
});

test('rows of one height are where rows of their own heights would be', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.integer({ min: 1, max: 90 }), fc.nat(40_000), (count, height, place) => {
      const rows = Array.from({ length: count }, () => height);
      const [one, each] = [startsOf(rows, height), startsOf(rows, (row) => row)];
      expect([one.total, one.of(count >> 1), one.at(place)]).toEqual([
        each.total,
        each.of(count >> 1),
        each.at(place),
      ]);
    }),
  );
});

test('a step within a few rows changes nothing', () => {
  const starts = startsOf(Array.from({ length: 10_000 }), 40);
  const spans = Array.from({ length: 160 }, (_, at) => JSON.stringify(reach(starts, 40_000 + at * 40, 780)));
  expect(new Set(spans).size).toBeLessThanOrEqual(82);
  expect(reach(startsOf([], 40), 0, 780)).toEqual({ first: 0, end: 0 });
});
