import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Json } from '../json.ts';
import { keyReader } from './key-reader.ts';

/** Values with keys that are renamed, keys that look like values, and escapes in both. */
const names = fc.constantFrom('plain', '$odd', 'a"b', 'back\\slash', 'é', '');
const { value: values } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(names, fc.integer(), fc.constantFrom(true, null)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  ),
}));

const renamed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [`<${key}>`, renamed(held ?? null)]));
};

test('A9: however JSON is cut, each key is renamed and nothing else', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 7 }), fc.boolean(), (value, size, spaced) => {
      const json = JSON.stringify(value, null, spaced ? 1 : undefined);
      const reader = keyReader((key) => `<${key}>`);
      let text = '';
      for (let at = 0; at < json.length; at += size) text += reader.push(json.slice(at, at + size));
      expect(JSON.parse(text + reader.end())).toEqual(renamed(value));
    }),
  );
});

test('A9: nothing waits but a key', () => {
  const reader = keyReader((key) => key.toUpperCase());
  expect(reader.push('{"a')).toBe('{');
  expect(reader.push('b":"va')).toBe('"AB":"va');
  expect(reader.push('lue","c')).toBe('lue",');
  expect(reader.end()).toBe('"c');
});

test('A9: a key longer than any that was renamed does not wait for its end', () => {
  const reader = keyReader(() => 'x');
  const long = 'k'.repeat(500);
  expect(reader.push(`{"${long}`)).toBe(`{"${long}`);
});
