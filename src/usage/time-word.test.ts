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
  ['0', '1970-01-01T00:00:00Z'],
  ['2026-11', '2026-10-31T23:00:00Z'],
  // As it comes out of an address in which "+" was not escaped.
  ['2026-11-29T12:00:00 02:00', '2026-11-29T10:00:00Z'],
  ['2026-11-29t12:00-0530', '2026-11-29T17:30:00Z'],
  // Clocks of that zone go forward and back at three on these days.
  ['2026-03-29T12:00', '2026-03-29T10:00:00Z'],
  ['2026-03-29 02:30', '2026-03-29T01:30:00Z'],
  ['2026-10-25 02:30', '2026-10-25T00:30:00Z'],
  ['2026-10-25T12:00:00.5', '2026-10-25T11:00:00.5Z'],
])('%s is a time', (word, time) => {
  expect(readTime(word, now, days)).toBe(Date.parse(time));
});

test.each([
  'rubbish',
  '2026-13-45',
  '2026-02-30',
  '2026-11-31T12:00Z',
  '2026-11-29T25:00',
  '2026',
  '20261129',
  '-5h',
  '9'.repeat(400),
  '99999999999999999',
  '',
])('%s is no time', (word) => {
  expect(readTime(word, now, days)).toBeUndefined();
});

test.each(['99999999999d', `${'9'.repeat(400)}d`, '0001-01-01'])('%s is before all times', (word) => {
  expect(readTime(word, now, days)).toBe(0);
});

test('a moment of the owner’s zone is what the clock on the wall shows, also on days when clocks change', () => {
  for (const timezone of [
    'Europe/Berlin',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'Asia/Kolkata',
  ]) {
    const there = localDays(timezone);
    const clock = new Intl.DateTimeFormat('sv-SE', {
      ...{ timeZone: timezone, dateStyle: 'short', timeStyle: 'short' },
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 366 * 24 * 4 }), (quarter) => {
        const shown = clock.format(Date.UTC(2026, 0) + quarter * 900_000);
        expect(clock.format(readTime(shown, now, there))).toBe(shown);
      }),
    );
  }
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
