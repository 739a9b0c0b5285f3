/** Models by names of the owner's own: who serves them, who comes next, and by which rule. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject, asObjects, asString } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { clientKey, everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';
import { callOf, calls, jsonOf, post, send } from './calls.ts';
import { type Asked, startUpstream } from './upstream.ts';

const sandbox = sandboxOfTests();
/** What an upstream protocol answers in the place of the sandbox. */
const answers = new Map<Protocol, (asked: Asked) => Response | Promise<Response>>();
const upstream = startUpstream(async (asked) => {
  const { method, path, headers, body } = asked;
  const own = answers.get(protocolAt(path));
  if (own !== undefined) return own(asked);
  return fetch(`${sandbox.url}${path}`, { method, headers, body });
});

function protocolAt(path: string): Protocol {
  if (path.startsWith('/v1/messages')) return 'anthropic-messages';
  if (path.startsWith('/v1beta')) return 'gemini';
  return path.startsWith('/v1/responses') ? 'openai-responses' : 'openai-chat';
}

const over = modelOver;
const secret = 'management-key-of-the-test';
const base = {
  ...sandboxModels(upstream.url),
  'disable-cooling': true,
  'remote-management': { 'secret-key': secret },
};
const gateway = await startTested(base);
const routed = (routes: JsonObject, more: JsonObject = {}) =>
  gateway.reconfigure({ ...base, 'model-routes': routes, ...more });

beforeEach(() => {
  answers.clear();
  upstream.asked.length = 0;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

const askedOf = () => upstream.asked.map(({ path }) => protocolAt(path));
const bodyAt = (index: number): JsonObject =>
  asObject(parseJson(new TextDecoder().decode(upstream.asked[index]?.body))) ?? {};
const failing =
  (status: number, message = `the upstream says ${status}`) =>
  () =>
    Response.json({ error: { type: 'error', message } }, { status });
const text = 'repeat: hello';
const nextOf = (protocol: Protocol): Protocol =>
  protocols[(protocols.indexOf(protocol) + 1) % protocols.length] ?? protocol;

async function managed(path: string): Promise<JsonObject> {
  const response = await fetch(`${gateway.url}/v0/management/${path}`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  return asObject(await jsonOf(response)) ?? {};
}

describe.each(calls)('a client of $protocol', (client) => {
  test.each([false, true])('gets the next model of the list when one fails (stream: %p)', async (stream) => {
    for (const first of protocols) {
      const second = nextOf(first);
      await routed({ smart: [over[first], over[second]] });
      answers.clear();
      answers.set(first, failing(503));
      upstream.asked.length = 0;
      const response = await send(gateway.url, client, { model: 'smart', text, stream });
      const answer = await response.text();
      expect({ status: response.status, asked: askedOf() }).toEqual({ status: 200, asked: [first, second] });
      expect(answer).toContain('hello');
      // Between two of the same protocol the upstream's bytes go through, as they do behind an alias.
      if (second !== client.protocol) expect(answer).toContain('smart');
      expect(answer).not.toContain('the upstream says');
    }
  });

  test('reaches a model by a pattern: subagents that ask for a Claude model', async () => {
    for (const protocol of protocols) {
      await routed({ 'claude-haiku-*': over[protocol] });
      for (const stream of [false, true]) {
        upstream.asked.length = 0;
        const model = 'claude-haiku-4-5-20251001';
        const response = await send(gateway.url, client, { model, text, stream });
        expect({ status: response.status, asked: askedOf() }).toEqual({ status: 200, asked: [protocol] });
        expect(await response.text()).toContain('hello');
        const { path = '' } = upstream.asked[0] ?? {};
        expect(protocol === 'gemini' ? path : bodyAt(0).model).toContain('sandbox');
      }
    }
  });

  test('is told when every model of the list has failed, in its own protocol', async () => {
    await routed({ smart: protocols.map((protocol) => over[protocol]) });
    for (const protocol of protocols) answers.set(protocol, failing(503));
    const response = await send(gateway.url, client, { model: 'smart', text });
    expect({ status: response.status, asked: askedOf() }).toEqual({ status: 503, asked: [...protocols] });
    expect(client.errorOf(await jsonOf(response)).message).toContain('the upstream says 503');
  });

  test('is told that a list leads nowhere', async () => {
    await routed({ lost: ['nobody-has-this', 'nor-that'] });
    const response = await send(gateway.url, client, { model: 'lost', text });
    expect(response.status).toBe(503);
    expect(client.errorOf(await jsonOf(response)).message).toContain('nobody-has-this, nor-that');
    expect(askedOf()).toEqual([]);
  });

  test("gets another model's answer where one cannot take the request", async () => {
    for (const [first, message] of [
      ['openai-chat', 'This model does not support image input'],
      ['anthropic-messages', 'prompt is too long: 250000 tokens > 200000 maximum'],
    ] as const) {
      await routed({ smart: [over[first], over[nextOf(first)]] });
      answers.clear();
      answers.set(first, failing(400, message));
      upstream.asked.length = 0;
      const response = await send(gateway.url, client, { model: 'smart', text });
      expect(await response.text()).toContain('hello');
      expect(askedOf()).toEqual([first, nextOf(first)]);
    }
  });

  test("is told of the request's own fault at once", async () => {
    const first = nextOf(client.protocol);
    await routed({ smart: [over[first], over[nextOf(first)]] });
    answers.set(first, failing(400, 'temperature: too hot'));
    const response = await send(gateway.url, client, { model: 'smart', text });
    expect({ status: response.status, asked: askedOf() }).toEqual({ status: 400, asked: [first] });
  });
});

describe('what is said of a target goes to it alone', () => {
  const most = { 'max-output-tokens': 77 };
  const limitOf: Record<Protocol, (body: JsonObject) => unknown> = {
    'openai-chat': (body) => body.max_tokens ?? body.max_completion_tokens,
    'openai-responses': (body) => body.max_output_tokens,
    'anthropic-messages': (body) => body.max_tokens,
    gemini: (body) => asObject(body.generationConfig)?.maxOutputTokens,
  };
  const effortOf: Record<Protocol, (body: JsonObject) => unknown> = {
    'openai-chat': (body) => body.reasoning_effort,
    'openai-responses': (body) => asObject(body.reasoning)?.effort,
    'anthropic-messages': (body) => asObject(body.thinking)?.type,
    gemini: (body) => JSON.stringify(asObject(body.generationConfig)?.thinkingConfig),
  };
  const pairs = calls.flatMap((client) => protocols.map((to) => ({ client, from: client.protocol, to })));

  test.each(pairs)('the longest answer, from $from to $to', async ({ client, to }) => {
    await routed({ short: [{ model: over[nextOf(to)] }, { model: over[to], ...most }] });
    answers.set(nextOf(to), failing(500));
    await (await send(gateway.url, client, { model: 'short', text })).text();
    expect(limitOf[to](bodyAt(1))).toBe(77);
    expect(limitOf[nextOf(to)](bodyAt(0))).not.toBe(77);
  });

  test.each(pairs)('how hard it thinks, from $from to $to', async ({ client, to }) => {
    await routed({ deep: [`${over[to]}(low)`], plain: over[to] });
    await (await send(gateway.url, client, { model: 'deep', text })).text();
    await (await send(gateway.url, client, { model: 'plain', text })).text();
    await (await send(gateway.url, client, { model: 'plain(low)', text })).text();
    // What is written for the target goes before the suffix of the client.
    await (await send(gateway.url, client, { model: 'deep(high)', text })).text();
    const [said, unsaid, suffixed, both] = [0, 1, 2, 3].map((index) => effortOf[to](bodyAt(index)));
    expect(said).not.toEqual(unsaid);
    expect([suffixed, both]).toEqual([said, said]);
  });
});

test('the same protocol on both sides: the bytes are those of the client, but for the name', async () => {
  await routed({ fast: over['openai-chat'] });
  const body =
    '{ "messages": [{"role":"user", "content":"repeat: h\\u0069"}],\n "model" : "fast", "x": 1e2 }';
  await (await post(`${gateway.url}/v1/chat/completions`, body)).text();
  const sent = new TextDecoder().decode(upstream.asked[0]?.body);
  expect(sent).toBe(body.replace('"fast"', '"sandbox"'));
});

test('a list ends with the first content: a stream that breaks off behind it is not begun anew', async () => {
  await routed({ smart: [over['openai-chat'], over['anthropic-messages']] });
  answers.set('openai-chat', () => {
    const chunk = { id: '1', object: 'chat.completion.chunk', created: 1, model: 'm' };
    const choices = [{ index: 0, delta: { role: 'assistant', content: 'begun' }, finish_reason: null }];
    return new Response(`data: ${JSON.stringify({ ...chunk, choices })}\n\n`, {
      headers: { 'content-type': 'text/event-stream' },
    });
  });
  for (const client of calls) {
    upstream.asked.length = 0;
    const answer = await (await send(gateway.url, client, { model: 'smart', text, stream: true })).text();
    expect(answer).toContain('begun');
    expect(answer).not.toContain('hello');
    expect(askedOf()).toEqual(['openai-chat']);
  }
});

describe('rules', () => {
  const image = `iVBORw0KGgo${'A'.repeat(40)}`;
  const ask = {
    'openai-chat': (content: JsonObject[], more: JsonObject) =>
      post(`${gateway.url}/v1/chat/completions`, {
        model: 'm',
        messages: [{ role: 'user', content: [{ type: 'text', text }, ...content] }],
        ...more,
      }),
    'openai-responses': (content: JsonObject[], more: JsonObject) =>
      post(`${gateway.url}/v1/responses`, {
        model: 'm',
        input: [{ role: 'user', content: [{ type: 'input_text', text }, ...content] }],
        ...more,
      }),
    'anthropic-messages': (content: JsonObject[], more: JsonObject) =>
      post(`${gateway.url}/v1/messages`, {
        model: 'm',
        max_tokens: 5000,
        messages: [{ role: 'user', content: [{ type: 'text', text }, ...content] }],
        ...more,
      }),
    gemini: (content: JsonObject[], more: JsonObject) =>
      post(`${gateway.url}/v1beta/models/m:generateContent`, {
        contents: [{ role: 'user', parts: [{ text }, ...content] }],
        ...more,
      }),
  } satisfies Record<Protocol, unknown>;
  const images: Record<Protocol, JsonObject> = {
    'openai-chat': { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
    'openai-responses': { type: 'input_image', image_url: `data:image/png;base64,${image}` },
    'anthropic-messages': {
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: image },
    },
    gemini: { inline_data: { mime_type: 'image/png', data: image } },
  };
  const searches: Record<Protocol, JsonObject> = {
    'openai-chat': { web_search_options: {} },
    'openai-responses': { tools: [{ type: 'web_search' }] },
    'anthropic-messages': { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
    gemini: { tools: [{ google_search: {} }] },
  };
  const thoughts: Record<Protocol, JsonObject> = {
    'openai-chat': { reasoning_effort: 'high' },
    'openai-responses': { reasoning: { effort: 'high' } },
    'anthropic-messages': { thinking: { type: 'enabled', budget_tokens: 2000 } },
    gemini: { generationConfig: { thinkingConfig: { thinkingBudget: 2000 } } },
  };

  test.each(protocols)('%s: each request goes where its rule says', async (from) => {
    const usual = nextOf(from);
    const special = nextOf(usual);
    const asksFor = async (when: unknown, content: JsonObject[], more: JsonObject) => {
      await gateway.reconfigure({
        ...base,
        'model-routes': {
          m: { models: over[usual], rules: [{ when, models: over[special] }] },
        } as JsonObject,
      });
      upstream.asked.length = 0;
      await (await ask[from](content, more)).text();
      return askedOf()[0];
    };
    const long = [{ ...textPart(from, 'word '.repeat(4000)) }];
    expect(await asksFor('images', [], {})).toBe(usual);
    expect(await asksFor('images', [textPart(from, 'an "image_url" of text')], {})).toBe(usual);
    expect(await asksFor('images', [images[from]], {})).toBe(special);
    expect(await asksFor('web-search', [], {})).toBe(usual);
    expect(await asksFor('web-search', [], searches[from])).toBe(special);
    expect(await asksFor('thinking', [], {})).toBe(usual);
    expect(await asksFor('thinking', [], thoughts[from])).toBe(special);
    expect(await asksFor({ thinking: false }, [], thoughts[from])).toBe(usual);
    expect(await asksFor(['thinking', 'images'], [], thoughts[from])).toBe(usual);
    expect(await asksFor({ 'long-context': 4000 }, [], {})).toBe(usual);
    expect(await asksFor({ 'long-context': 4000 }, long, {})).toBe(special);
    // A file is as long as the tokens that it comes to.
    expect(await asksFor({ 'long-context': 4000 }, [images[from]], {})).toBe(usual);
  });

  const textPart = (protocol: Protocol, said: string): JsonObject =>
    protocol === 'gemini'
      ? { text: said }
      : { type: protocol === 'openai-responses' ? 'input_text' : 'text', text: said };

  test('background: small models go elsewhere, and all others stay what they are', async () => {
    await routed({
      'model-over-*': { rules: [{ when: 'background', models: over.gemini }] },
      'claude-*': {
        models: over['anthropic-messages'],
        rules: [{ when: 'background', models: over.gemini }],
      },
    });
    const client = callOf('anthropic-messages');
    for (const model of [
      'claude-haiku-4-5-20251001',
      'claude-opus-5',
      over['openai-chat'],
      'model-over-mini',
    ])
      await (await send(gateway.url, client, { model, text })).text();
    expect(askedOf()).toEqual(['gemini', 'anthropic-messages', 'openai-chat', 'gemini']);
  });

  test('tokens are counted by the model that a rule would choose', async () => {
    await routed({ m: { models: over['openai-chat'], rules: [{ when: 'images', models: over.gemini }] } });
    const content = [{ type: 'text', text }, images['anthropic-messages']];
    const counted = await post(`${gateway.url}/v1/messages/count_tokens`, {
      model: 'm',
      messages: [{ role: 'user', content }],
    });
    expect(counted.status).toBe(200);
    expect(askedOf()).toEqual(['gemini']);
  });
});

describe('a name that is a real model, too', () => {
  const chat = over['openai-chat'];

  test('is the route for clients, and the model inside of it', async () => {
    await routed({ [chat]: [chat, over.gemini], [over.gemini]: [over.gemini, chat] });
    const client = callOf('anthropic-messages');
    expect(await (await send(gateway.url, client, { model: chat, text })).text()).toContain('hello');
    answers.set('openai-chat', failing(503));
    await (await send(gateway.url, client, { model: chat, text })).text();
    await (await send(gateway.url, client, { model: over.gemini, text })).text();
    expect(askedOf()).toEqual(['openai-chat', 'openai-chat', 'gemini', 'gemini']);
  });

  test('of all spellings, with a suffix or models/ before it', async () => {
    await routed({ Smart: over.gemini });
    for (const model of ['smart', 'SMART', ' smart ', 'smart(low)', 'models/smart'])
      await (await send(gateway.url, callOf('openai-chat'), { model, text })).text();
    expect(askedOf()).toEqual(Array(5).fill('gemini'));
  });
});

test('routes inside of routes, the most telling pattern, and the longest limit of all', async () => {
  await routed({
    best: [over['openai-responses'], over.gemini],
    all: { models: [over['openai-chat'], 'best'], 'max-output-tokens': 99 },
    'x-*': over['openai-chat'],
    'x-y-*': over.gemini,
  });
  answers.set('openai-chat', failing(500));
  answers.set('openai-responses', failing(500));
  await (await send(gateway.url, callOf('anthropic-messages'), { model: 'all', text })).text();
  expect(askedOf()).toEqual(['openai-chat', 'openai-responses', 'gemini']);
  expect(asObject(bodyAt(2).generationConfig)?.maxOutputTokens).toBe(99);
  upstream.asked.length = 0;
  await (await send(gateway.url, callOf('anthropic-messages'), { model: 'x-y-z', text })).text();
  expect(askedOf()).toEqual(['gemini']);
});

test('max-retry-credentials is for each model of the list', async () => {
  const keys = ['one', 'two', 'three'].map((key) => ({ 'api-key': key }));
  const entry = { name: 'many', 'base-url': `${upstream.url}/v1`, 'api-key-entries': keys };
  await routed(
    { smart: ['many-model', over.gemini] },
    { 'openai-compatibility': [{ ...entry, models: [{ name: 'many-model' }] }], 'max-retry-credentials': 2 },
  );
  answers.set('openai-chat', failing(500));
  await (await send(gateway.url, callOf('openai-chat'), { model: 'smart', text })).text();
  expect(askedOf()).toEqual(['openai-chat', 'openai-chat', 'gemini']);
});

test('a model that takes longer than its target may is passed by', async () => {
  await routed({
    smart: [{ model: over['openai-chat'], timeouts: { whole: '0.2s', 'first-byte': '0.2s' } }, over.gemini],
  });
  answers.set('openai-chat', () => new Promise(() => {}));
  for (const stream of [false, true]) {
    upstream.asked.length = 0;
    const response = await send(gateway.url, callOf('openai-responses'), { model: 'smart', text, stream });
    expect(await response.text()).toContain('hello');
    expect(askedOf()).toEqual(['openai-chat', 'gemini']);
  }
});

test('a request that is too long for one model goes to the next that it fits, and explain says why', async () => {
  const entries = everyUpstream(upstream.url, (protocol) => [
    {
      name: 'sandbox',
      alias: modelOver[protocol],
      ...(protocol === 'anthropic-messages' && { 'max-context-length': 1000 }),
    },
  ]);
  await routed({ smart: [over['anthropic-messages'], over.gemini] }, entries);
  const long = `repeat: hello\n${'word '.repeat(2000)}`;
  const response = await send(gateway.url, callOf('openai-chat'), { model: 'smart', text: long });
  expect(response.status).toBe(200);
  expect(askedOf()).toEqual(['gemini']);
  const { request } = await managed(`requests/${response.headers.get('x-request-id')}`);
  const by = asObject(asObject(asObject(request)?.choice)?.by);
  expect(by).toMatchObject({ name: 'smart', targets: [over['anthropic-messages'], over.gemini] });
  expect(asString(asObjects(by?.unfit)[0]?.why)).toContain('its context has 1000');
  await response.text();
});

test('the trace has the rule, the models and each step to the next; routing has them, too', async () => {
  await routed({
    m: {
      models: over.gemini,
      rules: [{ when: 'thinking', models: [`${over['openai-chat']}(high)`, over['openai-responses']] }],
    },
  });
  answers.set('openai-chat', failing(500));
  const response = await send(gateway.url, callOf('openai-chat'), { model: 'm(low)', text });
  await response.text();
  const request = asObject((await managed(`requests/${response.headers.get('x-request-id')}`)).request);
  expect(asObject(request?.choice)?.by).toEqual({
    name: 'm',
    targets: [`${over['openai-chat']}(high)`, over['openai-responses']],
    rules: ['m: rule 1 (thinking)'],
  });
  expect(asObjects(request?.steps).map(({ kind, model }) => `${kind} ${model}`)).toEqual([
    'attempt sandbox',
    `fallback ${over['openai-responses']}`,
    'attempt sandbox',
  ]);
  const choice = asObject((await managed('routing?model=m')).choice);
  expect(choice?.by).toEqual({ name: 'm', targets: [over.gemini], rules: [] });
});

describe('lists of models', () => {
  const get = async (path: string, headers: Record<string, string> = {}) =>
    asObject(
      await jsonOf(
        await fetch(`${gateway.url}${path}`, {
          headers: { authorization: `Bearer ${clientKey}`, ...headers },
        }),
      ),
    ) ?? {};

  test('have routes with what the first model takes, and no patterns', async () => {
    const entries = everyUpstream(upstream.url, (protocol) => [
      { name: 'sandbox', alias: modelOver[protocol], 'max-context-length': 4321 },
    ]);
    await routed(
      { smart: [{ model: over.gemini, 'max-output-tokens': 55 }, over['openai-chat']], 'x-*': over.gemini },
      entries,
    );
    const chat = asObjects((await get('/v1/models')).data);
    expect(chat.find(({ id }) => id === 'smart')).toMatchObject({ context_length: 4321 });
    expect(chat.some(({ id }) => String(id).includes('*'))).toBe(false);
    const anthropic = asObjects((await get('/v1/models', { 'anthropic-version': '2023-06-01' })).data);
    expect(anthropic.find(({ id }) => id === 'smart')).toMatchObject({
      display_name: 'smart',
      max_input_tokens: 4321,
    });
    const gemini = asObjects((await get('/v1beta/models')).models);
    expect(gemini.find(({ name }) => name === 'models/smart')).toMatchObject({
      inputTokenLimit: 4321,
      outputTokenLimit: 55,
    });
    expect(await get('/v1beta/models/smart')).toMatchObject({ name: 'models/smart', inputTokenLimit: 4321 });
    expect(await get('/v1/models/x-1')).toMatchObject({ id: 'x-1', context_length: 4321 });
  });

  test('have a name that is both once', async () => {
    await routed({ [over.gemini]: [over.gemini, over['openai-chat']], lost: 'nobody' });
    const ids = asObjects((await get('/v1/models')).data).map(({ id }) => id);
    expect(ids.filter((id) => id === over.gemini)).toEqual([over.gemini]);
    expect(ids).not.toContain('lost');
  });
});

test('embeddings come from one model: vectors of two cannot be compared', async () => {
  await routed({ vectors: [over['openai-chat'], over.gemini] });
  answers.set('openai-chat', failing(503));
  const response = await post(`${gateway.url}/v1/embeddings`, { model: 'vectors', input: 'x' });
  expect(response.status).toBe(503);
  expect(askedOf()).toEqual(['openai-chat']);
});

test('a conversation stays with the model that answered it, and a rule takes it elsewhere', async () => {
  await routed(
    {
      m: {
        models: [over['openai-chat'], over.gemini],
        rules: [{ when: 'thinking', models: over['openai-responses'] }],
      },
    },
    { routing: { 'session-affinity': true } },
  );
  const say = (more: JsonObject = {}) =>
    post(`${gateway.url}/v1/chat/completions`, {
      model: 'm',
      prompt_cache_key: 'one-conversation',
      messages: [{ role: 'user', content: text }],
      ...more,
    }).then((response) => response.text());
  answers.set('openai-chat', failing(503));
  await say();
  answers.clear();
  await say();
  await say({ reasoning_effort: 'high' });
  await say();
  expect(askedOf()).toEqual(['openai-chat', 'gemini', 'gemini', 'openai-responses', 'gemini']);
});

test('a request over a WebSocket goes to the next model, too', async () => {
  await routed({ smart: [over['openai-responses'], over['anthropic-messages']] });
  answers.set('openai-responses', failing(503));
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const told = new Promise<string>((resolve) => {
    let all = '';
    socket.onmessage = ({ data }) => {
      all += data;
      if (/"type":"(response\.(completed|failed)|error)"/.test(String(data))) resolve(all);
    };
  });
  socket.send(JSON.stringify({ type: 'response.create', model: 'smart', input: text }));
  expect(await told).toContain('hello');
  socket.close();
  expect(askedOf()).toEqual(['openai-responses', 'anthropic-messages']);
});

test('without a loss: translation.strict goes to the model that takes all of the request', async () => {
  await routed(
    { smart: [over['anthropic-messages'], over['openai-chat']] },
    { translation: { strict: true } },
  );
  const response = await post(`${gateway.url}/v1/chat/completions`, {
    model: 'smart',
    messages: [{ role: 'user', content: text }],
    logprobs: true,
    top_logprobs: 3,
  });
  await response.text();
  expect(askedOf()).toEqual(['openai-chat']);
});

test('credentials that rest make way for the next model, and come back', async () => {
  await routed({ smart: [over['openai-chat'], over.gemini] }, { 'disable-cooling': false });
  answers.set('openai-chat', () =>
    Response.json({ error: { message: 'slow down' } }, { status: 429, headers: { 'retry-after': '60' } }),
  );
  for (const _ of [1, 2]) await (await send(gateway.url, callOf('gemini'), { model: 'smart', text })).text();
  expect(askedOf()).toEqual(['openai-chat', 'gemini', 'gemini']);
  const choice = asObject((await managed('routing?model=smart')).choice);
  expect(choice).toMatchObject({ candidates: 2, ready: 1, resting: 1 });
  answers.clear();
  const cooldowns = asObjects((await managed('cooldowns')).cooldowns);
  for (const { credential } of cooldowns)
    await fetch(`${gateway.url}/v0/management/cooldowns/${credential}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${secret}` },
    });
  await (await send(gateway.url, callOf('gemini'), { model: 'smart', text })).text();
  expect(askedOf().at(-1)).toBe('openai-chat');
});
