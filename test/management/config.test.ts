/** The configuration over the management API: each write is an edit of the file, and in force when it is answered. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { emptyDirectory, type Running, started } from '../cli/program.ts';
import { declaredText } from './described.ts';

const first = `# ours
host: 127.0.0.1
port: 0
auth-dir: accounts
api-keys:
  - \${CLIENT_KEY} # Ann
  - key: bobs-key-0001
    name: bob
    requests-per-minute: 60
remote-management:
  secret-key: the-owner # stays as it is
gemini-api-key:
  # main
  - api-key: AIza-first
    concurrency: 3
    strange: {kept: true}
    models: [{ name: gemini-2.5-pro, alias: g25 }]
openai-compatibility:
  - name: router
    base-url: http://127.0.0.1:9/v1
    api-key-entries:
      - api-key: sk-r1
    models: [{ name: m, alias: a }]
unknown-to-us: [1, 2]
# the end
`;

const here = emptyDirectory();
const path = join(here.path, 'config.yaml');
let gateway: Running;
let base = '';

beforeAll(async () => {
  writeFileSync(path, first, { mode: 0o600 });
  gateway = started(['serve', '--config', path], { cwd: here.path, env: { CLIENT_KEY: 'anns-key-0001' } });
  base = (await gateway.says(/Serving +(http\S+)/))[1] ?? '';
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  here[Symbol.dispose]();
});

const said = () => parse(readFileSync(path, 'utf8'));

async function ask(method: string, where: string, body?: unknown, headers: Record<string, string> = {}) {
  const address = `${base}/v0/management/${where}`;
  const response = await fetch(address, {
    method,
    headers: { authorization: 'Bearer the-owner', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await declaredText(method, address, response);
  const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  return { status: response.status, body: json, etag: response.headers.get('etag') ?? '' };
}

const ok = { status: 200, body: { status: 'ok' } };

const settings: { path: string; value: unknown; shown?: unknown }[] = [
  { path: 'debug', value: true },
  { path: 'logging-to-file', value: true },
  { path: 'logs-max-total-size-mb', value: 5 },
  { path: 'logs-max-total-size-mb', value: -5, shown: 0 },
  { path: 'error-logs-max-files', value: -5, shown: 10 },
  { path: 'usage-statistics-enabled', value: true },
  { path: 'request-log', value: true },
  { path: 'ws-auth', value: true },
  { path: 'force-model-prefix', value: true },
  { path: 'proxy-url', value: 'http://127.0.0.1:9' },
  { path: 'request-retry', value: 2 },
  { path: 'request-retry', value: -1, shown: 0 },
  { path: 'max-retry-credentials', value: 3 },
  { path: 'max-retry-interval', value: 30 },
  { path: 'routing/strategy', value: 'fill-first' },
  { path: 'routing/strategy', value: 'rr', shown: 'round-robin' },
  { path: 'quota-exceeded/switch-project', value: false },
  { path: 'quota-exceeded/switch-preview-model', value: true },
];

test.each(settings)(
  '$path = $value is in the file and in force',
  async ({ path: where, value, shown = value }) => {
    const name = where.split('/').at(-1) ?? '';
    for (const method of ['PUT', 'PATCH']) expect(await ask(method, where, { value })).toMatchObject(ok);
    expect(await ask('GET', where)).toMatchObject({ status: 200, body: { [name]: shown } });
    if (where !== 'ws-auth') expect(where.split('/').reduce((at, key) => at[key], said())).toEqual(shown);
  },
);

test.each([
  { path: 'debug', body: { value: 'x' }, status: 400, error: 'invalid body: value: expected boolean' },
  { path: 'debug', body: {}, status: 400, error: 'invalid body: value' },
  { path: 'debug', body: '{', status: 400, error: 'invalid body' },
  { path: 'request-retry', body: { value: 1.5 }, status: 400, error: 'invalid body' },
  { path: 'routing/strategy', body: { value: 'bogus' }, status: 400, error: 'invalid strategy' },
  { path: 'proxy-url', body: { value: 'no address' }, status: 422, error: 'invalid_config' },
  { path: 'ws-auth', body: { value: false }, status: 422, error: 'not supported' },
])('$path refuses $body with a text', async ({ path: where, body, status, error }) => {
  const before = readFileSync(path, 'utf8');
  const answer = await ask('PUT', where, body);
  expect(answer.status).toBe(status);
  expect(answer.body.error).toStartWith(error);
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('proxy-url goes with DELETE; debug has none', async () => {
  expect(await ask('DELETE', 'proxy-url')).toMatchObject(ok);
  expect(await ask('GET', 'proxy-url')).toMatchObject({ body: { 'proxy-url': '' } });
  expect((await ask('DELETE', 'debug')).status).toBe(404);
});

test('GET /config has every list, and no secret of the management', async () => {
  const { body, etag } = await ask('GET', 'config');
  expect(body).toMatchObject({
    'api-keys': ['anns-key-0001', 'bobs-key-0001'],
    'claude-api-key': [],
    'oauth-model-alias': {},
    'unknown-to-us': [1, 2],
    'ws-auth': true,
  });
  expect(body['gemini-api-key'][0]).toMatchObject({ strange: { kept: true }, concurrency: 3 });
  expect(Object.keys(body)).not.toContain('remote-management');
  expect(JSON.stringify(body)).not.toContain('the-owner');
  expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
});

test('client keys: names, limits and variables of those that stay, stay', async () => {
  expect(
    await ask('PUT', 'api-keys', { items: ['anns-key-0001', 'bobs-key-0001', 'new-key-0001'] }),
  ).toMatchObject(ok);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('  - ${CLIENT_KEY} # Ann\n');
  expect(text).toContain('  - new-key-0001\n');
  expect(said()['api-keys'][1]).toEqual({ key: 'bobs-key-0001', name: 'bob', 'requests-per-minute': 60 });
  expect(await ask('PATCH', 'api-keys', { old: 'bobs-key-0001', new: 'bobs-key-0002' })).toMatchObject(ok);
  expect(said()['api-keys'][1]).toEqual({ key: 'bobs-key-0002', name: 'bob', 'requests-per-minute': 60 });
  expect(await ask('PATCH', 'api-keys', { index: 2, value: 'new-key-0002' })).toMatchObject(ok);
  expect(await ask('PATCH', 'api-keys', { old: 'nobody', new: 'new-key-0003' })).toMatchObject(ok);
  expect(await ask('PATCH', 'api-keys', { index: 99, value: 'x' })).toMatchObject({
    status: 400,
    body: { error: 'missing fields' },
  });
  expect(await ask('DELETE', 'api-keys?index=3')).toMatchObject(ok);
  expect(await ask('DELETE', 'api-keys?value=new-key-0002')).toMatchObject(ok);
  expect(await ask('DELETE', 'api-keys?value=nobody')).toMatchObject(ok);
  expect(await ask('DELETE', 'api-keys')).toMatchObject({
    status: 400,
    body: { error: 'missing index or value' },
  });
  expect(await ask('GET', 'api-keys')).toMatchObject({
    body: { 'api-keys': ['anns-key-0001', 'bobs-key-0002'] },
  });
});

const keyLists = [
  'gemini-api-key',
  'claude-api-key',
  'codex-api-key',
  'vertex-api-key',
  'xai-api-key',
  'interactions-api-key',
];

test.each(keyLists)('%s: put, patch every field, delete', async (list) => {
  const before = said()[list] ?? [];
  const entry = { 'api-key': `${list}-one`, 'base-url': 'http://127.0.0.1:9', models: null, 'proxy-url': '' };
  expect(await ask('PUT', list, [...before, entry])).toMatchObject(ok);
  const value = {
    prefix: 'team',
    priority: 5,
    weight: 2,
    headers: { 'X-A': 'b' },
    'proxy-url': 'direct',
    models: [{ name: 'm', alias: 'n' }],
    'excluded-models': ['x*'],
    'disable-cooling': true,
    'request-retry': 1,
    'request-scoped-errors': [{ status: 400, action: 'stop' }],
  };
  expect(await ask('PATCH', list, { match: entry['api-key'], value })).toMatchObject(ok);
  const { body } = await ask('GET', list);
  const shown = body[list].at(-1);
  expect(shown).toMatchObject({ ...value, 'api-key': entry['api-key'] });
  expect(shown['auth-index']).toMatch(/^[0-9a-f]{16}$/);
  expect(JSON.stringify(said())).not.toContain('auth-index');
  expect(
    await ask('PATCH', list, { index: before.length, value: { headers: {}, prefix: null } }),
  ).toMatchObject(ok);
  expect(Object.keys(said()[list].at(-1))).not.toContain('headers');
  expect(await ask('PATCH', list, { match: 'nobody', value: {} })).toMatchObject({
    status: 404,
    body: { error: 'item not found' },
  });
  expect(await ask('PUT', list, [{ 'base-url': 'http://127.0.0.1:9' }])).toMatchObject({ status: 422 });
  expect(await ask('DELETE', list)).toMatchObject({
    status: 400,
    body: { error: 'missing api-key or index' },
  });
  expect(await ask('DELETE', `${list}?api-key=${entry['api-key']}&base-url=http://other`)).toMatchObject(ok);
  expect(said()[list]).toHaveLength(before.length + 1);
  expect(await ask('DELETE', `${list}?api-key=${entry['api-key']}`)).toMatchObject(ok);
  expect(said()[list] ?? []).toHaveLength(before.length);
});

test('a key that stands there twice needs its address to be deleted', async () => {
  const twice = ['http://127.0.0.1:9', 'http://127.0.0.1:10'].map((url) => ({
    'api-key': 'c',
    'base-url': url,
  }));
  expect(await ask('PUT', 'claude-api-key', twice)).toMatchObject(ok);
  expect(await ask('DELETE', 'claude-api-key?api-key=c')).toMatchObject({
    status: 400,
    body: { error: 'multiple items match; base-url is required' },
  });
  expect(await ask('DELETE', 'claude-api-key?api-key=c&base-url=http://127.0.0.1:9')).toMatchObject(ok);
  expect(said()['claude-api-key']).toEqual([twice[1]]);
});

test('openai-compatibility: by name, with a key each, and an entry that cannot be used is refused', async () => {
  const list = 'openai-compatibility';
  const { body } = await ask('GET', list);
  expect(body[list][0]).toMatchObject({ name: 'router', disabled: false });
  expect(body[list][0]['api-key-entries'][0]['auth-index']).toMatch(/^[0-9a-f]{16}$/);
  expect(await ask('PUT', list, body[list])).toMatchObject(ok);
  expect(await ask('PATCH', list, { name: 'router', value: { disabled: true } })).toMatchObject(ok);
  expect((await ask('GET', list)).body[list][0]['api-key-entries']).toEqual([{ 'api-key': 'sk-r1' }]);
  expect(await ask('PUT', list, [{ name: 'no-address', 'api-key-entries': [] }])).toMatchObject({
    status: 422,
    body: { error: 'invalid_config' },
  });
  expect(await ask('DELETE', `${list}?name=router`)).toMatchObject(ok);
  expect(said()[list]).toEqual([]);
});

test('a panel that sends a whole list back loses nothing that it does not know', async () => {
  const { body } = await ask('GET', 'gemini-api-key');
  const [{ strange: _, concurrency: __, ...known }] = body['gemini-api-key'];
  expect(await ask('PUT', 'gemini-api-key', [{ ...known, priority: 1 }])).toMatchObject(ok);
  expect(said()['gemini-api-key'][0]).toMatchObject({ strange: { kept: true }, concurrency: 3, priority: 1 });
  expect(readFileSync(path, 'utf8')).toContain('  # main\n  - api-key: AIza-first\n');
});

test.each([
  { map: 'oauth-excluded-models', kind: 'provider', list: 'models', members: ['gpt-4*'] },
  {
    map: 'oauth-model-alias',
    kind: 'channel',
    list: 'aliases',
    members: [{ name: 'gpt-5', alias: 'five', fork: true }],
  },
  {
    map: 'oauth-request-scoped-errors',
    kind: 'channel',
    list: 'rules',
    members: [{ status: 400, action: 'stop' }],
  },
])('$map: put, patch, delete', async ({ map, kind, list, members }) => {
  expect(await ask('GET', map)).toMatchObject({ body: { [map]: {} } });
  expect(await ask('PUT', map, { items: { codex: members } })).toMatchObject(ok);
  expect(await ask('PATCH', map, { [kind]: 'claude', [list]: members })).toMatchObject(ok);
  expect((await ask('GET', map)).body[map]).toEqual({ codex: members, claude: members });
  expect(await ask('PATCH', map, { [kind]: 'claude', [list]: [] })).toMatchObject(ok);
  expect(await ask('DELETE', `${map}?${kind}=codex`)).toMatchObject(ok);
  expect(await ask('DELETE', `${map}?${kind}=codex`)).toMatchObject({
    status: 404,
    body: { error: `${kind} not found` },
  });
  expect(await ask('DELETE', map)).toMatchObject({ status: 400, body: { error: `missing ${kind}` } });
  expect(said()[map]).toBeUndefined();
});

test('the file: one that the next start would refuse is refused', async () => {
  const before = readFileSync(path, 'utf8');
  const open = 'host: 0.0.0.0\nport: 0\nauth-dir: accounts\nremote-management: {secret-key: the-owner}\n';
  expect((await ask('PUT', 'config.yaml', open)).status).toBe(422);
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test.each([
  { method: 'PUT', where: 'proxy-url', body: { value: 'ann:canary-secret-1@proxy:3128' } },
  { method: 'PUT', where: 'proxy-url', body: { value: 'gopher://ann:canary-secret-1@proxy' } },
  { method: 'PUT', where: 'config.yaml', body: 'port: canary-secret-1\n' },
  { method: 'PUT', where: 'config.yaml', body: 'proxy-url: ann:canary-secret-1@proxy:3128\n' },
  { method: 'PUT', where: 'config.yaml', body: 'host: "canary-secret-1 "\nport: "0815"\n' },
  { method: 'PUT', where: 'gemini-api-key', body: [{ 'api-key': 'k', 'base-url': 'canary-secret-1' }] },
])('a refused value is not repeated: $method $where $body', async ({ method, where, body }) => {
  const answer = await ask(method, where, body);
  expect(answer.status).toBe(422);
  expect(answer.body.message).toContain('expected');
  expect(JSON.stringify(answer.body)).not.toMatch(/canary|0815/);
});

test('the file: broken or unfit text is refused, a good one is in force', async () => {
  const { body: text, etag } = await ask('GET', 'config.yaml');
  expect(text).toBe(readFileSync(path, 'utf8'));
  expect(await ask('PUT', 'config.yaml', 'a: [1')).toMatchObject({
    status: 400,
    body: { error: 'invalid_yaml' },
  });
  expect(await ask('PUT', 'config.yaml', 'port: many\n')).toMatchObject({
    status: 422,
    body: { error: 'invalid_config' },
  });
  expect(readFileSync(path, 'utf8')).toBe(text);
  const next = `${text}max-retry-interval: 7\n`.replace('max-retry-interval: 30\n', '');
  expect(await ask('PUT', 'config.yaml', next, { 'if-match': etag })).toMatchObject({
    status: 200,
    body: { ok: true, changed: ['config'] },
  });
  expect(await ask('GET', 'max-retry-interval')).toMatchObject({ body: { 'max-retry-interval': 7 } });
  expect(await ask('PUT', 'config.yaml', text, { 'if-match': etag })).toMatchObject({ status: 412 });
  expect(await ask('PUT', 'debug', { value: false }, { 'if-match': etag })).toMatchObject({ status: 412 });
});

test('versions are listed and put back over the API', async () => {
  const { body } = await ask('GET', 'config-versions');
  expect(body.versions.length).toBe(20);
  const [now, before] = body.versions;
  expect(now).toMatchObject({ current: true, what: 'config.yaml: the whole file' });
  expect(now.who).toBe('management API (secret-key from 127.0.0.1)');
  const { body: text } = await ask('GET', `config-versions/${before.id}`);
  expect(await ask('POST', 'config-versions/restore', { id: before.id })).toMatchObject(ok);
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(await ask('POST', 'config-versions/restore', { id: 'none' })).toMatchObject({ status: 404 });
});

test('two clients at once: both changes are there', async () => {
  const writes = Array.from({ length: 8 }, (_, at) =>
    at % 2 === 0
      ? ask('PUT', 'request-retry', { value: at })
      : ask('PATCH', 'api-keys', { old: '-', new: `at-once-${at}` }),
  );
  for (const answer of await Promise.all(writes)) expect(answer).toMatchObject(ok);
  expect(said()['api-keys']).toEqual(
    expect.arrayContaining(['at-once-1', 'at-once-3', 'at-once-5', 'at-once-7']),
  );
});

test('comments, order, unknown keys and the secret are as they were', () => {
  const text = readFileSync(path, 'utf8');
  for (const line of [
    '# ours',
    '  secret-key: the-owner # stays as it is',
    'unknown-to-us: [1, 2]',
    '# the end',
  ])
    expect(text.split('\n')).toContain(line);
  expect(Object.keys(said()).slice(0, 7)).toEqual(Object.keys(parse(first)).slice(0, 7));
});

test('each write is one line of the log, without secrets', () => {
  expect(gateway.output()).not.toContain('new-key-0001');
});

test('auth-files/status switches a key of the file off and on, and keeps the rest of it', async () => {
  const { 'gemini-api-key': before } = said();
  const index = async () => (await ask('GET', 'gemini-api-key')).body['gemini-api-key'][0]['auth-index'];
  const first = await index();
  const off = await ask('PATCH', 'auth-files/status', { auth_index: first, disabled: true });
  expect(off.body).toEqual({ status: 'ok', disabled: true });
  expect(said()['gemini-api-key'][0]['excluded-models']).toContain('*');
  expect(await index()).toBe(first);
  await ask('PATCH', 'auth-files/status', { name: first, disabled: false });
  expect(said()['gemini-api-key']).toEqual(before);
});
