import { afterEach, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { nothingSpent, spendingAt, withSpent } from './spending.ts';

const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone ?? 'UTC';
});

describe.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'])(
  '%s',
  (tz) => {
    test('a day is from midnight to midnight and a month from the first to the first, local time', () => {
      process.env.TZ = tz;
      fc.assert(
        fc.property(
          fc.date({ min: new Date(2026, 0, 1), max: new Date(2031, 0, 1), noInvalidDate: true }),
          (date) => {
            const now = date.getTime();
            const day = nothingSpent('day', now);
            const month = nothingSpent('month', now);
            for (const { from, until } of [day, month]) {
              expect(from).toBeLessThanOrEqual(now);
              expect(until).toBeGreaterThan(now);
            }
            expect(new Date(day.from).getDate()).toBe(date.getDate());
            expect(new Date(day.until - 1).getDate()).toBe(date.getDate());
            expect(new Date(day.until).getDate()).not.toBe(date.getDate());
            expect(new Date(month.until - 1).getMonth()).toBe(date.getMonth());
            expect(new Date(month.until).getDate()).toBe(1);
            expect((month.until - month.from) / 86_400_000).toBeGreaterThan(27.9);
          },
        ),
      );
    });
  },
);

test('the day on which clocks change has 23 or 25 hours', () => {
  process.env.TZ = 'Europe/Berlin';
  const hours = (month: number, day: number) => {
    const { from, until } = nothingSpent('day', new Date(2026, month, day, 12).getTime());
    return (until - from) / 3_600_000;
  };
  expect([hours(2, 29), hours(9, 25), hours(9, 26)]).toEqual([23, 25, 24]);
});

test('what was spent counts until the period is over, and then no more', () => {
  process.env.TZ = 'Europe/Berlin';
  const evening = new Date(2026, 10, 30, 23, 59, 59).getTime();
  const spent = { tokens: 100, usd: 0.5 };
  const day = withSpent(nothingSpent('day', evening), spent);
  const month = withSpent(nothingSpent('month', evening), spent);
  expect(spendingAt(day, 'day', evening + 999)).toBe(day);
  expect(spendingAt(day, 'day', evening + 1000)).toMatchObject({ tokens: 0, usd: 0 });
  expect(spendingAt(month, 'month', evening + 1000)).toMatchObject({ tokens: 0, from: day.until });
});
