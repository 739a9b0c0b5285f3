/** A success that holds no answer is a broken upstream: the next credential is asked, else the client reads so in its protocol's words. */
import { afterAll, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { callOf, calls, post, send } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, everyUpstream, modelOver, startTested } from '../gateway-harness.ts';

let reply: (key: string) => Response = () => new Response();
const upstream = startUpstream(({ key }) => reply(key));
const gateway = await startTested(
  everyUpstream(
    upstream.url,
    (protocol) => [{ name: modelOver[protocol], alias: modelOver[protocol] }],
    // A rest of one request is not to answer the next.
    { 'disable-cooling': true },
  ),
);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

/** The member that holds the answers of a protocol. */
const members: Record<Protocol, string> = {
  'openai-chat': 'choices',
  'openai-responses': 'output',
  'anthropic-messages': 'content',
  gemini: 'candidates',
};

const long = 'x'.repeat(70_000);

/** Bodies that are no answer of any protocol, or that lack what one has. */
function emptyBodies(protocol: Protocol): string[] {
  const member = members[protocol];
  const values = ['null', '[]', '{}', '""', '"x"', '7', '[null]', '[{}]', '[[]]', '["x"]'];
  return [
    ...['', ' ', 'null', '"x"', '42', 'true', '[]', '[{}]', '[null]', '{}', ' {} ', '{"ok":true}'],
    ...['{"detail":"x"}', '{"message":"x"}', '{"data":[]}', '{"id":"x","object":"list","usage":{}}'],
    ...['<html><body>Sign in</body></html>', 'OK', 'data: {}\n\n', '{"a":', `{"pad":"${long}"}`],
    ...values.map((value) => `{"${member}":${value}}`),
    ...values.map((value) => `{"id":"x","model":"m","${member}":${value},"usage":{"total_tokens":1}}`),
    ...['null', '[]', '7', '[{}]', '[ { } ]', '[null]', '[[]]', '["x"]', '[{}'].map(
      (value) => `{"pad":"${long}","${member}":${value}}`,
    ),
    // Cut, at a bracket that closes something else than the answer.
    ...['{"a":{"b":1}', '{"a":"}"}', '{"a":1}],"usage":{"total_tokens":1}'].map(
      (value) => `{"pad":"${long}","${member}":[${value}`,
    ),
    ...protocols.filter((other) => other !== protocol).map((other) => `{"${members[other]}":[{"a":1}]}`),
  ];
}

/** More that one protocol's answers may look like. */
const ownBodies: Record<Protocol, string[]> = {
  'openai-chat': [
    '{"choices":[{"index":0,"finish_reason":null}]}',
    '{"choices":[{"index":0,"finish_reason":""}]}',
    '{"choices":[{"index":0,"message":"stop","finish_reason":"stop"}]}',
    '{"choices":[{"index":0,"finish_reason":"error"}]}',
    '{"choices":[{"index":0,"message":null,"finish_reason":"abort"}]}',
    '{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[]}}]}',
  ],
  'openai-responses': [
    '{"output":[],"status":null}',
    '{"output":null,"status":null}',
    '{"output":null,"status":"cancelled"}',
    '{"output":{},"status":"completed"}',
    '{"id":"x","status":"ok"}',
  ],
  'anthropic-messages': [
    '{"type":"message","role":"assistant","content":[],"stop_reason":null}',
    '{"type":"message","role":"assistant","content":null,"stop_reason":null}',
    '{"type":"message","role":"assistant","content":null,"stop_reason":"error"}',
    '{"type":"message","role":"assistant","content":{},"stop_reason":"end_turn"}',
  ],
  gemini: [
    '{"candidates":[{"index":0}]}',
    '{"candidates":[{"content":{"role":"model"}}]}',
    '{"candidates":[{"content":{"role":"model","parts":[]}}],"usageMetadata":{"totalTokenCount":3}}',
    '{"promptFeedback":{}}',
    '{"usageMetadata":{"totalTokenCount":3}}',
  ],
};

const types = ['application/json', 'text/html', 'text/plain', 'text/event-stream', undefined];

/** What every client of an answer gets, as text to compare. */
async function asked(over: Protocol, stream: boolean): Promise<string[]> {
  const wrong: string[] = [];
  for (const call of calls) {
    const answer = await send(gateway.url, call, { model: modelOver[over], stream });
    const text = await answer.text();
    const said = answer.status === 502 ? call.errorOf(JSON.parse(text)).message : undefined;
    if (said === undefined) wrong.push(`${call.protocol} ${answer.status} ${text.slice(0, 200)}`);
  }
  return wrong;
}

const pairs = protocols.flatMap((over) => [false, true].map((stream) => ({ over, stream })));

test.each(pairs)(
  'a 200 without an answer is a 502: $over, stream: $stream',
  async ({ over, stream }) => {
    const bodies = [...emptyBodies(over), ...ownBodies[over]];
    for (const [at, body] of bodies.entries()) {
      const type = types[at % types.length];
      reply = () => new Response(body, type === undefined ? {} : { headers: { 'content-type': type } });
      expect([body.slice(0, 200), type, await asked(over, stream)]).toEqual([body.slice(0, 200), type, []]);
    }
  },
  60_000,
);

/** Streams that end without an answer, most of them as if all were well. */
const streams: Record<Protocol, string[]> = {
  'openai-chat': [
    'data: [DONE]\n\n',
    'data: {}\n\ndata: [DONE]\n\n',
    'data: {"choices":[]}\n\ndata: [DONE]\n\n',
    'data: {"choices":null}\n\ndata: [DONE]\n\n',
    'data: {"choices":[{}]}\n\ndata: [DONE]\n\n',
    'data: {"choices":[null]}\n\ndata: [DONE]\n\n',
    'data: {"choices":[{"delta":{}}]}\n\ndata: [DONE]\n\n',
    'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\ndata: [DONE]\n\n',
    'data: {"id":"x","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":0,"total_tokens":3}}\n\ndata: [DONE]\n\n',
    'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":3}}\n\ndata: [DONE]\n\n',
    'data: {"id":"x","object":"chat.completion.chunk"}\n\n',
  ],
  'openai-responses': [
    'data: {"type":"response.completed"}\n\n',
    'data: {"type":"response.completed","response":{}}\n\n',
    'event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\nevent: response.completed\ndata: {"type":"response.completed","response":{"id":"r"}}\n\n',
    'data: {"type":"response.created","response":{"id":"r"}}\n\ndata: [DONE]\n\n',
    'data: {"type":"response.incomplete","response":{"output":[{}]}}\n\n',
  ],
  'anthropic-messages': [
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":3}}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
    'data: {"type":"message_start"}\n\ndata: {"type":"ping"}\n\ndata: {"type":"message_stop"}\n\n',
    'data: {"type":"message","content":[]}\n\n',
  ],
  gemini: [
    'data: {"candidates":[]}\n\n',
    'data: {"candidates":[{}]}\n\n',
    'data: {"candidates":[{"content":{"role":"model","parts":[]}}]}\n\n',
    'data: {"usageMetadata":{"promptTokenCount":3}}\n\n',
    'data: {"promptFeedback":{}}\n\n',
  ],
};
const anyStream = [
  '',
  '\n\n',
  ': ok\n\n',
  'data:\n\n',
  'data: {}\n\n',
  'data: null\n\n',
  'data: []\n\n',
  'data: "x"\n\n',
];

test.each(protocols)(
  'a stream that ends without an answer is a 502: %s',
  async (over) => {
    for (const body of [
      ...anyStream,
      ...streams[over],
      ...streams[over].map((one) => `: hi\n\ndata: {}\n\n${one}`),
    ]) {
      reply = () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
      expect([body, await asked(over, true)]).toEqual([body, []]);
      // Servers that always stream.
      expect([body, 'whole', await asked(over, false)]).toEqual([body, 'whole', []]);
    }
  },
  60_000,
);

/** Unusual answers that are answers all the same. */
const honest: Record<Protocol, string[]> = {
  'openai-chat': [
    '{"choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}',
    '{"choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":"length"}]}',
    '{"choices":[{"index":0,"message":{"role":"assistant","content":""}}]}',
    '{"choices":[{"index":0,"finish_reason":"stop"}]}',
    '{"choices":[{"index":0,"message":null,"finish_reason":"length"}]}',
    '{"choices":[{"index":0,"message":{"role":"assistant","content":null,"reasoning_content":"hm"},"finish_reason":"length"}]}',
    '{"choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"no"},"finish_reason":"stop"}]}',
    '{"choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"content_filter"}]}',
    '{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}',
    '{"choices":[{"index":0,"message":{"role":"assistant","content":null,"audio":{"id":"a","data":"AAAA","transcript":"x","expires_at":1}},"finish_reason":"stop"}]}',
    '{"choices":[{"index":0,"message":{"content":"x"}}],"unknown":{"choices":[]}}',
    '{"choices":[{"index":0,"content_filter_results":{"hate":{"filtered":true}},"finish_reason":"content_filter"}]}',
    `{"pad":"${long}","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}`,
  ],
  'openai-responses': [
    '{"id":"r","object":"response","status":"completed","output":[]}',
    '{"id":"r","object":"response","status":"completed","output":null}',
    '{"id":"r","object":"response","status":"completed"}',
    '{"id":"r","object":"response","status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":null}',
    '{"id":"r","object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}',
    '{"id":"r","object":"response","status":"queued","output":[]}',
    '{"id":"r","object":"response","status":"in_progress"}',
    '{"id":"r","output":[{"type":"reasoning","summary":[]}]}',
    `{"pad":"${long}","status":"completed","output":[{"type":"message","role":"assistant","content":[]}]}`,
  ],
  'anthropic-messages': [
    '{"type":"message","role":"assistant","content":[],"stop_reason":"end_turn"}',
    '{"type":"message","role":"assistant","content":[],"stop_reason":"refusal"}',
    '{"type":"message","role":"assistant","content":null,"stop_reason":"end_turn"}',
    '{"type":"message","role":"assistant","stop_reason":"max_tokens"}',
    '{"type":"message","role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"}],"stop_reason":"max_tokens"}',
    '{"type":"message","role":"assistant","content":[{"type":"text","text":""}]}',
    `{"pad":"${long}","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn"}`,
  ],
  gemini: [
    '{"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS","index":0}]}',
    '{"candidates":[{"finishReason":"SAFETY","index":0}]}',
    '{"candidates":[{"content":null,"finishReason":"STOP","index":0}]}',
    '{"promptFeedback":{"blockReason":"SAFETY"}}',
    '{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"}}]}',
    '{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}],"role":"model"},"finishReason":"STOP"}]}',
    `{"pad":"${long}","candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}`,
  ],
};

test.each(protocols)(
  'an unusual answer goes through byte for byte: %s',
  async (over) => {
    for (const body of honest[over]) {
      reply = () => new Response(body, { headers: { 'content-type': 'application/json' } });
      const answer = await send(gateway.url, callOf(over), { model: modelOver[over] });
      expect([body.slice(0, 200), answer.status, (await answer.text()) === body]).toEqual([
        ...[body.slice(0, 200), 200, true],
      ]);
      for (const call of calls) {
        const other = await send(gateway.url, call, { model: modelOver[over] });
        await other.text();
        expect([body.slice(0, 200), call.protocol, other.status]).toEqual([
          body.slice(0, 200),
          call.protocol,
          200,
        ]);
      }
    }
  },
  60_000,
);

test.each(protocols)(
  'the next credential answers where one gave nothing: %s',
  async (over) => {
    const models = [{ name: 'm', alias: 'm' }];
    await using two = await startTested({
      ...twoKeys(over, upstream.url, models),
      routing: { strategy: 'fill-first' },
      'disable-cooling': true,
    });
    for (const stream of [false, true])
      for (const body of ['{}', `{"${members[over]}":[]}`, 'null', '', `{"pad":"${long}"}`]) {
        const keys: string[] = [];
        reply = (key) => {
          keys.push(key);
          return key === 'first-key' ? new Response(body) : new Response(honest[over].at(-1));
        };
        for (const call of calls) {
          keys.length = 0;
          const answer = await send(two.url, call, { model: 'm', stream });
          await answer.text();
          const seen = [body.slice(0, 50), call.protocol, stream, answer.status, keys.join()];
          expect(seen).toEqual([body.slice(0, 50), call.protocol, stream, 200, 'first-key,second-key']);
        }
      }
  },
  60_000,
);

function twoKeys(over: Protocol, url: string, models: { name: string; alias: string }[]) {
  const entries = ['first-key', 'second-key'].map((key) => ({ 'api-key': key }));
  const listed = (base: string) => entries.map((entry) => ({ ...entry, 'base-url': base, models }));
  switch (over) {
    case 'openai-chat':
      return {
        'openai-compatibility': [{ name: 'c', 'base-url': `${url}/v1`, 'api-key-entries': entries, models }],
      };
    case 'openai-responses':
      return { 'codex-api-key': listed(`${url}/v1`) };
    case 'anthropic-messages':
      return { 'claude-api-key': listed(url) };
    case 'gemini':
      return { 'gemini-api-key': listed(url) };
  }
}

const chatModel = modelOver['openai-chat'];
/** Operations beside generation, with the bodies that are answers of theirs. */
const operations: { path: string; model: string; body: object; good: string[]; bad?: string[] }[] = [
  {
    path: '/v1/completions',
    model: chatModel,
    body: { prompt: 'x' },
    good: ['{"choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}'],
  },
  ...[chatModel, modelOver['openai-responses']].map((model) => ({
    path: '/v1/embeddings',
    model,
    body: { input: 'x' },
    good: ['{"object":"list","data":[{"index":0,"embedding":[0.5]}]}', '{"data":[{"embedding":"AAAAPw=="}]}'],
    bad: ['[]', '""', 'null', '{}'].map((vector) => `{"data":[{"embedding":${vector}}]}`),
  })),
  {
    path: '/v1/embeddings',
    model: modelOver.gemini,
    body: { input: 'x' },
    good: ['{"embeddings":[{"values":[0.5]}]}'],
    bad: ['{"embeddings":[{"values":[]}]}', '{"embeddings":[{}]}'],
  },
  ...['embedContent', 'batchEmbedContents'].map((method) => ({
    path: `/v1beta/models/${modelOver.gemini}:${method}`,
    model: modelOver.gemini,
    body: { content: { parts: [{ text: 'x' }] } },
    good: ['{"embedding":{"values":[0.5]}}', '{"embeddings":[{"values":[0.5]}]}'],
    bad: [
      '{"embedding":{"values":[]}}',
      '{"embedding":{}}',
      '{"embeddings":[{"values":[0.5]},{"values":[]}]}',
    ],
  })),
  {
    path: '/v1/messages/count_tokens',
    model: modelOver['anthropic-messages'],
    body: { messages: [{ role: 'user', content: 'x' }] },
    good: ['{"input_tokens":0}'],
  },
  {
    path: '/v1/messages/count_tokens',
    model: modelOver.gemini,
    body: { messages: [{ role: 'user', content: 'x' }] },
    good: ['{"totalTokens":3}'],
  },
  ...['/v1/images/generations', '/v1/responses/compact'].map((path) => ({
    path,
    model: path.includes('images') ? chatModel : modelOver['openai-responses'],
    body: path.includes('images') ? { prompt: 'x' } : { input: 'x' },
    good: ['{"data":[{"b64_json":"AAAA"}]}', '  \n{"output":[]}'],
  })),
  {
    path: '/v1beta/interactions',
    model: modelOver.gemini,
    body: { input: 'x' },
    good: ['{"id":"i","outputs":[]}', '[{"id":"i"}]'],
  },
];

test.each(operations)(
  'a 200 without what was asked for is a 502: $path, $model',
  async ({ path, model, body, good, bad = [] }) => {
    const ask = async (answer: string, type: string) => {
      reply = () => new Response(answer, { headers: { 'content-type': type } });
      const { status } = await post(`${gateway.url}${path}`, { model, ...body });
      return [answer, type, status];
    };
    for (const answer of ['', ' ', '{}', ' { } ', '[]', 'null', '"x"', '<html></html>', 'OK', ...bad])
      for (const type of ['application/json', 'text/html'])
        expect(await ask(answer, type)).toEqual([answer, type, 502]);
    for (const answer of good)
      expect(await ask(answer, 'application/json')).toEqual([answer, 'application/json', 200]);
  },
);

test('an error in a 200 to a count or an embedding is that error, and a count says what is missing', async () => {
  const messages = [{ role: 'user', content: 'x' }];
  const count = '/v1/messages/count_tokens';
  const content = { parts: [{ text: 'x' }] };
  const google = `/v1beta/models/${modelOver.gemini}`;
  const asks: [path: string, model: string, body: JsonObject, missing: string][] = [
    [count, modelOver['anthropic-messages'], { messages }, 'input_tokens'],
    [count, modelOver.gemini, { messages }, 'totalTokens'],
    [`${google}:countTokens`, modelOver.gemini, { contents: [content] }, 'totalTokens'],
    ['/v1/embeddings', chatModel, { input: 'x' }, 'no embeddings'],
    ['/v1/embeddings', modelOver.gemini, { input: 'x' }, 'no embeddings'],
    [`${google}:embedContent`, modelOver.gemini, { content }, 'no embeddings'],
    [`/v1beta/models/${chatModel}:embedContent`, chatModel, { content }, 'no embeddings'],
  ];
  for (const [path, model, body, missing] of asks) {
    const ask = async () => (await post(`${gateway.url}${path}`, { model, ...body })).text();
    reply = () => Response.json({ error: { code: 429, message: 'Come back at noon.' } });
    expect([path, model, await ask()]).toEqual([path, model, expect.stringContaining('Come back at noon.')]);
    reply = () => Response.json({ ok: true });
    expect([path, model, await ask()]).toEqual([path, model, expect.stringContaining(missing)]);
  }
});

test('a spoken text without a byte is none, and a silent recording has no words', async () => {
  reply = () => new Response('', { headers: { 'content-type': 'audio/mpeg' } });
  const speech = { model: chatModel, input: 'x', voice: 'alloy' };
  expect((await post(`${gateway.url}/v1/audio/speech`, speech)).status).toBe(502);
  reply = () => new Response('', { headers: { 'content-type': 'text/plain' } });
  const form = new FormData();
  form.set('model', chatModel);
  form.set('file', new Blob(['x']), 'x.wav');
  const headers = { authorization: `Bearer ${clientKey}` };
  const heard = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
    method: 'POST',
    headers,
    body: form,
  });
  expect([heard.status, await heard.text()]).toEqual([200, '']);
});

test('fewer vectors than texts are no answer: which text each belongs to nobody could say', async () => {
  reply = () => Response.json({ embeddings: [{ values: [0.5] }] });
  const body = { model: modelOver.gemini, input: ['a', 'b'] };
  expect((await post(`${gateway.url}/v1/embeddings`, body)).status).toBe(502);
  reply = () => Response.json({ embeddings: [{ values: [0.5] }, { values: [] }] });
  expect((await post(`${gateway.url}/v1/embeddings`, body)).status).toBe(502);
});

test('numbers in arguments that come as an object stay as they are written, and counts are never null', async () => {
  const call =
    '{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":{"a":1e999,"b":12345678901234567890}}}';
  const usage =
    '"usage":{"prompt_tokens":1e999,"completion_tokens":2,"total_tokens":1e999,"x":{"y":-1e999,"z":1}}';
  const tools = [
    { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
  ];
  const told = '{"a":1e999,"b":12345678901234567890}';
  const whole = `{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[${call}]},"finish_reason":"tool_calls"}],${usage}}`;
  const events = `data: {"id":"x","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[${call}]}}]}\n\ndata: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],${usage}}\n\ndata: [DONE]\n\n`;
  for (const [body, type] of [
    [whole, 'application/json'],
    [events, 'text/event-stream'],
  ] as const)
    for (const call of calls)
      for (const stream of [false, true]) {
        reply = () => new Response(body, { headers: { 'content-type': type } });
        const asked = {
          ...call.body(chatModel, 'x', stream),
          ...(call.protocol === 'openai-chat' && { tools }),
        };
        const answer = await post(`${gateway.url}${call.path(chatModel, stream)}`, asked);
        const text = await answer.text();
        const same = call.protocol === 'openai-chat' && (type === 'text/event-stream') === stream;
        const seen = [call.protocol, stream, type, answer.status];
        expect(seen).toEqual([call.protocol, stream, type, 200]);
        if (same) expect(text).toBe(body);
        else {
          expect([...seen, text.replaceAll('\\', '').includes(told) || text.includes('1e999')]).toEqual([
            ...seen,
            true,
          ]);
          expect([
            ...seen,
            /"(?:input|output|total|prompt|completion)_?tokens?(?:count)?"\s*:\s*null/i.exec(text)?.[0],
          ]).toEqual([...seen, undefined]);
          expect(text).not.toMatch(/"[ay]":null/);
        }
      }
});
