/**
 * H3, as a kind: what a request costs grows with its length. A megabyte or two of small things is translated in a fraction
 * of a second; where the cost grew with the square of their number it took ten seconds and more.
 */
import { expect, test } from 'bun:test';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { mendedJson } from '../../src/protocols/well-formed.ts';

const count = 25_000;
/** Milliseconds, on a machine that does much else. */
const patience = 1500;
/** Bytes that are written for each that was read. */
const most = 20;

const many = <T>(one: (at: number) => T, of = count): T[] => Array.from({ length: of }, (_, at) => one(at));
const named = (one: (at: number) => [string, Json]): JsonObject => Object.fromEntries(many(one));
const asking = { role: 'user', content: 'x' };
const withTool = (parameters: JsonObject, strict = false): JsonObject => ({
  messages: [asking],
  tools: [{ type: 'function', function: { name: 'f', strict, parameters } }],
});
const call = (id: string, name = 'f'): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: '{}' },
});
const answered = (id: string, content = 'x'): JsonObject => ({ role: 'tool', tool_call_id: id, content });
const twice = (at: number): JsonObject[] => [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }];
const doubling = (node: (inner: JsonObject[]) => JsonObject): JsonObject =>
  Object.fromEntries(many((at) => [`d${at}`, at === 29 ? { type: 'string' } : node(twice(at))], 30));

const requests: [string, Protocol, JsonObject][] = [
  ['messages of one role', 'openai-chat', { messages: many(() => asking) }],
  [
    'answers in a row',
    'openai-chat',
    { messages: [asking, ...many(() => ({ role: 'assistant', content: 'x' })), asking] },
  ],
  ['results without calls', 'openai-chat', { messages: [asking, ...many((at) => answered(`c${at}`))] }],
  [
    'calls without results',
    'openai-chat',
    { messages: [asking, ...many((at) => ({ role: 'assistant', tool_calls: [call(`c${at}`)] })), asking] },
  ],
  [
    'results in the reverse order',
    'openai-chat',
    {
      messages: [
        asking,
        { role: 'assistant', tool_calls: many((at) => call(`c${at}`)) },
        ...many((at) => answered(`c${count - 1 - at}`)),
      ],
    },
  ],
  [
    'calls of one id and its long result',
    'openai-chat',
    {
      messages: [
        asking,
        { role: 'assistant', tool_calls: many(() => call('c')) },
        answered('c', 'x'.repeat(50_000)),
        asking,
      ],
    },
  ],
  [
    'properties, all required',
    'openai-chat',
    withTool(
      {
        type: 'object',
        properties: named((at) => [`p${at}`, { type: 'string' }]),
        required: many((at) => `p${at}`),
        additionalProperties: false,
      },
      true,
    ),
  ],
  [
    'required names of no property',
    'openai-chat',
    withTool({ type: 'object', properties: {}, required: many((at) => `p${at}`) }),
  ],
  [
    'members of allOf',
    'openai-chat',
    withTool({ allOf: many((at) => ({ properties: { [`p${at}`]: {} }, required: [`p${at}`] })) }),
  ],
  [
    'members of anyOf',
    'openai-chat',
    withTool({ anyOf: many((at) => ({ properties: { p: { const: at } }, required: [`p${at}`] })) }),
  ],
  [
    'members of an inner allOf',
    'openai-chat',
    withTool({
      type: 'object',
      properties: { a: { allOf: many((at) => ({ properties: { [`p${at}`]: {} } })) } },
    }),
  ],
  [
    'members of an inner anyOf',
    'openai-chat',
    withTool({
      type: 'object',
      properties: { a: { allOf: [{ anyOf: many((at) => ({ properties: { p: { const: at } } })) }] } },
    }),
  ],
  [
    'contradictions of a long list',
    'openai-chat',
    withTool({ allOf: [{ enum: many((at) => `v${at}`) }, ...many((at) => ({ enum: [at] }))] }),
  ],
  [
    'values of an enum',
    'openai-chat',
    withTool({ type: 'object', properties: { a: { enum: many((at) => (at % 2 ? at : null)) } } }),
  ],
  [
    'references to a large definition',
    'openai-chat',
    withTool({
      type: 'object',
      $defs: { a: { type: 'object', properties: named((at) => [`p${at}`, {}]) } },
      properties: named((at) => [`q${at}`, { $ref: '#/$defs/a' }]),
    }),
  ],
  [
    'doubling references in allOf',
    'openai-chat',
    withTool({
      type: 'object',
      $defs: doubling((inner) => ({ allOf: inner })),
      allOf: [{ $ref: '#/$defs/d0' }],
    }),
  ],
  [
    'doubling references in anyOf',
    'openai-chat',
    withTool({
      type: 'object',
      $defs: doubling((inner) => ({ anyOf: inner })),
      anyOf: [{ $ref: '#/$defs/d0' }],
    }),
  ],
  [
    'doubling references in properties',
    'openai-chat',
    withTool({
      type: 'object',
      $defs: doubling(([a = {}, b = {}]) => ({ type: 'object', properties: { a, b } })),
      properties: { x: { $ref: '#/$defs/d0' } },
    }),
  ],
  [
    'tools',
    'openai-chat',
    {
      messages: [asking],
      tools: many((at) => ({ type: 'function', function: { name: `f é${at}`, parameters: {} } })),
    },
  ],
  ['items', 'openai-responses', { input: many(() => asking) }],
  [
    'outputs in the reverse order',
    'openai-responses',
    {
      input: [
        ...many((at) => ({ type: 'function_call', call_id: `c${at}`, name: 'f', arguments: '{}' })),
        ...many((at) => ({ type: 'function_call_output', call_id: `c${count - 1 - at}`, output: 'x' })),
      ],
    },
  ],
  [
    'allowed tools',
    'openai-responses',
    {
      input: 'x',
      tools: many((at) => ({ type: 'function', name: `f${at}`, parameters: {} })),
      tool_choice: {
        type: 'allowed_tools',
        mode: 'auto',
        tools: many((at) => ({ type: 'function', name: `f${at}` })),
      },
    },
  ],
  [
    'blocks',
    'anthropic-messages',
    { max_tokens: 9, messages: [{ role: 'user', content: many(() => ({ type: 'text', text: 'x' })) }] },
  ],
  ['messages of one role', 'anthropic-messages', { max_tokens: 9, messages: many(() => asking) }],
  ['contents of one role', 'gemini', { contents: many(() => ({ role: 'user', parts: [{ text: 'x' }] })) }],
  [
    'responses in the reverse order',
    'gemini',
    {
      contents: [
        { role: 'user', parts: [{ text: 'x' }] },
        { role: 'model', parts: many((at) => ({ functionCall: { name: `f${at}`, args: {} } })) },
        {
          role: 'user',
          parts: many((at) => ({ functionResponse: { name: `f${count - 1 - at}`, response: {} } })),
        },
      ],
    },
  ],
  [
    'responses by id in the reverse order',
    'gemini',
    {
      contents: [
        { role: 'user', parts: [{ text: 'x' }] },
        { role: 'model', parts: many((at) => ({ functionCall: { id: `i${at}`, name: 'f', args: {} } })) },
        {
          role: 'user',
          parts: many((at) => ({ functionResponse: { id: `i${count - 1 - at}`, name: 'f', response: {} } })),
        },
      ],
    },
  ],
];

const models: Record<Protocol, string> = {
  'openai-chat': 'gpt-5.1',
  'openai-responses': 'gpt-5.1',
  'anthropic-messages': 'claude-opus-4-8',
  gemini: 'gemini-2.5-pro',
};

const rows = requests.flatMap(([what, client, body]) =>
  protocols.map((upstream): [string, Protocol, Protocol, JsonObject] => [what, client, upstream, body]),
);

test.each(rows)('H3: %s of %s for %s cost what they are long', (_, client, upstream, body) => {
  const text = JSON.stringify(body);
  const began = performance.now();
  const request = codecs[client].decodeRequest(JSON.parse(text), { model: 'm', stream: false });
  const target = { model: models[upstream], stream: false, report: () => {} };
  const written = mendedJson(JSON.stringify(codecs[upstream].encodeRequest(request, target)));
  expect(performance.now() - began).toBeLessThan(patience);
  expect(written.length).toBeLessThan(most * text.length + 10_000);
});
