/** Every operation of the OpenAPI document is asked of a gateway that runs, so that it works and so that it does not. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { sandboxProviders } from '../../sandbox/account-servers/addresses.ts';
import { controlSocketPath } from '../../src/accounts/control-path.ts';
import { managementRoutes } from '../../src/management/routes.ts';
import { eventually } from '../eventually.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { managementDocument, operationOf, operations, undeclared, wrongExamples } from './described.ts';
import { managedGateway } from './managed-gateway.ts';
import { firstClientKey, ownerKey, type PreparedGateway, preparedGateway } from './prepared-gateway.ts';

const sandbox = sandboxOfTests();
let gateway: PreparedGateway;

/** Statuses with which each operation has answered, and what the document does not declare of them. */
const seen = new Map<string, Set<number>>();
const wrong: string[] = [];

beforeAll(async () => {
  // Google is asked where the key of a service account says: nobody is there.
  const { vertex: _, ...providers } = sandboxProviders(sandbox.url);
  gateway = await preparedGateway(providers);
  const logs = join(gateway.path, 'logs');
  mkdirSync(logs, { recursive: true });
  writeFileSync(join(logs, 'error-chat-2026-0011223344556677.log'), 'what happened');
}, 30_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

interface Ask {
  key?: string;
  headers?: Record<string, string>;
  /** Over the control socket. */
  here?: boolean;
}

/** Text as it is, a form as it is, everything else as JSON. */
async function ask(
  method: string,
  path: string,
  body?: unknown,
  { key = ownerKey, headers, here }: Ask = {},
) {
  const unix = here ? controlSocketPath(join(gateway.path, 'auth')) : undefined;
  const isText = typeof body === 'string' || body instanceof FormData;
  const response = await fetch(`${unix === undefined ? gateway.url : 'http://gateway'}${path}`, {
    method,
    redirect: 'manual',
    ...(unix !== undefined && { unix }),
    headers: {
      ...(key !== '' && { authorization: `Bearer ${key}` }),
      ...(!isText && body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status } = response;
  wrong.push(...undeclared({ method, path, status, headers: response.headers, text }));
  const operation = operationOf(method, path);
  if (operation !== undefined) seen.set(operation.id, (seen.get(operation.id) ?? new Set()).add(status));
  return { status, text, headers: response.headers };
}

/** The JSON of an answer that is as it should be. */
async function good(
  method: string,
  path: string,
  body?: unknown,
  how?: Ask,
): Promise<ReturnType<typeof JSON.parse>> {
  const { status, text, headers } = await ask(method, path, body, how);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text;
}

/** Where an address of version 0 stands in version 8. */
const newer = new Map(
  managementRoutes(JSON.parse('{}')).flatMap(({ v0, v8 }) =>
    v0 !== undefined && v8 !== undefined ? [[v0, v8] as const] : [],
  ),
);

/** The same address in version 8; undefined where it has none. */
function inNewer(path: string): string | undefined {
  const [plain = '', query] = path.split('?');
  for (const [pattern, v8] of newer) {
    const found = new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/:\w+/g, '([^/]+)')}$`).exec(plain);
    if (found !== null)
      return `/v8/management/${v8.replace(/:\w+/, found[1] ?? '')}${query === undefined ? '' : `?${query}`}`;
  }
  return undefined;
}

const form = (text: string, name = 'm1.json') => {
  const made = new FormData();
  made.append('file', new Blob([text], { type: 'application/json' }), name);
  return made;
};

/** Begins a sign-in and goes where a browser goes: gives the address at which it ends, where nobody listens. */
async function endOfSignIn(name: string): Promise<{ address: string; state: string }> {
  const { url, state } = await good('GET', `/v0/management/${name}-auth-url`);
  let address = `${url}&sandbox_person=ada&sandbox_answer=allow`;
  while (address.startsWith(sandbox.url)) {
    const page = await fetch(address, { redirect: 'manual' });
    address = new URL(page.headers.get('location') ?? '', address).href;
  }
  return { address, state };
}

/** Signs in to the sandbox over the API, so that there is an account whose tokens can be renewed. */
async function signedIn(name: string): Promise<void> {
  const { address, state } = await endOfSignIn(name);
  await good('POST', '/v0/management/oauth-callback', { redirect_url: address }, { key: '' });
  await eventually(
    async () => (await good('GET', `/v0/management/get-auth-status?state=${state}`)).status !== 'wait',
  );
}

/** A request, whose answer says what is left of the key that served it. */
const chatted = () =>
  good(
    'POST',
    '/v1/chat/completions',
    { model: 'one', messages: [{ role: 'user', content: 'hi' }] },
    { key: firstClientKey },
  );

async function serviceAccount(): Promise<string> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, hash: 'SHA-256' };
  const { privateKey } = await crypto.subtle.generateKey(
    { ...algorithm, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  );
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  return JSON.stringify({
    type: 'service_account',
    project_id: 'p1',
    client_email: 'a@p1.iam',
    // Nobody is there: the key is taken unchecked.
    token_uri: 'http://127.0.0.1:1/',
    private_key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  });
}

const flags = [
  'debug',
  'logging-to-file',
  'usage-statistics-enabled',
  'request-log',
  'ws-auth',
  'force-model-prefix',
];
const numbers = [
  'logs-max-total-size-mb',
  'error-logs-max-files',
  'request-retry',
  'max-retry-credentials',
  'max-retry-interval',
];
const keyLists = ['gemini', 'claude', 'codex', 'xai', 'vertex', 'interactions'].map(
  (name) => `${name}-api-key`,
);

/** What each operation is asked so that it works, and leaves the gateway as it was. `v8`: the same below the other base. */
async function everythingWorks(base: (path: string) => string | undefined): Promise<void> {
  const at = async (method: string, path: string, body?: unknown, how?: Ask) => {
    const where = base(path);
    return where === undefined ? undefined : good(method, where, body, how);
  };
  for (const path of ['gateway', 'process', 'cluster', 'replica', 'refusals', 'requests', 'cooldowns'])
    await at('GET', path);
  for (const path of [
    'quotas?history=true',
    'routing?model=one',
    'auth-files',
    'auth-files?page=1&page_size=1',
  ])
    await at('GET', path);
  await at('DELETE', 'cooldowns/*');
  await at('POST', 'test-request?name=one');
  for (const id of (await at('GET', 'requests'))?.requests.map((one: { id: string }) => one.id) ?? [])
    await at('GET', `requests/${id}`);

  const name = 'codex-a@example.test.json';
  await at('GET', `auth-files/models?name=${name}`);
  await at('GET', `auth-files/download?name=${name}`);
  await at('POST', 'auth-files', form('{"type":"claude","email":"m1@x"}'));
  await at('POST', 'auth-files?name=m2.json', { type: 'codex', email: 'm2@x' });
  const two = form('{"type":"claude","email":"m3@x"}', 'm3.json');
  two.append('file', new Blob(['oops']), 'm4.json');
  await at('POST', 'auth-files', two);
  await at('PATCH', 'auth-files/status', { name: 'm1.json', disabled: true });
  await at('PATCH', 'auth-files/fields', { name: 'm1.json', note: 'mine', priority: 3 });
  await at('GET', 'auth-files');
  await at('DELETE', 'auth-files', { names: ['m1.json', 'none.json'] });
  await at('DELETE', 'auth-files', ['m2.json', 'm3.json']);
  const { files } = await good('GET', '/v0/management/auth-files');
  const real = files.find((file: { name: string }) => /ada/.test(file.name));
  await at('POST', 'auth-files/refresh', { name: real.name });
  await at('POST', 'vertex/import', form(await serviceAccount(), 'sa.json'));

  for (const path of ['config', 'config.yaml', 'config-versions']) await at('GET', path);
  const yaml = await good('GET', '/v0/management/config.yaml');
  await at('PUT', 'config.yaml', `${yaml}\n# more`);
  const { versions } = await good('GET', '/v0/management/config-versions');
  await at('GET', `config-versions/${versions[0].id}`);
  await at('POST', 'config-versions/restore');

  for (const setting of [...flags, 'quota-exceeded/switch-project', 'quota-exceeded/switch-preview-model']) {
    await at('GET', setting);
    for (const method of ['PUT', 'PATCH']) await at(method, setting, { value: true });
  }
  for (const setting of numbers) {
    await at('GET', setting);
    for (const method of ['PUT', 'PATCH']) await at(method, setting, { value: 3 });
  }
  for (const [setting, value] of [
    ['proxy-url', ''],
    ['routing/strategy', 'rr'],
  ] as const) {
    await at('GET', setting);
    for (const method of ['PUT', 'PATCH']) await at(method, setting, { value });
  }
  await at('DELETE', 'proxy-url');

  await at('PUT', 'api-keys', [firstClientKey, 'second-key-0000']);
  await at('GET', 'api-keys');
  await at('PATCH', 'api-keys', { old: 'second-key-0000', new: 'third-key-00000' });
  await at('DELETE', 'api-keys?value=third-key-00000');
  const made = await at('POST', 'client-keys', { name: 'team', 'requests-per-minute': 60, note: 'a note' });
  if (made !== undefined) {
    await at('GET', 'client-keys');
    await at('PATCH', `client-keys/${made.id}`, { expires: '2099-01-01T00:00:00Z', disabled: true });
    const next = await at('POST', `client-keys/${made.id}/rotate`, { hours: 1 });
    await at('GET', 'client-keys');
    await at('DELETE', `client-keys/${next.id}`);
  }
  for (const list of keyLists) {
    const before = await at('GET', list);
    if (before === undefined) continue;
    const models = list.startsWith('vertex') ? [{ name: 'm', alias: 'a' }] : [];
    await at('PUT', list, [{ 'api-key': 'k-0000', 'base-url': 'http://127.0.0.1:9', models }]);
    await at('PATCH', list, { match: 'k-0000', value: { priority: 2 } });
    await at('GET', list);
    await at('DELETE', `${list}?api-key=k-0000`);
    await at('PUT', list, before[list]);
  }
  const services = await at('GET', 'openai-compatibility');
  await at('PATCH', 'openai-compatibility', { name: 'fake', value: { prefix: 'p' } });
  await at('DELETE', 'openai-compatibility?name=fake');
  await at('PUT', 'openai-compatibility', services?.['openai-compatibility']);
  await at('POST', 'provider-keys', { list: 'gemini-api-key', keys: ['AIza-added'] });
  const listed = (await good('GET', '/v0/management/gemini-api-key'))['gemini-api-key'].at(-1);
  await at('PATCH', `provider-keys/${listed['auth-index']}`, { weight: 2 });
  await at('DELETE', `provider-keys/${listed['auth-index']}`);
  for (const [map, kind, list, one] of [
    ['oauth-excluded-models', 'provider', 'models', 'gpt-4*'],
    ['oauth-model-alias', 'channel', 'aliases', { name: 'gpt-5', alias: 'five' }],
    ['oauth-request-scoped-errors', 'channel', 'rules', { status: 400, match: ['abc'], action: 'stop' }],
  ] as const) {
    await at('PUT', map, { codex: [one] });
    await at('PATCH', map, { [kind]: 'claude', [list]: [one] });
    await at('GET', map);
    for (const name of ['codex', 'claude']) await at('DELETE', `${map}?${kind}=${name}`);
  }

  await at('GET', 'logs?limit=5');
  await at('GET', 'request-error-logs');
  await at('GET', 'request-error-logs/error-chat-2026-0011223344556677.log');
  for (const path of ['request-log-by-id/0011223344556677', 'request-log-by-id?id=0011223344556677'])
    await at('GET', path);
  for (const channel of ['codex', 'claude', 'gemini', 'vertex', 'kimi', 'xai', 'qwen'])
    await at('GET', `model-definitions/${channel}`);
  for (const path of ['latest-version', 'plugins', 'plugin-store', 'openapi.json']) await at('GET', path);

  for (const by of ['', '?by=key,credential,provider,model', '?by=session'])
    await at('GET', `usage/summary${by}`);
  for (const step of ['step=hour&by=key', 'step=day']) await at('GET', `usage/series?${step}`);
  const requests = await good('GET', '/v0/management/usage/requests');
  for (const { id } of requests.requests) await at('GET', `usage/requests/${id}`);
  await at('GET', 'usage/requests?limit=1');
  await at('POST', 'usage/recompute');
  await at('GET', 'usage');
  for (const format of ['?format=csv', '?format=jsonl', '']) {
    const exported = await at('GET', `usage/export${format}`);
    if (format === '' && exported !== undefined) await at('POST', 'usage/import', JSON.stringify(exported));
  }
  await at('GET', 'usage-queue?count=1');
  await at('GET', 'api-key-usage');
  const [first] = (await good('GET', '/v0/management/openai-compatibility'))['openai-compatibility'];
  const auth_index = first['api-key-entries'][0]['auth-index'];
  await at('POST', 'api-call', {
    ...{ method: 'GET', url: `${gateway.upstreamUrl}/v1/models`, auth_index },
    header: { Authorization: 'Bearer $TOKEN$' },
  });
  for (const path of ['reset-quota', 'quota/reset']) await at('POST', path, { auth_index });
  await at('GET', 'quota/providers');
  await chatted();
  await at('POST', 'quota/fetch', { auth_index });
}

test('16: the OpenAPI document is one, by a validator that nobody here wrote', async () => {
  const served = await good('GET', '/v0/management/openapi.json');
  const judged = await new Validator().validate(served);
  expect(judged).toMatchObject({ valid: true });
  expect({ ...served, info: null }).toEqual({ ...managementDocument, info: null });
}, 60_000);

test('16: each operation answers what the document declares when it works', async () => {
  await signedIn('codex');
  await chatted();
  await good('POST', '/v1/responses', { model: 'gpt-5.2-codex', input: 'hi' }, { key: firstClientKey });
  await everythingWorks((path) => `/v0/management/${path}`);
  await everythingWorks(inNewer);

  for (const { path } of operations.filter((one) => one.method === 'GET' && one.path.endsWith('-auth-url'))) {
    const { state } = await good('GET', path);
    await good('GET', `/v8/management/oauth/status?state=${state}`);
    await good('DELETE', `/v0/management/oauth-session?state=${state}`);
  }
  for (const [method, path] of [
    ['GET', '/v0/management/oauth-callback'],
    ['GET', '/v8/management/oauth/callback'],
    ['POST', '/v8/management/oauth/callback'],
  ] as const) {
    const { state } = await good('GET', '/v8/management/oauth/auth-url?provider=codex');
    const answer = { state, error: 'access_denied' };
    if (method === 'GET') await good('GET', `${path}?${new URLSearchParams(answer)}`, undefined, { key: '' });
    else await good('POST', path, answer, { key: '' });
    await good('DELETE', `/v8/management/oauth/session?state=${state}`);
  }
  for (const { path } of operations.filter(({ id }) => /^root_.*_callback$/.test(id))) {
    const { address } = await endOfSignIn('codex');
    await good('GET', `${path}${new URL(address).search}`, undefined, { key: '' });
  }
  const shown = await fetch(`${sandbox.url}/accounts/iflow/platform?sandbox_person=ada&sandbox_answer=allow`);
  const cookie = shown.headers.get('set-cookie') ?? '';
  await good('POST', '/v0/management/iflow-auth-url', { cookie });
  await good('POST', '/v8/management/oauth/import?provider=vertex', form(await serviceAccount(), 'sa.json'));

  const tree = '/v8/management/config';
  await good('PATCH', tree, { routing: { strategy: 'fill-first' } });
  const whole = await good('GET', tree);
  await good('PUT', tree, whole);
  await good('PUT', `${tree}/routing/strategy`, '"round-robin"');
  await good('PATCH', `${tree}/routing`, { strategy: 'round-robin' });
  await good('GET', `${tree}/routing/strategy`);
  await good('DELETE', `${tree}/routing/strategy`);

  await good('POST', '/v0/management/console-ticket', undefined, { here: true });
  const { recording } = await good('POST', '/v0/management/recordings?count=1', undefined, { here: true });
  await good('GET', `/v0/management/recordings/${recording}?whole=true`, undefined, { here: true });
  await good('DELETE', `/v0/management/recordings/${recording}`, undefined, { here: true });
  for (const path of ['/v0/management/logs', '/v8/management/observability/logs']) await good('DELETE', path);

  const never = operations.filter(({ id, statuses }) => {
    const answered = seen.get(id) ?? new Set();
    return statuses.some((status) => status < 300) && ![...answered].some((status) => status < 300);
  });
  expect(never.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  expect([...new Set(wrong)]).toEqual([]);
}, 60_000);

/** Statuses that an operation cannot be brought to by what is sent to it. */
const always = new Set([401, 403, 413, 429, 500, 502, 503, 504]);

test('16: each operation answers what the document declares when it does not work', async () => {
  for (const { method, path } of operations) {
    const where = path.replace(/\{\w+\}/g, 'no-such-thing');
    await ask(method, where, undefined, { key: '' });
    const queries = [
      '',
      '?page=x&flow=x&details=x&count=x&limit=x&step=x&by=x&since=x&model=none&state=x%20y&id=none00&provider=none&channel=none&name=none.json&format=x',
      '?name=none&index=99&replica=none',
    ];
    const bodies: unknown[] =
      method === 'GET' || method === 'DELETE'
        ? [undefined]
        : [
            undefined,
            '[1',
            [],
            {},
            { value: { a: 1 } },
            { index: 99, value: {} },
            { auth_index: 'none', name: 'none.json', note: 'x', disabled: true },
          ];
    for (const query of queries)
      for (const body of bodies) {
        const harmless = { headers: { 'if-match': '"another"' } };
        await ask(method, `${where}${query}`, body, harmless);
      }
  }
  const deep = 'a'.repeat(4 * 1024 * 1024 + 1);
  for (const [method, path] of [
    ['PUT', 'debug'],
    ['POST', 'api-call'],
    ['PUT', 'api-keys'],
  ] as const)
    expect((await ask(method, `/v0/management/${path}`, deep)).status).toBe(413);
  for (const value of [{ value: 1 }, { value: 'x' }]) await ask('PUT', '/v0/management/ws-auth', value);

  await ask('PUT', '/v0/management/logging-to-file', { value: false });
  for (const path of ['/v0/management/logs', '/v8/management/observability/logs'])
    for (const method of ['GET', 'DELETE']) expect((await ask(method, path)).status).toBe(400);
  await ask('PUT', '/v0/management/logging-to-file', { value: true });
  await using without = await managedGateway();
  for (const { id, method, path, statuses } of operations.filter((one) => one.statuses.includes(409))) {
    const { status } = await without.ask(method, path.replace(/\{\w+\}/g, 'x'));
    seen.get(id)?.add(status);
    if (method === 'GET' && statuses.includes(409))
      expect([path, [400, 404, 409]]).toEqual([path, expect.arrayContaining([status])]);
  }

  const never = operations.filter(({ id, statuses }) => {
    const answered = seen.get(id) ?? new Set();
    const wanted = statuses.filter((status) => status >= 400 && !always.has(status));
    // Whoever has the key cannot ask these in a way that is refused.
    if (wanted.length === 0) return !answered.has(401);
    return ![...wanted, 403].some((status) => answered.has(status));
  });
  expect(never.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  expect([...new Set(wrong)]).toEqual([]);
}, 120_000);

test('16: whoever begins more sign-ins than are kept is told so', async () => {
  const statuses: number[] = [];
  for (let time = 0; time < 65; time++)
    statuses.push((await ask('GET', '/v0/management/iflow-auth-url')).status);
  expect(statuses.at(-1)).toBe(429);
  expect([...new Set(wrong)]).toEqual([]);
}, 60_000);

test('16: every example is what its schema says', () => {
  expect(wrongExamples()).toEqual([]);
}, 60_000);
