/** Accounts over the management API, as the peer's clients use them. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesText } from '../../src/management/auth-file-list.ts';
import { clientKey } from '../gateway-harness.ts';
import { mostBetweenTurns } from '../turns.ts';
import { type ManagedGateway, managedGateway } from './managed-gateway.ts';

const later = '2027-06-01T00:00:00Z';
const claims = (auth: object) =>
  `e30.${Buffer.from(JSON.stringify({ 'https://api.openai.com/auth': auth })).toString('base64url')}.x`;
const codex = {
  type: 'codex',
  email: 'a@example.test',
  access_token: 'canary-access',
  refresh_token: 'canary-refresh',
  id_token: claims({
    chatgpt_account_id: 'acc',
    chatgpt_plan_type: 'plus',
    chatgpt_subscription_active_until: '2026-12-31T00:00:00Z',
  }),
  expired: later,
  last_refresh: '2026-11-01T00:00:00Z',
};
const claude = { type: 'claude', email: 'b@example.test', access_token: 'canary-b', expired: later };

let gateway: ManagedGateway;
beforeAll(async () => {
  gateway = await managedGateway({}, { 'codex-a@example.test.json': codex, 'claude-b.json': claude });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const form = (...files: [name: string, text: string][]) => {
  const made = new FormData();
  for (const [name, text] of files) made.append('file', new Blob([text]), name);
  return made;
};

test('accounts are listed by name, with all that panels read, and without a token', async () => {
  const { body, text } = await gateway.ask('GET', 'auth-files');
  expect(body.files.map(({ name }: { name: string }) => name)).toEqual([
    'claude-b.json',
    'codex-a@example.test.json',
  ]);
  expect(body.files[1]).toMatchObject({
    id: 'codex-a@example.test.json',
    auth_index: expect.stringMatching(/^[0-9a-f]{16}$/),
    type: 'codex',
    provider: 'codex',
    label: 'a@example.test',
    email: 'a@example.test',
    account: 'a@example.test',
    account_type: 'oauth',
    status: 'active',
    status_message: '',
    disabled: false,
    unavailable: false,
    runtime_only: false,
    source: 'file',
    path: join(gateway.directory, 'codex-a@example.test.json'),
    success: 0,
    failed: 0,
    last_refresh: '2026-11-01T00:00:00.000Z',
    id_token: {
      chatgpt_account_id: 'acc',
      plan_type: 'plus',
      chatgpt_subscription_active_until: '2026-12-31T00:00:00Z',
    },
  });
  expect(body.files[1].size).toBeGreaterThan(100);
  expect(body.files[1].recent_requests).toHaveLength(20);
  expect(body.files[1].recent_requests[0]).toEqual({
    time: expect.stringMatching(/^\d\d:\d\d-\d\d:\d\d$/),
    success: 0,
    failed: 0,
  });
  expect(Date.parse(body.files[1].modtime)).toBeGreaterThan(0);
  expect(text).not.toContain('canary');
});

test('one account, and one page, can be asked for', async () => {
  const one = (await gateway.ask('GET', 'auth-files?name=claude-b.json')).body.files;
  expect(one).toHaveLength(1);
  const same = (await gateway.ask('GET', `auth-files?auth_index=${one[0].auth_index}`)).body.files;
  expect(same[0].name).toBe('claude-b.json');
  const { body } = await gateway.ask('GET', 'auth-files?page=2&page_size=1');
  expect(body).toMatchObject({ total: 2, page: 2, page_size: 1, has_more: false });
  expect(body.files.map(({ name }: { name: string }) => name)).toEqual(['codex-a@example.test.json']);
  const wrong = await gateway.ask('GET', 'auth-files?page=0');
  expect([wrong.status, wrong.body.error]).toEqual([400, expect.stringContaining('page: ')]);
});

test('the models that an account serves are listed; of an unknown one there are none', async () => {
  const { body } = await gateway.ask('GET', 'auth-files/models?name=codex-a@example.test.json');
  expect(body.models.length).toBeGreaterThan(0);
  expect(body.models[0]).toEqual({
    id: expect.any(String),
    display_name: expect.any(String),
    type: 'codex',
    owned_by: 'openai',
  });
  expect((await gateway.ask('GET', 'auth-files/models?name=none.json')).body).toEqual({ models: [] });
  const none = await gateway.ask('GET', 'auth-files/models');
  expect([none.status, none.body.error]).toEqual([400, 'name is required']);
});

test.each([
  ['download?name=none.json', 404, 'file not found'],
  ['download?name=../config.yaml', 400, 'invalid name'],
  ['download?name=..%2Fother.json', 400, 'invalid name'],
  ['download?name=%2Fetc%2Fpasswd.json', 400, 'invalid name'],
  ['download?name=a%00.json', 400, 'invalid name'],
  ['download?name=.credentials.lock.json', 400, 'invalid name'],
  ['download?name=abc.txt', 400, 'name must end with .json'],
  ['download', 400, 'invalid name'],
])('GET auth-files/%s is refused', async (path, status, error) => {
  const answer = await gateway.ask('GET', `auth-files/${path}`);
  expect([answer.status, answer.body.error]).toEqual([status, error]);
});

test('an account is downloaded as it is', async () => {
  const { status, body, headers } = await gateway.ask(
    'GET',
    'auth-files/download?name=codex-a@example.test.json',
  );
  expect([status, body]).toEqual([200, codex]);
  expect(headers.get('content-disposition')).toBe('attachment; filename="codex-a@example.test.json"');
});

test('accounts are uploaded, one or many, and listed at once', async () => {
  const account = (email: string) => JSON.stringify({ ...claude, email, access_token: `canary-${email}` });
  expect((await gateway.ask('POST', 'auth-files?name=raw.json', account('raw@x'))).body).toEqual({
    status: 'ok',
  });
  expect((await gateway.ask('POST', 'auth-files', form(['m1.json', account('m1@x')]))).body).toEqual({
    status: 'ok',
  });
  const many = await gateway.ask(
    'POST',
    'auth-files',
    form(['m2.json', account('m2@x')], ['m3.json', '{"type":"codex"}'], ['m4.json', 'oops sk-canary']),
  );
  expect([many.status, many.body]).toEqual([
    207,
    {
      status: 'partial',
      uploaded: 2,
      files: ['m2.json', 'm3.json'],
      failed: [{ name: 'm4.json', error: 'invalid auth file: expected one JSON object' }],
    },
  ]);
  expect(statSync(join(gateway.directory, 'm1.json')).mode & 0o777).toBe(0o600);
  const { files } = (await gateway.ask('GET', 'auth-files')).body;
  const states = files.map(({ name, status }: Record<string, string>) => [name, status]);
  expect(states).toEqual([
    ['claude-b.json', 'active'],
    ['codex-a@example.test.json', 'active'],
    ['m1.json', 'active'],
    ['m2.json', 'active'],
    ['m3.json', 'error'],
    ['raw.json', 'active'],
  ]);
});

test.each([
  ['auth-files?name=raw.txt', '{"type":"codex"}', 400, 'name must end with .json'],
  ['auth-files?name=../a.json', '{"type":"codex"}', 400, 'invalid name'],
  ['auth-files', '{"type":"codex"}', 400, 'invalid name'],
  ['auth-files?name=bad.json', 'not json', 400, 'invalid auth file: expected one JSON object'],
  [
    'auth-files?name=bad.json',
    '{"type":"claude","access_token":"x","priority":"high"}',
    400,
    'invalid auth file: priority: expected a whole number, found another text',
  ],
])('POST %s with %s is refused with the reason', async (path, body, status, error) => {
  const answer = await gateway.ask('POST', path, body);
  expect([answer.status, answer.body.error]).toEqual([status, error]);
});

test('16: what an account serves is in the lists of models with the answer to its change', async () => {
  await using gateway = await managedGateway({}, { 'claude-b.json': claude });
  const serves = async () =>
    (
      await (
        await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${clientKey}` } })
      ).text()
    ).includes('"claude-');
  const asked = (method: string, path: string, body: unknown) => gateway.ask(method, path, body);
  for (const disabled of [true, false, true, false]) {
    await asked('PATCH', 'auth-files/status', { name: 'claude-b.json', disabled });
    expect(await serves()).toBe(!disabled);
  }
  await asked('PATCH', 'auth-files/fields', { name: 'claude-b.json', excluded_models: ['*'] });
  expect(await serves()).toBe(false);
  await asked(
    'POST',
    'auth-files?name=claude-c.json',
    JSON.stringify({ ...claude, email: 'c@example.test' }),
  );
  expect(await serves()).toBe(true);
  await asked('DELETE', 'auth-files?name=claude-c.json', undefined);
  expect(await serves()).toBe(false);
  await asked('PATCH', 'auth-files/fields', { name: 'claude-b.json', excluded_models: '' });
  expect(await serves()).toBe(true);
});

test('fields and status are changed in the file, at once, and the rest of it stays', async () => {
  gateway.put('fields.json', { ...claude, email: 'f@x', access_token: 'canary-f', custom: { keep: 1.5 } });
  expect(
    (await gateway.ask('PATCH', 'auth-files/status', { name: 'fields.json', disabled: true })).body,
  ).toEqual({
    status: 'ok',
    disabled: true,
  });
  const patch = {
    prefix: 'p',
    proxy_url: 'direct',
    priority: 7,
    note: 'hello',
    weight: 2,
    headers: { 'X-A': 'b', 'X-B': 'c' },
    websockets: true,
    excluded_models: ['a*'],
    disable_cooling: true,
  };
  const answer = await gateway.ask('PATCH', 'auth-files/fields', { name: 'fields.json', ...patch });
  expect(answer.body).toEqual({ status: 'ok' });
  const inFile = () => JSON.parse(readFileSync(join(gateway.directory, 'fields.json'), 'utf8'));
  expect(inFile()).toMatchObject({
    ...patch,
    disabled: true,
    custom: { keep: 1.5 },
    access_token: 'canary-f',
  });
  const [listed] = (await gateway.ask('GET', 'auth-files?name=fields.json')).body.files;
  expect(listed).toMatchObject({
    status: 'disabled',
    priority: 7,
    weight: 2,
    note: 'hello',
    websockets: true,
  });

  await gateway.ask('PATCH', 'auth-files/fields', {
    name: 'fields.json',
    note: '',
    headers: { 'x-a': '' },
    'headers.X-Team': 'red',
    priority: null,
  });
  const { note, priority, headers } = inFile();
  expect([note, priority, headers]).toEqual([undefined, undefined, { 'X-B': 'c', 'X-Team': 'red' }]);
});

test.each([
  [{ name: 'claude-b.json' }, 400, 'no fields to update'],
  [{ name: 'none.json', note: 'x' }, 404, 'auth file not found'],
  [{ note: 'x' }, 400, 'name is required'],
  [
    { name: 'claude-b.json', weight: 'canary' },
    400,
    'weight: expected a number, 0 or more, found another text',
  ],
  [
    { name: 'claude-b.json', access_token: 'x' },
    422,
    expect.stringContaining('field "access_token" cannot be'),
  ],
  [{ name: 'claude-b.json', type: 'codex' }, 422, expect.stringContaining('field "type" cannot be changed')],
  [{ name: '../claude-b.json', note: 'x' }, 404, 'auth file not found'],
])('PATCH auth-files/fields %j is refused with the reason', async (body, status, error) => {
  const before = readFileSync(join(gateway.directory, 'claude-b.json'), 'utf8');
  const answer = await gateway.ask('PATCH', 'auth-files/fields', body);
  expect([answer.status, answer.body.error]).toEqual([status, error]);
  expect(readFileSync(join(gateway.directory, 'claude-b.json'), 'utf8')).toBe(before);
});

test.each([
  [{ name: 'none.json', disabled: true }, 404, 'auth file not found'],
  [{ name: 'claude-b.json' }, 400, 'disabled is required'],
  [{}, 400, 'name is required'],
])('PATCH auth-files/status %j is refused with the reason', async (body, status, error) => {
  const answer = await gateway.ask('PATCH', 'auth-files/status', body);
  expect([answer.status, answer.body.error]).toEqual([status, error]);
});

test('accounts are deleted: one, several by query or body, all', async () => {
  for (const name of ['d1.json', 'd2.json', 'd3.json', 'd4.json'])
    await gateway.ask('POST', `auth-files?name=${name}`, JSON.stringify({ ...claude, email: name }));
  const gone = await gateway.ask('DELETE', 'auth-files?name=none.json');
  expect([gone.status, gone.body.error]).toEqual([404, 'auth file not found']);
  const nothing = await gateway.ask('DELETE', 'auth-files');
  expect([nothing.status, nothing.body.error]).toEqual([400, 'invalid name']);
  expect((await gateway.ask('DELETE', 'auth-files?name=d1.json')).body).toEqual({ status: 'ok' });
  const partly = await gateway.ask('DELETE', 'auth-files', { names: ['d2.json', 'nope.json'] });
  expect([partly.status, partly.body]).toEqual([
    207,
    {
      status: 'partial',
      deleted: 1,
      files: ['d2.json'],
      failed: [{ name: 'nope.json', error: 'auth file not found' }],
    },
  ]);
  expect((await gateway.ask('DELETE', 'auth-files', ['d3.json'])).body).toEqual({ status: 'ok' });
  const { files } = (await gateway.ask('GET', 'auth-files')).body;
  expect((await gateway.ask('DELETE', 'auth-files?all=true')).body).toEqual({
    status: 'ok',
    deleted: files.length,
  });
  expect((await gateway.ask('GET', 'auth-files')).body.files).toEqual([]);
});

test('the same stands below /v8/management/credentials', async () => {
  await gateway.ask('POST', '/v8/management/credentials?name=v8.json', JSON.stringify(claude));
  expect((await gateway.ask('GET', '/v8/management/credentials')).body.files[0].name).toBe('v8.json');
  expect((await gateway.ask('GET', '/v8/management/auth-files')).status).toBe(404);
  await gateway.ask('DELETE', '/v8/management/credentials?name=v8.json');
});

test('an account without a refresh token cannot be refreshed, and the answer says why', async () => {
  await gateway.ask('POST', 'auth-files?name=once.json', JSON.stringify(claude));
  const answer = await gateway.ask('POST', 'auth-files/refresh', { name: 'once.json' });
  expect(answer.status).toBe(502);
  expect(answer.body.results).toEqual([
    { name: 'once.json', result: expect.any(String), error: expect.any(String) },
  ]);
  expect((await gateway.ask('POST', 'auth-files/refresh', {})).body.error).toBe('name is required');
  expect((await gateway.ask('POST', 'auth-files/refresh', { name: 'x.json' })).status).toBe(404);
});

test('a thousand accounts are listed', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 1000 }, (_, at) => [
      `codex-${String(at).padStart(4, '0')}.json`,
      { ...codex, email: `${at}@example.test`, refresh_token: `r${at}` },
    ]),
  );
  await using many = await managedGateway({}, files);
  expect((await many.ask('GET', 'auth-files')).body.files).toHaveLength(1000);
}, 60_000);

test('16: fifty accounts are written between two turns of the event loop', async () => {
  const names = Array.from({ length: 1000 }, (_, at) => `codex-${String(at).padStart(4, '0')}.json`);
  const most = await mostBetweenTurns(async (done) => {
    const files = names.map((name) => ({
      ...{ name, id: name },
      text: () => {
        done();
        return JSON.stringify({ name });
      },
    }));
    const { files: listed } = JSON.parse(await filesText(files, { total: 1000 }));
    expect(listed).toEqual(names.map((name) => ({ name })));
  });
  expect(most).toBe(50);
});
