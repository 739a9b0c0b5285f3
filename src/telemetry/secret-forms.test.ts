import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { withoutSecrets } from './secret-forms.ts';

const key = 'sk-Ant_api03/9f+8Zq"7X~w\\k2:Lm0';
const bytes = Buffer.from(key);
const percent = [...bytes].map((byte) => `%${byte.toString(16)}`).join('');
const units = [...key].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');

const spellings: { how: string; written: string }[] = [
  { how: 'as it is', written: key },
  { how: 'in capitals', written: key.toUpperCase() },
  { how: 'in small letters', written: key.toLowerCase() },
  { how: 'behind Bearer', written: `Bearer ${key}` },
  { how: 'in hex', written: bytes.toString('hex') },
  { how: 'in HEX', written: bytes.toString('hex').toUpperCase() },
  { how: 'in hex with colons', written: bytes.toString('hex').replace(/..(?=.)/g, '$&:') },
  { how: 'in hex escapes', written: bytes.toString('hex').replace(/../g, '\\x$&') },
  { how: 'in base64', written: bytes.toString('base64') },
  { how: 'in base64url', written: bytes.toString('base64url') },
  { how: 'in Basic authentication', written: Buffer.from(`user:${key}`).toString('base64') },
  { how: 'behind Bearer, in base64', written: Buffer.from(`Bearer ${key}`).toString('base64url') },
  { how: 'percent-encoded', written: encodeURIComponent(key) },
  {
    how: 'percent-encoded, small',
    written: encodeURIComponent(key).replace(/%../g, (code) => code.toLowerCase()),
  },
  { how: 'percent-encoded throughout', written: percent },
  { how: 'in JSON', written: JSON.stringify(key).slice(1, -1) },
  { how: 'in JSON of PHP', written: JSON.stringify(key).slice(1, -1).replaceAll('/', '\\/') },
  { how: 'in JSON in JSON', written: JSON.stringify(JSON.stringify(key)).slice(1, -1) },
  { how: 'in units of UTF-16', written: units },
  { how: 'over two lines', written: `${key.slice(0, 11)}\n    ${key.slice(11)}` },
  { how: 'over two lines of JSON', written: `${key.slice(0, 11)}\\r\\n${key.slice(11)}` },
  { how: 'in lines of base64', written: bytes.toString('base64').replace(/.{20}/g, '$&\r\n') },
  { how: 'with a space behind each letter', written: [...key].join(' ') },
  { how: 'in numbers of HTML', written: [...key].map((letter) => `&#${letter.charCodeAt(0)};`).join('') },
  {
    how: 'in hex numbers of HTML',
    written: [...key].map((letter) => `&#x${letter.charCodeAt(0).toString(16)};`).join(''),
  },
  {
    how: 'with what HTML escapes',
    written: key.replace(/[^a-zA-Z0-9]/g, (sign) => `&#x${sign.charCodeAt(0).toString(16).toUpperCase()};`),
  },
  { how: 'with zero-width spaces', written: [...key].join('\u200b') },
  {
    how: 'with zero-width joiners of JSON',
    written: JSON.stringify(key).slice(1, -1).replace(/[a-z]/g, '$&\\u200d'),
  },
  { how: 'without its end', written: key.slice(0, 20) },
  { how: 'without its beginning', written: key.slice(-18) },
];

describe('M5: a secret', () => {
  const mask = withoutSecrets([{ text: key, parts: true }]);
  test.each(spellings)('$how is removed, whatever stands around it', ({ written }) => {
    const removed = mask(`{"message":"the key ${written}, no"}`);
    expect(removed).toContain('[secret removed]');
    expect(removed.startsWith('{"message":"the key ')).toBe(true);
    expect(removed.endsWith(', no"}')).toBe(true);
    // What may be left are the characters at the edges of another encoding.
    const left = removed.replace('[secret removed]', '').length - '{"message":"the key , no"}'.length;
    expect(left).toBeLessThan(12);
  });

  test('twice, and beside another, is removed twice', () => {
    const both = withoutSecrets([
      { text: key, parts: true },
      { text: 'another-secret-0123', parts: true },
    ]);
    expect(both(`${key}${key}; another-secret-0123`)).toBe(
      '[secret removed][secret removed]; [secret removed]',
    );
  });

  test('that has to stand whole leaves its parts', () => {
    const whole = withoutSecrets([{ text: 'prompt-caching-2024-07-31', parts: false }]);
    expect(whole('prompt-caching-2024-07-3')).toBe('prompt-caching-2024-07-3');
    expect(whole('beta prompt-caching-2024-07-31.')).toBe('beta [secret removed].');
  });

  test('leaves no part of 16 characters anywhere, and texts without it stay', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom(...spellings.map(({ written }) => written), '\\', '\n', 'sk-', ' '),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.string({ maxLength: 60 }), (pieces, other) => {
        const flat = mask(pieces.join('')).toLowerCase();
        for (let at = 0; at + 16 <= key.length; at++)
          expect(flat).not.toContain(key.slice(at, at + 16).toLowerCase());
        expect(mask(other)).toBe(other);
      }),
    );
  });

  test('costs time in proportion to the text, whatever the text', () => {
    const like = withoutSecrets([{ text: `${'a'.repeat(2000)}b`, parts: true }]);
    const begun = performance.now();
    like('ab'.repeat(500_000));
    like(`${'a'.repeat(15)}c`.repeat(60_000));
    mask(key.slice(0, 15).repeat(60_000));
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
