/** Tool schemas that OpenAI refuses, from every client to both of its protocols. */
import { expect, test } from 'bun:test';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObject } from '../../src/protocols/json-members.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';

const schema: JsonObject = {
  type: ['object', 'null'],
  properties: { a: { type: 'array' } },
  anyOf: [{ required: ['a'] }, { required: [] }],
};
const mended: JsonObject = { type: 'object', properties: { a: { type: 'array', items: {} } } };

/** Ways in which clients declare a tool, a strict one among them. */
const declared: [string, Protocol, JsonObject][] = [
  ['a Claude tool', 'anthropic-messages', { tools: [{ name: 'f', input_schema: schema, strict: true }] }],
  [
    'a Chat function',
    'openai-chat',
    { tools: [{ type: 'function', function: { name: 'f', parameters: schema, strict: true } }] },
  ],
  ['an older Chat function', 'openai-chat', { functions: [{ name: 'f', parameters: schema }] }],
  [
    'a Gemini function',
    'gemini',
    { tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: schema }] }] },
  ],
  [
    'a Responses function',
    'openai-responses',
    { tools: [{ type: 'function', name: 'f', parameters: schema, strict: true }] },
  ],
  [
    'a function of a namespace',
    'openai-responses',
    {
      tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f', parameters: schema }] }],
    },
  ],
  [
    'a function of additional_tools',
    'openai-responses',
    {
      input: [
        {
          type: 'additional_tools',
          role: 'developer',
          tools: [{ type: 'function', name: 'f', parameters: schema }],
        },
        { role: 'user', content: 'hi' },
      ],
    },
  ],
];

const greetings: Record<Protocol, JsonObject> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
};

/** The definition of the first tool that an upstream of OpenAI's protocols gets. */
function sentTool(client: Protocol, upstream: 'openai-chat' | 'openai-responses', fields: JsonObject) {
  const request = codecs[client].decodeRequest(
    { ...greetings[client], ...fields },
    { model: 'm', stream: false },
  );
  const body = codecs[upstream].encodeRequest(request, { model: 'gpt-5.1', stream: false, report: () => {} });
  const [tool] = asArray(body.tools);
  return asObject(asObject(tool)?.function) ?? asObject(tool) ?? {};
}

const pairs = declared.flatMap(([name, client, fields]) =>
  (['openai-chat', 'openai-responses'] as const)
    .filter((upstream) => upstream !== client)
    .map((upstream): [string, string, Protocol, 'openai-chat' | 'openai-responses', JsonObject] => [
      name,
      upstream,
      client,
      upstream,
      fields,
    ]),
);

test.each(pairs)('A4: %s reaches %s as an object with whole arrays', (_n, _u, client, upstream, fields) => {
  const tool = sentTool(client, upstream, fields);
  expect(tool.parameters).toEqual(mended);
  // Strict is for schemas that require every property.
  expect(tool.strict ?? false).toBe(false);
});

test('A4: a strict tool that OpenAI takes as such stays strict', () => {
  const strict = {
    type: 'object',
    properties: { a: { type: 'array', items: { type: 'string' } } },
    required: ['a'],
    additionalProperties: false,
  };
  for (const upstream of ['openai-chat', 'openai-responses'] as const) {
    const tool = sentTool('anthropic-messages', upstream, {
      tools: [{ name: 'f', input_schema: strict, strict: true }],
    });
    expect([tool.strict, tool.parameters] satisfies (Json | undefined)[]).toEqual([true, strict]);
  }
});
