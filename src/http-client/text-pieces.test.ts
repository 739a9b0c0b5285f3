import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { textPieces } from './text-pieces.ts';

function bytesOf(text: string): Buffer {
  const pieces = textPieces(text);
  const all: Buffer[] = [];
  for (let piece = pieces.next(); piece !== undefined; piece = pieces.next()) all.push(Buffer.from(piece));
  return Buffer.concat(all);
}

test('the pieces of a text are its bytes, wherever it is cut', () => {
  const words = fc.array(fc.constantFrom('a', 'é', '€', '😀', '\ud83d', '\ude00'), { maxLength: 40 });
  fc.assert(
    fc.property(fc.nat(8), words, (shift, list) => {
      const text = 'x'.repeat(256 * 1024 - shift) + list.join('') + '😀'.repeat(200_000);
      expect(bytesOf(text).equals(Buffer.from(text))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('a text without anything in it has no piece', () => {
  expect(textPieces('').next()).toBeUndefined();
});
