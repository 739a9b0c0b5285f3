import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../json.ts';
import { geminiParameters, geminiSchema } from './json-schema.ts';

const ignore = () => {};

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

describe('Gemini: what it refuses becomes text', () => {
  const cases: [string, JsonObject, JsonObject][] = [
    [
      'pattern',
      { type: 'string', description: 'Id', pattern: '^a$' },
      { type: 'string', description: 'Id\n(pattern: ^a$)' },
    ],
    ['const', { const: 'a' }, { enum: ['a'], type: 'string' }],
    ['const of another type', { const: true }, { description: '(const: true)' }],
    ['an integer bound', { type: 'integer', exclusiveMinimum: 0 }, { type: 'integer', minimum: 1 }],
    [
      'a number bound',
      { type: 'number', exclusiveMinimum: 0 },
      { type: 'number', description: '(exclusiveMinimum: 0)' },
    ],
    [
      'an unknown format',
      { type: 'string', format: 'uri' },
      { type: 'string', description: '(format: uri)' },
    ],
    ['a known format', { type: 'string', format: 'date-time' }, { type: 'string', format: 'date-time' }],
    ['default', { type: 'number', default: 5 }, { type: 'number', description: '(default: 5)' }],
    ['an enum with null', { enum: ['a', null] }, { enum: ['a'], description: '(one of: ["a",null])' }],
    ['an enum of booleans', { enum: [true] }, { description: '(one of: [true])' }],
    ['OpenAPI nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      'a tuple',
      { type: 'array', items: [{ const: 'a' }] },
      { type: 'array', prefixItems: [{ enum: ['a'], type: 'string' }] },
    ],
    [
      'a required name without a property',
      object({ a: {} }, { required: ['a', 'b'] }),
      { type: 'object', properties: { a: {} }, required: ['a'], description: '(required: b)' },
    ],
    [
      'allOf below the root',
      { properties: { x: { allOf: [{ type: 'string' }, { description: 'D' }] } } },
      { properties: { x: { type: 'string', description: 'D' } } },
    ],
    [
      'references, with the description of the place',
      {
        $defs: { T: { type: 'string', description: 'def' } },
        properties: { x: { $ref: '#/$defs/T', description: 'place' } },
      },
      { properties: { x: { type: 'string', description: 'place' } } },
    ],
    [
      'boolean schemas',
      { properties: { x: true, y: false } },
      { properties: { x: {}, y: { description: '(not allowed)' } } },
    ],
  ];
  test.each(cases)('%s', (_name, schema, adapted) => {
    const before = JSON.stringify(schema);
    expect(geminiSchema(schema, ignore)).toEqual(adapted);
    expect(JSON.stringify(schema)).toBe(before);
  });

  test('a recursive type is cut off at its second visit', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { tree: { $ref: '#/$defs/Node' } },
      $defs: { Node: object({ next: { $ref: '#/$defs/Node' } }) },
    };
    const losses: string[] = [];
    expect(geminiParameters(schema, (_kind, field) => losses.push(field))).toEqual({
      type: 'object',
      properties: { tree: object({ next: { type: 'object', description: '(see Node)' } }) },
    });
    expect(losses).toEqual(['tools.parameters.$ref']);
  });

  test('recursion through allOf ends', () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { a: { allOf: [{ $ref: '#/$defs/A' }] } },
      $defs: { A: object({ next: { allOf: [{ $ref: '#/$defs/A' }] } }) },
    };
    expect(JSON.stringify(geminiParameters(schema, ignore)).length).toBeLessThan(1000);
  });

  test('types that all refer to each other stay small', () => {
    const names = Array.from({ length: 12 }, (_, i) => `T${i}`);
    const fields: JsonObject = Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]));
    const schema = object(fields, { $defs: Object.fromEntries(names.map((name) => [name, object(fields)])) });
    expect(JSON.stringify(geminiParameters(schema, ignore)).length).toBeLessThan(500_000);
  });
});
