import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { checkedEnd, jsonBytes } from './json-grammar.ts';
import { tooDeep } from './json-span.ts';

/** Whether the whole text is one value. */
function isJson(text: string, offset = 0): boolean {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).subarray(offset);
  return checkedEnd(jsonBytes(new Uint8Array(bytes)), 0) === bytes.length;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test.each([
  'NaN',
  'tru',
  'truex',
  'nul',
  'Infinity',
  'undefined',
  '01',
  '-',
  '-01',
  '+1',
  '.5',
  '1.',
  '1e',
  '1e+',
  '0x1',
  '1_000',
  '[1,]',
  '[,1]',
  '[1 2]',
  '[1,,2]',
  '[1}',
  '{"a":1]',
  '{"a":1,}',
  '{"a"}',
  '{"a":}',
  '{a:1}',
  "{'a':1}",
  '{"a":1 "b":2}',
  '{1:2}',
  '[1] // one',
  '/* */ 1',
  '"\\x"',
  '"\\u12g4"',
  '"\\u12"',
  '"a\nb"',
  '"a\tb"',
  '"a\u0000b"',
  '"open',
  '"open\\"',
  '',
  '[',
  '{',
])('no JSON: %j', (text) => {
  expect(parses(text)).toBe(false);
  expect(isJson(text)).toBe(false);
  expect(isJson(`{"a":[${text}]}`)).toBe(parses(`{"a":[${text}]}`));
});

describe('says what JSON.parse says', () => {
  const texts = fc.json({ maxDepth: 5 }).chain((text) =>
    fc.tuple(
      fc.constant(text),
      fc.array(
        fc.record({
          at: fc.nat(text.length),
          cut: fc.nat(2),
          put: fc.constantFrom(
            '',
            '"',
            '\\',
            ',',
            ':',
            '{',
            '}',
            '[',
            ']',
            '0',
            '-',
            '.',
            'e',
            't',
            ' ',
            '\n',
            '\u0001',
            'ü',
          ),
        }),
        { maxLength: 3 },
      ),
    ),
  );

  test('of texts that are broken here and there, wherever they begin in memory', () => {
    fc.assert(
      fc.property(texts, fc.nat(7), ([text, changes], offset) => {
        let broken = text;
        for (const { at, cut, put } of changes) broken = broken.slice(0, at) + put + broken.slice(at + cut);
        const whole = broken.trim();
        expect(isJson(whole, offset)).toBe(parses(whole));
      }),
      { numRuns: 3000 },
    );
  });

  test('of strings of any length with escapes at any place', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.constantFrom('\\"', '\\\\', '\\n', '\\u00e9', '\\x', '\n', 'é'),
        (length, piece) => {
          const text = `"${'a'.repeat(length)}${piece}${'b'.repeat(40 - length)}${piece}"`;
          expect(isJson(text)).toBe(parses(text));
        },
      ),
    );
  });

  test('of long strings: where they end, whatever is escaped', () => {
    for (const piece of ['a', '\\"', '\\\\', 'ab\\"', '\\\\\\"']) {
      const text = `["${piece.repeat(100_000)}", 1]`;
      expect(isJson(text)).toBe(true);
      expect(isJson(text.slice(0, -4))).toBe(false);
    }
  });
});

test('levels are counted', () => {
  expect(checkedEnd(jsonBytes(Buffer.from('[[[]]]')), 0, 3)).toBe(6);
  expect(checkedEnd(jsonBytes(Buffer.from('[[[]]]')), 0, 2)).toBe(tooDeep);
});
