import { expect, test } from 'bun:test';
import { type Cooldown, nextCooldown } from './cooldown.ts';
import {
  type CooldownRules,
  defaultRules,
  type RuleKind,
  spanText,
  transientOverride,
  withOverrides,
} from './cooldown-table.ts';

const failure = (kind: RuleKind, retryAfter?: number) => ({ kind, model: 'm', retryAfter, reason: 'r' });

/** Milliseconds of the rests after so many failures, each right after the rest before. */
function curve(kind: RuleKind, count: number, rules: CooldownRules = defaultRules, random = 0): number[] {
  let cooldown: Cooldown | undefined;
  let now = 0;
  return Array.from({ length: count }, () => {
    cooldown = nextCooldown(
      cooldown,
      failure(kind),
      { startedAt: now + 1, during: false },
      rules,
      now + 1,
      random,
    );
    const pause = (cooldown?.until ?? now) - now - 1;
    now = cooldown?.until ?? now;
    return pause;
  });
}

const first = { startedAt: 0, during: false };

test('cooldowns after a used-up quota double from one second to thirty minutes', () => {
  expect(curve('quota', 13).map((pause) => pause / 1000)).toEqual([
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1800, 1800,
  ]);
});

test('jitter makes a cooldown up to a fifth longer and never longer than the longest', () => {
  expect(curve('quota', 12, defaultRules, 0.9999).map((pause) => Math.round(pause / 100))).toEqual([
    12, 24, 48, 96, 192, 384, 768, 1536, 3072, 6144, 12288, 18000,
  ]);
});

test.each<{ kind: RuleKind; seconds: number[] }>([
  { kind: 'auth', seconds: [60, 120, 240, 480, 960, 1800] },
  { kind: 'billing', seconds: [300, 600, 1200, 1800] },
  { kind: 'forbidden', seconds: [60, 120, 240, 480, 960, 1800] },
  { kind: 'model-missing', seconds: [10, 20, 40, 80, 160, 320, 640, 1280, 1800] },
  { kind: 'unavailable', seconds: [1, 2, 4, 8, 16, 32, 60, 60] },
])('cooldowns after $kind grow as the table says', ({ kind, seconds }) => {
  expect(curve(kind, seconds.length).map((pause) => pause / 1000)).toEqual(seconds);
});

test("a provider's hint is kept to the millisecond, and believed for half an hour at most", () => {
  expect(nextCooldown(undefined, failure('quota', 7), first, defaultRules, 1000, 0.5)).toMatchObject({
    until: 8000,
    promised: undefined,
  });
  expect(nextCooldown(undefined, failure('quota', 18 * 86_400), first, defaultRules, 0, 0.5)).toMatchObject({
    until: 1_800_000,
    promised: 18 * 86_400_000,
  });
});

test('failures long past do not count', () => {
  const old = nextCooldown(undefined, failure('quota'), first, defaultRules, 0, 0);
  const later = { startedAt: 2_000_000, during: false };
  expect(nextCooldown(old, failure('quota'), later, defaultRules, 2_000_000, 0)).toMatchObject({
    failures: 1,
  });
});

test('of requests under way together the first failure counts; a later hint of another is kept', () => {
  const cooldown = nextCooldown(undefined, failure('quota'), first, defaultRules, 10, 0);
  expect(nextCooldown(cooldown, failure('quota'), first, defaultRules, 20, 0)).toMatchObject({
    failures: 1,
    until: 1020,
  });
  expect(nextCooldown(cooldown, failure('quota', 9), first, defaultRules, 20, 0)).toMatchObject({
    failures: 1,
    until: 9020,
    since: 10,
  });
});

test('numbers of the table can be replaced for everything, a provider and a credential, the last one winning', () => {
  const rules = withOverrides(
    defaultRules,
    { quota: { first: 5000 } },
    { quota: { first: 7000, longest: 10_000 }, auth: { longest: 60_000 } },
    { quota: { longest: 8000 } },
  );
  expect(curve('quota', 2, rules)).toEqual([7000, 8000]);
  expect(curve('auth', 2, rules)).toEqual([60_000, 60_000]);
  expect(curve('forbidden', 1, rules)).toEqual([60_000]);
});

test('transient-error-cooldown-seconds: 0 keeps the curve, -1 means none, another number always that long', () => {
  expect(curve('unavailable', 2, withOverrides(defaultRules, transientOverride(0)))).toEqual([1000, 2000]);
  const none = withOverrides(defaultRules, transientOverride(-1));
  expect(nextCooldown(undefined, failure('unavailable'), first, none, 0, 0)).toBeUndefined();
  expect(curve('unavailable', 2, withOverrides(defaultRules, transientOverride(90)))).toEqual([
    90_000, 90_000,
  ]);
});

test('with cooling disabled nothing cools down', () => {
  const rules = { ...defaultRules, disabled: true };
  expect(nextCooldown(undefined, failure('auth'), first, rules, 0, 0)).toBeUndefined();
});

test.each([
  [500, '1s'],
  [59_000, '59s'],
  [60_000, '1m'],
  [61_000, '1m1s'],
  [3_600_000, '1h'],
  [5_400_000, '1h30m'],
  [18 * 86_400_000, '18d'],
])('%p ms are %s to people', (milliseconds, text) => {
  expect(spanText(milliseconds)).toBe(text);
});
