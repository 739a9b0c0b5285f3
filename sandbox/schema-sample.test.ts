import { expect, test } from 'bun:test';
import type { Json, JsonObject } from './json.ts';
import { sampleOf } from './schema-sample.ts';

test.each<[string, JsonObject, Json]>([
  ['a constant', { const: 5 }, 5],
  ['the first of an enumeration', { type: 'string', enum: ['x', 'y'] }, 'x'],
  ['a default', { type: 'integer', default: 9 }, 9],
  ['a number in range', { type: 'integer', minimum: 3.5, maximum: 10 }, 4],
  ['a multiple', { type: 'number', minimum: 4, multipleOf: 5 }, 5],
  ['a negative number', { type: 'integer', maximum: -2 }, -2],
  ['a date', { type: 'string', format: 'date' }, '2026-01-31'],
  ['a string of the right length', { type: 'string', maxLength: 3 }, 'san'],
  ['what is not null', { type: ['null', 'boolean'] }, true],
  ['Google’s upper-case types', { type: 'ARRAY', items: { type: 'BOOLEAN' } }, [true]],
  ['as many items as demanded', { type: 'array', minItems: 2, items: { type: 'integer' } }, [1, 1]],
  ['the first option that is not null', { anyOf: [{ type: 'null' }, { type: 'integer' }] }, 1],
  [
    'all parts together',
    { allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
    { a: 1, b: 2 },
  ],
  [
    'only what is required',
    { type: 'object', properties: { a: { const: 1 }, b: { const: 2 } }, required: ['b'] },
    { b: 2 },
  ],
  ['references', { $defs: { n: { const: 7 } }, properties: { a: { $ref: '#/$defs/n' } } }, { a: 7 }],
  ['no properties', { type: 'object' }, {}],
])('a sample has %s', (_, schema, sample) => {
  expect(sampleOf(schema)).toEqual(sample);
});

test('a schema that refers to itself has an end', () => {
  const node: JsonObject = {
    type: 'object',
    properties: { next: { $ref: '#' } },
    required: ['next'],
  };
  expect(JSON.stringify(sampleOf(node))).toEndWith('null}}}}}}}');
});
