import { describe, expect, test } from 'bun:test';
import { exchanges } from '../../test/corpus.ts';
import { geminiParameters } from './gemini/json-schema.ts';
import { isObject, type JsonObject } from './json.ts';
import { asObjects } from './json-members.ts';
import { anthropicInputSchema, openaiParameters } from './json-schema.ts';

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

test('A4: Google’s words for types are those of JSON Schema elsewhere, at every depth', () => {
  const upper = {
    type: 'OBJECT',
    properties: {
      type: { type: 'STRING', enum: ['OBJECT'], default: 'NULL' },
      const: { type: ['ARRAY', 'NULL'], items: { anyOf: [{ type: 'INTEGER' }, { type: 'BOOLEAN' }] } },
    },
  };
  const plain = {
    type: 'object',
    properties: {
      type: { type: 'string', enum: ['OBJECT'], default: 'NULL' },
      const: { type: ['array', 'null'], items: { anyOf: [{ type: 'integer' }, { type: 'boolean' }] } },
    },
  };
  for (const adapt of [anthropicInputSchema, openaiParameters]) expect(adapt(upper)).toEqual(plain);
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

  const root = { type: 'object', properties: {} };
  const nested: JsonObject = { type: 'array', items: { type: 'array', items: {} } };
  const mended: [string, JsonObject, JsonObject][] = [
    ['nothing', {}, root],
    ['an object or null', { type: ['object', 'null'], properties: { a: {} } }, object({ a: {} })],
    ['no type', { properties: { a: { type: 'string' } } }, object({ a: { type: 'string' } })],
    ['an enum', { enum: ['a'] }, root],
    [
      'not',
      { type: 'object', not: { required: ['a'] } },
      { ...root, description: '(not: {"required":["a"]})' },
    ],
    ['properties that are null', { type: 'object', properties: null, required: null }, root],
    ['an array without items', object({ a: { type: 'array' } }), object({ a: { type: 'array', items: {} } })],
    [
      'an array or null without items',
      object({ a: { type: ['array', 'null'] } }),
      object({ a: { type: ['array', 'null'], items: {} } }),
    ],
    ['arrays in arrays', object({ a: { type: 'array', items: { type: 'array' } } }), object({ a: nested })],
    [
      'arrays in definitions and unions',
      object({ a: { anyOf: [{ type: 'array' }, true] } }, { $defs: { L: { type: 'array' } } }),
      object(
        { a: { anyOf: [{ type: 'array', items: {} }, {}] } },
        { $defs: { L: { type: 'array', items: {} } } },
      ),
    ],
    [
      'a tuple of prefixItems',
      object({ a: { type: 'array', prefixItems: [{ type: 'array' }], items: false } }),
      object({
        a: { type: 'array', prefixItems: [{ type: 'array', items: {} }], items: {}, maxItems: 1 },
      }),
    ],
    [
      'a tuple of older drafts',
      object({ a: { type: 'array', items: [{ type: 'string' }, {}], additionalItems: false } }),
      object({ a: { type: 'array', prefixItems: [{ type: 'string' }, {}], items: {}, maxItems: 2 } }),
    ],
    ['boolean schemas', object({ a: true, b: false }), object({ a: {}, b: { not: {} } })],
    [
      'required as a boolean',
      object({ a: { type: 'string', required: true } }),
      object({ a: { type: 'string' } }),
    ],
    [
      'properties that are named as keywords',
      object({ items: { type: 'array' }, required: { type: 'string' }, not: {} }),
      object({ items: { type: 'array', items: {} }, required: { type: 'string' }, not: {} }),
    ],
    [
      'values that look like schemas',
      object({ a: { type: 'object', default: { type: 'array' }, enum: [{ type: 'array' }] } }),
      object({ a: { type: 'object', default: { type: 'array' }, enum: [{ type: 'array' }] } }),
    ],
  ];
  test.each(mended)('A4: OpenAI gets an object with whole arrays for %s', (_name, schema, adapted) => {
    expect(openaiParameters(schema)).toEqual(adapted);
  });

  test('OpenAI gets properties even when there are none', () => {
    expect(openaiParameters({ type: 'object' })).toEqual({ type: 'object', properties: {} });
  });

  test('a reference to itself ends', () => {
    const schema: JsonObject = { $ref: '#/$defs/A', $defs: { A: { allOf: [{ $ref: '#/$defs/A' }] } } };
    expect(anthropicInputSchema(schema).type).toBe('object');
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
