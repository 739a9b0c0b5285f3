/** Whatever a provider writes into the headers of an answer, what is known of its quota stays small and within what can be. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { endOf, type Quota, quotaState, unknownQuota, withWindows } from '../credentials/quota.ts';
import { forecastOf } from '../credentials/quota-forecast.ts';
import { quotaWindows } from '../credentials/quota-headers.ts';
import { quotaHint } from '../credentials/quota-hint.ts';
import type { Json } from '../protocols/json.ts';
import { openai } from '../providers/openai.ts';
import { accountKinds, accountProviders } from '../providers/registry.ts';
import { listedQuotas } from './quota-list.ts';

const now = Date.UTC(2026, 10, 29, 12);
const month = 31 * 86_400_000;
/** Milliseconds: this computer's clock may be set while a gateway runs. */
const mostJump = 7_200_000;
const jumps = fc.integer({ min: -mostJump, max: mostJump });

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
    fc.property(fc.array(fc.tuple(answers, jumps), { minLength: 1, maxLength: 6 }), jumps, (all, last) => {
      let quota = unknownQuota;
      for (const [headers, jump] of all) {
        const time = now + jump;
        const windows = quotaWindows(headers, time);
        const hint = quotaHint(headers, undefined, time);
        expect(hint.retryAfter ?? 0).toBeLessThanOrEqual(month / 1000);
        quota = withWindows(quota, 'm', windows);
      }
      expectPossible(quota, now + last);
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

const odd = fc.oneof(
  fc.constantFrom<Json>(-1, 0, 1, 1e308, -1e308, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null),
  fc.constantFrom<Json>('', 'NaN', '-5', '1e400', 'HOUR', 'DAY', 'TIME_UNIT_MINUTE', true, [], {}),
  fc.constantFrom<Json>('9999-12-31T23:59:59Z', '+275760-09-13T00:00:00Z', '-271821-04-20T00:00:00Z'),
  fc.constant<Json>('m'.repeat(3000)),
  fc.double({ noNaN: true }).map((value): Json => value),
);
const kimiLimit = fc.record(
  {
    limit: fc.oneof(fc.constant('100'), odd),
    remaining: fc.oneof(fc.constant('40'), odd),
    used: odd,
    resetTime: odd,
  },
  { requiredKeys: ['limit'] },
);
const codexWindow = fc.record({ used_percent: odd, limit_window_seconds: odd, reset_at: odd });
const codexLimit = fc.record({ primary_window: codexWindow, secondary_window: fc.oneof(codexWindow, odd) });
const claudeWindow = fc.record({ utilization: odd, resets_at: odd });

/** What each provider reports at an address of its own (`quota.poll`), with other values in it. */
const reports: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  claude: fc.record({ five_hour: claudeWindow, seven_day: claudeWindow }),
  codex: fc.record({
    rate_limit: codexLimit,
    additional_rate_limits: fc.array(
      fc.record({
        limit_name: fc.oneof(fc.constant('GPT'), odd),
        metered_feature: fc.oneof(fc.constant('codex_x'), odd),
        rate_limit: codexLimit,
      }),
      { maxLength: 3 },
    ),
  }),
  kimi: fc.record({
    usage: kimiLimit,
    limits: fc.array(
      fc.record({
        window: fc.record({ duration: odd, timeUnit: fc.constantFrom('HOUR', 'DAY', 'MINUTE') }),
        detail: kimiLimit,
      }),
      { maxLength: 3 },
    ),
  }),
  gemini: fc.record({
    buckets: fc.array(
      fc.record({
        modelId: fc.oneof(fc.constant('m'), odd),
        tokenType: odd,
        remainingFraction: odd,
        resetTime: odd,
      }),
      { maxLength: 4 },
    ),
  }),
  antigravity: fc.record({
    models: fc.dictionary(
      fc.constantFrom('m', '__proto__', 'w'.repeat(3000)),
      fc.record({ quotaInfo: fc.record({ remainingFraction: odd, resetTime: odd }) }),
    ),
  }),
};

const reporting = accountKinds.flatMap((kind) =>
  accountProviders[kind]
    .apis({}, { baseUrl: 'https://api.example.com' })
    .flatMap(({ provider: { quotaReport } }) => (quotaReport === undefined ? [] : [{ kind, quotaReport }])),
);

test.each(reporting)('15: odd reports of $kind make windows that can be', ({ kind, quotaReport }) => {
  const odds = reports[kind];
  if (odds === undefined) throw new Error(`what ${kind} reports is not among the odd ones`);
  let seen = 0;
  fc.assert(
    fc.property(odds, jumps, (report, jump) => {
      const windows = quotaReport.windows(report).map(({ model, resetsAt, ...window }) => ({
        ...window,
        ...{ ofModel: model !== undefined, closed: window.left <= 0, reportedAt: now },
        ...(model !== undefined && { model }),
        resetsAt: resetsAt === undefined ? undefined : resetsAt + jump,
      }));
      seen += windows.length;
      expectPossible(withWindows(unknownQuota, '', windows), now + jump);
    }),
    { numRuns: 200 },
  );
  expect(seen).toBeGreaterThan(20);
});

/** Shares, times and lists are such as can be: none is endless, and each can be written. */
function expectPossible(quota: Quota, at: number): void {
  expect(quota.ofModels.size).toBeLessThanOrEqual(1000);
  for (const windows of [quota.ofAccount, ...quota.ofModels.values()]) {
    expect(windows.length).toBeLessThanOrEqual(32);
    for (const window of windows) {
      const { name, length = 1, left: told } = window;
      expect(endOf(window)).toBeLessThanOrEqual(now + mostJump + month);
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(month);
      expect(name.length).toBeLessThanOrEqual(100);
      expect(told).toBeGreaterThanOrEqual(0);
      expect(told).toBeLessThanOrEqual(1);
      const { left, burn = 0, exhaustsAt = 0 } = forecastOf(window, at);
      expect([left, burn, exhaustsAt].every(Number.isFinite)).toBe(true);
    }
  }
  const { dueAt, resetsAt } = quotaState(quota, 'm', at);
  expect([dueAt, resetsAt].some((time) => Number.isNaN(time) || time < 0)).toBe(false);
  const credential = { id: 'c', label: 'c', provider: openai };
  const listed = listedQuotas(
    { credentials: () => [credential], pool: { quotaOf: () => quota, cooldowns: () => [] } },
    at,
    true,
  );
  for (const { exhausts, resets, told } of listed.quotas)
    for (const time of [exhausts, resets, told])
      expect(time === null || !Number.isNaN(Date.parse(time))).toBe(true);
}
