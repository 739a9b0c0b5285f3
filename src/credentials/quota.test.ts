import { describe, expect, test } from 'bun:test';
import { quotaState, unknownQuota, withWindows } from './quota.ts';

const now = Date.UTC(2026, 10, 23, 12);
const at = (seconds: number) => now + seconds * 1000;

describe('what an account has left', () => {
  const window = (name: string, left: number, resetsAt: number | undefined, ofModel = false) => ({
    name,
    left,
    resetsAt,
    ofModel,
    closed: false,
    reportedAt: now,
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

  test('a model without room is reserved until its window begins anew, other models are not', () => {
    expect(quotaState(told, 'a', now)).toEqual({ resetsAt: at(600), dueAt: at(600), reservedUntil: at(10) });
    expect(quotaState(told, 'a', at(10))).toMatchObject({ resetsAt: at(600), reservedUntil: undefined });
    expect(quotaState(told, 'b', now).reservedUntil).toBeUndefined();
  });

  test('windows that have begun anew say nothing; one without an end is believed for a minute', () => {
    expect(quotaState(told, 'a', at(601)).resetsAt).toBe(Number.POSITIVE_INFINITY);
    const silent = withWindows(unknownQuota, 'a', [window('requests', 0, undefined, true)]);
    expect(quotaState(silent, 'a', at(59)).reservedUntil).toBe(at(60));
    expect(quotaState(silent, 'a', at(60)).reservedUntil).toBeUndefined();
  });
});
