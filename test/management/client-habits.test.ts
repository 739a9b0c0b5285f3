/** Habits of clients that no page of theirs shows: spellings, keys without an address, keys without a name. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { eventually } from '../eventually.ts';
import { declaredText } from './described.ts';
import { firstClientKey, ownerKey, type PreparedGateway, preparedGateway } from './prepared-gateway.ts';

let gateway: PreparedGateway;
beforeAll(async () => {
  gateway = await preparedGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function ask(method: string, where: string, body?: unknown) {
  const address = `${gateway.url}${where.startsWith('/') ? where : `/v0/management/${where}`}`;
  const response = await fetch(address, {
    method,
    headers: { authorization: `Bearer ${ownerKey}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await declaredText(method, address, response);
  return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
}

test('16: names of fields and of a query are taken in any capitals, as the peer takes them', async () => {
  expect((await ask('PUT', 'request-retry', { Value: 2 })).status).toBe(200);
  expect((await ask('GET', 'request-retry')).body).toEqual({ 'request-retry': 2 });
  const named = { Name: 'claude-b@example.test.json', Disabled: true };
  expect((await ask('PATCH', 'auth-files/status', named)).body).toEqual({ status: 'ok', disabled: true });
  const { files } = (await ask('GET', 'auth-files?Name=claude-b@example.test.json')).body;
  expect(files).toEqual([expect.objectContaining({ status: 'disabled' })]);
  expect((await ask('PATCH', 'auth-files/status', { ...named, Disabled: false })).status).toBe(200);
});

test('16: a key keeps its auth-index while the rest of its entry changes', async () => {
  const indexOf = async () => (await ask('GET', 'gemini-api-key')).body['gemini-api-key'][0]['auth-index'];
  const before = await indexOf();
  for (const value of [
    { prefix: 'team' },
    { priority: 7 },
    { 'proxy-url': 'direct' },
    { headers: { 'X-A': 'b' } },
  ]) {
    expect((await ask('PATCH', 'gemini-api-key', { index: 0, value })).status).toBe(200);
    expect(await indexOf()).toBe(before);
  }
  const service = async () =>
    (await ask('GET', 'openai-compatibility')).body['openai-compatibility'][0]['api-key-entries'][0][
      'auth-index'
    ];
  const index = await service();
  expect((await ask('PATCH', 'openai-compatibility', { index: 0, value: { prefix: 'p' } })).status).toBe(200);
  expect(await service()).toBe(index);
  expect((await ask('PATCH', 'openai-compatibility', { index: 0, value: { prefix: '' } })).status).toBe(200);
});

test('16: the counts of a key are found by what its entry says, with or without an address', async () => {
  const entries = [
    { 'api-key': 'xai-without-an-address' },
    { 'api-key': 'xai-with-one', 'base-url': 'https://api.x.ai/v1' },
  ];
  expect((await ask('PUT', 'xai-api-key', entries)).status).toBe(200);
  const { xai, fake } = (await ask('GET', 'api-key-usage')).body;
  expect(Object.keys(xai)).toEqual(['|xai-without-an-address', 'https://api.x.ai/v1|xai-with-one']);
  expect(Object.keys(fake)).toEqual([`${gateway.upstreamUrl}/v1|sk-fake-1`]);
});

test('16: client keys without a name are told apart in usage', async () => {
  const second = 'client-key-bbbb-2222-without-a-name';
  expect((await ask('PUT', 'api-keys', [firstClientKey, second])).status).toBe(200);
  for (const key of [firstClientKey, second])
    await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'one', messages: [{ role: 'user', content: 'hi' }] }),
    });
  await eventually(async () => {
    const { apis } = (await ask('GET', 'usage?details=5')).body.usage;
    return Object.keys(apis).sort().join(' ') === 'clie…1111 clie…name';
  });
});

test('16: below /v0 and /v8 there is nothing else, and no error of another shape', async () => {
  for (const path of [
    '/v0',
    '/v0/',
    '/v0/management',
    '/v0/other/x',
    '/v8',
    '/v8/management',
    '/v8/other?a=b',
  ])
    expect([path, await ask('GET', path)]).toEqual([path, { status: 404, text: '', body: undefined }]);
});

test('16: what the peer’s own program counts in the file is not written over v8', async () => {
  const field = 'credentials.concurrency.lifecycle-config-revision';
  const path = `/v8/management/config/${field.replaceAll('.', '/')}`;
  for (const [method, where, body] of [
    ['PUT', path, 5],
    ['PATCH', '/v8/management/config', { credentials: { concurrency: { 'lifecycle-config-revision': 1 } } }],
  ] as const)
    expect(await ask(method, where, body)).toMatchObject({
      status: 400,
      body: { error: 'read_only_field', field },
    });
});
