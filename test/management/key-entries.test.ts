/** Single keys of the file over the management API: who changes them need not see them. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { declaredText } from './described.ts';
import { servedFile } from './served-file.ts';

const written = `host: 127.0.0.1
port: 0
auth-dir: accounts
api-keys: [client-key-0001]
remote-management: { secret-key: the-owner }
gemini-api-key:
  # the first
  - api-key: AIza-first-0000
    strange: { kept: true }
openai-compatibility:
  - name: router
    base-url: http://127.0.0.1:9/v1
    api-key-entries:
      - api-key: sk-router-0001
      - api-key: sk-router-0002
  - name: here
    base-url: http://127.0.0.1:9/v1
`;

const { path, output, ask: asked } = servedFile(written);

const said = () => parse(readFileSync(path, 'utf8'));

async function ask(method: string, where: string, body?: unknown) {
  const { address, response } = await asked(method, where, body);
  const text = await declaredText(method, address, response);
  return { status: response.status, text, body: text === '' ? undefined : JSON.parse(text) };
}

const indexOf = async (list: string, place: number, key?: number): Promise<string> => {
  const entry = (await ask('GET', list)).body[list][place];
  return (key === undefined ? entry : entry['api-key-entries'][key])['auth-index'];
};

test('keys are added behind those of a list, each once; comments and what is there stay', async () => {
  const answer = await ask('POST', 'provider-keys', {
    list: 'gemini-api-key',
    keys: ['AIza-second-000', ' AIza-third-0000', 'AIza-first-0000', 'AIza-second-000'],
    fields: { prefix: 'team' },
  });
  expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }]);
  expect(said()['gemini-api-key']).toEqual([
    { 'api-key': 'AIza-first-0000', strange: { kept: true } },
    { 'api-key': 'AIza-second-000', prefix: 'team' },
    { 'api-key': 'AIza-third-0000', prefix: 'team' },
  ]);
  expect(readFileSync(path, 'utf8')).toContain('# the first');
});

test('a key of a service joins the entry of its name; a new name is a new entry, with or without a key', async () => {
  const add = (keys: string[], fields: object) =>
    ask('POST', 'provider-keys', { list: 'openai-compatibility', keys, fields });
  await add(['sk-router-0003', 'sk-router-0001'], { name: 'router' });
  await add(['sk-or-0001'], { name: 'openrouter' });
  await add([], { name: 'local', 'base-url': 'http://127.0.0.1:8/v1' });
  const services = said()['openai-compatibility'];
  expect(services[0]['api-key-entries'].map((key: { 'api-key': string }) => key['api-key'])).toEqual([
    'sk-router-0001',
    'sk-router-0002',
    'sk-router-0003',
  ]);
  expect(services.slice(2)).toEqual([
    { name: 'openrouter', 'api-key-entries': [{ 'api-key': 'sk-or-0001' }] },
    { name: 'local', 'base-url': 'http://127.0.0.1:8/v1' },
  ]);
});

test.each([
  [{ list: 'api-keys', keys: ['x'] }, 400, 'expected a list of keys'],
  [{ list: 'gemini-api-key', keys: [] }, 400, 'expected at least one key'],
  [
    { list: 'openai-compatibility', keys: ['secret-of-nobody'], fields: { name: 'unheard' } },
    422,
    'base-url',
  ],
])('what cannot be an entry is refused, and the key is not repeated: %j', async (body, status, words) => {
  const before = readFileSync(path, 'utf8');
  const answer = await ask('POST', 'provider-keys', body);
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(words)]);
  expect(answer.text).not.toContain('secret-of-nobody');
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('what an owner says of a key is changed and taken away, and the rest of it stays', async () => {
  const first = await indexOf('gemini-api-key', 0);
  const change = (body: object) => ask('PATCH', `provider-keys/${first}`, body);
  await change({ priority: 5, concurrency: 2, name: 'work' });
  expect(said()['gemini-api-key'][0]).toEqual({
    'api-key': 'AIza-first-0000',
    strange: { kept: true },
    ...{ priority: 5, concurrency: 2, name: 'work' },
  });
  await change({ priority: null, concurrency: null, name: null });
  expect(said()['gemini-api-key'][0]).toEqual({ 'api-key': 'AIza-first-0000', strange: { kept: true } });
  expect((await change({ 'api-key': 'another' })).status).toBe(400);
  expect((await change({ concurrency: 0 })).status).toBe(400);
});

test('one key of a service is changed alone, and switched off with all of its service', async () => {
  const second = await indexOf('openai-compatibility', 0, 1);
  await ask('PATCH', `provider-keys/${second}`, { weight: 3, priority: 2 });
  const [router] = said()['openai-compatibility'];
  expect([router.priority, router['api-key-entries'][1], router['api-key-entries'][0]]).toEqual([
    2,
    { 'api-key': 'sk-router-0002', weight: 3 },
    { 'api-key': 'sk-router-0001' },
  ]);
  const status = (disabled: boolean) => ask('PATCH', 'auth-files/status', { auth_index: second, disabled });
  expect((await status(true)).body).toEqual({ status: 'ok', disabled: true });
  expect(said()['openai-compatibility'][0]['excluded-models']).toEqual(['*']);
  await status(false);
  expect(said()['openai-compatibility'][0]['excluded-models']).toBeUndefined();
});

test('a key is taken away, and the entry of a service with its last', async () => {
  const second = await indexOf('gemini-api-key', 1);
  expect((await ask('DELETE', `provider-keys/${second}`)).status).toBe(200);
  expect(said()['gemini-api-key'].map((key: { 'api-key': string }) => key['api-key'])).toEqual([
    'AIza-first-0000',
    'AIza-third-0000',
  ]);
  expect((await ask('DELETE', `provider-keys/${second}`)).status).toBe(404);
  await ask('DELETE', `provider-keys/${await indexOf('openai-compatibility', 0, 0)}`);
  expect(said()['openai-compatibility'][0]['api-key-entries'].length).toBe(2);
  const names = () => said()['openai-compatibility'].map(({ name }: { name: string }) => name);
  expect(names()).toContain('openrouter');
  await ask('DELETE', `provider-keys/${await indexOf('openai-compatibility', 2, 0)}`);
  expect(names()).toEqual(['router', 'here', 'local']);
});

test('no line that the gateway wrote has a key in it', () => {
  for (const secret of ['AIza-second', 'sk-router-0003', 'sk-or-0001', 'secret-of-nobody'])
    expect(output()).not.toContain(secret);
});
