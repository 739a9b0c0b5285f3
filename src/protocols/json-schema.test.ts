import { describe, expect, test } from 'bun:test';
import { exchanges } from '../../test/corpus.ts';
import { geminiParameters } from './gemini/json-schema.ts';
import { asObjects, isObject, type JsonObject } from './json.ts';
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
