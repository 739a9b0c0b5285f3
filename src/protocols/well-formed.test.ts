import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { atOnce } from './steps.ts';
import { mendedEscapes, mendedJson, mendingJson, openEscape } from './well-formed.ts';

/** Texts of ASCII, pairs and halves. */
const units = fc
  .array(fc.constantFrom('a', '"', '\\', '\n', 'é', '\ud83d', '\ude00', '😀'))
  .map((list) => list.join(''));

test('A8: JSON that was written here loses its half characters and nothing else', () => {
  fc.assert(
    fc.property(units, (text) => {
      expect(JSON.parse(mendedJson(JSON.stringify({ [text]: text })))).toEqual({
        [text.toWellFormed()]: text.toWellFormed(),
      });
    }),
  );
});

test('A8: a text is mended the same way in steps, wherever it is cut', () => {
  const mended = atOnce(mendingJson);
  const piece = fc.constantFrom('\\\\', '\\"', '\\n', '\\ud83d', '\\ude00', '\\u00e9', 'u', 'd83d', '😀');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 13, max: 30 }), (pieces, step) => {
      const json = `"${pieces.join('')}"`;
      expect(mended(json, step)).toBe(mendedJson(json));
    }),
  );
});

test('A8: a text of nothing but halves is mended in many steps', () => {
  const steps = mendingJson(`"${'\\ud83d'.repeat(1_000_000)}"`);
  let stops = 0;
  let step = steps.next();
  for (; !step.done; step = steps.next()) stops += 1;
  expect(stops).toBeGreaterThan(40);
  expect(step.value).toBe(`"${'\ufffd'.repeat(1_000_000)}"`);
});

test('A8: JSON that escapes all it can says the same without half characters', () => {
  const escaped = (text: string): string =>
    `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
  fc.assert(
    fc.property(units, (text) => {
      expect(JSON.parse(mendedEscapes(escaped(text)))).toBe(text.toWellFormed());
    }),
  );
});

test('A8: a backslash that is escaped begins no escape', () => {
  expect(mendedEscapes('"\\\\ud83d"')).toBe('"\\\\ud83d"');
});

test.each([
  ['{"a":"b', 7],
  ['{"a":"\\', 6],
  ['{"a":"\\u00', 6],
  ['{"a":"\\u00e9', 12],
  ['{"a":"\\ud83d', 6],
  ['{"a":"\\ud83d\\', 6],
  ['{"a":"\\ud83d\\ude0', 6],
  ['{"a":"\\ud83d\\ude00', 18],
  ['{"a":"\\ud83dx', 13],
  ['{"a":"\\\\', 8],
])('A8: of %s the first %d units are complete', (json, complete) => {
  expect(openEscape(json)).toBe(complete);
});

test('what is complete of escapes that are cut anywhere, however many stand before', () => {
  const piece = fc.constantFrom('\\\\', '\\"', '\\n', '\\ud83d', '\\ude00', '\\u00e9', 'u', 'x');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(5), (pieces, cut) => {
      const text = pieces.join('');
      const json = text.slice(0, text.length - cut);
      let complete = 0;
      let last = '';
      for (const whole of pieces) {
        if (complete + whole.length > json.length) break;
        complete += whole.length;
        last = whole;
      }
      const begun = json.slice(complete, complete + 2);
      if (last === '\\ud83d' && '\\u'.startsWith(begun)) complete -= last.length;
      expect(openEscape(json)).toBe(complete);
      expect(openEscape(`${'x'.repeat(99)}${json}`)).toBe(99 + complete);
    }),
  );
});
