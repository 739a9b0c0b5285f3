/** Whatever a provider writes into the headers of an answer, what is known of its quota stays small and within what can be. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { endOf, quotaState, unknownQuota, withWindows } from '../credentials/quota.ts';
import { forecastOf } from '../credentials/quota-forecast.ts';
import { quotaWindows } from '../credentials/quota-headers.ts';
import { quotaHint } from '../credentials/quota-hint.ts';
import { openai } from '../providers/openai.ts';
import { listedQuotas } from './quota-list.ts';

const now = Date.UTC(2026, 10, 29, 12);
const month = 31 * 86_400_000;

const windowNames = fc.oneof(
  fc.constantFrom('5h', '7d', '7d_oi', 'requests', 'tokens', 'requests-1h', 'tokens-minute', 'primary', 'x'),
  fc.stringMatching(/^[a-z0-9_-]{1,40}$/),
  fc.constant('w'.repeat(5000)),
);
const names = fc.oneof(
  fc
    .tuple(windowNames, fc.constantFrom('status', 'reset', 'utilization'))
    .map(([window, field]) => `anthropic-ratelimit-unified-${window}-${field}`),
  fc
    .tuple(
      fc.constantFrom('ratelimit', 'priority', 'fast'),
      windowNames,
      fc.constantFrom('limit', 'remaining', 'reset'),
    )
    .map(([kind, window, field]) => `anthropic-${kind}-${window}-${field}`),
  fc
    .tuple(fc.constantFrom('limit', 'remaining', 'reset'), windowNames)
    .map(([field, window]) => `x-ratelimit-${field}-${window}`),
  fc
    .tuple(
      fc.constantFrom('', 'bengalfox-', 'other-'),
      fc.constantFrom('primary', 'secondary'),
      fc.constantFrom('used-percent', 'window-minutes', 'reset-after-seconds', 'reset-at'),
    )
    .map((parts) => `x-codex-${parts[0]}${parts[1]}-${parts[2]}`),
  fc.constantFrom(
    'x-codex-bengalfox-limit-name',
    'x-codex-active-limit',
    'retry-after',
    'retry-after-ms',
    'date',
  ),
);
const values = fc.oneof(
  fc.constantFrom(
    '-1',
    '-5',
    '0',
    '1',
    '100',
    '1e308',
    '1e15',
    '-1e300',
    'NaN',
    'Infinity',
    '-Infinity',
    '',
    ' ',
    'rejected',
  ),
  fc.constantFrom('9'.repeat(400), '0x10', '1,000', '1_000', 'null', 'unlimited', '-0', '0.1e-300', '100%'),
  fc.constantFrom(
    '1970-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '+275760-09-13T00:00:00Z',
    '-000001-01-01T00:00:00Z',
  ),
  fc.constantFrom(
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Fri, 31 Dec 9999 23:59:59 GMT',
    '6m0s',
    '99999999999999h',
    '-5m',
    '1w',
  ),
  fc.double().map(String),
  fc.integer().map(String),
  fc.stringMatching(/^[ -~]{0,60}$/),
  fc.constant('m'.repeat(8000)),
);
const answers = fc.array(fc.tuple(names, values), { minLength: 1, maxLength: 60 }).map((entries) => {
  const headers = new Headers();
  for (const [name, value] of entries) headers.set(name, value);
  return headers;
});

test('15: odd headers make windows that can be, and lists that can be read', () => {
  fc.assert(
    fc.property(fc.array(answers, { minLength: 1, maxLength: 4 }), (all) => {
      let quota = unknownQuota;
      for (const [at, headers] of all.entries()) {
        const time = now + at * 60_000;
        const windows = quotaWindows(headers, time);
        const hint = quotaHint(headers, undefined, time);
        expect(hint.retryAfter ?? 0).toBeLessThanOrEqual(month / 1000);
        quota = withWindows(quota, 'm', windows);
      }
      const later = now + all.length * 60_000;
      expect(quota.ofModels.size).toBeLessThanOrEqual(1000);
      for (const windows of [quota.ofAccount, ...quota.ofModels.values()])
        expect(windows.length).toBeLessThanOrEqual(32);
      for (const window of [...quota.ofAccount, ...[...quota.ofModels.values()].flat()]) {
        expect(endOf(window)).toBeLessThanOrEqual(later + month);
        const { name, length = 0 } = window;
        expect(length).toBeLessThanOrEqual(month);
        expect(name.length).toBeLessThanOrEqual(100);
        expect(window.left).toBeGreaterThanOrEqual(0);
        expect(window.left).toBeLessThanOrEqual(1);
        const { left, burn = 0, exhaustsAt = 0 } = forecastOf(window, later);
        expect([left, burn, exhaustsAt].every(Number.isFinite)).toBe(true);
      }
      const { dueAt, resetsAt } = quotaState(quota, 'm', later);
      expect([dueAt, resetsAt].some((time) => Number.isNaN(time) || time < 0)).toBe(false);
      const credential = { id: 'c', label: 'c', provider: openai };
      const listed = listedQuotas(
        { credentials: () => [credential], pool: { quotaOf: () => quota, cooldowns: () => [] } },
        later,
        true,
      );
      const again = JSON.parse(JSON.stringify(listed));
      expect(again).toEqual(JSON.parse(JSON.stringify(again)));
      for (const { exhausts, resets, told } of listed.quotas)
        for (const time of [exhausts, resets, told])
          expect(time === null || !Number.isNaN(Date.parse(time))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('15: a provider that calls its windows by another name each time keeps a bounded number of them', () => {
  let quota = unknownQuota;
  for (let at = 0; at < 2000; at += 1) {
    const windows = quotaWindows(
      new Headers({
        [`x-ratelimit-limit-w${at}`]: '10',
        [`x-ratelimit-remaining-w${at}`]: '5',
        [`anthropic-ratelimit-unified-${at}d-utilization`]: '0.5',
        [`x-codex-l${at}-primary-used-percent`]: '50',
        [`x-codex-l${at}-limit-name`]: `model-${at}`,
      }),
      now + at,
    );
    expect(windows).toHaveLength(3);
    quota = withWindows(quota, 'm', windows);
  }
  expect(quota.ofAccount.length).toBeLessThanOrEqual(32);
  expect(quota.ofModels.get('m')?.length).toBeLessThanOrEqual(32);
  expect(quota.ofModels.size).toBeLessThanOrEqual(1000);
  // The newest are those that are known.
  expect(quota.ofAccount.at(-1)?.name).toBe('1999d');
});
