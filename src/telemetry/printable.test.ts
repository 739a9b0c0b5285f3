import { expect, test } from 'bun:test';
import { styleText } from 'node:util';
import fc from 'fast-check';
import { printable, printableJson, printableLines } from './printable.ts';

const anything = fc.string({ unit: 'binary' });
const control = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

test('M6: no text holds a control character any more', () => {
  fc.assert(fc.property(anything, (text) => !control.test(printable(text))));
  expect(printable('gpt\u001b]0;mine\u0007\r\n\u009b2J')).toBe('gpt\\x1b]0;mine\\x07\\x0d\\x0a\\x9b2J');
});

test('M6: what needs no escape stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => control.test(text) || printable(text) === text),
  );
});

test('M6: lines keep their ends and colours and nothing else', () => {
  const line = `${styleText('red', 'x', { validateStream: false })}\ty\r\u001b[2Kz\n`;
  expect(printableLines(line)).toBe(line);
  expect(printableLines('\u001b[2J\u001b]8;;x\u0007\u001b[1;31m')).toBe(
    '\\x1b[2J\\x1b]8;;x\\x07\u001b[1;31m',
  );
});

test('M6: JSON stays the same value', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const json = printableJson(JSON.stringify({ text }));
      expect(JSON.parse(json)).toEqual({ text });
      expect(control.test(json)).toBe(false);
    }),
  );
});
