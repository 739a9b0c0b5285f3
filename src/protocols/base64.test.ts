import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { standardBase64 } from './base64.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((array) => Buffer.from(array));

test('base64 of any spelling becomes the standard one of the same bytes', () => {
  const spelled = fc
    .tuple(bytes, fc.constantFrom('base64', 'base64url'), fc.boolean(), fc.nat(80))
    .map(([buffer, alphabet, isEscaped, width]) => {
      const text = buffer.toString(alphabet === 'base64' ? 'base64' : 'base64url');
      const lines = width === 0 ? text : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\r\n ');
      const escapes = lines.replaceAll('=', '%3d').replaceAll('+', '%2B').replaceAll('/', '%2f');
      return { written: isEscaped ? escapes : lines, standard: buffer.toString('base64') };
    });
  fc.assert(
    fc.property(spelled, ({ written, standard }) => {
      expect(standardBase64(written)).toBe(standard);
    }),
  );
});

test('what is no base64 keeps its letters, for the provider to refuse', () => {
  expect(standardBase64('no-t*ba%zz=é')).toBe('no+t*ba%zz=é');
  expect(standardBase64('%2')).toBe('%2==');
});
