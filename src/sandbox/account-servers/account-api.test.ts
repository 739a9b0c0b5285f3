import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import {
  bearer,
  browserNames,
  deviceNames,
  getJson,
  postJson,
  rootOf,
  serviceAccountToken,
  signIn,
  text,
} from '../../../test/sandbox-flows.ts';
import { asObject, asString, isObject, type JsonObject } from '../../protocols/json.ts';
import { sseReader } from '../../protocols/sse.ts';
import { startSandbox } from '../start.ts';
import { people } from './people.ts';
import { type AccountName, accountNames } from './services.ts';

let later = 0;
const sandbox = startSandbox({ pace: 0, now: () => Date.now() + later });
beforeEach(() => {
  later = 0;
  sandbox.reset();
});
afterAll(() => sandbox.stop());

const chat = { model: 'sandbox', messages: [{ role: 'user', content: 'repeat: hi' }] };
const claude = { ...chat, max_tokens: 100 };
const { model: _, ...unnamed } = claude;
const gemini = { contents: [{ role: 'user', parts: [{ text: 'repeat: hi' }] }] };
const codex = {
  model: 'sandbox',
  instructions: '',
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'repeat: hi' }] }],
  store: false,
  stream: true,
};
const vertexPath = '/v1/projects/sandbox-project/locations/us-central1/publishers';

interface Api {
  name: AccountName;
  path: string;
  body: JsonObject;
  headers?: Record<string, string>;
  streams?: true;
}

/** Every call that an account is for. */
const apis: readonly Api[] = [
  {
    name: 'gemini',
    path: '/v1internal:generateContent',
    body: { model: 'sandbox', project: 'ada-main', request: gemini },
  },
  {
    name: 'gemini',
    path: '/v1internal:streamGenerateContent?alt=sse',
    body: {
      model: 'sandbox',
      project: 'ada-main',
      user_prompt_id: 'x',
      request: { ...gemini, session_id: 'x' },
    },
    streams: true,
  },
  {
    name: 'antigravity',
    path: '/v1internal:generateContent',
    body: {
      model: 'sandbox',
      project: 'ada-main',
      userAgent: 'antigravity',
      requestType: 'agent',
      requestId: 'agent-1',
      request: { ...gemini, sessionId: '-1' },
    },
  },
  {
    name: 'antigravity',
    path: '/v1internal:streamGenerateContent?alt=sse',
    body: { model: 'sandbox', request: gemini },
    streams: true,
  },
  { name: 'claude', path: '/v1/messages?beta=true', body: claude },
  { name: 'claude', path: '/v1/messages?beta=true', body: { ...claude, stream: true }, streams: true },
  { name: 'codex', path: '/backend-api/codex/responses', body: codex, streams: true },
  { name: 'qwen', path: '/v1/chat/completions', body: chat },
  { name: 'qwen', path: '/v1/chat/completions', body: { ...chat, stream: true }, streams: true },
  { name: 'iflow', path: '/v1/chat/completions', body: chat },
  { name: 'iflow', path: '/v1/chat/completions', body: { ...chat, stream: true }, streams: true },
  { name: 'kimi', path: '/coding/v1/chat/completions', body: chat },
  { name: 'kimi', path: '/coding/v1/chat/completions', body: { ...chat, stream: true }, streams: true },
  {
    name: 'kimi',
    path: '/coding/v1/messages?beta=true',
    body: claude,
    headers: { 'anthropic-version': '2023-06-01' },
  },
  { name: 'xai', path: '/v1/chat/completions', body: chat },
  {
    name: 'xai',
    path: '/v1/responses',
    body: { model: 'sandbox', input: 'repeat: hi', stream: true },
    streams: true,
  },
  { name: 'vertex', path: `${vertexPath}/google/models/sandbox:generateContent`, body: gemini },
  {
    name: 'vertex',
    path: `${vertexPath}/google/models/sandbox:streamGenerateContent?alt=sse`,
    body: gemini,
    streams: true,
  },
  {
    name: 'vertex',
    path: `${vertexPath}/anthropic/models/claude-x@20250929:rawPredict`,
    body: { ...unnamed, anthropic_version: 'vertex-2023-10-16' },
  },
  {
    name: 'vertex',
    path: `${vertexPath}/anthropic/models/claude-x@20250929:streamRawPredict`,
    body: { ...unnamed, anthropic_version: 'vertex-2023-10-16', stream: true },
    streams: true,
  },
];

/** Headers that a provider demands besides the token. */
const demanded: Partial<Record<AccountName, Record<string, string>>> = {
  claude: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'oauth-2025-04-20' },
  codex: { 'chatgpt-account-id': people[0]?.workspace.accountId ?? '' },
};

/** What the API takes as its bearer token. */
async function apiToken(name: AccountName, person = 'ada'): Promise<string> {
  if (name === 'vertex') return text((await serviceAccountToken(sandbox)).body.access_token);
  const token = text((await signIn(sandbox, name, person)).body.access_token);
  return name === 'iflow' ? iflowKey(token) : token;
}

async function iflowKey(token: string): Promise<string> {
  const url = `${rootOf(sandbox, 'iflow')}/api/oauth/getUserInfo?accessToken=${encodeURIComponent(token)}`;
  return asString(asObject((await getJson(url)).body.data)?.apiKey) ?? '';
}

function ask({ name, path, body, headers }: Api, token: string): Promise<Response> {
  return fetch(rootOf(sandbox, name) + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token), ...demanded[name], ...headers },
    body: JSON.stringify(body),
  });
}

/** The first call of this provider. */
function callOf(name: AccountName): Api {
  return apis.find((api) => api.name === name) ?? { name, path: '/', body: {} };
}

const named = apis.map((api): [string, Api] => [
  `${api.name} ${api.path}${api.streams ? ' as a stream' : ''}`,
  api,
]);

describe('with a good token', () => {
  test.each(named)('%s answers', async (_, api) => {
    const response = await ask(api, await apiToken(api.name));
    expect(response.status).toBe(200);
    const answer = await response.text();
    expect(answer).toContain('hi');
    expect(response.headers.get('content-type')).toContain(
      api.streams ? 'text/event-stream' : 'application/json',
    );
    expect(sandbox.requests.at(-1)).toMatchObject({
      key: api.name === 'vertex' ? 'service-account' : 'ada',
      status: 200,
      headers: { authorization: 'hidden' },
    });
  });

  test('Code Assist puts every answer, and every piece of a stream, under response', async () => {
    const [whole, stream] = apis;
    if (whole === undefined || stream === undefined) throw new Error('The table is empty.');
    const token = await apiToken('gemini');
    const answer: unknown = await (await ask(whole, token)).json();
    expect(answer).toMatchObject({ response: { candidates: [{ content: { parts: [{ text: 'hi' }] } }] } });
    const pieces: unknown[] = [];
    const reader = sseReader(({ data }) => pieces.push(JSON.parse(data)));
    reader.push(await (await ask(stream, token)).bytes());
    reader.end();
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces)
      expect(isObject(piece) && asObject(piece.response)?.candidates !== undefined).toBe(true);
  });

  test.each<[AccountName, string, JsonObject, string]>([
    ['gemini', '/v1internal:countTokens', { request: { model: 'models/sandbox', ...gemini } }, 'totalTokens'],
    ['antigravity', '/v1internal:countTokens', { request: gemini }, 'totalTokens'],
    ['claude', '/v1/messages/count_tokens', chat, 'input_tokens'],
    ['vertex', `${vertexPath}/google/models/sandbox:countTokens`, gemini, 'totalTokens'],
    ['vertex', `${vertexPath}/anthropic/models/count-tokens:rawPredict`, chat, 'input_tokens'],
  ])('%s counts tokens at %s', async (name, path, body, field) => {
    const response = await ask({ name, path, body }, await apiToken(name));
    const counted: unknown = await response.json();
    expect(counted).toMatchObject({ [field]: expect.any(Number) });
  });

  test.each<[AccountName, string, RegExp]>([
    ['claude', '/v1/models', /"type":"model"/],
    ['codex', '/backend-api/codex/models', /"slug":"sandbox"/],
    ['qwen', '/v1/models', /"object":"list"/],
    ['iflow', '/v1/models', /"object":"list"/],
    ['kimi', '/coding/v1/models', /"object":"list"/],
    ['xai', '/v1/models', /"object":"list"/],
  ])('%s lists models at %s', async (name, path, shape) => {
    const headers = { ...bearer(await apiToken(name)), ...demanded[name] };
    expect(await (await fetch(rootOf(sandbox, name) + path, { headers })).text()).toMatch(shape);
    expect((await fetch(rootOf(sandbox, name) + path)).status).toBe(name === 'xai' ? 403 : 401);
  });
});

/** The provider's own words for a token that is no longer good. */
const refusals: Record<AccountName, [number, object]> = {
  gemini: [401, { error: { code: 401, status: 'UNAUTHENTICATED' } }],
  antigravity: [401, { error: { code: 401, status: 'UNAUTHENTICATED' } }],
  vertex: [401, { error: { code: 401, status: 'UNAUTHENTICATED' } }],
  claude: [401, { type: 'error', error: { type: 'authentication_error' } }],
  codex: [401, { error: { code: 'token_expired' } }],
  qwen: [401, { error: { code: 'invalid_api_key' } }],
  iflow: [401, { error: { code: 'invalid_api_key' } }],
  kimi: [401, { error: { code: 'invalid_api_key' } }],
  xai: [403, { code: 'unauthenticated:bad-credentials' }],
};

describe('a token that is not good', () => {
  test.each(accountNames)('%s refuses one that has run out, was expired, or is none', async (name) => {
    const [status, body] = refusals[name];
    const refused = async (token: string) => {
      const response = await ask(callOf(name), token);
      const answer: unknown = await response.json();
      expect(response.status).toBe(status);
      expect(answer).toMatchObject(body);
    };
    await refused('none');
    const token = await apiToken(name);
    expect((await ask(callOf(name), token)).status).toBe(200);
    expect(sandbox.accounts.expire({ provider: name })).toBeGreaterThan(0);
    await refused(token);
    sandbox.accounts.setLifetime(60, name);
    const short = await apiToken(name);
    later = 59_000;
    expect((await ask(callOf(name), short)).status).toBe(200);
    later = 61_000;
    await refused(short);
  });

  test.each([...browserNames, ...deviceNames])('%s refuses that of a revoked login', async (name) => {
    const token = await apiToken(name);
    sandbox.accounts.revoke();
    expect((await ask(callOf(name), token)).status).toBe(refusals[name][0]);
  });

  test('of another provider does not help', async () => {
    expect((await ask(callOf('qwen'), await apiToken('kimi'))).status).toBe(401);
  });

  test('iFlow takes the key of the user information, not the access token', async () => {
    const { body } = await signIn(sandbox, 'iflow');
    expect((await ask(callOf('iflow'), text(body.access_token))).status).toBe(401);
    expect((await ask(callOf('iflow'), await iflowKey(text(body.access_token)))).status).toBe(200);
  });
});

describe('what stands around a request is demanded', () => {
  test('Claude: the OAuth beta', async () => {
    const headers = { 'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14' };
    const response = await ask({ ...callOf('claude'), headers }, await apiToken('claude'));
    expect(response.status).toBe(401);
    const joined = { 'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14, oauth-2025-04-20' };
    expect((await ask({ ...callOf('claude'), headers: joined }, await apiToken('claude'))).status).toBe(200);
  });

  test('Codex: the workspace of the login', async () => {
    const response = await ask(callOf('codex'), await apiToken('codex', 'ada-team'));
    expect(response.status).toBe(403);
  });

  test.each<[JsonObject, string]>([
    [{ stream: false }, 'Stream must be set to true'],
    [{ store: true }, 'Store must be set to false'],
    [{ instructions: null }, 'Instructions are required'],
    [{ input: 'hi' }, 'Input must be a list'],
    [{ temperature: 0 }, 'Unsupported parameter: temperature'],
    [{ max_output_tokens: 100 }, 'Unsupported parameter: max_output_tokens'],
    [{ previous_response_id: 'resp_1' }, 'Unsupported parameter: previous_response_id'],
    [{ input: [{ role: 'system', content: 'x' }] }, 'System messages are not allowed'],
    [{ service_tier: 'flex' }, 'Unsupported service_tier: flex'],
  ])('Codex: %j is refused', async (change, detail) => {
    const api = { ...callOf('codex'), body: { ...codex, ...change } };
    const response = await ask(api, await apiToken('codex'));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ detail });
  });

  test.each<[AccountName, JsonObject, number, RegExp]>([
    ['gemini', { model: 'm', request: gemini }, 400, /project/],
    ['gemini', { model: 'm', project: 'grace-web', request: gemini }, 403, /CONSUMER_INVALID/],
    ['gemini', { model: 'm', project: 'ada-main', request: { ...gemini, model: 'm' } }, 400, /model/],
    ['gemini', { model: 'm', project: 'ada-main', requestId: 'x', request: gemini }, 400, /requestId/],
    ['antigravity', { model: 'm', project: 'alan-one', request: gemini }, 403, /CONSUMER_INVALID/],
    ['antigravity', { ...gemini }, 400, /model/],
  ])('%s: the envelope %j is answered %d', async (name, body, status, shape) => {
    const response = await ask({ ...callOf(name), body }, await apiToken(name));
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(shape);
  });

  test('Gemini: the API must be on in the project', async () => {
    const token = await apiToken('gemini', 'alan');
    const api = { ...callOf('gemini'), body: { model: 'm', project: 'alan-two', request: gemini } };
    const refused = await ask(api, token);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('SERVICE_DISABLED');
    const service = `${rootOf(sandbox, 'gemini')}/v1/projects/alan-two/services/cloudaicompanion.googleapis.com`;
    expect((await getJson(service, bearer(token))).body.state).toBe('DISABLED');
    expect((await postJson(`${service}:enable`, {}, bearer(token))).status).toBe(200);
    expect((await getJson(service, bearer(token))).body.state).toBe('ENABLED');
    expect((await ask(api, token)).status).toBe(200);
  });

  test.each<[string, JsonObject, number]>([
    ['no version', { ...unnamed }, 400],
    ['the model in the body', { ...claude, anthropic_version: 'vertex-2023-10-16' }, 400],
  ])('Vertex: a Claude request with %s is refused', async (_, body, status) => {
    const path = `${vertexPath}/anthropic/models/claude-x:rawPredict`;
    expect((await ask({ name: 'vertex', path, body }, await apiToken('vertex'))).status).toBe(status);
  });

  test('Vertex: the project must be the service account’s', async () => {
    const path = '/v1/projects/another/locations/global/publishers/google/models/m:generateContent';
    expect((await ask({ name: 'vertex', path, body: gemini }, await apiToken('vertex'))).status).toBe(403);
  });

  test.each(accountNames)('%s has no other paths', async (name) => {
    const api = { name, path: '/v1/nothing', body: {} };
    expect((await ask(api, await apiToken(name))).status).toBe(404);
  });
});

describe('faults of the API', () => {
  const quotas: [AccountName, object, Record<string, string>][] = [
    ['gemini', { error: { status: 'RESOURCE_EXHAUSTED', details: [{}, { retryDelay: '30s' }] } }, {}],
    [
      'antigravity',
      { error: { status: 'RESOURCE_EXHAUSTED', details: [{ metadata: { quotaResetDelay: '30s' } }, {}] } },
      {},
    ],
    ['vertex', { error: { status: 'RESOURCE_EXHAUSTED' } }, {}],
    [
      'claude',
      { error: { type: 'rate_limit_error' } },
      { 'retry-after': '30', 'anthropic-ratelimit-unified-status': 'rejected' },
    ],
    ['codex', { error: { type: 'usage_limit_reached', resets_in_seconds: 30, plan_type: 'plus' } }, {}],
    ['qwen', { error: { code: 'insufficient_quota' } }, {}],
    ['iflow', { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': '30' }],
    ['kimi', { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': '30' }],
    ['xai', { code: 'subscription:free-usage-exhausted' }, {}],
  ];

  test.each(quotas)(
    '%s tells in its own way that the quota is used up, as often as asked',
    async (name, body, headers) => {
      const token = await apiToken(name);
      sandbox.accounts.fault({ provider: name, at: 'api', fault: 'quota', retryAfter: 30, times: 2 });
      for (let i = 0; i < 2; i++) {
        const response = await ask(callOf(name), token);
        expect(response.status).toBe(429);
        const answer: unknown = await response.json();
        expect(answer).toMatchObject(body);
        for (const [header, value] of Object.entries(headers))
          expect(response.headers.get(header)).toBe(value);
      }
      expect((await ask(callOf(name), token)).status).toBe(200);
    },
  );

  test('only the person who was meant is struck', async () => {
    const [ada, grace] = [await apiToken('qwen'), await apiToken('qwen', 'grace')];
    sandbox.accounts.fault({ person: 'grace', at: 'api', fault: 'unauthorized' });
    expect((await ask(callOf('qwen'), ada)).status).toBe(200);
    expect((await ask(callOf('qwen'), grace)).status).toBe(401);
    expect((await ask(callOf('qwen'), grace)).status).toBe(200);
  });

  test('a status comes in the provider’s shape; faults of models work as everywhere, the person being the key', async () => {
    sandbox.accounts.fault({ at: 'api', fault: 'status', status: 503 });
    const token = await apiToken('claude');
    const api = callOf('claude');
    const down = await ask(api, token);
    const answer: unknown = await down.json();
    expect([down.status, answer]).toMatchObject([503, { error: { type: 'overloaded_error' } }]);
    const limited = { ...api, body: { ...claude, model: 'sandbox-fault-529@ada' } };
    expect((await ask(limited, token)).status).toBe(529);
    expect((await ask(limited, await apiToken('claude', 'ada-team'))).status).toBe(200);
  });
});
