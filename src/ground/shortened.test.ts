import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { shortened, withShortLines } from './shortened.ts';

test('a sentence stays as it is', () => {
  expect(shortened('unknown option --prot')).toBe('unknown option --prot');
});

test('of a long text its beginning, its end and how much is missing stay', () => {
  const text = `there is no file "${'a'.repeat(120_000)}"`;
  expect(shortened(text)).toMatch(/^there is no file "a+… \(\d+ characters left out\) …a+"$/);
});

test('law: never longer than the bound but for the number, and always well-formed', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.integer({ min: 20, max: 100 }),
      (text, most) => {
        const short = shortened(text, most);
        expect(short.length).toBeLessThanOrEqual(Math.max(text.length > most ? most + 40 : most, 0));
        if (text.isWellFormed()) expect(short.isWellFormed()).toBe(true);
      },
    ),
  );
});

test('lines are bounded one by one, and none is lost', () => {
  const lines = Array.from({ length: 50 }, (_, at) => `${at} ${'x'.repeat(3000)}`);
  const short = withShortLines(lines.join('\n')).split('\n');
  expect(short.map((line) => line.split(' ')[0])).toEqual(lines.map((_, at) => String(at)));
  expect(Math.max(...short.map((line) => line.length))).toBeLessThan(1040);
});
