import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { localDays } from './local-day.ts';
import { readTime } from './time-word.ts';

const days = localDays('Europe/Berlin');
const now = Date.UTC(2026, 10, 29, 12);

test.each([
  ['now', '2026-11-29T12:00:00Z'],
  ['today', '2026-11-28T23:00:00Z'],
  ['2026-11-29', '2026-11-28T23:00:00Z'],
  ['2026-11-29 06:30', '2026-11-29T05:30:00Z'],
  ['2026-11-29T06:30:00Z', '2026-11-29T06:30:00Z'],
  ['36h', '2026-11-28T00:00:00Z'],
  ['1795974403', '2026-11-29T17:46:43Z'],
])('%s is a time', (word, time) => {
  expect(readTime(word, now, days)).toBe(Date.parse(time));
});

test.each(['rubbish', '2026-13-45', '-5h', '9'.repeat(400), '99999999999999999', ''])(
  '%s is no time',
  (word) => {
    expect(readTime(word, now, days)).toBeUndefined();
  },
);

test.each(['99999999999d', `${'9'.repeat(400)}d`, '0001-01-01'])('%s is before all times', (word) => {
  expect(readTime(word, now, days)).toBe(0);
});

test('whatever is read is a time that a calendar has', () => {
  const words = fc.oneof(
    fc.string(),
    fc.bigInt({ min: 0n }).map(String),
    fc.tuple(fc.bigInt({ min: 0n }), fc.constantFrom('s', 'h', 'd')).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(words, (word) => {
      const time = readTime(word, now, days);
      if (time !== undefined) expect(Number.isFinite(days.dayOf(time))).toBe(true);
    }),
  );
});
