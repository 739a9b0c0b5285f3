import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { textPlaces } from './text-places.ts';

const texts = fc.string({ unit: 'binary', maxLength: 3000, minLength: 0 });

test('bytes before a unit, and the unit behind them, are those of UTF-8', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(3000), { maxLength: 20 }), (text, offsets) => {
      const whole = [...text];
      const places = textPlaces();
      for (const offset of offsets) {
        const before = whole.slice(0, offset).join('');
        const bytes = Buffer.byteLength(before.toWellFormed());
        expect(places.byteAt(text, before.length)).toBe(bytes);
        expect(places.unitAt(text, bytes)).toBe(before.length);
      }
    }),
  );
});

test('a text may grow between two questions', () => {
  const places = textPlaces();
  let text = '';
  for (let at = 0; at < 4000; at++) {
    text += at % 3 === 0 ? 'é' : 'a';
    expect(places.byteAt(text, text.length)).toBe(Buffer.byteLength(text));
  }
  expect(places.unitAt(text, 1_000_000)).toBe(text.length);
});

test('words are no longer looked for where that has taken long', () => {
  const text = `${'a'.repeat(1_000_000)}words`;
  const places = textPlaces();
  expect(places.find(text, 'words')).toBe(1_000_000);
  for (let times = 0; times < 40; times++) places.find(text, 'none');
  expect(places.find(text, 'words')).toBe(-1);
});
