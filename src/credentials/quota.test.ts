import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../protocols/json.ts';
import { instant, quotaHint, quotaStanding, quotaWindows, unknownQuota, withWindows } from './quota.ts';

const now = Date.UTC(2026, 10, 23, 12);
const at = (seconds: number) => now + seconds * 1000;
const unix = (seconds: number) => String(now / 1000 + seconds);

describe('windows in headers', () => {
  test.each<{ name: string; headers: Record<string, string>; windows: object[] }>([
    {
      name: 'Anthropic keys: requests and tokens',
      headers: {
        'anthropic-ratelimit-requests-limit': '50',
        'anthropic-ratelimit-requests-remaining': '49',
        'anthropic-ratelimit-requests-reset': '2026-11-23T12:00:01Z',
        'anthropic-ratelimit-input-tokens-limit': '30000',
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-11-23T12:00:59Z',
      },
      windows: [
        { name: 'input-tokens', left: 0, resetsAt: at(59), ofModel: true, closed: false },
        { name: 'requests', left: 0.98, resetsAt: at(1), ofModel: true },
      ],
    },
    {
      name: 'Claude subscriptions: shares used, of the account and of one model',
      headers: {
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': unix(600),
        'anthropic-ratelimit-unified-representative-claim': 'five_hour',
        'anthropic-ratelimit-unified-5h-status': 'rejected',
        'anthropic-ratelimit-unified-5h-reset': unix(600),
        'anthropic-ratelimit-unified-5h-utilization': '1.01',
        'anthropic-ratelimit-unified-7d-status': 'allowed_warning',
        'anthropic-ratelimit-unified-7d-reset': '2026-11-26T12:00:00Z',
        'anthropic-ratelimit-unified-7d-utilization': '0.75',
        'anthropic-ratelimit-unified-7d_oi-utilization': '0.5',
        'anthropic-ratelimit-unified-7d_oi-reset': unix(86_400),
      },
      windows: [
        { name: '5h', left: 0, closed: true, resetsAt: at(600), ofModel: false },
        { name: '7d', left: 0.25, closed: false, resetsAt: at(3 * 86_400), ofModel: false },
        { name: '7d_oi', left: 0.5, ofModel: true },
      ],
    },
    {
      name: 'OpenAI: spans as Go writes them',
      headers: {
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-remaining-requests': '59',
        'x-ratelimit-reset-requests': '1s',
        'x-ratelimit-limit-tokens': '150000',
        'x-ratelimit-remaining-tokens': '75000',
        'x-ratelimit-reset-tokens': '6m0s',
      },
      windows: [
        { name: 'requests', left: 59 / 60, resetsAt: at(1), ofModel: true },
        { name: 'tokens', left: 0.5, resetsAt: at(360) },
      ],
    },
    {
      name: 'OpenRouter: no window in the name, milliseconds since the epoch',
      headers: {
        'x-ratelimit-limit': '20',
        'x-ratelimit-remaining': '5',
        'x-ratelimit-reset': String(at(30)),
      },
      windows: [{ name: 'requests', left: 0.25, resetsAt: at(30) }],
    },
    {
      name: 'Codex: percents used of a primary and a secondary window',
      headers: {
        'x-codex-primary-used-percent': '42.5',
        'x-codex-primary-window-minutes': '300',
        'x-codex-primary-reset-after-seconds': '90',
        'x-codex-secondary-used-percent': '100',
        'x-codex-secondary-reset-at': unix(604_800),
        'x-codex-plan-type': 'plus',
      },
      windows: [
        { name: 'primary', left: 0.575, resetsAt: at(90), ofModel: false },
        { name: 'secondary', left: 0, resetsAt: at(604_800), ofModel: false },
      ],
    },
    { name: 'nothing', headers: { 'content-type': 'application/json', 'x-ratelimit-foo': '1' }, windows: [] },
    {
      name: 'numbers that are none',
      headers: { 'x-ratelimit-limit-requests': 'many', 'x-ratelimit-remaining-requests': '' },
      windows: [],
    },
  ])('$name', ({ headers, windows }) => {
    const found = quotaWindows(new Headers(headers), now);
    expect(found.sort((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject(windows);
    expect(found).toHaveLength(windows.length);
  });
});

test.each([
  ['6m0s', 360],
  ['1s', 1],
  ['20ms', 0.02],
  ['2m59.56s', 179.56],
  ['59.5', 59.5],
  ['1h2m3s', 3723],
])('a reset of %s is %p seconds away', (text, seconds) => {
  expect(instant(text, now)).toBe(Math.round(now + seconds * 1000));
});

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

describe('what an account has left', () => {
  const window = (name: string, left: number, resetsAt: number | undefined, ofModel = false) => ({
    name,
    left,
    resetsAt,
    ofModel,
    closed: false,
    toldAt: now,
  });
  const told = withWindows(
    withWindows(unknownQuota, 'a', [window('5h', 0.5, at(60)), window('7d', 0.9, at(600))]),
    'a',
    [window('requests', 0.01, at(10), true)],
  );

  test('a window that is told anew replaces the old one; others stay', () => {
    const next = withWindows(told, 'a', [window('5h', 0.2, at(61))]);
    expect(next.ofAccount.map(({ name, left }) => [name, left])).toEqual([
      ['7d', 0.9],
      ['5h', 0.2],
    ]);
    expect(next.ofModels).toBe(told.ofModels);
  });

  test('a model without room is spared until its window begins anew, other models are not', () => {
    expect(quotaStanding(told, 'a', now)).toEqual({ resetsAt: at(600), dueAt: at(600), sparedUntil: at(10) });
    expect(quotaStanding(told, 'a', at(10))).toMatchObject({ resetsAt: at(600), sparedUntil: undefined });
    expect(quotaStanding(told, 'b', now).sparedUntil).toBeUndefined();
  });

  test('windows that have begun anew say nothing; one without an end is believed for a minute', () => {
    expect(quotaStanding(told, 'a', at(601)).resetsAt).toBe(Number.POSITIVE_INFINITY);
    const silent = withWindows(unknownQuota, 'a', [window('requests', 0, undefined, true)]);
    expect(quotaStanding(silent, 'a', at(59)).sparedUntil).toBe(at(60));
    expect(quotaStanding(silent, 'a', at(60)).sparedUntil).toBeUndefined();
  });
});
