/** What people complain about in the streams of gateways, each shown to be otherwise here. */
import { afterAll, describe, expect, test } from 'bun:test';
import { isObject, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { readSse } from '../codec-runs.ts';
import { callOf, calls, send } from '../gateway/calls.ts';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { everyUpstream, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';
import { at } from './feature.ts';

const sandbox = sandboxOfTests();
const overSandbox = await startTested({
  'disable-cooling': true,
  ...everyUpstream(sandbox.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }], {
    headers: { 'x-sandbox-fault': '$x-sandbox-fault' },
  }),
});
/** What the scripted upstream answers next. */
let script: () => Response = () => new Response(null, { status: 500 });
const scripted = startUpstream(() => script());
const overScript = await startTested({
  'disable-cooling': true,
  ...sandboxModels(scripted.url, 'm'),
});
afterAll(async () => {
  await overSandbox[Symbol.asyncDispose]();
  await overScript[Symbol.asyncDispose]();
  scripted[Symbol.dispose]();
});

/** The JSON events of a stream's text. */
function eventsOf(text: string): JsonObject[] {
  return readSse(text).flatMap(({ data }) => {
    const value = parseJson(data);
    return isObject(value) ? [value] : [];
  });
}

const sse = (...events: (JsonObject | string)[]): string =>
  events
    .map((event) => (typeof event === 'string' ? `data: ${event}\n\n` : `data: ${JSON.stringify(event)}\n\n`))
    .join('');
const chunk = (choice: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});
const responsesDelta = (delta: string): JsonObject => ({
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  delta,
});
const completed = (text: string): JsonObject => ({
  type: 'response.completed',
  response: {
    id: 'resp_1',
    status: 'completed',
    model: 'm',
    output: [{ type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text }] }],
    usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
  },
});

/** The text of a streamed answer, read from its events. */
function textOf(events: readonly JsonObject[]): string {
  return events
    .map((event) => {
      const piece =
        at(event, 'choices.0.delta.content') ??
        (event.type === 'response.output_text.delta' ? event.delta : undefined) ??
        at(event, 'delta.text') ??
        at(event, 'candidates.0.content.parts.0.text');
      return typeof piece === 'string' ? piece : '';
    })
    .join('');
}

const ends: Record<(typeof protocols)[number], RegExp> = {
  'openai-chat': /data: \[DONE\]\n\n$/,
  'openai-responses': /event: response\.completed\ndata: [^\n]*\n\n$/,
  'anthropic-messages': /event: message_stop\n[^\n]*\n\n$/,
  gemini: /"finishReason":"STOP"[^\n]*\n\n$/,
};

test.each([...protocols])(
  'long answers over %s end with response.completed, and their sequence has no gap',
  async (upstream) => {
    const answer = await send(overSandbox.url, callOf('openai-responses'), {
      model: modelOver[upstream],
      stream: true,
      text: 'say 5000 words',
    });
    const events = eventsOf(await answer.text());
    expect(events.at(-1)?.type).toBe('response.completed');
    expect(textOf(events).split(' ')).toHaveLength(5000);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, i) => i));
  },
);

test.each([...protocols])(
  'a stream of %s that breaks is told to Responses clients as a failure of the server, which they retry',
  async (upstream) => {
    const answer = await send(overSandbox.url, callOf('openai-responses'), {
      model: modelOver[upstream],
      stream: true,
      text: 'say 100 words',
      headers: { 'x-sandbox-fault': 'no-terminal' },
    });
    expect(answer.status).toBe(200);
    const last = eventsOf(await answer.text()).at(-1);
    // Codex reads `response.failed` and tries again after `server_error`; SDKs throw at `error`.
    expect(['error', 'response.failed']).toContain(String(last?.type));
    expect(JSON.stringify(last)).toMatch(/upstream_stream_broken|"code":"server_error"/);
    expect(JSON.stringify(last)).not.toContain('invalid_request');
  },
);

describe('an answer without its last word `[DONE]` is whole all the same', () => {
  test.each(calls.map(({ protocol }) => protocol))('to a client of %s', async (client) => {
    script = () => eventStream(sse(responsesDelta('Good '), responsesDelta('day'), completed('Good day')));
    const responses = await send(overScript.url, callOf(client), {
      model: modelOver['openai-responses'],
      stream: true,
    });
    script = () =>
      eventStream(
        sse(chunk({ delta: { content: 'Good day' } }), chunk({ delta: {}, finish_reason: 'stop' })),
      );
    const chat = await send(overScript.url, callOf(client), {
      model: modelOver['openai-chat'],
      stream: true,
    });
    for (const [answer, upstream] of [
      [responses, 'openai-responses'],
      [chat, 'openai-chat'],
    ] as const) {
      expect(answer.status).toBe(200);
      const text = await answer.text();
      expect(textOf(eventsOf(text))).toBe('Good day');
      // What goes through unchanged lacks what its upstream did not say.
      if (client !== upstream) expect(text).toMatch(ends[client]);
    }
  });
});

test.each(calls.map(({ protocol }) => protocol))(
  'events that only inform (rate limits, keep-alives) do not end the stream of a client of %s',
  async (client) => {
    script = () =>
      eventStream(
        sse(
          { type: 'response.created', response: { id: 'resp_1', model: 'm' } },
          { type: 'codex.rate_limits', rate_limits: { allowed: true } },
          responsesDelta('Good '),
          { type: 'keepalive', sequence_number: 7 },
          responsesDelta('day'),
          completed('Good day'),
        ),
      );
    const answer = await send(overScript.url, callOf(client), {
      model: modelOver['openai-responses'],
      stream: true,
    });
    const text = await answer.text();
    expect(textOf(eventsOf(text))).toBe('Good day');
    // What goes through unchanged has no event names where its upstream writes none.
    if (client !== 'openai-responses') expect(text).toMatch(ends[client]);
  },
);

test('Claude Code sees text while the upstream still writes, and after text and a call goes on to call', async () => {
  const { promise: seen, resolve: sawText } = Promise.withResolvers<void>();
  const utf8 = new TextEncoder();
  script = () =>
    eventStream(
      new ReadableStream<Uint8Array>({
        async start(controller) {
          const write = (...events: (JsonObject | string)[]) =>
            controller.enqueue(utf8.encode(sse(...events)));
          write(chunk({ delta: { role: 'assistant', content: 'Let me look.' } }));
          // The rest comes only after the client has shown the beginning.
          await seen;
          write(
            chunk({
              delta: {
                tool_calls: [
                  { index: 0, id: 'call_1', type: 'function', function: { name: 'Read', arguments: '' } },
                ],
              },
            }),
            chunk({ delta: { tool_calls: [{ index: 0, function: { arguments: '{"file":"a"}' } }] } }),
            chunk({ delta: {}, finish_reason: 'tool_calls' }),
            '[DONE]',
          );
          controller.close();
        },
      }),
    );
  const answer = await send(overScript.url, callOf('anthropic-messages'), {
    model: modelOver['openai-chat'],
    stream: true,
  });
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of answer.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.includes('Let me look.')) sawText();
  }
  const stop = eventsOf(text).find(({ type }) => type === 'message_delta');
  expect(at(stop, 'delta.stop_reason')).toBe('tool_use');
});

test('arguments survive an upstream that sends usage with every chunk', async () => {
  const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
  const call = (piece: JsonObject) => chunk({ delta: { tool_calls: [{ index: 0, ...piece }] } }, { usage });
  script = () =>
    eventStream(
      sse(
        call({ id: 'call_1', type: 'function', function: { name: 'Read', arguments: '' } }),
        call({ function: { arguments: '{"file":' } }),
        call({ function: { arguments: '"a.txt"}' } }),
        chunk({ delta: {}, finish_reason: 'tool_calls' }, { usage }),
        '[DONE]',
      ),
    );
  const answer = await send(overScript.url, callOf('anthropic-messages'), {
    model: modelOver['openai-chat'],
    stream: true,
  });
  const pieces = eventsOf(await answer.text()).map((event) => asObject(event.delta)?.partial_json ?? '');
  expect(JSON.parse(pieces.join(''))).toEqual({ file: 'a.txt' });
});

test('message_start comes before any content, even where the upstream begins with it', async () => {
  const beginnings: Record<string, () => string> = {
    'openai-chat': () =>
      sse(
        chunk({
          delta: {
            tool_calls: [
              { index: 0, id: 'call_1', type: 'function', function: { name: 'Read', arguments: '{}' } },
            ],
          },
          finish_reason: 'tool_calls',
        }),
        '[DONE]',
      ),
    'openai-responses': () => sse(responsesDelta('Good day'), completed('Good day')),
    gemini: () => sse({ candidates: [{ content: { parts: [{ text: 'Good day' }] }, finishReason: 'STOP' }] }),
  };
  for (const upstream of protocols.filter((protocol) => protocol in beginnings)) {
    script = () => eventStream(beginnings[upstream]?.() ?? '');
    const answer = await send(overScript.url, callOf('anthropic-messages'), {
      model: modelOver[upstream],
      stream: true,
    });
    const types = eventsOf(await answer.text()).map(({ type }) => type);
    expect([upstream, types[0], types[1], types.at(-1)]).toEqual([
      upstream,
      'message_start',
      'content_block_start',
      'message_stop',
    ]);
    expect(types.filter((type) => type === 'message_start')).toHaveLength(1);
  }
});

test('token counts are those of the upstream, not zeros, wherever in the stream it tells them', async () => {
  script = () =>
    eventStream(
      sse(
        chunk({ delta: { content: 'Hi' } }),
        chunk({ delta: {}, finish_reason: 'stop' }),
        {
          ...chunk({}),
          choices: [],
          usage: {
            prompt_tokens: 30,
            completion_tokens: 7,
            total_tokens: 37,
            prompt_tokens_details: { cached_tokens: 10 },
          },
        },
        '[DONE]',
      ),
    );
  await using gateway = await startTested(oneUpstream('openai-chat', scripted.url, [{ name: 'm' }]));
  const last = async (client: (typeof protocols)[number]) =>
    eventsOf(await (await send(gateway.url, callOf(client), { model: 'm', stream: true })).text());
  const anthropic = (await last('anthropic-messages')).find(({ type }) => type === 'message_delta');
  expect(anthropic?.usage).toMatchObject({ input_tokens: 20, cache_read_input_tokens: 10, output_tokens: 7 });
  expect(at((await last('openai-responses')).at(-1), 'response.usage')).toMatchObject({
    input_tokens: 30,
    output_tokens: 7,
    total_tokens: 37,
  });
  expect((await last('gemini')).at(-1)?.usageMetadata).toMatchObject({
    promptTokenCount: 30,
    candidatesTokenCount: 7,
    totalTokenCount: 37,
  });
});
