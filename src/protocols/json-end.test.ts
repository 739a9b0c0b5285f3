import { expect, spyOn, test } from 'bun:test';
import fc from 'fast-check';
import { endsInside } from './json-end.ts';

const inside = (text: string) => endsInside(Buffer.from(text));
/** Objects and lists, with strings full of what JSON is made of. */
const hard = fc.oneof(fc.string(), fc.stringMatching(/^[\\"{}[\],:x ]*$/));
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, hard, fc.integer(), fc.constant(null), tie('list'), tie('object')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.dictionary(hard, tie('any'), { maxKeys: 4 }),
}));
const texts = fc
  .tuple(
    fc.oneof(value.list, value.object),
    fc.constantFrom(undefined, 2),
    fc.constantFrom('', ' ', '\r\n\t'),
  )
  .map(([json, indent, space]) => space + JSON.stringify(json, null, indent) + space);

test('JSON that is whole ends where it began, whatever stands in its strings', () => {
  fc.assert(fc.property(texts, (text) => expect(inside(text)).toBe(false)));
});

test('JSON that is cut behind an inner bracket does not', () => {
  fc.assert(
    fc.property(texts, (text) => {
      let quoted = false;
      let depth = 0;
      for (let at = 0; at < text.length; at += 1) {
        const char = text[at] ?? '';
        if (quoted && char === '\\') at += 1;
        else if (char === '"') quoted = !quoted;
        else if (!quoted && '{['.includes(char)) depth += 1;
        else if (!quoted && '}]'.includes(char)) {
          depth -= 1;
          if (depth > 0)
            expect([text.slice(0, at + 1), inside(text.slice(0, at + 1))]).toEqual([
              text.slice(0, at + 1),
              true,
            ]);
        }
      }
    }),
  );
});

test('brackets that do not match, and ones too many, are no whole JSON', () => {
  for (const text of ['{"a":[1}', '[{"a":1]', '{"a":1}}', '[]]', '{}{}', '[1],[2]', '"x"}', ']'])
    expect([text, inside(text)]).toEqual([text, true]);
});

test('a long string is passed over; behind so many values nothing is said', () => {
  const long = 'x'.repeat(1_000_000);
  expect(inside(`{"a":{"b":"${long}"}`)).toBe(true);
  expect(inside(`{"a":{"b":"${long}"}}`)).toBe(false);
  const many = JSON.stringify(Array.from({ length: 10_000 }, () => '"'));
  expect(inside(`{"a":${many}`)).toBe(false);
});

test('an answer of millions of escaped quotes is looked at for so many steps', () => {
  const text = Buffer.from(`{"choices":[{"message":{"content":"${'\\"'.repeat(1_000_000)}"}}]}`);
  const looks = spyOn(text, 'lastIndexOf');
  expect(endsInside(text)).toBe(false);
  expect(looks.mock.calls.length).toBeLessThan(5000);
});
