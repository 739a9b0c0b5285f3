import { expect, test } from 'bun:test';
import { believedRetryAfter, longestWait } from './believed-wait.ts';

const now = Date.parse('2026-11-29T12:00:00Z');

test.each([
  ['30', 30],
  [' 0.5 ', 0.5],
  [new Date(now + 90_000).toUTCString(), 90],
  [new Date(now - 90_000).toUTCString(), 0],
  ['99999999999', longestWait],
  ['Fri, 31 Dec 9999 23:59:59 GMT', longestWait],
  ['soon', undefined],
  ['-5 seconds', undefined],
  ['', undefined],
])('Retry-After: "%s" is a wait of %p seconds', (value, seconds) => {
  expect(believedRetryAfter(new Headers({ 'retry-after': value }), now)).toBe(seconds);
});

test('without Retry-After no wait is known', () => {
  expect(believedRetryAfter(new Headers(), now)).toBeUndefined();
});
