import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { newRequestId } from './ids.ts';

const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test('ids of requests are in the order of time, whenever they were made', () => {
  fc.assert(
    fc.property(times, times, (one, other) => {
      const [first, second] = [newRequestId(one), newRequestId(other)];
      expect(first).toMatch(/^req_[0-9a-f]{24}$/);
      if (one !== other) expect(first < second).toBe(one < other);
    }),
  );
});

test('ids of one millisecond are different', () => {
  const ids = Array.from({ length: 10_000 }, () => newRequestId(1_790_000_000_000));
  expect(new Set(ids).size).toBe(ids.length);
});
