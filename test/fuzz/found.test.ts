/** What the targets have found, so that it stays found. */
import { expect, test } from 'bun:test';
import { parseAccount } from '../../src/accounts/account-file.ts';
import { translateRequest } from '../../src/gateway/translate-request.ts';
import { isProtocolError } from '../../src/protocols/codec.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { accountProviders } from '../../src/providers/registry.ts';
import { readStream, writeStream } from '../codec-runs.ts';
import { answeredRequest } from '../model-arbitraries.ts';
import { dataOf, objectOf } from './oracle.ts';
import { encodeContext } from './targets/client.ts';

const bytes = (body: JsonObject) => new TextEncoder().encode(JSON.stringify(body));

const noData = { candidates: [{ content: { parts: [{ inlineData: { mimeType: 'image/png', data: 0 } }] } }] };

test('a field that cannot be read is the fault of the upstream, not of the client', () => {
  const read = codecs.gemini.decodeResponse(noData, { request: answeredRequest });
  const events = readStream(codecs.gemini, `data: ${JSON.stringify(noData)}\n\n`, answeredRequest);
  const error = {
    status: 502,
    message: expect.stringMatching(
      /^The upstream's answer cannot be read: candidates.*data: expected a string, found the number 0$/,
    ),
  };
  expect(isProtocolError(read) && read).toMatchObject(error);
  expect(events.at(-1)).toMatchObject({ type: 'error', error });
});

test.each(protocols)('a stream whose first event is missing has a start for clients of %s', (client) => {
  const stream = [
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  const events = readStream(codecs['anthropic-messages'], stream.join(''), answeredRequest);
  const written = writeStream(codecs[client], events, encodeContext);
  for (const data of dataOf(written)) if (data !== '[DONE]') objectOf(data);
  const again = readStream(codecs[client], written, answeredRequest);
  expect(again.flatMap((event) => (event.type === 'delta' ? event.text : [])).join('')).toBe('Hi');
});

test.each(protocols)('text of no part, and a part that begins twice, do no harm: %s', (client) => {
  const block = (index: number, kind: JsonObject) => ({
    type: 'content_block_start',
    index,
    content_block: kind,
  });
  const delta = (index: number, text: string) => ({
    ...{ type: 'content_block_delta', index },
    delta: { type: 'text_delta', text },
  });
  const stream = [
    { type: 'message_start', message: { id: 'a', model: 'm', content: [] } },
    delta(0, 'lost'),
    block(1, { type: 'thinking', thinking: '' }),
    block(1, { type: 'text', text: '' }),
    delta(1, 'Hi'),
    { type: 'content_block_stop', index: 7 },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  const events = readStream(codecs['anthropic-messages'], stream.join(''), answeredRequest);
  for (const data of dataOf(writeStream(codecs[client], events, encodeContext)))
    if (data !== '[DONE]') objectOf(data);
  expect(events.flatMap((event) => (event.type === 'delta' ? event.text : [])).join('')).toBe('Hi');
});

test('a time that is none is left out for clients of Gemini', () => {
  const chunk = { id: 'c', created: 8_702_052_565_732, choices: [{ index: 0, message: { content: 'Hi' } }] };
  const read = codecs['openai-chat'].decodeResponse(chunk, { request: answeredRequest });
  if (isProtocolError(read)) throw new Error(read.message);
  expect(codecs.gemini.encodeResponse(read, encodeContext)).not.toHaveProperty('createTime');
});

const messages = [{ role: 'user', content: 'Hello' }];
const asked = (schema: JsonObject): JsonObject => ({
  model: 'm',
  messages,
  response_format: { type: 'json_schema', json_schema: { name: 'a', schema } },
});

test.each<[what: string, from: Protocol, to: Protocol, body: JsonObject]>([
  [
    'names in required that are none',
    'openai-chat',
    'gemini',
    asked({ type: 'object', properties: { a: {} }, required: ['a', { toString: 'x' }] }),
  ],
  [
    'a kind of content that is an object',
    'openai-chat',
    'openai-responses',
    { model: 'm', messages: [{ role: 'user', content: [{ type: { toString: 'x' } }] }] },
  ],
  [
    'a key of a schema that is called constructor',
    'gemini',
    'openai-chat',
    {
      contents: [{ parts: [{ text: 'Hello' }] }],
      generationConfig: { responseSchema: { type: 'OBJECT', constructor: { a: 1 } } },
    },
  ],
])('a request is translated in spite of %s', (_, from, to, body) => {
  expect(() => translateRequest(bytes(body), { from, to, model: 'm', stream: false })).not.toThrow();
});

test('a property that all objects have is required only where the schema has it', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'constructor'] };
  const { body } = translateRequest(bytes(asked(schema)), {
    ...{ from: 'openai-chat', to: 'gemini', model: 'gemini-2.5-pro', stream: false },
  });
  expect(JSON.stringify(body)).toContain('"required":["a"]');
});

test('a role called constructor is refused', () => {
  const body = { model: 'm', input: [{ role: 'constructor', content: 'Hello' }] };
  const how = { from: 'openai-responses', to: 'gemini', model: 'm', stream: false } as const;
  expect(() => translateRequest(bytes(body), how)).toThrow('expected user, assistant, system or developer');
});

test('no provider is called constructor, and no model of one', () => {
  const parsed = parseAccount('a.json', JSON.stringify({ type: 'constructor', access_token: 'x' }));
  expect(parsed).toMatchObject({ ok: false, problem: { key: 'type' } });
  const { antigravity } = accountProviders;
  const [api] = antigravity.apis({}, antigravity);
  expect(api?.provider.alsoNamed?.own('constructor', [])).toBeUndefined();
});

test.each(protocols)(
  'a call that begins twice at one place is two calls, and the stream is JSON: %s',
  (client) => {
    const block = (id: string) => ({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id, name: 'f', input: {} },
    });
    const events = [
      {
        type: 'message_start',
        message: { id: 'm', role: 'assistant', content: [], usage: { input_tokens: 1 } },
      },
      ...[block('a'), block('b')],
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"x":1}' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ];
    const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    const read = readStream(codecs['anthropic-messages'], text, answeredRequest);
    const ends = read.flatMap((event) => (event.type === 'part-end' ? [event.index] : []));
    const begins = read.flatMap((event) => (event.type === 'part-start' ? [event.index] : []));
    expect([begins, ends]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const written = writeStream(codecs[client], read, encodeContext);
    for (const one of dataOf(written)) if (one !== '[DONE]') objectOf(one);
  },
);
