/** A model's name with a suffix, at every address: the provider reads the name that it has. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { calls, post, send } from './calls.ts';
import { startUpstream } from './upstream.ts';

/** Refuses everything for the request's own fault: what it was asked is what counts. */
const upstream = startUpstream(() => Response.json({ error: { message: 'no' } }, { status: 400 }));
const gateway = await startTested({
  'gemini-api-key': [
    { 'api-key': 'key-of-gemini', prefix: 'g', 'base-url': upstream.url },
    {
      'api-key': 'key-of-choosy',
      prefix: 'x',
      'base-url': upstream.url,
      'excluded-models': ['gemini-2.5-pro'],
    },
  ],
  'claude-api-key': [{ 'api-key': 'key-of-claude', prefix: 'c', 'base-url': upstream.url }],
  'codex-api-key': [{ 'api-key': 'key-of-openai', prefix: 'o', 'base-url': `${upstream.url}/v1` }],
});

beforeEach(() => {
  upstream.asked.length = 0;
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

/** Everything that the upstream was told: addresses and bodies. */
const told = () => upstream.asked.map(({ path, body }) => `${path} ${new TextDecoder().decode(body)}`);
const bodies = () =>
  upstream.asked.map(({ body }) => asObject(parseJson(new TextDecoder().decode(body))) ?? {});

const open = [
  { credential: 'Gemini', name: 'g/gemini-9-flash', bare: 'gemini-9-flash' },
  { credential: 'Claude', name: 'c/claude-opus-9', bare: 'claude-opus-9' },
  { credential: 'OpenAI', name: 'o/gpt-9', bare: 'gpt-9' },
];

describe.each(open)('B: with a $credential key and no list of models', ({ name, bare }) => {
  const spellings = [
    `${name}(high)`,
    `${name}(8192) `,
    `${name} (none)`,
    `${name}(auto)`,
    `models/${name}(low)`,
  ];
  const cases = calls.flatMap((call) =>
    spellings.map((spelling) => ({ call, spelling, from: call.protocol })),
  );

  test.each(cases)('$from asks for "$spelling"', async ({ call, spelling }) => {
    for (const stream of [false, true]) {
      const path = () => call.path(encodeURIComponent(spelling), stream);
      await send(gateway.url, { ...call, path }, { model: spelling, stream });
    }
    expect(upstream.asked.length).toBe(2);
    for (const one of told()) {
      expect(one).toContain(bare);
      expect(one).not.toMatch(/[()]|%28|models\/models/);
    }
  });

  const model = `${name}(high)`;
  const contents = [{ role: 'user', parts: [{ text: 'x' }] }];
  const content = contents[0];
  const others: { path: string; body: JsonObject }[] = [
    { path: '/v1/completions', body: { model, prompt: 'x' } },
    { path: '/v1/messages/count_tokens', body: { model, messages: [{ role: 'user', content: 'x' }] } },
    { path: '/v1/responses/input_tokens', body: { model, input: 'x' } },
    { path: `/v1beta/models/${model}:countTokens`, body: { contents } },
    {
      path: `/v1beta/models/${encodeURIComponent(model)}:countTokens`,
      body: { generateContentRequest: { model: `models/${model}`, contents } },
    },
  ];
  test.each(others)('$path', async ({ path, body }) => {
    await post(gateway.url + path, body);
    expect(told().length).toBe(1);
    for (const one of told()) expect(one).not.toMatch(/[()]|%28/);
  });

  if (bare.startsWith('claude')) return;
  const embedding = bare === 'gpt-9' ? 'o/text-embedding-3-large(high)' : 'g/text-embedding-9(high)';
  const embeddings: { path: string; body: JsonObject }[] = [
    { path: '/v1/embeddings', body: { model: embedding, input: 'x' } },
    { path: `/v1beta/models/${embedding}:embedContent`, body: { model: `models/${embedding}`, content } },
    {
      path: `/v1beta/models/${embedding}:batchEmbedContents`,
      body: { requests: [{ model: `models/${embedding}`, content }, { content }] },
    },
  ];
  test.each(embeddings)('$path', async ({ path, body }) => {
    await post(gateway.url + path, body);
    expect(told().length).toBe(1);
    for (const one of told()) {
      expect(one).toContain('text-embedding');
      expect(one).not.toMatch(/[()]|%28/);
    }
  });

  if (bare !== 'gpt-9') return;
  test.each(['/v1/images/generations', '/v1/audio/speech', '/v1/responses/compact', '/v1/images/edits'])(
    '%s',
    async (path) => {
      await post(gateway.url + path, { model, prompt: 'x', input: 'x' });
      expect(bodies().map((body) => body.model)).toEqual(['gpt-9']);
    },
  );

  test('a form', async () => {
    const form = new FormData();
    form.set('model', model);
    form.set('file', new Blob(['x']), 'x.wav');
    const headers = { authorization: `Bearer ${clientKey}` };
    await fetch(`${gateway.url}/v1/audio/transcriptions`, { method: 'POST', headers, body: form });
    expect(told().length).toBe(1);
    expect(told()[0]).not.toContain('(high)');
  });

  test('a WebSocket', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
      headers: { authorization: `Bearer ${clientKey}` },
    });
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    socket.send(JSON.stringify({ type: 'response.create', model, input: 'x' }));
    await new Promise((resolve) => {
      socket.onmessage = resolve;
    });
    socket.close();
    expect(bodies()[0]).toMatchObject({ model: 'gpt-9', reasoning: { effort: 'high' } });
  });
});

test('B: an excluded model cannot be named in the body of a request for another', async () => {
  const contents = [{ role: 'user', parts: [{ text: 'x' }] }];
  const other = 'models/gemini-2.5-pro';
  await post(`${gateway.url}/v1beta/models/x/gemini-9:countTokens`, {
    generateContentRequest: { model: other, contents },
  });
  await post(`${gateway.url}/v1beta/models/x/text-embedding-9:embedContent`, {
    model: other,
    content: contents[0],
  });
  await post(`${gateway.url}/v1beta/models/text-embedding-9:batchEmbedContents`, {
    requests: [{ model: other, content: contents[0] }],
  });
  expect(told().length).toBe(3);
  for (const one of told()) expect(one).not.toContain('gemini-2.5-pro');
});

const marked = open.flatMap(({ credential, name, bare }) =>
  calls.flatMap((call) =>
    [name, `${name}(high)`].map((model) => ({ call, credential, model, bare, from: call.protocol })),
  ),
);

test.each(marked)(
  'a byte order mark does no harm: $from to $credential, $model',
  async ({ call, model, bare }) => {
    const path = gateway.url + call.path(encodeURIComponent(model), false);
    const body = JSON.stringify(call.body(model, 'marked words', false));
    for (const mark of ['', '\ufeff']) await post(path, clientKey, { body: mark + body });
    const [plain, behindMark] = told();
    expect(plain).toContain(bare);
    expect(behindMark).toBe(plain ?? '');
  },
);

test.each([
  {
    what: 'generation_config beside generationConfig',
    body: '{"generation_config":{"top_k":1.0,"thinking_config":{"thinking_budget":5}},"generationConfig":{"topP":1.0}}',
    left: '{"generation_config":{"top_k":1.0},"generationConfig":{"topP":1.0,"thinkingConfig":',
  },
  {
    what: 'thinking_config beside thinkingConfig',
    body: '{"generationConfig":{"thinking_config":{"thinkingBudget":5},"topP":1.0,"thinkingConfig":{"thinkingBudget":7}}}',
    left: '{"generationConfig":{"topP":1.0,"thinkingConfig":',
  },
  {
    what: 'generation_config beside a generationConfig that is null',
    body: '{"generationConfig":null,"generation_config":{"thinkingConfig":{"thinkingBudget":5}}}',
    left: '{"generationConfig":{"thinkingConfig":',
  },
])('the suffix is the only amount of thinking where a body has $what', async ({ body, left }) => {
  const path = '/v1beta/models/g%2Fgemini-2.5-flash(8192):generateContent';
  await post(gateway.url + path, clientKey, { body });
  const [sent = ''] = upstream.asked.map((asked) => new TextDecoder().decode(asked.body));
  expect(sent).toStartWith(left);
  expect(sent.match(/thinking_?budget/gi)).toHaveLength(1);
  expect(sent).toContain('"thinkingBudget":8192');
});
