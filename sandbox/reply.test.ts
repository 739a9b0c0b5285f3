import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { piecesOf } from './reply.ts';
import { digest, seal, unseal } from './seal.ts';

test('pieces join to the text, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(piecesOf(text).join('')).toBe(text);
    }),
  );
});

test('no piece splits a character', () => {
  expect(piecesOf('🙂'.repeat(20)).every((piece) => piece.isWellFormed())).toBe(true);
});

test('a seal opens to what was sealed, and shows every change', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (content, at) => {
      const token = seal('thinking', digest(content));
      expect(unseal('thinking', token)).toBe(digest(content));
      expect(unseal('call', token)).toBeUndefined();
      const i = at % token.length;
      const changed = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`;
      expect(unseal('thinking', changed)).toBeUndefined();
    }),
  );
});
