import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { lineDiff, shortened } from '../../console/line-diff.ts';

const marks = { same: ' ', gone: '-', new: '+' };
const shown = (before: string, after: string): string[] =>
  lineDiff(before, after).map(({ kind, text }) => marks[kind] + text);

test('a changed line is gone and new, the others are the same', () => {
  expect(shown('a\nb\nc', 'a\nB\nc')).toEqual([' a', '-b', '+B', ' c']);
  expect(shown('a\nb', 'a\nx\nb')).toEqual([' a', '+x', ' b']);
  expect(shown('a', 'a')).toEqual([' a']);
});

test('what is far from a change is left out', () => {
  const long = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  const short = shortened(lineDiff(long.join('\n'), long.with(10, 'other').join('\n')), 1);
  expect(short.map((line) => line?.text)).toEqual([
    undefined,
    'line 9',
    'line 10',
    'other',
    'line 11',
    undefined,
  ]);
});

test('law: both texts can be read from what differs', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 20 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = lineDiff(before, after);
      const of = (kind: string) => lines.filter((line) => line.kind === 'same' || line.kind === kind);
      expect(
        of('gone')
          .map((line) => line.text)
          .join('\n'),
      ).toBe(before);
      expect(
        of('new')
          .map((line) => line.text)
          .join('\n'),
      ).toBe(after);
    }),
  );
});
