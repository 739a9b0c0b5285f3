import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { flat, insideQuotes } from './delta-text.ts';

test('what stands between the quotes is what JSON.stringify writes there', () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    // Halves of surrogate pairs.
    fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      expect(`"${insideQuotes(text)}"`).toBe(JSON.stringify(text));
    }),
  );
});

test('every character that must be escaped is', () => {
  for (let unit = 0; unit <= 0xffff; unit++) {
    const text = String.fromCharCode(unit);
    if (`"${insideQuotes(text)}"` !== JSON.stringify(text)) throw new Error(unit.toString(16));
  }
});

test('pieces become one text', () => {
  expect(flat('a', '', 'bc')).toBe('abc');
});
