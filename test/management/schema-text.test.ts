import { expect, test } from 'bun:test';
import { schemaText } from '../../scripts/schema-text.ts';
import type { Json } from '../../src/protocols/json.ts';

const thing: Json = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
const choice: Json = { type: 'object', properties: { a: { enum: ['x', 'y'] } }, required: ['a'] };
const nothing: Json = { type: 'null' };

test.each<[items: Json, text: string]>([
  [thing, '{ a: string }[]'],
  [choice, '{ a: "x" | "y" }[]'],
  [{ anyOf: [thing, nothing] }, '({ a: string } | null)[]'],
  [{ anyOf: [nothing, thing] }, '(null | { a: string })[]'],
  [{ oneOf: [thing, choice] }, '({ a: string } | { a: "x" | "y" })[]'],
  [{ anyOf: [thing, thing] }, '{ a: string }[]'],
  [{ enum: ['x', 'y'] }, '("x" | "y")[]'],
  [{ enum: ['x'] }, '"x"[]'],
  [{ const: '|' }, '"|"[]'],
  [{ type: ['string', 'null'] }, '(string | null)[]'],
  [{ type: 'array', items: { anyOf: [thing, nothing] } }, '({ a: string } | null)[][]'],
  [{}, 'anything[]'],
])('a list of %j is written as a list of the whole of it', (items, text) => {
  expect(schemaText({ type: 'array', items })).toBe(text);
});
