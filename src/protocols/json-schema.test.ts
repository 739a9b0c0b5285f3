import { describe, expect, test } from 'bun:test';
import { exchanges } from '../../test/corpus.ts';
import { asObjects, isObject, type JsonObject } from './json.ts';
import { anthropicInputSchema, geminiParameters, geminiSchema, openaiParameters } from './json-schema.ts';

const ignore = () => {};

describe('a schema that is fine comes back as the same object', () => {
  const plain: JsonObject = {
    type: 'object',
    properties: {
      city: { type: 'string', description: 'Where', enum: ['a', 'b'] },
      days: { type: ['integer', 'null'], minimum: 1 },
      // Property names that are spelled as keywords.
      pattern: { type: 'string' },
      $ref: { type: 'string' },
      const: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
    },
    required: ['city', 'pattern'],
    additionalProperties: false,
  };
  test.each([
    ['Gemini', (schema: JsonObject) => geminiParameters(schema, ignore)],
    ['Anthropic', anthropicInputSchema],
    ['OpenAI', openaiParameters],
  ])('%s', (_name, adapt) => {
    expect(adapt(plain)).toBe(plain);
  });
});

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

describe('the root becomes an object with every property', () => {
  const cases: [string, JsonObject, JsonObject][] = [
    ['an empty schema', {}, { type: 'object' }],
    [
      'anyOf of objects: required only where all require it',
      {
        anyOf: [
          object({ a: { type: 'string' }, k: { type: 'string' } }, { required: ['a', 'k'] }),
          object({ b: { type: 'string' }, k: { type: 'number' } }, { required: ['b', 'k'] }),
        ],
      },
      {
        type: 'object',
        properties: {
          a: { type: 'string' },
          k: { anyOf: [{ type: 'string' }, { type: 'number' }] },
          b: { type: 'string' },
        },
        required: ['k'],
        description: '(Required is one of: a; b)',
      },
    ],
    [
      'allOf: required together',
      { allOf: [object({ a: {} }, { required: ['a'] }), object({ b: {} }, { required: ['b'] })] },
      { type: 'object', properties: { a: {}, b: {} }, required: ['a', 'b'] },
    ],
    [
      'oneOf that only says what is required',
      object({ a: {}, b: {} }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] }),
      { type: 'object', properties: { a: {}, b: {} }, description: '(Required is one of: a; b)' },
    ],
    [
      'a reference',
      { $ref: '#/$defs/Root', $defs: { Root: object({ a: {} }, { required: ['a'] }) } },
      {
        $defs: { Root: object({ a: {} }, { required: ['a'] }) },
        type: 'object',
        properties: { a: {} },
        required: ['a'],
      },
    ],
  ];
  test.each(cases)('%s', (_name, schema, adapted) => {
    expect(anthropicInputSchema(schema)).toEqual(adapted);
  });

  test('OpenAI gets properties even when there are none', () => {
    expect(openaiParameters({ type: 'object' })).toEqual({ type: 'object', properties: {} });
  });

  test('a reference to itself ends', () => {
    const schema: JsonObject = { $ref: '#/$defs/A', $defs: { A: { allOf: [{ $ref: '#/$defs/A' }] } } };
    expect(anthropicInputSchema(schema).type).toBe('object');
  });
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
    expect(geminiParameters(schema, (loss) => losses.push(loss.field))).toEqual({
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

test('no tool of the recorded traffic loses a property of its root', () => {
  for (const protocol of ['anthropic-messages', 'openai-chat', 'openai-responses'] as const) {
    for (const exchange of exchanges(protocol)) {
      for (const tool of asObjects(exchange.request?.body?.tools)) {
        const schema =
          tool.input_schema ?? tool.parameters ?? (isObject(tool.function) ? tool.function.parameters : null);
        if (!isObject(schema)) continue;
        const names = Object.keys(isObject(schema.properties) ? schema.properties : {}).sort();
        for (const adapted of [
          geminiParameters(schema, ignore),
          anthropicInputSchema(schema),
          openaiParameters(schema),
        ]) {
          const kept = Object.keys(isObject(adapted.properties) ? adapted.properties : {}).sort();
          expect(names.filter((name) => !kept.includes(name))).toEqual([]);
          expect(adapted.type).toBe('object');
        }
      }
    }
  }
});
