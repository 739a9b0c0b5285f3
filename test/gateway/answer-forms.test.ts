/** Answers that are not what they call themselves: streams that are called JSON, whole answers that are called events. */
import { afterAll, describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { clientKey, everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { callOf, calls, post, send } from './calls.ts';
import { startUpstream } from './upstream.ts';

let reply: () => Response = () => new Response();
const upstream = startUpstream(() => reply());
const gateway = await startTested(
  everyUpstream(upstream.url, (protocol) => [{ name: modelOver[protocol], alias: modelOver[protocol] }], {
    'disable-cooling': true,
  }),
);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

const events = (...all: object[]) =>
  all.map((one) => `${'type' in one ? `event: ${one.type}\n` : ''}data: ${JSON.stringify(one)}\n\n`).join('');
const choice = (one: object) => ({
  ...{ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm' },
  choices: [{ index: 0, finish_reason: null, ...one }],
});
const message = {
  ...{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed' },
  content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
};
const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'completed' };
const usage = { input_tokens: 3, output_tokens: 1, total_tokens: 4 };
const claude = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm' };
const candidate = {
  index: 0,
  content: { role: 'model', parts: [{ text: 'Hello' }] },
  finishReason: 'STOP',
};

/** "Hello" in the words of each protocol. */
const said: Record<Protocol, { whole: object; stream: string }> = {
  'openai-chat': {
    whole: {
      ...{ id: 'c1', object: 'chat.completion', created: 1, model: 'm' },
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
    },
    stream: `${events(choice({ delta: { role: 'assistant', content: 'Hello' } }), choice({ delta: {}, finish_reason: 'stop' }))}data: [DONE]\n\n`,
  },
  'openai-responses': {
    whole: { ...response, output: [message], usage },
    stream: events(
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
      {
        type: 'response.content_part.added',
        ...{ output_index: 0, content_index: 0, item_id: 'msg_1' },
        part: { type: 'output_text', text: '', annotations: [] },
      },
      {
        type: 'response.output_text.delta',
        output_index: 0,
        content_index: 0,
        item_id: 'msg_1',
        delta: 'Hello',
      },
      { type: 'response.output_item.done', output_index: 0, item: message },
      { type: 'response.completed', response: { ...response, output: [message], usage } },
    ),
  },
  'anthropic-messages': {
    whole: { ...claude, content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn', usage },
    stream: events(
      { type: 'message_start', message: { ...claude, content: [], stop_reason: null, usage } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
      { type: 'message_stop' },
    ),
  },
  gemini: { whole: { candidates: [candidate] }, stream: events({ candidates: [candidate] }) },
};

const key = { apiKey: clientKey, maxRetries: 0 };
const openai = new OpenAI({ ...key, baseURL: `${gateway.url}/v1` });
const anthropic = new Anthropic({ ...key, baseURL: gateway.url });
const google = new GoogleGenAI({
  apiKey: clientKey,
  vertexai: false,
  httpOptions: { baseUrl: gateway.url },
});

/** The text that each maker's own client reads in a streamed answer. */
const streamed: Record<Protocol, (model: string) => Promise<string | null | undefined>> = {
  'openai-chat': async (model) => {
    const asked = { model, messages: [{ role: 'user' as const, content: 'x' }] };
    return openai.chat.completions.stream(asked).finalContent();
  },
  'openai-responses': async (model) =>
    (await openai.responses.stream({ model, input: 'x' }).finalResponse()).output_text,
  'anthropic-messages': async (model) =>
    anthropic.messages
      .stream({ model, max_tokens: 9, messages: [{ role: 'user', content: 'x' }] })
      .finalText(),
  gemini: async (model) => {
    let text = '';
    for await (const chunk of await google.models.generateContentStream({ model, contents: 'x' }))
      text += chunk.text ?? '';
    return text;
  },
};

function typed(body: string | Uint8Array<ArrayBuffer> | ReadableStream, type: string | undefined): Response {
  // Without a type of its own Bun names one for a text, for bytes it does not.
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return new Response(bytes, type === undefined ? {} : { headers: { 'content-type': type } });
}

const otherTypes = ['application/json', 'text/plain; charset=utf-8', 'application/octet-stream', undefined];
const pairs = protocols.flatMap((over) => protocols.map((client) => ({ client, over })));
/** Mark of UTF-8, blank lines, and a comment by which connections are kept. */
const starts = ['', '\uFEFF', '\n\n', ': ok\n\n', 'retry: 9\n\n'];

describe.each(pairs)('$client over $over', ({ client, over }) => {
  const call = callOf(client);
  const model = modelOver[over];

  test('a stream is one whatever it calls itself', async () => {
    for (const type of otherTypes) {
      reply = () => typed(said[over].stream, type);
      expect([type, await streamed[client](model)]).toEqual([type, 'Hello']);
    }
    for (const start of starts) {
      reply = () => typed(start + said[over].stream, 'application/json');
      expect([start, await streamed[client](model)]).toEqual([start, 'Hello']);
    }
  });

  test('and is folded for a client that wants a whole answer', async () => {
    for (const type of otherTypes)
      for (const start of starts) {
        reply = () => typed(start + said[over].stream, type);
        const answer = await send(gateway.url, call, { model });
        const seen = [type, start, answer.status, call.textOf(JSON.parse(await answer.text()))];
        expect(seen).toEqual([type, start, 200, 'Hello']);
      }
  });

  test('a whole answer is one though it is called a stream of events', async () => {
    for (const start of ['', '\uFEFF', '\r\n ']) {
      for (const text of [JSON.stringify(said[over].whole), JSON.stringify(said[over].whole, null, 2)]) {
        reply = () => typed(start + text, 'text/event-stream');
        const answer = await send(gateway.url, call, { model });
        const seen = [start, answer.status, call.textOf(JSON.parse(await answer.text()))];
        expect(seen).toEqual([start, 200, 'Hello']);
        expect(answer.headers.get('content-type')).toStartWith('application/json');
        expect([start, await streamed[client](model)]).toEqual([start, 'Hello']);
      }
    }
  });

  test('an error that is called a stream of events is that error', async () => {
    const error = { error: { type: 'overloaded_error', message: 'Come back at noon.' } };
    reply = () => typed(JSON.stringify(error), 'text/event-stream');
    for (const stream of [false, true]) {
      const answer = await send(gateway.url, call, { model, stream });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await answer.text()).toContain('Come back at noon.');
    }
  });
});

test.each(pairs)(
  'the first event of a stream that calls itself JSON is not held back: $client over $over',
  async ({ client, over }) => {
    const text = said[over].stream;
    // All but the last event, in which some protocols say everything.
    const cut = over === 'gemini' ? text.length : text.lastIndexOf('\n\n', text.length - 3) + 2;
    let end = (): void => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text.slice(0, 3)));
        controller.enqueue(new TextEncoder().encode(text.slice(3, cut)));
        end = () => {
          controller.enqueue(new TextEncoder().encode(text.slice(cut)));
          controller.close();
        };
      },
    });
    reply = () => typed(body, 'application/json');
    const answer = await send(gateway.url, callOf(client), { model: modelOver[over], stream: true });
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toContain('data:');
    end();
    while (!(await reader?.read())?.done);
  },
);

test.each(protocols)('a byte order mark before a whole answer is passed over: %s', async (over) => {
  const text = JSON.stringify(said[over].whole);
  for (const call of calls)
    for (const stream of [false, true]) {
      reply = () => typed(`\uFEFF${text}`, 'application/json');
      const answer = await send(gateway.url, call, { model: modelOver[over], stream });
      const body = await answer.text();
      expect([call.protocol, stream, answer.status]).toEqual([call.protocol, stream, 200]);
      expect(body).toContain('Hello');
      if (!stream && call.protocol === over) expect(body).toBe(text);
    }
});

const operations = [
  {
    path: '/v1/messages/count_tokens',
    model: modelOver['anthropic-messages'],
    body: { messages: [{ role: 'user', content: 'x' }] },
    answer: '{"input_tokens":3}',
  },
  {
    path: '/v1/embeddings',
    model: modelOver['openai-chat'],
    body: { input: 'x' },
    answer: '{"object":"list","data":[{"index":0,"embedding":[0.5]}]}',
  },
  {
    path: '/v1/responses/compact',
    model: modelOver['openai-responses'],
    body: { input: 'x' },
    answer: '{"output":[]}',
  },
  {
    path: '/v1/images/generations',
    model: modelOver['openai-chat'],
    body: { prompt: 'x' },
    answer: '{"data":[{}]}',
  },
  { path: '/v1beta/interactions', model: modelOver.gemini, body: { input: 'x' }, answer: '{"id":"i"}' },
];

test.each(operations)('and before what $path answers', async ({ path, model, body, answer }) => {
  for (const type of ['application/json', 'text/event-stream', 'text/plain']) {
    reply = () => typed(`\uFEFF${answer}`, type);
    const got = await post(`${gateway.url}${path}`, { model, ...body });
    expect([type, got.status, await got.json()]).toEqual([type, 200, JSON.parse(answer)]);
  }
});

test('events of images and interactions are called events', async () => {
  for (const { path, model, body } of operations.slice(3))
    for (const type of otherTypes) {
      reply = () => typed('data: {"type":"x"}\n\n', type);
      const got = await post(`${gateway.url}${path}`, { model, ...body });
      expect([path, type, got.status, await got.text()]).toEqual([path, type, 200, 'data: {"type":"x"}\n\n']);
      expect(got.headers.get('content-type')).toStartWith('text/event-stream');
    }
});
