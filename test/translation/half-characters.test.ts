/** Streams and requests that hold one half of a surrogate pair by itself: what arrives is text all the same. */
import { describe, expect, test } from 'bun:test';
import { readRequest } from '../../src/gateway/read-request.ts';
import { upstreamBody } from '../../src/gateway/upstream/request.ts';
import { type Json, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';
import { readSse, readStream, writeStream } from '../codec-runs.ts';
import { factsNames } from '../facts.ts';
import { greeting } from './feature.ts';

const chat = (...deltas: JsonObject[]): JsonObject[] => [
  ...deltas.map((delta) => chunk({ delta })),
  chunk({ delta: {}, finish_reason: 'stop' }),
];
const chunk = (choice: JsonObject): JsonObject => ({
  id: 'c',
  created: 1,
  model: 'm',
  choices: [{ index: 0, ...choice }],
});
const chatCall = (pieces: string[]): JsonObject[] =>
  chat(
    { tool_calls: [{ index: 0, id: 'call_1', function: { name: 'f', arguments: '' } }] },
    ...pieces.map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
  );

const anthropic = (block: JsonObject, deltas: JsonObject[]): JsonObject[] => [
  { type: 'message_start', message: { id: 'm', model: 'm', usage: { input_tokens: 1 } } },
  { type: 'content_block_start', index: 0, content_block: block },
  ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
  { type: 'message_stop' },
];

const responses = (item: JsonObject, type: string, deltas: string[]): JsonObject[] => [
  { type: 'response.created', response: { id: 'r', model: 'm', status: 'in_progress' } },
  { type: 'response.output_item.added', output_index: 0, item },
  ...deltas.map((delta) => ({
    type,
    output_index: 0,
    content_index: 0,
    summary_index: 0,
    item_id: 'i',
    delta,
  })),
  { type: 'response.output_item.done', output_index: 0, item: { ...item, status: 'completed' } },
  { type: 'response.completed', response: { id: 'r', model: 'm', status: 'completed', output: [] } },
];

const gemini = (...parts: JsonObject[]): JsonObject[] => [
  ...parts.map((part) => ({ responseId: 'g', candidates: [{ content: { role: 'model', parts: [part] } }] })),
  {
    responseId: 'g',
    candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }],
  },
];

/** Pieces of a text, each in the events of a protocol and of a kind of text. */
const kinds: { upstream: Protocol; kind: string; events(pieces: string[]): JsonObject[] }[] = [
  {
    upstream: 'openai-chat',
    kind: 'text',
    events: (pieces) => chat(...pieces.map((content) => ({ content }))),
  },
  {
    upstream: 'openai-chat',
    kind: 'thinking',
    events: (pieces) => chat(...pieces.map((reasoning_content) => ({ reasoning_content })), { content: 'x' }),
  },
  {
    upstream: 'openai-chat',
    kind: 'refusals',
    events: (pieces) => chat(...pieces.map((refusal) => ({ refusal }))),
  },
  { upstream: 'openai-chat', kind: 'arguments', events: chatCall },
  {
    upstream: 'openai-chat',
    kind: 'speech',
    events: (pieces) =>
      chat(...pieces.map((transcript) => ({ audio: { id: 'a', data: 'UklGRiQAAABXQVZF', transcript } }))),
  },
  {
    upstream: 'anthropic-messages',
    kind: 'text',
    events: (pieces) =>
      anthropic(
        { type: 'text', text: '' },
        pieces.map((text) => ({ type: 'text_delta', text })),
      ),
  },
  {
    upstream: 'anthropic-messages',
    kind: 'thinking',
    events: (pieces) =>
      anthropic(
        { type: 'thinking', thinking: '' },
        pieces.map((thinking) => ({ type: 'thinking_delta', thinking })),
      ),
  },
  {
    upstream: 'anthropic-messages',
    kind: 'arguments',
    events: (pieces) =>
      anthropic(
        { type: 'tool_use', id: 't', name: 'f', input: {} },
        pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      ),
  },
  {
    upstream: 'openai-responses',
    kind: 'text',
    events: (pieces) =>
      responses(
        { type: 'message', id: 'i', role: 'assistant', content: [] },
        'response.output_text.delta',
        pieces,
      ),
  },
  {
    upstream: 'openai-responses',
    kind: 'thinking',
    events: (pieces) =>
      responses({ type: 'reasoning', id: 'i', summary: [] }, 'response.reasoning_summary_text.delta', pieces),
  },
  {
    upstream: 'openai-responses',
    kind: 'custom tools',
    events: (pieces) =>
      responses(
        { type: 'custom_tool_call', id: 'i', call_id: 'c', name: 'patch' },
        'response.custom_tool_call_input.delta',
        pieces,
      ),
  },
  { upstream: 'gemini', kind: 'text', events: (pieces) => gemini(...pieces.map((text) => ({ text }))) },
  {
    upstream: 'gemini',
    kind: 'thinking',
    events: (pieces) => gemini(...pieces.map((text) => ({ text, thought: true })), { text: 'x' }),
  },
];

/** What a client is told of these events. */
function told(upstream: Protocol, client: Protocol, events: readonly JsonObject[]): Json[] {
  const tools: JsonObject = {
    'openai-chat': { tools: [{ type: 'custom', custom: { name: 'patch' } }] },
    'openai-responses': { tools: [{ type: 'custom', name: 'patch' }] },
    // Clients of Claude and Gemini get thinking if they asked for it.
    'anthropic-messages': { thinking: { type: 'adaptive' } },
    gemini: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
  }[client];
  const request = codecs[client].decodeRequest(
    { ...greeting[factsNames[client]], ...tools },
    { model: 'm', stream: true },
  );
  const context = { request, model: 'm', unixSeconds: () => 1, newId: (prefix: string) => `${prefix}_1` };
  const sse = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  const stream = writeStream(codecs[client], readStream(codecs[upstream], sse, request), context);
  return readSse(stream).map(({ data }) => parseJson(data) ?? data);
}

const pairs = kinds.flatMap((kind) =>
  protocols
    .filter(
      (client) => client !== kind.upstream && (kind.kind !== 'custom tools' || client === 'openai-chat'),
    )
    .map((client) => ({ ...kind, client })),
);

const shown = (events: readonly Json[]): string => JSON.stringify(events);

describe('A8: half an emoji waits for the other half', () => {
  test.each(pairs)('$kind from $upstream to $client', ({ upstream, client, events }) => {
    const text = shown(told(upstream, client, events(['"a\ud83d', '\ude00b"'])));
    expect(text).not.toMatch(/\\ud[89a-f]/i);
    expect(text).toContain('😀');
  });
});

describe('A8: half an emoji that stays alone is U+FFFD', () => {
  test.each(pairs)('$kind from $upstream to $client', ({ upstream, client, events }) => {
    const text = shown(told(upstream, client, events(['"a\ud83d', 'b', '\ude00c"', 'd\ud83d'])));
    expect(text).not.toMatch(/\\ud[89a-f]/i);
    expect(text.match(/\ufffd/g)?.length).toBeGreaterThanOrEqual(3);
  });
});

test.each(protocols.filter((client) => client !== 'openai-chat'))(
  'A8: escapes that are cut in the arguments of a call are one character to %s',
  (client) => {
    const text = shown(
      told('openai-chat', client, chatCall(['{"a":"x\\ud8', '3d\\u', 'de00\\ud83d!\\\\ud83d"}'])),
    );
    expect(text).toContain('😀\ufffd!');
    expect(text).toContain('ud83d');
  },
);

describe('A8: lone surrogates of a request do not reach an upstream of another protocol', () => {
  const half = 'cut \ud83d here';
  const asked: Record<Protocol, JsonObject> = {
    'openai-chat': {
      messages: [
        { role: 'system', content: half },
        {
          role: 'assistant',
          content: half,
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a\\ud83d":"\\ude00 b"}' } },
            { id: 'c2', type: 'function', function: { name: 'f', arguments: `{"a":"${half}"}` } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: half },
        { role: 'user', content: [{ type: 'text', text: half }] },
      ],
      tools: [{ type: 'function', function: { name: half, description: half, parameters: { title: half } } }],
    },
    'openai-responses': {
      instructions: half,
      input: [
        { role: 'user', content: half },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":"\\ud83d"}' },
        { type: 'function_call_output', call_id: 'c1', output: half },
      ],
      tools: [{ type: 'custom', name: 'f', description: half }],
    },
    'anthropic-messages': {
      system: half,
      messages: [
        { role: 'user', content: half },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: { [half]: half } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: half }] },
      ],
      tools: [{ name: 'f', description: half, input_schema: { type: 'object' } }],
    },
    gemini: {
      systemInstruction: { parts: [{ text: half }] },
      contents: [
        { role: 'user', parts: [{ text: half }] },
        { role: 'model', parts: [{ functionCall: { name: 'f', args: { [half]: half } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: half } } }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'f', description: half }] }],
    },
  };
  const routes = protocols.flatMap((from) =>
    protocols.filter((to) => to !== from).map((to) => ({ from, to })),
  );
  test.each(routes)('from $from to $to', ({ from, to }) => {
    const request = {
      protocol: from,
      operation: 'generate',
      model: 'm',
      modelSpan: undefined,
      stream: false,
    } as const;
    const body = new TextEncoder().encode(JSON.stringify({ ...greeting[factsNames[from]], ...asked[from] }));
    const bounded = { ...request, body };
    const written = upstreamBody(bounded, readRequest(bounded), {
      protocol: to,
      model: 'm',
      stream: false,
    }).body;
    expect(written).not.toMatch(/\\ud[89a-f]/i);
    expect(written).toContain('\ufffd');
  });
});
