import { expect, test } from 'bun:test';
import type { JsonObject } from './json.ts';
import { believedRetryAfter, longestWait, statedWait } from './stated-wait.ts';

const now = Date.parse('2026-11-29T12:00:00Z');

/** What providers and proxies answer, and the seconds that are meant. */
const bodies: [string, JsonObject, number | undefined][] = [
  ['Codex, a span', { resets_in_seconds: 90 }, 90],
  ['Codex, an instant', { resets_at: now / 1000 + 60 }, 60],
  ['an instant in milliseconds', { resets_at: now + 60_000 }, 60],
  ['an instant as a date', { resets_at: '2026-11-29T12:01:00Z' }, 60],
  ['an instant that is past', { resets_at: now / 1000 - 60 }, 0],
  ['retry_after', { retry_after: 12.5 }, 12.5],
  ['retry_after as text', { retry_after: '30' }, 30],
  ['Google, RetryInfo', { details: [{ retryDelay: '39.5s' }] }, 39.5],
  ['Google, RetryInfo without a wait', { details: [{ retryDelay: '0s' }] }, 0],
  ['Google, ErrorInfo', { details: [{ metadata: { quotaResetDelay: '1h2m3.5s' } }] }, 3723.5],
  ['Google, an instant', { details: [{ metadata: { quotaResetTimeStamp: '2026-11-29T12:05:00Z' } }] }, 300],
  [
    'Google, the longest of several',
    { details: [{ retryDelay: '5s' }, { metadata: { quotaResetDelay: '640ms' } }] },
    5,
  ],
  ['OpenAI’s words', { message: 'Please try again in 1m2.5s.' }, 62.5],
  ['Google’s words', { message: 'Your quota will reset after 3h17m4s.' }, 11_824],
  ['words of days', { message: 'The limit resets in 2d3h' }, 183_600],
  ['words of milliseconds', { message: 'Please try again in 640ms.' }, 0.64],
  ['Moonshot’s words', { message: 'max RPM: 3, please try again after 1 seconds' }, 1],
  ['Azure’s words', { message: 'Please retry after 6 seconds.' }, 6],
  ['ChatGPT’s words', { message: 'Try again in 3 days 2 hours 14 minutes.' }, 267_240],
  ['words with a list of amounts', { message: 'Resets in 1 hour, 5 mins and 10 secs' }, 3910],
  ['words of another unit', { message: 'try again in 3 months' }, undefined],
  [
    'OpenRouter, headers in the body',
    { metadata: { headers: { 'X-RateLimit-Reset': String(now + 90_000), 'X-RateLimit-Remaining': '0' } } },
    90,
  ],
  ['words of no time', { message: 'Please try again in 0s' }, undefined],
  ['nothing', { message: 'Please try again later.' }, undefined],
];

test.each(bodies)('%s', (_name, body, seconds) => {
  const message = typeof body.message === 'string' ? body.message : '';
  expect(statedWait(body, message, now)).toBe(seconds);
});

test('without the time, an instant is left out and a span beside it counts', () => {
  expect(statedWait({ resets_at: now / 1000 + 60, resets_in_seconds: 50 }, '')).toBe(50);
});

test('words that nearly match are looked at once', () => {
  const before = performance.now();
  statedWait({}, `${'reset'.repeat(200_000)} in ${'1'.repeat(200_000)}`, now);
  // A look per beginning would take minutes.
  expect(performance.now() - before).toBeLessThan(2000);
});

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
