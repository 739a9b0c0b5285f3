import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { amountIn, downTo, type SlidingWindow, windowSpan, withAmount } from './sliding-window.ts';

const start = 1_795_000_000_000;

/** Amounts and the milliseconds before each. */
const arrivals = fc.array(
  fc.record({
    gap: fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(70_000)),
    amount: fc.integer({ min: 1, max: 40 }),
  }),
  { maxLength: 200 },
);

test('whatever the arrival times, no minute holds more than the limit when only what fits is let in', () => {
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 40, max: 200 }), (all, limit) => {
      let window: SlidingWindow = [];
      let now = start;
      const counted: { at: number; amount: number }[] = [];
      for (const { gap, amount } of all) {
        now += gap;
        if (amountIn(window, now) + amount > limit) continue;
        window = withAmount(window, amount, now);
        counted.push({ at: now, amount });
        expect(window.length).toBeLessThanOrEqual(61);
      }
      for (const { at: end } of counted) {
        const within = counted.filter(({ at }) => at <= end && at > end - windowSpan);
        expect(within.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(limit);
      }
    }),
  );
});

test('what a window holds is never less than what came in its minute, and at most a second more', () => {
  fc.assert(
    fc.property(arrivals, (all) => {
      let window: SlidingWindow = [];
      let now = start;
      const counted: { at: number; amount: number }[] = [];
      for (const { gap, amount } of all) {
        now += gap;
        window = withAmount(window, amount, now);
        counted.push({ at: now, amount });
        const since = (span: number) =>
          counted.filter(({ at }) => at > now - span).reduce((sum, one) => sum + one.amount, 0);
        expect(amountIn(window, now)).toBeGreaterThanOrEqual(since(windowSpan));
        expect(amountIn(window, now)).toBeLessThanOrEqual(since(windowSpan + 1000));
      }
    }),
  );
});

test('there is room exactly when the window says so', () => {
  fc.assert(
    fc.property(arrivals, fc.nat(100), (all, most) => {
      let window: SlidingWindow = [];
      let now = start;
      for (const { gap, amount } of all) {
        now += gap;
        window = withAmount(window, amount, now);
      }
      const at = downTo(window, most, now) ?? Number.NaN;
      expect(amountIn(window, at)).toBeLessThanOrEqual(most);
      if (at > now) expect(amountIn(window, at - 1)).toBeGreaterThan(most);
    }),
  );
});

test('one a minute is let in again after exactly a minute', () => {
  const window = withAmount([], 1, start + 400);
  expect(amountIn(window, start + 400 + windowSpan - 1)).toBe(1);
  expect(amountIn(window, start + 400 + windowSpan)).toBe(0);
});

test('a clock that is put back by a second keeps what was counted; by a day, nothing is held against anybody', () => {
  const window = withAmount([], 5, start);
  expect(amountIn(window, start - 1000)).toBe(5);
  expect(amountIn(withAmount(window, 1, start - 1000), start)).toBe(6);
  expect(amountIn(window, start - 86_400_000)).toBe(0);
});
