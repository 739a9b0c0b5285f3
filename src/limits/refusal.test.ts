import { afterEach, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { LimitName } from './limit.ts';
import { amountText, limitError, localTime } from './refusal.ts';

const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone ?? 'UTC';
});

const now = Date.UTC(2026, 10, 23, 11, 0, 0);
const refusal = (limit: LimitName, most: number, used: number, resetsAt: number | undefined) => ({
  limit,
  most,
  used,
  resetsAt,
  tooLarge: false,
});

test.each([
  [
    refusal('requests-per-minute', 10, 10, now + 12_300),
    'The key alice may use 10 requests a minute (limit requests-per-minute) and has used 10. It resets at 2026-11-23T11:00:12+00:00. Try again in 13s.',
    13,
  ],
  [
    refusal('tokens-per-minute', 50_000, 49_100, now + 1),
    'The key alice may use 50,000 tokens a minute (limit tokens-per-minute) and has used 49,100. It resets at 2026-11-23T11:00:00+00:00. Try again in 1s.',
    1,
  ],
  [
    refusal('concurrency', 1, 1, undefined),
    'The key alice may use 1 request at a time (limit concurrency) and has used 1. It is free again when a running request of this key ends. Try again in 1s.',
    1,
  ],
  [
    refusal('budget.day.usd', 2.5, 2.4999, now + 46_800_000),
    'The key alice may use $2.50 a day (limit budget.day.usd) and has used $2.4999. It resets at 2026-11-24T00:00:00+00:00. Try again in 46800s.',
    46_800,
  ],
  [
    refusal('budget.month.tokens', 1_000_000, 1_000_000, now + 3_600_000),
    'The key alice may use 1,000,000 tokens a month (limit budget.month.tokens) and has used 1,000,000. It resets at 2026-11-23T12:00:00+00:00. Try again in 3600s.',
    3600,
  ],
])('%j', (refused, message, retryAfter) => {
  process.env.TZ = 'UTC';
  expect(limitError(refused, 'alice', now)).toMatchObject({
    status: 429,
    kind: 'rate-limit',
    message,
    retryAfter,
  });
});

test('what other replicas hold is not said to be used, nor to be free only when the limit resets', () => {
  const error = limitError(
    { ...refusal('budget.day.tokens', 1000, 400, now + 46_800_000), heldElsewhere: true },
    'alice',
    now,
  );
  expect(error).toEqual({
    ...{ status: 429, kind: 'rate-limit', code: 'rate_limit_exceeded', retryAfter: 1 },
    message:
      'The key alice may use 1,000 tokens a day (limit budget.day.tokens) and has used 400. What is left is held at this moment, by requests that run or by other replicas of this gateway. Try again in 1s.',
  });
});

test('15: amounts are written as English does', () => {
  const number = new Intl.NumberFormat('en');
  const dollars = new Intl.NumberFormat('en', {
    ...{ style: 'currency', currency: 'USD', maximumFractionDigits: 4 },
  });
  const amounts = fc.oneof(
    fc.nat({ max: 2 ** 40 }),
    fc.double({ min: 0, max: 1e12, noNaN: true }),
    fc.constantFrom(0, 0.5, 1.005, 999.99995, 1e6),
  );
  fc.assert(
    fc.property(amounts, (amount) => {
      expect(amountText('tokens-per-minute', amount, true)).toBe(number.format(amount));
      expect(amountText('budget.day.usd', amount, true)).toBe(dollars.format(amount));
    }),
  );
});

test('what never fits is not to be tried again', () => {
  const error = limitError(
    { ...refusal('tokens-per-minute', 100, 0, undefined), tooLarge: true },
    undefined,
    now,
  );
  expect(error).toMatchObject({ status: 413, kind: 'too-large' });
  expect(error.retryAfter).toBeUndefined();
  expect(error.message).toStartWith('This key may use 100 tokens a minute (limit tokens-per-minute)');
});

test.each([
  ['Europe/Berlin', '2026-11-23T12:00:00+01:00'],
  ['America/St_Johns', '2026-11-23T07:30:00-03:30'],
  ['Asia/Kolkata', '2026-11-23T16:30:00+05:30'],
])('times are those of the computer: %s', (tz, text) => {
  process.env.TZ = tz;
  expect(localTime(now)).toBe(text);
});
