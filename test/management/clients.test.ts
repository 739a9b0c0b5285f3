/**
 * What programs of others ask, in their order and with their headers, and what they read of the answers. Sources: the
 * sources and recordings of each, at the version beside its name; a line is a request.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { eventually } from '../eventually.ts';
import { declaredText } from './described.ts';
import { firstClientKey, ownerKey, type PreparedGateway, preparedGateway } from './prepared-gateway.ts';

interface Step {
  ask: string;
  body?: unknown;
  form?: Record<string, string>;
  /** Of the file of a form, whose field is `file`. */
  file?: string;
  /** 200 if absent. */
  status?: number;
  /** What the client reads of it; `keep` remembers a value for later addresses and bodies as `{name}`. */
  reads?: object;
  keep?: Record<string, (body: ReturnType<typeof JSON.parse>) => unknown>;
  key?: 'client';
}

let gateway: PreparedGateway;
beforeAll(async () => {
  gateway = await preparedGateway();
}, 30_000);
afterAll(() => gateway[Symbol.asyncDispose]());

const bearer = { authorization: `Bearer ${ownerKey}` };
const text = expect.any(String);
const number = expect.any(Number);
const flag = expect.any(Boolean);
const ok = { status: 'ok' };

const anAccount = {
  name: text,
  auth_index: expect.stringMatching(/^[0-9a-f]{16}$/),
  type: text,
  provider: text,
  email: text,
  label: text,
  status: text,
  status_message: text,
  disabled: flag,
  unavailable: flag,
  runtime_only: flag,
  success: number,
  failed: number,
  recent_requests: expect.arrayContaining([{ time: text, success: number, failed: number }]),
};
const byName = (name: string) => (body: { files: { name: string; auth_index: string }[] }) =>
  body.files.find((file) => file.name === name)?.auth_index;

const accounts: Step = {
  ask: 'GET auth-files',
  reads: { files: expect.arrayContaining([expect.objectContaining(anAccount)]) },
  keep: { claude: byName('claude-b@example.test.json'), codex: byName('codex-a@example.test.json') },
};
const lists = ['gemini', 'claude', 'codex'].map((name) => `${name}-api-key`);
const config: Step = {
  ask: 'GET config',
  reads: {
    'api-keys': expect.arrayContaining([firstClientKey]),
    ...Object.fromEntries(lists.map((list) => [list, expect.any(Array)])),
    'openai-compatibility': expect.any(Array),
    'oauth-excluded-models': expect.any(Object),
    'oauth-model-alias': expect.any(Object),
    debug: flag,
    'proxy-url': text,
    'request-retry': number,
    'quota-exceeded': { 'switch-project': flag, 'switch-preview-model': flag },
    'request-log': flag,
    'logging-to-file': flag,
    'ws-auth': flag,
    'force-model-prefix': flag,
    routing: { strategy: text },
    'usage-statistics-enabled': flag,
  },
};
const models: Step = { ask: 'GET /v1/models', key: 'client', reads: { data: expect.any(Array) } };
const compatible: Step = {
  ask: 'GET openai-compatibility',
  reads: {
    'openai-compatibility': [
      {
        name: 'fake',
        disabled: flag,
        'base-url': text,
        'api-key-entries': [{ 'api-key': text, 'auth-index': text }],
        models: [{ name: 'm-one', alias: 'one' }],
      },
    ],
  },
  keep: { key: (body) => body['openai-compatibility'][0]['api-key-entries'][0]['auth-index'] },
};
const vertexKeys: Step = { ask: 'GET vertex-api-key', reads: { 'vertex-api-key': [] } };
const keyList = (name: string): Step => ({ ask: `GET ${name}`, reads: { [name]: expect.any(Array) } });
/** What reads quotas or models with the key of an account. */
const call = (more: object = {}): Step => ({
  ask: 'POST api-call',
  body: {
    method: 'GET',
    url: '{upstream}/v1/models',
    header: { Authorization: 'Bearer $TOKEN$' },
    auth_index: '{key}',
    ...more,
  },
  reads: { status_code: 200, header: expect.any(Object), body: expect.stringContaining('m-two') },
});
const authUrl = (ask: string): Step => ({
  ask: `GET ${ask}`,
  reads: { status: 'ok', url: expect.stringMatching(/^https?:/), state: text },
  keep: { state: (body) => body.state },
});
const waits: Step = { ask: 'GET get-auth-status?state={state}', reads: { status: 'wait' } };
const cancels: Step = { ask: 'DELETE oauth-session?state={state}', reads: { status: 'ok', cancelled: true } };
const callback = (provider: string): Step => ({
  ask: 'POST oauth-callback',
  body: { provider, redirect_url: 'http://localhost/cb?error=access_denied&state={state}' },
  reads: ok,
});
const yaml: Step = { ask: 'GET config.yaml', keep: { yaml: (body) => body } };
const writesYaml: Step = { ask: 'PUT config.yaml', body: '{yaml}', reads: { ok: true, changed: ['config'] } };
const logs: Step = {
  ask: 'GET logs?limit=10000',
  reads: { lines: expect.any(Array), 'line-count': number, 'latest-timestamp': number, 'next-cursor': text },
  keep: { cursor: (body) => body['next-cursor'], after: (body) => body['latest-timestamp'] },
};
const flagSetting = (name: string, value: boolean): Step[] => [
  { ask: `GET ${name}`, reads: { [name.split('/').at(-1) ?? '']: flag } },
  { ask: `PUT ${name}`, body: { value }, reads: ok },
];
const status = (disabled: boolean): Step => ({
  ask: 'PATCH auth-files/status',
  body: { name: 'codex-a@example.test.json', disabled },
  reads: { status: 'ok', disabled },
});
const download: Step = {
  ask: 'GET auth-files/download?name=codex-a@example.test.json',
  reads: { type: 'codex', access_token: 'at' },
};
const fields: Step = {
  ask: 'PATCH auth-files/fields',
  body: { name: 'codex-a@example.test.json', prefix: '', priority: 3, note: 'mine' },
  reads: ok,
};
const accountModels: Step = {
  ask: 'GET auth-files/models?name=codex-a@example.test.json',
  reads: { models: expect.arrayContaining([expect.objectContaining({ id: text })]) },
};
const upload: Step = {
  ask: 'POST auth-files',
  file: '{"type":"claude","email":"new@example.test","access_token":"x","refresh_token":"y"}',
  reads: ok,
};
const removal: Step = { ask: 'DELETE auth-files', body: { names: ['uploaded.json'] }, reads: ok };
const badVertex: Step = {
  ask: 'POST vertex/import',
  file: '{"type":"service_account"}',
  form: { location: 'us-central1' },
  status: 400,
  reads: { error: text },
};
const queue: Step = {
  ask: 'GET usage-queue?count=100',
  reads: expect.arrayContaining([
    expect.objectContaining({
      timestamp: text,
      model: 'm-one',
      alias: 'one',
      endpoint: 'POST /v1/chat/completions',
      auth_index: text,
      api_key: text,
      failed: false,
      latency_ms: number,
      request_id: text,
      tokens: expect.objectContaining({ input_tokens: 11, output_tokens: 7, total_tokens: 18 }),
    }),
  ]),
};
const chat: Step = {
  ask: 'POST /v1/chat/completions',
  key: 'client',
  body: { model: 'one', messages: [{ role: 'user', content: 'hi' }] },
};
const usage: Step = {
  ask: 'GET usage',
  reads: {
    usage: { total_requests: number, success_count: number, total_tokens: number, apis: expect.any(Object) },
    failed_requests: number,
  },
};
const exported: Step = {
  ask: 'GET usage/export',
  reads: { version: 1, exported_at: text, usage: expect.any(Object) },
  keep: { usage: (body) => body },
};
const imported: Step = {
  ask: 'POST usage/import',
  body: '{usage}',
  reads: { added: number, skipped: number, total_requests: number, failed_requests: number },
};
const latest: Step = {
  ask: 'GET latest-version',
  reads: { 'latest-version': expect.stringMatching(/^v?\d/) },
};
const clientKeys: Step = {
  ask: 'GET api-keys',
  reads: { 'api-keys': expect.arrayContaining([firstClientKey]) },
};
const errorLogs: Step = { ask: 'GET request-error-logs', reads: { files: expect.any(Array) } };
const keyUsage: Step = { ask: 'GET api-key-usage', reads: {} };
const allFlags = ['debug', 'logging-to-file', 'usage-statistics-enabled', 'request-log'];
const settings: Step[] = [
  ...allFlags.flatMap((name) => flagSetting(name, name === 'logging-to-file' || name.startsWith('usage'))),
  ...flagSetting('quota-exceeded/switch-project', false),
  ...flagSetting('quota-exceeded/switch-preview-model', false),
  { ask: 'GET routing/strategy', reads: { strategy: text } },
  { ask: 'PUT routing/strategy', body: { value: 'round-robin' }, reads: ok },
  { ask: 'PUT request-retry', body: { value: 3 }, reads: ok },
  { ask: 'PUT max-retry-interval', body: { value: 30 }, reads: ok },
  { ask: 'PUT proxy-url', body: { value: '' }, reads: ok },
];

/** Each page of the peer's panel. */
const pages: Record<string, Step[]> = {
  login: [config],
  dashboard: [config, accounts, keyUsage, models],
  'ai-providers': [
    config,
    accounts,
    vertexKeys,
    compatible,
    config,
    {
      ask: 'PUT claude-api-key',
      body: [{ 'api-key': 'sk-panel', 'base-url': '{upstream}', models: [] }],
      reads: ok,
    },
    keyList('claude-api-key'),
    { ask: 'DELETE claude-api-key?api-key=sk-panel&base-url={upstream}', reads: ok },
    { ask: 'PATCH openai-compatibility', body: { index: 0, value: { disabled: true } }, reads: ok },
    { ask: 'PATCH openai-compatibility', body: { index: 0, value: { disabled: false } }, reads: ok },
    compatible,
    call(),
  ],
  'quick-start': [config, vertexKeys, compatible],
  'auth-files': [
    accounts,
    { ask: 'GET oauth-excluded-models', reads: { 'oauth-excluded-models': expect.any(Object) } },
    { ask: 'GET oauth-model-alias', reads: { 'oauth-model-alias': expect.any(Object) } },
    accountModels,
    download,
    fields,
    status(true),
    status(false),
    upload,
    removal,
  ],
  'auth-files/oauth-excluded': [
    { ask: 'GET oauth-excluded-models', reads: { 'oauth-excluded-models': expect.any(Object) } },
    accounts,
    {
      ask: 'GET model-definitions/codex',
      reads: { models: expect.arrayContaining([expect.objectContaining({ id: text })]) },
    },
    { ask: 'PATCH oauth-excluded-models', body: { provider: 'codex', models: ['gpt-4*'] }, reads: ok },
    { ask: 'GET oauth-excluded-models', reads: { 'oauth-excluded-models': { codex: ['gpt-4*'] } } },
    { ask: 'DELETE oauth-excluded-models?provider=codex', reads: ok },
  ],
  'auth-files/oauth-model-alias': [
    { ask: 'GET oauth-model-alias', reads: { 'oauth-model-alias': expect.any(Object) } },
    {
      ask: 'PATCH oauth-model-alias',
      body: { channel: 'codex', aliases: [{ name: 'gpt-5', alias: 'five' }] },
      reads: ok,
    },
    {
      ask: 'GET oauth-model-alias',
      reads: { 'oauth-model-alias': { codex: [{ name: 'gpt-5', alias: 'five' }] } },
    },
    { ask: 'DELETE oauth-model-alias?channel=codex', reads: ok },
  ],
  oauth: [
    { ask: 'GET plugins', reads: { plugins: [] } },
    ...['codex', 'anthropic', 'antigravity'].flatMap((name) => [
      authUrl(`${name}-auth-url?is_webui=true`),
      waits,
      callback(name),
    ]),
    badVertex,
  ],
  quota: [accounts, compatible, call()],
  config: [yaml, yaml, writesYaml, yaml, config],
  logs: [
    logs,
    { ...logs, ask: 'GET logs?cursor={cursor}' },
    { ask: 'GET logs?after={after}', reads: { lines: expect.any(Array) } },
    errorLogs,
    { ask: 'GET request-error-logs/none.log', status: 404, reads: { error: text } },
    { ask: 'GET request-log-by-id/none1234', status: 404, reads: { error: text } },
    { ask: 'DELETE logs', reads: { success: true, message: text, removed: number } },
  ],
  system: [config, models, latest, ...flagSetting('request-log', false)],
  plugins: [
    { ask: 'GET plugins', reads: { plugins_enabled: false, plugins: [] } },
    { ask: 'GET plugin-store', reads: { plugins: [] } },
    {
      ask: 'PATCH plugins/demo/enabled',
      body: { enabled: true },
      status: 404,
      reads: { error: 'plugin_not_found' },
    },
  ],
};

const quotio: Step[] = [
  accounts,
  config,
  latest,
  usage,
  clientKeys,
  compatible,
  call(),
  accountModels,
  status(true),
  status(false),
  download,
  authUrl('anthropic-auth-url'),
  waits,
  authUrl('iflow-auth-url'),
  badVertex,
  logs,
  ...settings,
];

const clients: Record<string, { headers?: Record<string, string>; steps: Step[] }> = {
  'Quotio (2026-08)': { headers: { 'user-agent': 'Quotio/1' }, steps: quotio },
  'quotio-desktop (2026-07)': { steps: [...quotio, authUrl('codex-auth-url'), cancels, chat, queue] },
  'CPA Usage Keeper (2026-08)': {
    steps: [
      accounts,
      clientKeys,
      ...lists.map(keyList),
      compatible,
      chat,
      queue,
      call(),
      status(false),
      models,
    ],
  },
  'CPA-Manager-Plus (2026-08)': {
    steps: [
      config,
      accounts,
      chat,
      queue,
      usage,
      exported,
      imported,
      fields,
      { ask: 'GET plugin-store', reads: { plugins: [] } },
    ],
  },
  'cliproxyapi-dashboard (2026-06)': {
    steps: [
      config,
      accounts,
      clientKeys,
      compatible,
      usage,
      logs,
      ...settings,
      authUrl('codex-auth-url'),
      callback('codex'),
      { ask: 'GET ampcode', status: 404 },
    ],
  },
  'ProxyPal (2026-06)': {
    headers: { 'x-management-key': ownerKey, authorization: '' },
    steps: [
      accounts,
      yaml,
      writesYaml,
      ...['anthropic', 'codex', 'gemini-cli', 'iflow'].flatMap((name) => [
        authUrl(`${name}-auth-url?is_webui=true`),
        waits,
      ]),
      callback('iflow'),
      download,
      usage,
      exported,
      imported,
      { ask: 'GET ws-auth', reads: { 'ws-auth': true } },
      { ask: 'GET max-retry-interval', reads: { 'max-retry-interval': number } },
    ],
  },
  'ZeroLimit (2026-02)': {
    steps: [
      config,
      accounts,
      compatible,
      call(),
      download,
      yaml,
      logs,
      errorLogs,
      usage,
      latest,
      authUrl('antigravity-auth-url'),
      waits,
      callback('antigravity'),
    ],
  },
  'EasyCLIProxyAPI (2026-08)': {
    steps: [
      accounts,
      status(true),
      status(false),
      fields,
      authUrl('codex-auth-url'),
      waits,
      cancels,
      yaml,
      writesYaml,
      compatible,
      call(),
      chat,
      queue,
    ],
  },
  'Quota Inspector': { steps: [accounts, compatible, call({ authIndex: '{key}', auth_index: undefined })] },
  'PoolWidget (iOS)': { steps: [accounts, compatible, call(), keyUsage] },
  ProxyPilot: { steps: [accounts, config, yaml, logs, usage, authUrl('anthropic-auth-url'), waits] },
  CodexBar: { headers: { accept: 'application/json' }, steps: [chat, queue] },
  'All API Hub': {
    steps: [
      compatible,
      latest,
      {
        ask: 'PATCH openai-compatibility',
        body: { name: 'fake', value: { headers: { 'X-A': 'b' } } },
        reads: ok,
      },
    ],
  },
  'opencode-cpa-quota (2026-10)': { steps: [accounts, compatible, call()] },
  'cliproxyapi-cli (2026-08)': { steps: [accounts, status(true), status(false), compatible, call()] },
  'herdr-cliproxy (v8)': {
    steps: [
      { ...accounts, ask: 'GET /v8/management/credentials' },
      { ask: 'GET /v8/management/credentials/quota/providers', reads: { providers: expect.any(Array) } },
      { ask: 'POST /v8/management/routing/cooldown/reset', body: { auth_index: '{claude}' }, reads: ok },
      { ask: 'GET /v8/management/observability/logs/errors', reads: { files: expect.any(Array) } },
      authUrl('/v8/management/oauth/auth-url?provider=codex'),
      { ...waits, ask: 'GET /v8/management/oauth/status?state={state}' },
      { ...cancels, ask: 'DELETE /v8/management/oauth/session?state={state}' },
    ],
  },
};

async function run(steps: Step[], headers: Record<string, string>): Promise<void> {
  const kept: Record<string, unknown> = { upstream: gateway.upstreamUrl };
  for (const step of steps) {
    const look = async () => {
      const { status: code, body } = await asked(step, headers, kept);
      if (code !== (step.status ?? 200)) throw new Error(`${step.ask}: ${code} ${JSON.stringify(body)}`);
      return body;
    };
    let body = await look();
    if (step === queue)
      await eventually(async () => {
        if (body.length === 0) body = await look();
        return body.length > 0;
      });
    // First: toMatchObject of Bun 1.4.5 puts the matchers into what it compares.
    for (const [name, find] of Object.entries(step.keep ?? {})) kept[name] = find(body);
    if (step.reads !== undefined)
      expect({ ask: step.ask, body }).toMatchObject({ ask: step.ask, body: step.reads });
  }
}

async function asked(step: Step, headers: Record<string, string>, kept: Record<string, unknown>) {
  const filled = (written: string) =>
    written.replace(/\{(\w+)\}/g, (whole, name) => String(kept[name] ?? whole));
  const [method = '', where = ''] = filled(step.ask).split(' ');
  const wholeValue = typeof step.body === 'string' ? kept[step.body.slice(1, -1)] : undefined;
  const isText = typeof wholeValue === 'string';
  const sent = isText ? wholeValue : filled(JSON.stringify(wholeValue ?? step.body) ?? '');
  const form = new FormData();
  if (step.file !== undefined)
    form.append('file', new Blob([step.file], { type: 'application/json' }), 'uploaded.json');
  for (const [name, value] of Object.entries(step.form ?? {})) form.append(name, value);
  const payload = step.file === undefined ? sent : form;
  const address = `${gateway.url}${where.startsWith('/') ? where : `/v0/management/${where}`}`;
  const response = await fetch(address, {
    method,
    headers: {
      ...bearer,
      ...headers,
      ...(step.key === 'client' && { authorization: `Bearer ${firstClientKey}` }),
      ...(step.file === undefined && !isText && { 'content-type': 'application/json' }),
    },
    ...(payload !== '' && { body: payload }),
  });
  if (step.key === undefined && headers.origin !== undefined) {
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('x-cpa-support-plugin')).toBe('0');
  }
  const said = await declaredText(method, address, response);
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, body: isJson ? JSON.parse(said) : said };
}

describe('the peer’s panel 1.22.2, in a browser at another address', () => {
  const origin = { origin: 'http://panel.example.test:5173' };

  test('its browser may ask with the key, which the preflight does not have', async () => {
    const response = await fetch(`${gateway.url}/v0/management/config`, {
      method: 'OPTIONS',
      headers: {
        ...origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')?.toLowerCase()).toMatch(/authorization|\*/);
  });

  test('the login says no to a wrong key', async () => {
    const headers = { ...origin, authorization: 'Bearer wrong' };
    expect((await fetch(`${gateway.url}/v0/management/config`, { headers })).status).toBe(401);
  });

  test.each(Object.entries(pages))('page %s', (_, steps) => run(steps, origin));
});

test.each(Object.entries(clients))('%s', (_, { headers = {}, steps }) => run(steps, headers));
