/** Property names that Claude refuses, in tools of clients of other protocols. */
import { describe, expect, test } from 'bun:test';
import { isObject, type Json, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject, asString } from '../../src/protocols/json-members.ts';
import type { FactsName } from '../facts.ts';
import { answered, translated } from './coverage.ts';
import { at, greeting } from './feature.ts';

const schema: JsonObject = {
  type: 'object',
  properties: {
    $filter: { type: 'string', description: 'What to keep' },
    'page[size]': { type: 'integer', default: 10 },
    温度: { type: 'number' },
    气压: { type: 'number' },
    plain: { type: 'string' },
    ['x'.repeat(65)]: { type: 'string' },
    '': { type: 'string' },
    rows: {
      type: 'array',
      items: { anyOf: [{ $ref: '#/$defs/Row' }, { type: 'object', properties: { 'start date': {} } }] },
    },
    same: { $ref: '#/properties/page[size]' },
  },
  required: ['$filter', 'plain'],
  dependentRequired: { $filter: ['page[size]'] },
  $defs: {
    Row: {
      type: 'object',
      properties: { '@id': { type: 'string' } },
      required: ['@id'],
      default: { '@id': 'a' },
    },
  },
};
const input = {
  $filter: 'a',
  plain: 'b',
  rows: [{ '@id': '1' }, { 'start date': '$filter' }],
  温度: 3,
  '': 'c',
};

const tools: Record<Exclude<FactsName, 'anthropic'>, JsonObject> = {
  chat: { tools: [{ type: 'function', function: { name: 'list', parameters: schema } }] },
  responses: { tools: [{ type: 'function', name: 'list', parameters: schema }] },
  gemini: { tools: [{ functionDeclarations: [{ name: 'list', parametersJsonSchema: schema }] }] },
};
const clients = ['chat', 'responses', 'gemini'] as const;

function eachProperties(node: Json | undefined, found: JsonObject[] = []): JsonObject[] {
  if (Array.isArray(node)) for (const item of node) eachProperties(item, found);
  if (!isObject(node)) return found;
  if (isObject(node.properties)) found.push(node);
  for (const key in node) eachProperties(node[key], found);
  return found;
}

const written = (client: keyof typeof tools): JsonObject =>
  asObject(
    at(
      translated(client, 'anthropic', { ...greeting[client], ...tools[client] }).body,
      'tools.0.input_schema',
    ),
  ) ?? {};

describe('A9: tools reach Claude with property names that it takes', () => {
  test.each(clients)('from a client of %s, at every depth', (client) => {
    const sent = written(client);
    const nodes = eachProperties(sent);
    expect(nodes.length).toBeGreaterThanOrEqual(3);
    for (const node of nodes) {
      const names = Object.keys(asObject(node.properties) ?? {});
      for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/);
      for (const name of Array.isArray(node.required) ? node.required : [])
        expect(names).toContain(String(name));
    }
    expect(Object.keys(asObject(sent.properties) ?? {})).toHaveLength(
      Object.keys(asObject(schema.properties) ?? {}).length,
    );
    const [size] = Object.keys(asObject(sent.properties) ?? {}).filter((name) => name.startsWith('page'));
    expect(at(sent, 'properties.same.$ref')).toBe(`#/properties/${size}`);
    expect(Object.values(asObject(sent.dependentRequired) ?? {})).toEqual([[size ?? '']]);
    expect(Object.keys(asObject(at(sent, '$defs.Row.default')) ?? {})).toEqual(
      Object.keys(asObject(at(sent, '$defs.Row.properties')) ?? {}),
    );
    expect(asString(at(sent, `properties.${size}.description`))).toContain('page[size]');
    // Prompt caches need the same names each time.
    expect(written(client)).toEqual(sent);
  });

  test('and a schema without such names goes out as it is', () => {
    const parameters = { type: 'object', properties: { 'a.b-c_d': { type: 'string' } } };
    const asked = { ...greeting.chat, tools: [{ type: 'function', function: { name: 'f', parameters } }] };
    const { body, losses } = translated('chat', 'anthropic', asked);
    expect(at(body, 'tools.0.input_schema')).toEqual(parameters);
    expect(losses).toEqual([]);
  });
});

/** The input that Claude would write for {@link input}. */
function wireInput(): JsonObject {
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: 'list', arguments: JSON.stringify(input) },
  };
  const asked = {
    ...greeting.chat,
    ...tools.chat,
    messages: [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: 'done' },
    ],
  };
  return asObject(at(translated('chat', 'anthropic', asked).body, 'messages.1.content.0.input')) ?? {};
}

test('A9: calls of earlier turns have the names of the schema', () => {
  const sent = wireInput();
  const names = Object.keys(asObject(written('chat').properties) ?? {});
  for (const name of Object.keys(sent)) expect(names).toContain(name);
  expect(Object.values(sent)).toHaveLength(Object.values(input).length);
  expect(JSON.stringify(sent)).not.toContain('@id');
});

describe('A9: calls come back under the client’s names, whole and streamed', () => {
  const argumentsAt: Record<keyof typeof tools, (told: JsonObject) => Json | undefined> = {
    chat: (told) => parseJson(asString(at(told, 'choices.0.message.tool_calls.0.function.arguments')) ?? ''),
    responses: (told) => parseJson(asString(at(told, 'output.0.arguments')) ?? ''),
    gemini: (told) => at(told, 'candidates.0.content.parts.0.functionCall.args'),
  };
  test.each(clients)('to a client of %s', (client) => {
    const answer = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'list', input: wireInput() }],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    for (const told of answered('anthropic', client, answer, tools[client]))
      expect(argumentsAt[client](told)).toEqual(input);
  });
});

test('A9: two names that look the same to Claude stay two', () => {
  const properties = { 'a b': {}, a$b: {}, a_b: {} };
  const asked = {
    ...greeting.chat,
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties } } }],
  };
  const sent =
    asObject(at(translated('chat', 'anthropic', asked).body, 'tools.0.input_schema.properties')) ?? {};
  expect(new Set(Object.keys(sent)).size).toBe(3);
});
