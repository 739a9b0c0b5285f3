import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isDeeper } from './answer-bounds.ts';
import { isTextDeeper, memberSpan, walkTextMembers } from './json-text-span.ts';

const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n  ');

/** A value as somebody may write it: with white space, and with letters as escapes. */
const written = fc
  .tuple(fc.jsonValue(), space, fc.boolean())
  .map(([value, gap, escaped]) => {
    const text = JSON.stringify(value, null, gap);
    return escaped ? text.replace(/(?<!\\)a/g, '\\u0061') : text;
  })
  .filter((text) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  });

const object = fc.array(fc.tuple(fc.string(), written, space, space)).map((members) => ({
  members: members.map(([key, value]) => [key, JSON.parse(value)]),
  text: `${members.map(([key, value, before, behind], at) => `${at === 0 ? '{' : ','}${before}${JSON.stringify(key)}${behind}:${before}${value}${behind}`).join('')}${members.length === 0 ? '{' : ''}}`,
}));

test('the members of an object in its text are those that JSON.parse reads', () => {
  fc.assert(
    fc.property(object, ({ members, text }) => {
      const found: unknown[] = [];
      const close = walkTextMembers(text, 0, (keyStart, keyEnd, valueStart, valueEnd) => {
        found.push([JSON.parse(text.slice(keyStart, keyEnd)), JSON.parse(text.slice(valueStart, valueEnd))]);
      });
      expect(found).toEqual(members);
      expect(close).toBe(text.length - 1);
    }),
  );
});

test('a text that is cut anywhere is no object, and none of its values is longer than it is', () => {
  fc.assert(
    fc.property(object, fc.nat(), ({ text }, at) => {
      const cut = text.slice(0, at % text.length);
      const close = walkTextMembers(cut, 0, (_keyStart, _keyEnd, _start, end) => {
        expect(end).toBeLessThanOrEqual(cut.length);
      });
      expect(close).toBe(-1);
    }),
  );
});

test('of equal names the first counts, written with escapes or not', () => {
  const text = '{"b":[1,"}"],"\\u0061":123456789012345678901234567890,"a":2}';
  const span = memberSpan(text, 'a');
  expect(text.slice(span?.start, span?.end)).toBe('123456789012345678901234567890');
});

test('a text is as deep as the value that it is read as', () => {
  fc.assert(
    fc.property(written, fc.nat(4), (text, levels) => {
      const long = `[${text},"${' '.repeat(100)}[[[["]`;
      expect(isTextDeeper(long, levels)).toBe(isDeeper(JSON.parse(long), levels));
    }),
  );
});
