import { describe, expect, test } from 'bun:test';
import { hasQuotaHeaders, instant, quotaWindows } from './quota-headers.ts';

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
    {
      name: 'Claude subscriptions: use beyond the plan that is switched off is no window of it',
      headers: {
        'anthropic-ratelimit-unified-status': 'allowed',
        'anthropic-ratelimit-unified-5h-status': 'allowed',
        'anthropic-ratelimit-unified-5h-reset': unix(600),
        'anthropic-ratelimit-unified-5h-utilization': '0.25',
        'anthropic-ratelimit-unified-fallback-percentage': '0.5',
        'anthropic-ratelimit-unified-overage-status': 'rejected',
        'anthropic-ratelimit-unified-overage-reset': unix(2_000_000),
        'anthropic-ratelimit-unified-overage-disabled-reason': 'org_level_disabled',
      },
      windows: [{ name: '5h', left: 0.75, closed: false }],
    },
    {
      name: 'Anthropic keys: the priority tier and fast answers beside the usual limits',
      headers: {
        'anthropic-ratelimit-requests-limit': '50',
        'anthropic-ratelimit-requests-remaining': '25',
        'anthropic-priority-input-tokens-limit': '1000',
        'anthropic-priority-input-tokens-remaining': '100',
        'anthropic-priority-input-tokens-reset': '2026-11-23T12:01:00Z',
        'anthropic-fast-output-tokens-limit': '10',
        'anthropic-fast-output-tokens-remaining': '5',
      },
      windows: [
        { name: 'fast-output-tokens', left: 0.5 },
        { name: 'priority-input-tokens', left: 0.1, resetsAt: at(60) },
        { name: 'requests', left: 0.5 },
      ],
    },
    {
      name: 'Mistral: limits by the minute and the month, no resets',
      headers: {
        'x-ratelimit-limit-tokens-minute': '5000000',
        'x-ratelimit-remaining-tokens-minute': '4000000',
        'x-ratelimit-tokens-query-cost': '52',
        'x-ratelimit-limit-req-minute': '720',
        'x-ratelimit-remaining-req-minute': '180',
        'x-ratelimit-limit-tokens-month': '100',
        'x-ratelimit-remaining-tokens-month': '50',
      },
      windows: [
        { name: 'req-minute', left: 0.25, length: 60_000, resetsAt: undefined },
        { name: 'tokens-minute', left: 0.8, length: 60_000 },
        { name: 'tokens-month', left: 0.5, length: 30 * 86_400_000 },
      ],
    },
    {
      name: 'Groq: fractions of seconds, and a day whose name says nothing of it',
      headers: {
        'retry-after': '2',
        'x-ratelimit-limit-requests': '14400',
        'x-ratelimit-limit-tokens': '18000',
        'x-ratelimit-remaining-requests': '14370',
        'x-ratelimit-remaining-tokens': '17997',
        'x-ratelimit-reset-requests': '2m59.56s',
        'x-ratelimit-reset-tokens': '7.66s',
      },
      windows: [
        { name: 'requests', left: 14_370 / 14_400, resetsAt: at(179.56) },
        { name: 'tokens', left: 17_997 / 18_000, resetsAt: at(7.66) },
      ],
    },
    {
      name: 'Azure: what remains, of nobody knows how much',
      headers: { 'x-ratelimit-remaining-requests': '119', 'x-ratelimit-remaining-tokens': '119984' },
      windows: [],
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

test.each([
  'anthropic-ratelimit-unified-status',
  'anthropic-ratelimit-requests-remaining',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-remaining-tokens-minute',
  'X-RateLimit-Remaining',
  'x-codex-primary-used-percent',
])('an answer with %s tells of quotas', (name) => {
  expect(hasQuotaHeaders(new Headers([[name, '1']]))).toBe(true);
});

test.each<[what: string, date: string | undefined, seconds: number]>([
  ['ten minutes behind', new Date(at(600)).toUTCString(), 0],
  ['ten minutes ahead', new Date(at(-600)).toUTCString(), 1200],
  ['right to the second', new Date(at(-2)).toUTCString(), 600],
  ['of an answer that somebody has kept for a week', new Date(at(-7 * 86_400)).toUTCString(), 600],
  ['without a date', undefined, 600],
  ['with a date that is none', 'soon', 600],
])('a clock here that is %s: a point in time is that of the provider', (_, date, seconds) => {
  const [window] = quotaWindows(
    new Headers({
      'anthropic-ratelimit-unified-5h-utilization': '0.5',
      'anthropic-ratelimit-unified-5h-reset': unix(600),
      ...(date !== undefined && { date }),
    }),
    now,
  );
  expect(window?.resetsAt).toBe(at(seconds));
});

test('a span is the same by every clock', () => {
  const [window] = quotaWindows(
    new Headers({
      'x-codex-primary-used-percent': '50',
      'x-codex-primary-reset-after-seconds': '90',
      date: new Date(at(3600)).toUTCString(),
    }),
    now,
  );
  expect(window?.resetsAt).toBe(at(90));
});
