import { describe, expect, test } from 'bun:test';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import type { AccountFacts } from '../../src/providers/account-provider.ts';
import type { AccountKind } from '../../src/providers/registry.ts';
import { ask, bodyOf, gatewayWith, jsonIn, textOf } from './accounts.ts';
import { callOf } from './calls.ts';
import { type Asked, chatAnswer, chatStream, eventStream, startUpstream } from './upstream.ts';

const geminiAnswer = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'Hi there' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
  modelVersion: 'upstream-model',
};
const anthropicAnswer = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'upstream-model',
  content: [{ type: 'text', text: 'Hi there' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 2 },
};
const events = (list: JsonObject[]): string =>
  list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
const anthropicStream = events([
  { type: 'message_start', message: { ...anthropicAnswer, content: [], stop_reason: null } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi there' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
]);
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Hi there', annotations: [] }],
};
const responsesAnswer = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'upstream-model',
  output: [message],
  usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
};
// As the Codex backend writes it: the last event does not repeat the output.
const responsesStream = events([
  {
    type: 'response.created',
    response: { ...responsesAnswer, status: 'in_progress', output: [], usage: null },
  },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { ...message, status: 'in_progress', content: [] },
  },
  {
    type: 'response.content_part.added',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] },
  },
  {
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: 'Hi there',
  },
  { type: 'response.output_item.done', output_index: 0, item: message },
  { type: 'response.completed', response: { ...responsesAnswer, output: [] } },
]);

/** Answers in the words of whichever API the path belongs to. */
function answer({ path }: Asked): Response {
  if (path.includes('/v1internal:')) {
    if (path.includes('countTokens')) return Response.json({ totalTokens: 7 });
    const wrapped = JSON.stringify({ response: geminiAnswer, traceId: 't' });
    return path.includes('alt=sse')
      ? eventStream(`data: ${wrapped}\r\n\r\n`)
      : new Response(wrapped, { headers: { 'content-type': 'application/json' } });
  }
  if (path.includes('count')) return Response.json({ input_tokens: 7, totalTokens: 7 });
  if (path.includes('GenerateContent?')) return eventStream(`data: ${JSON.stringify(geminiAnswer)}\n\n`);
  if (path.includes('generateContent')) return Response.json(geminiAnswer);
  if (path.includes('streamRawPredict')) return eventStream(anthropicStream);
  if (path.includes('rawPredict')) return Response.json(anthropicAnswer);
  return Response.json({ error: { message: `nothing at ${path}` } }, { status: 404 });
}

function said(asked: Asked): { stream: boolean } {
  return { stream: asObject(bodyOf(asked))?.stream === true };
}

/** An upstream for every account's API; those whose streams stand in the body are told apart by the path. */
function anyApi(asked: Asked): Response {
  const { path } = asked;
  if (path.endsWith('/responses')) {
    return said(asked).stream ? eventStream(responsesStream) : Response.json(responsesAnswer);
  }
  if (path.endsWith('/chat/completions'))
    return said(asked).stream ? chatStream('Hi there') : chatAnswer('Hi there');
  if (path.startsWith('/v1/messages'))
    return said(asked).stream ? eventStream(anthropicStream) : Response.json(anthropicAnswer);
  return answer(asked);
}

interface Shape {
  kind: AccountKind;
  model: string;
  facts: AccountFacts;
  /** By whether a stream is asked for. */
  paths: { whole: string; stream: string };
  headers: Record<string, string>;
  /** Where clients of a protocol are answered in their own. */
  own?: Partial<Record<Protocol, string>>;
  /** Whether the upstream is asked for a stream also for a whole answer. */
  streamsOnly?: boolean;
}

const vertexFacts = {
  serviceAccount: { project_id: 'cloud-project', client_email: 'sa@cloud-project.iam.gserviceaccount.com' },
  location: 'europe-west4',
};
const vertexPath = '/v1/projects/cloud-project/locations/europe-west4/publishers';
const codeAssistPaths = {
  whole: '/v1internal:generateContent',
  stream: '/v1internal:streamGenerateContent?alt=sse',
};
const same = (path: string) => ({ whole: path, stream: path });

const shapes: readonly Shape[] = [
  {
    kind: 'gemini',
    model: 'gemini-2.5-pro',
    facts: { projects: ['my-project'] },
    paths: codeAssistPaths,
    headers: {},
  },
  {
    kind: 'antigravity',
    model: 'gemini-3-pro-high',
    facts: { projects: ['my-project'] },
    paths: codeAssistPaths,
    headers: {},
  },
  {
    kind: 'antigravity',
    model: 'claude-sonnet-4-5',
    facts: { projects: ['my-project'] },
    paths: { whole: codeAssistPaths.stream, stream: codeAssistPaths.stream },
    headers: {},
    streamsOnly: true,
  },
  {
    kind: 'claude',
    model: 'claude-sonnet-4-5-20250929',
    facts: {},
    paths: same('/v1/messages?beta=true'),
    headers: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'oauth-2025-04-20' },
  },
  {
    kind: 'codex',
    model: 'gpt-5.1-codex',
    facts: { accountId: 'workspace-1', plan: 'plus' },
    paths: same('/responses'),
    headers: { 'chatgpt-account-id': 'workspace-1', accept: 'text/event-stream' },
    streamsOnly: true,
  },
  {
    kind: 'qwen',
    model: 'qwen3-coder-plus',
    facts: { resourceUrl: 'portal.example.org' },
    paths: same('/chat/completions'),
    headers: { 'x-dashscope-authtype': 'qwen-oauth' },
  },
  {
    kind: 'iflow',
    model: 'glm-4.6',
    facts: { apiKey: 'sk-iflow' },
    paths: same('/chat/completions'),
    headers: {},
  },
  {
    kind: 'kimi',
    model: 'kimi-for-coding',
    facts: { deviceId: 'device-1' },
    paths: same('/v1/chat/completions'),
    headers: { 'x-msh-device-id': 'device-1' },
    own: { 'anthropic-messages': '/v1/messages' },
  },
  { kind: 'xai', model: 'grok-4', facts: {}, paths: same('/responses'), headers: {} },
  {
    kind: 'vertex',
    model: 'gemini-2.5-pro',
    facts: vertexFacts,
    paths: {
      whole: `${vertexPath}/google/models/gemini-2.5-pro:generateContent`,
      stream: `${vertexPath}/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse`,
    },
    headers: {},
  },
  {
    kind: 'vertex',
    model: 'claude-sonnet-4-5-20250929',
    facts: vertexFacts,
    paths: {
      whole: `${vertexPath}/anthropic/models/claude-sonnet-4-5@20250929:rawPredict`,
      stream: `${vertexPath}/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`,
    },
    headers: {},
  },
];

describe.each(shapes)(
  'a $kind account, $model',
  ({ kind, model, facts, paths, headers, own, streamsOnly }) => {
    test.each(protocols)('answers %s clients, whole and streamed, at its own address', async (protocol) => {
      using upstream = startUpstream(anyApi);
      const gateway = gatewayWith([{ kind, url: upstream.url, facts }]);
      const whole = await ask(gateway, { protocol, model });
      expect(whole.status).toBe(200);
      expect(callOf(protocol).textOf(await jsonIn(whole))).toBe('Hi there');
      const streamed = await ask(gateway, { protocol, model, stream: true });
      expect(streamed.headers['content-type']).toContain('text/event-stream');
      expect(await textOf(streamed)).toContain('Hi there');

      expect(upstream.asked.map(({ path }) => path)).toEqual([
        own?.[protocol] ?? paths.whole,
        own?.[protocol] ?? paths.stream,
      ]);
      for (const [index, asked] of upstream.asked.entries()) {
        expect(asked.headers.get('authorization')).toBe('Bearer token-1');
        expect(asked.headers.get('user-agent')).toBe('cli-proxy-api/test');
        expect(asked.headers.get('accept')).toBe(
          index === 1 || streamsOnly ? 'text/event-stream' : 'application/json',
        );
        expect(Object.fromEntries(asked.headers)).toMatchObject(headers);
        expect(JSON.stringify(bodyOf(asked))).toContain('Hello');
      }
    });
  },
);

test('nothing but protocol headers goes out: no other product is named', async () => {
  const usual = [
    'accept',
    'accept-encoding',
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'host',
  ];
  for (const { kind, model, facts, headers } of shapes) {
    using upstream = startUpstream(anyApi);
    await ask(gatewayWith([{ kind, url: upstream.url, facts }]), { protocol: 'openai-chat', model });
    const sent = [...(upstream.asked[0]?.headers.keys() ?? [])].filter(
      (name) => !usual.includes(name) && !(name in headers) && !name.startsWith('x-msh-'),
    );
    expect(sent.filter((name) => name !== 'x-dashscope-cachecontrol')).toEqual(['user-agent']);
  }
});

describe('Code Assist', () => {
  const model = 'gemini-2.5-pro';

  test('wraps the bytes of a Gemini client and hands back the bytes of the answer', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'gemini', url: upstream.url, facts: { projects: ['my-project'] } }]);
    const body = { contents: [{ role: 'user', parts: [{ text: 'Hé' }] }], unknownToUs: 1.5 };
    const whole = await ask(gateway, { protocol: 'gemini', model, body });
    expect(await textOf(whole)).toBe(JSON.stringify(geminiAnswer));
    const streamed = await ask(gateway, { protocol: 'gemini', model, body, stream: true });
    expect(await textOf(streamed)).toBe(`data: ${JSON.stringify(geminiAnswer)}\r\n\r\n`);
    for (const asked of upstream.asked) {
      expect(new TextDecoder().decode(asked.body)).toBe(
        `{"model":"${model}","project":"my-project","request":${JSON.stringify(body)}}`,
      );
    }
  });

  test('a JSON array is what a Gemini client without alt=sse gets', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'gemini', url: upstream.url, facts: {} }]);
    const streamed = await ask(gateway, { protocol: 'gemini', model, stream: true, query: '' });
    expect(callOf('gemini').textOf([await jsonIn(streamed)].flat()[0] ?? null)).toBe('Hi there');
  });

  test.each(protocols)('counts the tokens of %s requests', async (protocol) => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'gemini', url: upstream.url, facts: { projects: ['p'] } }]);
    const answered = await ask(gateway, { protocol, model, operation: 'count-tokens' });
    expect(answered.status).toBe(200);
    expect(JSON.stringify(await jsonIn(answered))).toContain('7');
    expect(upstream.asked[0]?.path).toBe('/v1internal:countTokens');
    expect(bodyOf(upstream.asked[0])).toEqual({
      request: { model: `models/${model}`, contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    });
  });

  test('each project of an account is a credential of its own', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'gemini', url: upstream.url, facts: { projects: ['one', 'two'] } }]);
    for (let turn = 0; turn < 2; turn++) await ask(gateway, { protocol: 'gemini', model });
    expect(upstream.asked.map((asked) => asObject(bodyOf(asked))?.project)).toEqual(['one', 'two']);
  });

  test('Antigravity gets no safety settings and no limit for Gemini models, and the client is told', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'antigravity', url: upstream.url, facts: { projects: ['p'] } }]);
    const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];
    const body = { contents, safetySettings: [], generationConfig: { maxOutputTokens: 9, topK: 3 } };
    const answered = await ask(gateway, { protocol: 'gemini', model: 'gemini-3-pro-high', body });
    expect(bodyOf(upstream.asked[0])).toEqual({
      model: 'gemini-3-pro-high',
      project: 'p',
      request: { contents, generationConfig: { topK: 3 } },
    });
    expect(answered.headers['x-translation-loss']).toBe('dropped:safetySettings, dropped:max_tokens');
  });
});

describe('Codex', () => {
  const facts = { accountId: 'workspace-1' };
  const asCodex: JsonObject = {
    model: 'gpt-5.1-codex',
    instructions: 'Be brief.',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }],
    tools: [],
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'k',
  };
  const question = { protocol: 'openai-responses', model: 'gpt-5.1-codex', stream: true } as const;

  test('what Codex itself sends goes on as the same bytes, with its session and without losses', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'codex', url: upstream.url, facts }]);
    const headers = { session_id: 's-1', originator: 'codex_cli_rs', 'user-agent': 'codex_cli_rs/1' };
    const answered = await ask(gateway, { ...question, body: asCodex, headers });
    expect(await textOf(answered)).toBe(responsesStream);
    expect(answered.headers['x-translation-loss']).toBeUndefined();
    const [asked] = upstream.asked;
    expect(new TextDecoder().decode(asked?.body)).toBe(JSON.stringify(asCodex));
    expect(asked?.headers.get('session_id')).toBe('s-1');
    expect(asked?.headers.get('user-agent')).toBe('cli-proxy-api/test');
  });

  test('a request of the public API is made one that the backend takes; what it refuses is reported', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'codex', url: upstream.url, facts }]);
    const body = {
      model: 'gpt-5.1-codex',
      input: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      tools: [{ type: 'web_search_preview' }],
      tool_choice: { type: 'web_search_preview' },
      include: ['file_search_call.results'],
      max_output_tokens: 100,
      temperature: 0.5,
      truncation: 'disabled',
      metadata: {},
      user: 'me',
      store: true,
      service_tier: 'flex',
    };
    const answered = await ask(gateway, { ...question, stream: false, body });
    expect(callOf('openai-responses').textOf(await jsonIn(answered))).toBe('Hi there');
    expect(bodyOf(upstream.asked[0])).toEqual({
      model: 'gpt-5.1-codex',
      instructions: '',
      input: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      tools: [{ type: 'web_search' }],
      tool_choice: { type: 'web_search' },
      include: ['file_search_call.results', 'reasoning.encrypted_content'],
      stream: true,
      store: false,
      prompt_cache_key: 'me',
    });
    expect(answered.headers['x-translation-loss']?.split(', ').sort()).toEqual([
      'dropped:max_output_tokens',
      'dropped:service_tier',
      'dropped:store',
      'dropped:temperature',
      'renamed:user',
    ]);
  });

  test("a conversation of Claude Code finds its cache again: its user is the cache's key", async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'codex', url: upstream.url, facts }]);
    for (const session of ['one', 'two', 'one']) {
      const metadata = { user_id: `user_${'0'.repeat(64)}_account__session_${session}` };
      const body = { ...callOf('anthropic-messages').body('gpt-5.1', 'Hello', false), metadata };
      await ask(gateway, { protocol: 'anthropic-messages', model: 'gpt-5.1', body });
    }
    const [one, two, again] = upstream.asked.map((asked) => asObject(bodyOf(asked))?.prompt_cache_key);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(again).toBe(one);
    expect(two).not.toBe(one);
  });

  test('with translation.strict a request that would lose something is refused by name', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'codex', url: upstream.url, facts }], {
      translation: { strict: true },
    });
    const refused = await ask(gateway, { ...question, body: { ...asCodex, temperature: 0.5 } });
    expect(refused.status).toBe(400);
    expect(await textOf(refused)).toContain('temperature');
    expect(upstream.asked).toEqual([]);
    expect((await ask(gateway, { ...question, body: asCodex })).status).toBe(200);
  });
});

describe('Claude', () => {
  const question = { protocol: 'anthropic-messages', model: 'claude-sonnet-4-5-20250929' } as const;

  test("the client's betas stand beside the one that lets a subscription in", async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'claude', url: upstream.url }]);
    const headers = {
      'anthropic-beta': 'context-1m-2025-08-07, oauth-2025-04-20',
      'x-api-key': 'of the client',
    };
    await ask(gateway, { ...question, headers });
    expect(upstream.asked[0]?.headers.get('anthropic-beta')).toBe('oauth-2025-04-20,context-1m-2025-08-07');
    expect(upstream.asked[0]?.headers.get('x-api-key')).toBeNull();
  });

  test('tokens are counted at the counting address', async () => {
    using upstream = startUpstream(() => Response.json({ input_tokens: 7 }));
    const gateway = gatewayWith([{ kind: 'claude', url: upstream.url }]);
    const counted = await ask(gateway, { ...question, operation: 'count-tokens' });
    expect(await jsonIn(counted)).toEqual({ input_tokens: 7 });
    expect(upstream.asked[0]?.path).toBe('/v1/messages/count_tokens?beta=true');
  });
});

describe('Vertex AI', () => {
  const question = { protocol: 'anthropic-messages', model: 'claude-opus-4-6' } as const;

  test('Claude bodies name the version and no model, but where tokens are counted', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'vertex', url: upstream.url, facts: vertexFacts }]);
    const messages = [{ role: 'user', content: 'Hello' }];
    await ask(gateway, { ...question, body: { model: 'claude-opus-4-6', max_tokens: 9, messages } });
    await ask(gateway, {
      ...question,
      operation: 'count-tokens',
      body: { model: 'claude-opus-4-6', messages },
    });
    expect(upstream.asked.map(bodyOf)).toEqual([
      { anthropic_version: 'vertex-2023-10-16', max_tokens: 9, messages },
      { model: 'claude-opus-4-6', messages },
    ]);
    expect(upstream.asked[1]?.path).toBe(`${vertexPath}/anthropic/models/count-tokens:rawPredict`);
  });

  test.each(protocols)(
    'tokens of %s requests to Gemini models are counted without a wrapper',
    async (protocol) => {
      using upstream = startUpstream(anyApi);
      const gateway = gatewayWith([{ kind: 'vertex', url: upstream.url, facts: vertexFacts }]);
      await ask(gateway, { protocol, model: 'gemini-2.5-pro', operation: 'count-tokens' });
      expect(bodyOf(upstream.asked[0])).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] });
    },
  );
});

describe('Chat Completions of accounts', () => {
  const chat = (kind: AccountKind, model: string, body: JsonObject) => async (): Promise<Json> => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind, url: upstream.url }]);
    await ask(gateway, { protocol: 'openai-chat', model, body: { model, ...body } });
    return bodyOf(upstream.asked[0]);
  };
  const messages = [{ role: 'user', content: 'Hello' }];

  test('iFlow gets no empty list of tools', async () => {
    const sent = await chat('iflow', 'glm-4.6', { messages, tools: [], tool_choice: 'auto' })();
    expect(sent).toEqual({ model: 'glm-4.6', messages });
  });

  test('Kimi finds the last thoughts beside each call, an id with each result, and no empty turns', async () => {
    const calls = (id: string) => [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }];
    const sent = await chat('kimi', 'kimi-k2.5', {
      messages: [
        ...messages,
        { role: 'assistant', content: '', tool_calls: calls('c0') },
        { role: 'tool', tool_call_id: 'c0', content: '0' },
        { role: 'assistant', content: '', reasoning_content: 'Hm.', tool_calls: calls('c1') },
        { role: 'tool', content: '1' },
        { role: 'assistant', content: '' },
        { role: 'assistant', content: '', tool_calls: calls('c2') },
        { role: 'tool', tool_call_id: 'c2', content: '2' },
      ],
    })();
    expect(sent).toEqual({
      model: 'k2.5',
      messages: [
        ...messages,
        {
          role: 'assistant',
          content: '',
          reasoning_content: '(these thoughts were not kept)',
          tool_calls: calls('c0'),
        },
        { role: 'tool', tool_call_id: 'c0', content: '0' },
        { role: 'assistant', content: '', reasoning_content: 'Hm.', tool_calls: calls('c1') },
        { role: 'tool', tool_call_id: 'c1', content: '1' },
        { role: 'assistant', content: '', reasoning_content: 'Hm.', tool_calls: calls('c2') },
        { role: 'tool', tool_call_id: 'c2', content: '2' },
      ],
    });
  });

  test('Kimi answers Claude clients in their own protocol: their bytes go through', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'kimi', url: upstream.url }]);
    const question = { protocol: 'anthropic-messages', model: 'kimi-for-coding', stream: true } as const;
    const body = { model: 'kimi-for-coding', stream: true, max_tokens: 9, messages, unknownToUs: 1.5 };
    const headers = { 'anthropic-beta': 'some-beta' };
    const answered = await ask(gateway, { ...question, body, headers });
    expect(await textOf(answered)).toBe(anthropicStream);
    expect(new TextDecoder().decode(upstream.asked[0]?.body)).toBe(JSON.stringify(body));
    expect(Object.fromEntries(upstream.asked[0]?.headers ?? [])).toMatchObject({
      authorization: 'Bearer token-1',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'some-beta',
    });
  });

  test('xAI gets no effort for models without levels, and no fields that it refuses', async () => {
    using upstream = startUpstream(anyApi);
    const gateway = gatewayWith([{ kind: 'xai', url: upstream.url }]);
    const body = { input: 'Hello', reasoning: { effort: 'high' }, safety_identifier: 'x' };
    for (const model of ['grok-4', 'grok-3-mini'])
      await ask(gateway, { protocol: 'openai-responses', model, body: { model, ...body } });
    expect(upstream.asked.map(bodyOf)).toEqual([
      { model: 'grok-4', input: 'Hello' },
      { model: 'grok-3-mini', input: 'Hello', reasoning: { effort: 'high' } },
    ]);
  });
});
