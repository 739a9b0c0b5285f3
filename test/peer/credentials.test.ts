/** Credentials of files of the peer, against a running gateway: each sends its key. */
import { describe, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject, asObjects } from '../../src/protocols/json-members.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { anyUpstream, lastBody, post } from './any-upstream.ts';

const chat = (model: string, more: JsonObject = {}) => ({
  model,
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
});

test.each<[string, (url: string) => JsonObject, string, string, string]>([
  [
    'openai-compatibility[].api-keys',
    (url) => ({
      'openai-compatibility': [
        { name: 'a', 'base-url': `${url}/v1`, 'api-keys': ['sk-old'], models: [{ name: 'm' }] },
      ],
    }),
    'm',
    'sk-old',
    '/v1/chat/completions',
  ],
  [
    'xai-api-key',
    (url) => ({ 'xai-api-key': [{ 'api-key': 'xai-one', 'base-url': `${url}/v1` }] }),
    'grok-4.5',
    'xai-one',
    '/v1/responses',
  ],
  [
    'interactions-api-key',
    (url) => ({ 'interactions-api-key': [{ 'api-key': 'AIza-i', 'base-url': url }] }),
    'gemini-2.5-flash',
    'AIza-i',
    '/v1beta/models/gemini-2.5-flash:generateContent',
  ],
  [
    'a Gemini key beside an empty one',
    (url) => ({ 'gemini-api-key': [{ 'api-key': '' }, { 'api-key': 'AIza-g', 'base-url': url }] }),
    'gemini-2.5-flash',
    'AIza-g',
    '/v1beta/models/gemini-2.5-flash:generateContent',
  ],
  [
    'a claude key of a group in the layout of version 8',
    (url) => ({
      'config-version': 8,
      access: { 'api-keys': [clientKey] },
      'api-keys': {
        claude: [{ 'base-url': url, models: [{ name: 'm' }], keys: [{ 'api-key': 'sk-ant-8' }] }],
      },
    }),
    'm',
    'sk-ant-8',
    '/v1/messages',
  ],
])('C: %s: the request goes out with its key', async (_, settings, model, key, path) => {
  using upstream = anyUpstream();
  await using gateway = await startTested(settings(upstream.url));
  const answer = await post(gateway, '/v1/chat/completions', chat(model));
  expect(answer.status).toBe(200);
  expect(upstream.asked.at(-1)).toMatchObject({ key, path });
});

describe('C: codex-api-key[].websockets', () => {
  test('streams come over a WebSocket, with the key', async () => {
    const opened: (string | null)[] = [];
    const server = Bun.serve<undefined>({
      hostname: '127.0.0.1',
      port: 0,
      fetch(request, listener) {
        opened.push(request.headers.get('authorization'));
        return listener.upgrade(request, { data: undefined })
          ? undefined
          : new Response(null, { status: 404 });
      },
      websocket: {
        message(socket) {
          const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'gpt-5.5', output: [] };
          const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
          const part = { item_id: 'msg_1', output_index: 0, content_index: 0 };
          const events = [
            { type: 'response.created', response: { ...response, status: 'in_progress' } },
            { type: 'response.output_item.added', output_index: 0, item: message },
            {
              type: 'response.content_part.added',
              ...part,
              part: { type: 'output_text', text: '', annotations: [] },
            },
            { type: 'response.output_text.delta', ...part, delta: 'over a socket' },
            { type: 'response.completed', response: { ...response, status: 'completed' } },
          ];
          for (const [sequence_number, event] of events.entries())
            socket.send(JSON.stringify({ ...event, sequence_number }));
        },
      },
    });
    const entry = { 'api-key': 'sk-socket', 'base-url': `${server.url}v1`, websockets: true };
    await using gateway = await startTested({ 'codex-api-key': [entry] });
    const answer = await post(gateway, '/v1/responses', { model: 'gpt-5.5', input: 'hi', stream: true });
    expect(await answer.text()).toContain('over a socket');
    expect(opened).toEqual(['Bearer sk-socket']);
    await server.stop(true);
  });

  test('a service without them is asked over HTTP', async () => {
    using upstream = anyUpstream();
    const entry = { 'api-key': 'sk-http', 'base-url': `${upstream.url}/v1`, websockets: true };
    await using gateway = await startTested({ 'codex-api-key': [entry] });
    const answer = await post(gateway, '/v1/responses', { model: 'gpt-5.5', input: 'hi' });
    expect(answer.status).toBe(200);
    expect(upstream.asked.at(-1)).toMatchObject({ key: 'sk-http', method: 'POST' });
  });
});

describe('C: models[] say what they are', () => {
  const model = {
    name: 'upstream-model',
    alias: 'mine',
    'display-name': 'My Model',
    'max-context-length': 123_456,
    thinking: { min: 1000, max: 2000, 'zero-allowed': true },
  };
  const settings = (url: string) => ({
    'claude-api-key': [{ 'api-key': 'k', 'base-url': url, models: [model] }],
  });

  test('display-name and max-context-length are in the lists of each protocol', async () => {
    await using gateway = await startTested(settings('https://nowhere.example'));
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(gateway.url + path, { headers: { 'x-api-key': clientKey, ...headers } });
      return asObject(parseJson(await answer.text())) ?? {};
    };
    expect(asObjects((await get('/v1/models')).data)).toMatchObject([
      { id: 'mine', context_length: 123_456 },
    ]);
    const claude = { 'anthropic-version': '2023-06-01' };
    const shown = { id: 'mine', display_name: 'My Model', max_input_tokens: 123_456 };
    expect((await get('/v1/models', claude)).data).toMatchObject([shown]);
    expect(await get('/v1/models/mine', claude)).toMatchObject(shown);
    const gemini = { name: 'models/mine', displayName: 'My Model', inputTokenLimit: 123_456 };
    expect((await get('/v1beta/models')).models).toMatchObject([gemini]);
    expect(await get('/v1beta/models/mine')).toMatchObject(gemini);
  });

  test.each([
    [{ min: 1000, max: 2000 }, 'high', 2000],
    [{ min: 1500, max: 2000 }, 'low', 1500],
  ])('thinking %p brings the wish %s into its bounds', async (thinking, effort, budget) => {
    using upstream = anyUpstream();
    const entry = { 'api-key': 'k', 'base-url': upstream.url, models: [{ ...model, thinking }] };
    await using gateway = await startTested({ 'claude-api-key': [entry] });
    await post(gateway, '/v1/chat/completions', chat('mine', { reasoning_effort: effort, max_tokens: 8000 }));
    expect(lastBody(upstream).thinking).toMatchObject({ type: 'enabled', budget_tokens: budget });
  });

  test('levels take the place of a budget', async () => {
    using upstream = anyUpstream();
    const entry = {
      name: 'local',
      'base-url': `${upstream.url}/v1`,
      models: [{ name: 'up', alias: 'mine', thinking: { levels: ['low', 'medium'] } }],
    };
    await using gateway = await startTested({ 'openai-compatibility': [entry] });
    const asked = {
      model: 'mine',
      max_tokens: 9000,
      thinking: { type: 'enabled', budget_tokens: 8000 },
      messages: [{ role: 'user', content: 'hi' }],
    };
    await post(gateway, '/v1/messages', asked);
    expect(lastBody(upstream).reasoning_effort).toBe('medium');
  });
});

describe('C: /api/provider/<name>/… as Amp and ccs ask', () => {
  test.each<[string, JsonObject]>([
    [
      '/api/provider/anthropic/v1/messages',
      { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] },
    ],
    ['/api/provider/openai/v1/chat/completions', chat('m')],
    ['/api/provider/openai/chat/completions', chat('m')],
    ['/api/provider/openai/v1/responses', { model: 'm', input: 'hi' }],
    [
      '/api/provider/agy/v1/messages',
      { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] },
    ],
    [
      '/api/provider/google/v1beta/models/m:generateContent',
      { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
    ],
    [
      '/api/provider/google/v1beta1/publishers/google/models/m:generateContent',
      { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
    ],
  ])('POST %s', async (path, body) => {
    using upstream = anyUpstream();
    await using gateway = await startTested({
      'claude-api-key': [{ 'api-key': 'k', 'base-url': upstream.url, models: [{ name: 'm' }] }],
    });
    const answer = await post(gateway, path, body);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('hello');
  });

  test('lists of models are there, and a wrong key is told in the client’s own protocol', async () => {
    await using gateway = await startTested({
      'claude-api-key': [{ 'api-key': 'k', models: [{ name: 'm' }] }],
    });
    const headers = { authorization: `Bearer ${clientKey}` };
    for (const path of ['openai/v1/models', 'openai/models', 'google/v1beta/models', 'google/models'])
      expect((await fetch(`${gateway.url}/api/provider/${path}`, { headers })).status).toBe(200);
    const wrong = await fetch(`${gateway.url}/api/provider/anthropic/v1/messages`, { method: 'POST' });
    expect(await wrong.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    const unknown = await fetch(`${gateway.url}/api/provider/openai/v1/threads`, { headers });
    expect(unknown.status).toBe(404);
  });
});
