import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { atOnce } from '../ground/steps.ts';
import { parseExactly } from './exact-numbers.ts';
import type { Json } from './json.ts';
import { writingJson } from './json-text-in-steps.ts';

test('a value is written as JSON.stringify does it, whatever the steps', () => {
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 1, max: 40 }), (text, step) => {
      const value: Json = JSON.parse(text);
      expect(atOnce(writingJson(value, step))).toBe(JSON.stringify(value));
    }),
  );
});

test.each([
  ['members without a value', { a: undefined, b: 1, c: undefined }],
  ['no member with a value', { a: undefined }],
  ['names that JavaScript has ideas about', JSON.parse('{"__proto__":{"a":1},"1":2,"toString":[]}')],
  ['numbers that stay as they are written', parseExactly('{"a":[12345678901234567890,{"b":1e999}]}')],
  ['many levels', JSON.parse(`${'[{"a":'.repeat(60)}1${'}]'.repeat(60)}`)],
])('%s', (_what, value: Json) => {
  expect(atOnce(writingJson(value, 1))).toBe(JSON.stringify(value));
});

test('a list of millions of numbers is written in many steps', () => {
  const numbers = Array.from({ length: 1_000_000 }, (_, at) => at / 7);
  let stops = 0;
  const steps = writingJson({ data: [{ embedding: numbers }] });
  let step = steps.next();
  for (; !step.done; step = steps.next()) stops += 1;
  expect(stops).toBeGreaterThan(100);
  expect(step.value).toBe(JSON.stringify({ data: [{ embedding: numbers }] }));
});
