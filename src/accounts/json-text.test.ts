import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { removeMember, setMember } from './json-text.ts';

const edits: { what: string; text: string; path: string[]; value: string | number[]; expected: string }[] = [
  { what: 'a value in place', text: '{"a":1,"b":2}', path: ['a'], value: 'x', expected: '{"a":"x","b":2}' },
  { what: 'a new member on one line', text: '{"a":1}', path: ['b'], value: 'x', expected: '{"a":1,"b":"x"}' },
  {
    what: 'spaces as they were',
    text: '{ "a": 1 }',
    path: ['b'],
    value: 'x',
    expected: '{ "a": 1, "b": "x" }',
  },
  {
    what: 'a new member on its own line',
    text: '{\n  "a": 1\n}\n',
    path: ['b'],
    value: [1],
    expected: '{\n  "a": 1,\n  "b": [\n    1\n  ]\n}\n',
  },
  {
    what: 'a nested value, tabs kept',
    text: '{\n\t"token": {\n\t\t"a": 1\n\t}\n}',
    path: ['token', 'a'],
    value: 'x',
    expected: '{\n\t"token": {\n\t\t"a": "x"\n\t}\n}',
  },
  { what: 'the first member of all', text: ' {} ', path: ['a'], value: 'x', expected: ' {"a": "x"} ' },
  {
    what: 'numbers beyond double precision stay',
    text: '{"id":12345678901234567890,"a":1}',
    path: ['a'],
    value: 'x',
    expected: '{"id":12345678901234567890,"a":"x"}',
  },
  {
    what: 'of a key that stands twice, the one that counts',
    text: '{"a":1,"a":2}',
    path: ['a'],
    value: 'x',
    expected: '{"a":1,"a":"x"}',
  },
];
for (const { what, text, path, value, expected } of edits)
  test(`setting a member: ${what}`, () => expect(setMember(text, path, value)).toBe(expected));

const removals: [string, string][] = [
  ['{"a":1}', '{}'],
  ['{"a":1,"b":2}', '{"b":2}'],
  ['{"b":2,"a":1}', '{"b":2}'],
  ['{\n  "b": 2,\n  "a": {"a": 3},\n  "c": 4\n}', '{\n  "b": 2,\n  "c": 4\n}'],
  ['{"a":1,"b":2,"a":3}', '{"b":2}'],
  ['{"b":2}', '{"b":2}'],
];
for (const [text, expected] of removals)
  test(`removing "a" from ${text.replaceAll('\n', ' ')}`, () =>
    expect(removeMember(text, ['a'])).toBe(expected));

const objects = fc.dictionary(fc.string(), fc.jsonValue());
const layouts = fc.constantFrom(undefined, 1, 2, '\t');

test('any member can be set and removed, and the others stay as they were, in their order', () => {
  fc.assert(
    fc.property(objects, layouts, fc.string(), fc.jsonValue(), (object, layout, key, value) => {
      const text = JSON.stringify(object, null, layout);
      const plain = JSON.parse(JSON.stringify(value ?? null));
      const set = setMember(text, [key], plain);
      const expected = JSON.parse(text);
      Object.defineProperty(expected, key, {
        value: plain,
        enumerable: true,
        writable: true,
        configurable: true,
      });
      expect(JSON.stringify(JSON.parse(set))).toBe(JSON.stringify(expected));
      const removed = removeMember(set, [key]);
      delete expected[key];
      expect(JSON.stringify(JSON.parse(removed))).toBe(JSON.stringify(expected));
      expect(removeMember(text, [`${key} not there`])).toBe(text);
    }),
  );
});
