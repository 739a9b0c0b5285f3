import { expect, test } from 'bun:test';
import type { ListedQuota } from '../management/quota-list.ts';
import { momentText, quotaText } from './quota-text.ts';

const now = Date.UTC(2026, 10, 23, 12);
const quota: ListedQuota = {
  credential: 'a',
  label: 'ann@example.com',
  provider: 'claude-code',
  model: null,
  window: '5h',
  state: 'open',
  left: 0.62,
  burn: 0.13,
  exhausts: new Date(now + 4.67 * 3_600_000).toISOString(),
  confidence: 'high',
  resets: new Date(now + 5 * 3_600_000).toISOString(),
  told: new Date(now).toISOString(),
};

test('a window is shown with a bar, its speed, and the local times at which it ends and resets', () => {
  const text = quotaText({ quotas: [quota], providers: [] }, now, { timezone: 'Europe/Berlin' });
  expect(text).toContain('ann@example.com  claude-code  5h');
  expect(text).toContain('██████░░░░  62%');
  expect(text).toContain('13% an hour  lasts until about 17:40; resets 18:00');
});

test.each([
  [{ exhausts: null }, 'lasts until its reset; resets 17:00'],
  [{ exhausts: null, burn: null }, '-     resets 17:00'],
  [{ confidence: 'low' }, 'about 16:40 (rough)'],
  [{ state: 'used-up', left: 0, burn: null, exhausts: null }, '░░░░░░░░░░  0%'],
  [{ state: 'used-up', left: 0 }, 'used up; resets 17:00'],
  [{ state: 'begun-anew', left: 1, burn: null, exhausts: null }, 'reset; nothing reported since'],
] satisfies [Partial<ListedQuota>, string][])('a window with %j is shown as "%s"', (change, shown) => {
  expect(quotaText({ quotas: [{ ...quota, ...change }], providers: [] }, now, { timezone: 'UTC' })).toContain(
    shown,
  );
});

test('a provider whose accounts are all used up comes with what can be done', () => {
  const pool = { provider: 'codex', model: null, window: 'primary', accounts: 2, burn: null };
  const resets = new Date(now + 21 * 3_600_000).toISOString();
  const dry = { ...pool, left: 0, exhausts: new Date(now).toISOString(), resets };
  const text = quotaText({ quotas: [quota], providers: [dry] }, now, { timezone: 'UTC' });
  expect(text).toContain('0.0 of 2  used up; first reset Tuesday 09:00');
  expect(text).toContain('codex is used up until Tuesday 09:00: wait, or add an account or a key');
});

test('times are short while they are near, and say the day when they are not', () => {
  expect(momentText(now + 60_000, now, 'UTC')).toBe('12:01');
  expect(momentText(now + 24 * 3_600_000, now, 'UTC')).toBe('Tuesday 12:00');
  expect(momentText(now + 12 * 24 * 3_600_000, now, 'UTC')).toBe('5 December 12:00');
});

test('with nothing told, the text says how that changes', () => {
  expect(quotaText({ quotas: [], providers: [] }, now)).toContain('Send a request, then try again.');
});
