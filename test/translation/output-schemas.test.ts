/** Output schemas whose root is no object, for OpenAI: wrapped in one, and unwrapped in answers. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Json, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { memberReader } from '../../src/protocols/wrapped-output.ts';
import type { FactsName } from '../facts.ts';
import { answered, translated } from './coverage.ts';
import { at, greeting } from './feature.ts';

const roots: Record<string, JsonObject> = {
  array: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
  enum: { type: 'string', enum: ['a', 'b'] },
  union: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
  number: { type: 'number' },
  'object or nothing': { type: ['object', 'null'], properties: { a: { type: 'string' } } },
  'array that repeats itself': { type: 'array', items: { $ref: '#' } },
};
type Client = 'anthropic' | 'gemini' | 'chat' | 'responses';
const asked = (client: Client, schema: JsonObject): JsonObject =>
  ({
    anthropic: { output_config: { format: { type: 'json_schema', schema } } },
    gemini: { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema } },
    chat: { response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } },
    responses: { text: { format: { type: 'json_schema', name: 'n', schema } } },
  })[client];
const schemaAt = { chat: 'response_format.json_schema.schema', responses: 'text.format.schema' } as const;
const upstreams = ['chat', 'responses'] as const;
const routes = upstreams.flatMap((upstream) =>
  (['anthropic', 'gemini', 'chat', 'responses'] as const)
    .filter((client) => client !== upstream)
    .map((client) => ({ upstream, client })),
);
const answer = (upstream: FactsName, text: string): JsonObject =>
  upstream === 'chat'
    ? {
        id: 'c',
        created: 1,
        choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      }
    : {
        id: 'resp_1',
        status: 'completed',
        output: [{ type: 'message', id: 'm', role: 'assistant', content: [{ type: 'output_text', text }] }],
      };
const textAt: Record<Client, string> = {
  anthropic: 'content.0.text',
  gemini: 'candidates.0.content.parts.0.text',
  chat: 'choices.0.message.content',
  responses: 'output.0.content.0.text',
};

describe('A13: a schema whose root is no object goes to OpenAI inside of one', () => {
  const cases = routes.flatMap((route) => Object.keys(roots).map((root) => ({ ...route, root })));
  test.each(cases)(
    '$root of $client to $upstream, and its answer comes back',
    ({ client, upstream, root }) => {
      const fields = asked(client, roots[root] ?? {});
      const { body, losses } = translated(client, upstream, { ...greeting[client], ...fields });
      const sent = at(body, schemaAt[upstream]);
      expect(sent).toMatchObject({ type: 'object', required: ['value'], additionalProperties: false });
      expect(losses).toEqual([]);
      for (const told of answered(
        upstream,
        client,
        answer(upstream, ' { "value" : ["}", {"a": 1}] }\n'),
        fields,
      ))
        expect(at(told, textAt[client])).toBe('["}", {"a": 1}]');
      // A model that did not keep to the schema is told as it spoke.
      for (const told of answered(upstream, client, answer(upstream, 'I cannot.'), fields))
        expect(at(told, textAt[client])).toBe('I cannot.');
    },
  );

  test('references to the root lead to where it is now, and definitions stay', () => {
    const schema = {
      type: 'array',
      items: { anyOf: [{ $ref: '#' }, { $ref: '#/$defs/A' }] },
      $defs: { A: { type: 'string' } },
    };
    const { body } = translated('anthropic', 'chat', {
      ...greeting.anthropic,
      ...asked('anthropic', schema),
    });
    expect(at(body, schemaAt.chat)).toMatchObject({
      properties: { value: { items: { anyOf: [{ $ref: '#/properties/value' }, { $ref: '#/$defs/A' }] } } },
      $defs: { A: { type: 'string' } },
    });
  });

  test.each(routes)(
    'objects of $client to $upstream stay as they are, referred to or not',
    ({ client, upstream }) => {
      const object = { type: 'object', properties: { a: { type: 'string' } } };
      const sent = (schema: JsonObject): Json | undefined =>
        at(
          translated(client, upstream, { ...greeting[client], ...asked(client, schema) }).body,
          schemaAt[upstream],
        );
      expect(sent(object)).toEqual(object);
      expect(sent({ $ref: '#/$defs/A', $defs: { A: object } })).toMatchObject(object);
      const text = '{"value":1}';
      for (const told of answered(upstream, client, answer(upstream, text), asked(client, object)))
        expect(at(told, textAt[client])).toBe(text);
    },
  );
});

test.each(upstreams)(
  'A13: one word of Gemini’s text/x.enum comes back without quotes from %s',
  (upstream) => {
    const generationConfig = {
      responseMimeType: 'text/x.enum',
      responseSchema: { type: 'STRING', enum: ['a', 'b'] },
    };
    for (const told of answered(upstream, 'gemini', answer(upstream, '{"value":"a"}'), { generationConfig }))
      expect(at(told, textAt.gemini)).toBe('a');
  },
);

test('A13: however the answer is cut, the value is all of it, and nothing of it waits', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 5 }), fc.boolean(), (value, size, spaced) => {
      const json = JSON.stringify({ value }, null, spaced ? 2 : undefined);
      const reader = memberReader();
      let told = '';
      for (let from = 0; from < json.length; from += size) told += reader.push(json.slice(from, from + size));
      expect(JSON.parse(told + reader.end())).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  const reader = memberReader();
  expect(reader.push('{"value":[1')).toBe('[1');
});

describe('A9: property names that Claude refuses in an output schema', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: {
      $filter: { type: 'string' },
      list: { type: 'array', items: { type: 'object', properties: { 'page[size]': { type: 'integer' } } } },
    },
    required: ['$filter'],
  };
  const said = { $filter: 'a "{\\"$filter\\": 1}', list: [{ 'page[size]': 2 }] };
  test.each(['chat', 'responses', 'gemini'] as const)(
    'of %s go under others, and come back in answers',
    (client) => {
      const { body, losses } = translated(client, 'anthropic', {
        ...greeting[client],
        ...asked(client, schema),
      });
      const sent = at(body, 'output_config.format.schema.properties');
      const names = Object.keys(asObject(sent) ?? {});
      expect(names).toHaveLength(2);
      for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/);
      expect(at(body, 'output_config.format.schema.required')).toEqual([names[0] ?? '']);
      expect(losses).toContainEqual(
        expect.objectContaining({ kind: 'renamed', field: 'response_format.schema' }),
      );
      const inner = Object.keys(asObject(at(sent, 'list.items.properties')) ?? {})[0] ?? '';
      const text = JSON.stringify({ [names[0] ?? '']: said.$filter, list: [{ [inner]: 2 }] });
      const told = answered('anthropic', client, claudeAnswer(text), {
        ...greeting[client],
        ...asked(client, schema),
      });
      for (const one of told) expect(parseJson(String(at(one, textAt[client])))).toEqual(said);
    },
  );
});

const claudeAnswer = (text: string): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'x',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 1 },
});

describe('A13: JSON mode without the word JSON, which OpenAI demands beside it', () => {
  const word = (client: Client, says: string): JsonObject =>
    ({
      chat: { messages: [{ role: 'user', content: says }], response_format: { type: 'json_object' } },
      responses: { input: says, text: { format: { type: 'json_object' } } },
      anthropic: {},
      gemini: {
        contents: [{ role: 'user', parts: [{ text: says }] }],
        generationConfig: { responseMimeType: 'application/json' },
      },
    })[client];
  const modes: { client: Client; upstream: 'chat' | 'responses' }[] = [
    { client: 'gemini', upstream: 'chat' },
    { client: 'gemini', upstream: 'responses' },
    { client: 'responses', upstream: 'chat' },
    { client: 'chat', upstream: 'responses' },
  ];
  const typeAt = { chat: 'response_format.type', responses: 'text.format.type' } as const;

  test.each(modes)('$client to $upstream asks for any object', ({ client, upstream }) => {
    const without = translated(client, upstream, word(client, 'List three'), 'gpt-5.1');
    expect(at(without.body, typeAt[upstream])).toBe('json_schema');
    expect(at(without.body, schemaAt[upstream])).toMatchObject({
      type: 'object',
      additionalProperties: true,
    });
    expect(without.losses.map(({ field }) => field)).toEqual(['response_format']);
    const beside = translated(client, upstream, word(client, 'List three as Json'), 'gpt-5.1');
    expect(at(beside.body, typeAt[upstream])).toBe('json_object');
    expect(beside.losses).toEqual([]);
  });

  test('over Responses the word counts in messages, not in instructions', () => {
    const { body } = translated('chat', 'responses', {
      messages: [
        { role: 'system', content: 'Answer in JSON' },
        { role: 'user', content: 'List three' },
      ],
      response_format: { type: 'json_object' },
    });
    expect(body.instructions).toBe('Answer in JSON');
    expect(at(body, typeAt.responses)).toBe('json_schema');
  });

  test('servers that follow OpenAI are asked for JSON mode as it is', () => {
    const { body, losses } = translated('gemini', 'chat', word('gemini', 'List three'), 'deepseek-chat');
    expect(at(body, typeAt.chat)).toBe('json_object');
    expect(losses).toEqual([]);
  });
});

test.each(routes)(
  'A13: a schema that says nothing goes from $client to $upstream inside of an object',
  ({ client, upstream }) => {
    const { body } = translated(client, upstream, { ...greeting[client], ...asked(client, {}) });
    expect(at(body, schemaAt[upstream])).toMatchObject({ type: 'object', properties: { value: {} } });
    for (const told of answered(upstream, client, answer(upstream, '{"value":[1]}'), asked(client, {})))
      expect(at(told, textAt[client])).toBe('[1]');
  },
);
