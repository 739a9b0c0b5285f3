import { expect, test } from 'bun:test';
import { minuteCounts } from './minutes.ts';

const now = Date.UTC(2026, 10, 29, 12, 0, 30);
const minute = 60_000;

test('an hour of minutes, the oldest first, each with what went well and what failed', () => {
  const counts = minuteCounts();
  counts.count(now, false);
  counts.count(now, true);
  counts.count(now - 59 * minute, false);
  const minutes = counts.list(now);
  expect(minutes.length).toBe(60);
  expect(minutes.at(-1)).toEqual({ at: '2026-11-29T12:00:00.000Z', ok: 1, failed: 1 });
  expect(minutes[0]).toEqual({ at: '2026-11-29T11:01:00.000Z', ok: 1, failed: 0 });
  expect(minutes.slice(1, -1).every(({ ok, failed }) => ok + failed === 0)).toBe(true);
});

test('ten requests a second are all counted, and older hours are forgotten', () => {
  const counts = minuteCounts();
  for (let at = now - 120 * minute; at < now; at += 100) counts.count(at, false);
  const whole = counts.list(now).slice(1, -1);
  expect(new Set(whole.map(({ ok }) => ok))).toEqual(new Set([600]));
  counts.count(now - 60 * minute, true);
  expect(counts.list(now).some(({ failed }) => failed > 0)).toBe(false);
  expect(counts.list(now + 180 * minute).some(({ ok }) => ok > 0)).toBe(false);
});
