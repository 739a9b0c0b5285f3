import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../protocols/json.ts';
import { quotaHint } from './quota-hint.ts';

const now = Date.UTC(2026, 10, 23, 12);
const at = (seconds: number) => now + seconds * 1000;
const unix = (seconds: number) => String(now / 1000 + seconds);

describe('hints of refusals', () => {
  const google = (...details: JsonObject[]): JsonObject => ({
    error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Resource has been exhausted', details },
  });
  test.each<{
    name: string;
    headers?: Record<string, string>;
    body?: JsonObject;
    seconds: number | undefined;
    account?: boolean;
  }>([
    { name: 'no hint', seconds: undefined },
    { name: 'Retry-After in seconds', headers: { 'retry-after': '7' }, seconds: 7 },
    {
      name: 'Retry-After as a date',
      headers: { 'retry-after': new Date(at(90)).toUTCString() },
      seconds: 90,
    },
    { name: 'retry-after-ms', headers: { 'retry-after-ms': '250', 'retry-after': '1' }, seconds: 0.25 },
    {
      name: 'the last of the closed windows, over Retry-After',
      headers: {
        'retry-after': '5',
        'anthropic-ratelimit-unified-5h-status': 'rejected',
        'anthropic-ratelimit-unified-5h-reset': unix(600),
        'anthropic-ratelimit-unified-7d-status': 'rejected',
        'anthropic-ratelimit-unified-7d-reset': unix(86_400),
      },
      seconds: 86_400,
      account: true,
    },
    {
      name: 'use beyond the plan that comes back next month says nothing of the plan',
      headers: {
        'anthropic-ratelimit-unified-5h-status': 'rejected',
        'anthropic-ratelimit-unified-5h-reset': unix(600),
        'anthropic-ratelimit-unified-overage-status': 'rejected',
        'anthropic-ratelimit-unified-overage-reset': unix(2_000_000),
      },
      seconds: 600,
      account: true,
    },
    {
      name: 'a clock that is wrong: a date is that of the provider',
      headers: {
        date: new Date(at(3600)).toUTCString(),
        'retry-after': new Date(at(3690)).toUTCString(),
      },
      seconds: 90,
    },
    {
      name: 'a clock that is wrong: a window that is closed, and Codex in its body',
      headers: { date: new Date(at(-3600)).toUTCString() },
      body: { error: { type: 'usage_limit_reached', resets_at: (now - 3_600_000) / 1000 + 42 } },
      seconds: 42,
      account: true,
    },
    {
      name: 'a window of one model is not the account',
      headers: {
        'anthropic-ratelimit-unified-7d_oi-status': 'rejected',
        'anthropic-ratelimit-unified-7d_oi-reset': unix(60),
      },
      seconds: 60,
    },
    {
      name: 'a used-up Codex window',
      headers: { 'x-codex-primary-used-percent': '100', 'x-codex-primary-reset-after-seconds': '120' },
      seconds: 120,
      account: true,
    },
    {
      name: 'Codex in its body',
      body: { error: { type: 'usage_limit_reached', message: 'no', resets_in_seconds: 4242 } },
      seconds: 4242,
      account: true,
    },
    {
      name: 'Codex with an instant',
      body: { error: { type: 'usage_limit_reached', resets_at: now / 1000 + 300, resets_in_seconds: 1 } },
      seconds: 300,
      account: true,
    },
    { name: 'Google RetryInfo', body: google({ retryDelay: '34.074s' }), seconds: 34.074 },
    {
      name: 'Google quotaResetDelay',
      body: google({ retryDelay: '0.5s' }, { metadata: { quotaResetDelay: '135h9m46s' } }),
      seconds: 486_586,
    },
    {
      name: 'Google quotaResetTimeStamp',
      body: google({ metadata: { quotaResetTimeStamp: '2026-11-23T12:01:00Z' } }),
      seconds: 60,
    },
    {
      name: "Google's own words",
      body: { error: { message: 'You have exhausted your capacity. Your quota will reset after 3h17m4s.' } },
      seconds: 11_824,
    },
    {
      name: "OpenAI's own words",
      body: { error: { message: 'Rate limit reached. Please try again in 1m2.5s. Visit' } },
      seconds: 62.5,
    },
  ])('$name', ({ headers = {}, body, seconds, account = false }) => {
    expect(quotaHint(new Headers(headers), body, now)).toEqual({
      retryAfter: seconds,
      account,
      ofFamily: false,
    });
  });
});
