import { afterAll, describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import type { JsonObject } from '../../src/protocols/json.ts';
import { calls, jsonOf, post } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { limitedKeys } from './keys.ts';

const keys = limitedKeys();
const model = modelOver['openai-chat'];
const messages = [{ role: 'user', content: 'say 3 words' }];

/** Every address that asks for something, and what uses no tokens. */
const routes: { path: string; body: JsonObject; free?: boolean }[] = [
  ...calls.flatMap((call) =>
    [false, true].map((stream) => ({
      path: call.path(model, stream),
      body: call.body(model, 'say 3 words', stream),
    })),
  ),
  { path: '/v1/completions', body: { model, prompt: 'say 3 words' } },
  { path: '/v1/embeddings', body: { model: `embedding-${model}`, input: 'one' } },
  {
    path: `/v1beta/models/embedding-${modelOver.gemini}:embedContent`,
    body: { content: { parts: [{ text: 'one' }] } },
  },
  { path: '/v1/images/generations', body: { model: 'drawing', prompt: 'a cat' } },
  { path: '/v1/audio/speech', body: { model: 'drawing', input: 'hello', voice: 'alloy' } },
  { path: '/v1/messages/count_tokens', body: { model, messages }, free: true },
  { path: '/v1/responses/input_tokens', body: { model, input: 'Count me' }, free: true },
  {
    path: `/v1beta/models/${model}:countTokens`,
    body: { contents: [{ role: 'user', parts: [{ text: 'Count me' }] }] },
    free: true,
  },
];
const rows = routes.map((route) => ({
  ...route,
  once: keys.key({ 'requests-per-minute': 1 }),
  spent: keys.key({ budget: { day: { tokens: 60 } } }),
}));
const perSocket = {
  once: keys.key({ 'requests-per-minute': 2 }),
  spent: keys.key({ budget: { month: { tokens: 150 } } }),
  others: keys.key({ models: ['other-*'] }),
  warm: keys.key({ 'requests-per-minute': 1 }),
};
const stored = keys.key({ 'requests-per-minute': 2 });

const sandbox = sandboxOfTests();
const drawing = startUpstream(() => Response.json({ data: [{ b64_json: 'AAAA' }] }));
const settings = everyUpstream(sandbox.url, (protocol) => [
  { name: 'sandbox', alias: modelOver[protocol] },
  { name: 'text-embedding-3-small', alias: `embedding-${modelOver[protocol]}` },
]);
const compatible = settings['openai-compatibility'];
const gateway = await startTested({
  ...settings,
  'openai-compatibility': [
    ...(Array.isArray(compatible) ? compatible : []),
    { name: 'drawing', 'base-url': `${drawing.url}/v1`, models: [{ name: 'drawing' }] },
  ],
  'api-keys': keys.entries,
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  drawing[Symbol.dispose]();
});

async function ask(key: string, path: string, body: JsonObject): Promise<Response> {
  const response = await post(gateway.url + path, body, { headers: { authorization: `Bearer ${key}` } });
  // What an answer has used is counted when it has gone out.
  return new Response(await response.text(), { status: response.status, headers: response.headers });
}

describe.each(rows)('$path', ({ path, body, free, once, spent }) => {
  test('counts as a request', async () => {
    expect((await ask(once, path, body)).status).toBe(200);
    const refused = await ask(once, path, body);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeWithin(1, 61);
    expect(JSON.stringify(await jsonOf(refused))).toContain('(limit requests-per-minute)');
  });

  test(free ? 'is let in when the budget is used up' : 'is refused when the budget is used up', async () => {
    const used = await ask(spent, '/v1/chat/completions', {
      model,
      messages: [{ role: 'user', content: 'say 100 words' }],
    });
    expect(used.status).toBe(200);
    const response = await ask(spent, path, body);
    expect(response.status).toBe(free ? 200 : 429);
    if (free) return;
    expect(JSON.stringify(await jsonOf(response))).toContain('(limit budget.day.tokens)');
    expect(response.headers.get('x-should-retry')).toBe('false');
  });
});

test('what is asked of kept responses counts as a request', async () => {
  const client = new OpenAI({ apiKey: stored, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const { id } = await client.responses.create({ model, input: 'Hello' });
  expect((await client.responses.retrieve(id)).id).toBe(id);
  const response = await fetch(`${gateway.url}/v1/responses/${id}/input_items`, {
    headers: { authorization: `Bearer ${stored}` },
  });
  expect(response.status).toBe(429);
  expect(JSON.stringify(await jsonOf(response))).toContain('(limit requests-per-minute)');
});

/** Sends messages over one connection; gives the last event of each answer. */
async function overSocket(key: string, sent: JsonObject[]): Promise<unknown[]> {
  const socket = new ResponsesWS(new OpenAI({ apiKey: key, baseURL: `${gateway.url}/v1`, maxRetries: 0 }));
  const ends: unknown[] = [];
  try {
    for (const message of sent) {
      const end = Promise.withResolvers<unknown>();
      const done = (event: { type: string }): void => {
        if (event.type !== 'response.completed' && event.type !== 'error') return;
        socket.off('event', done);
        end.resolve(event);
      };
      socket.on('event', done);
      socket.on('error', () => undefined);
      socket.sendRaw(JSON.stringify({ type: 'response.create', model, ...message }));
      ends.push(await end.promise);
    }
    return ends;
  } finally {
    socket.close();
  }
}

describe('the Responses WebSocket', () => {
  const completed = expect.objectContaining({ type: 'response.completed' });
  const refusedBy = (limit: string) =>
    expect.objectContaining({
      type: 'error',
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      error: expect.objectContaining({ message: expect.stringContaining(`(limit ${limit})`) }),
    });

  test('counts each message as a request', async () => {
    const message = { input: 'say 3 words' };
    expect(await overSocket(perSocket.once, [message, message, message])).toEqual([
      completed,
      completed,
      refusedBy('requests-per-minute'),
    ]);
  });

  test('counts the tokens of each answer', async () => {
    const message = { input: 'say 200 words' };
    expect(await overSocket(perSocket.spent, [message, message])).toEqual([
      completed,
      refusedBy('budget.month.tokens'),
    ]);
  });

  test('counts a message that is not to be answered yet, too', async () => {
    const message = { input: 'Hello', generate: false };
    expect(await overSocket(perSocket.warm, [message, message])).toEqual([
      completed,
      refusedBy('requests-per-minute'),
    ]);
  });

  test('knows no models that the key may not use', async () => {
    const none = expect.objectContaining({ type: 'error', status: 404 });
    expect(await overSocket(perSocket.others, [{ input: 'x' }, { input: 'x', generate: false }])).toEqual([
      none,
      none,
    ]);
  });
});
