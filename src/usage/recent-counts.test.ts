import { expect, test } from 'bun:test';
import { usageRecord } from '../../test/usage-records.ts';
import { recentCounter } from './recent-counts.ts';

const minute = 60_000;
const now = Date.UTC(2026, 10, 29, 12, 5);

test('attempts are counted for each credential, in the last 200 minutes', () => {
  const counter = recentCounter();
  const [attempt] = usageRecord({ at: now }).attempts;
  if (attempt === undefined) throw new Error('no attempt');
  const add = (at: number, reasons: string[]) =>
    counter.add(
      usageRecord({
        at,
        attempts: reasons.map((reason) => ({
          ...attempt,
          startedAt: 0,
          credential: { id: 'a', name: 'a' },
          reason,
        })),
      }),
    );
  add(now - 400 * minute, ['answered']);
  add(now - 12 * minute, ['quota', 'answered']);
  add(now, ['answered', 'unanswered']);
  const { success, failed, recent } = counter.of(['a', 'nobody'], now);
  expect([success, failed, recent.length]).toEqual([3, 1, 20]);
  expect(recent.slice(-2)).toEqual([
    { from: Date.UTC(2026, 10, 29, 11, 50), success: 1, failed: 1 },
    { from: Date.UTC(2026, 10, 29, 12, 0), success: 1, failed: 0 },
  ]);
  expect(recent.slice(0, -2).every((one) => one.success + one.failed === 0)).toBe(true);
  expect([counter.last('a'), counter.last('nobody')]).toEqual([now, undefined]);
});
