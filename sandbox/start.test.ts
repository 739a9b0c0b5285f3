import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { startSandbox } from './start.ts';

let random = 0;
const sandbox = startSandbox({
  pace: 0,
  keep: 3,
  now: () => 1_700_000_000_000,
  random: () => ++random / 1000,
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const chat = { model: 'sandbox', messages: [{ role: 'user', content: 'repeat: hi' }] };
const post = (path: string, body: object | string, headers: Record<string, string> = {}) =>
  fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const bare = (path: string, headers: Record<string, string>) =>
  fetch(`${sandbox.url}${path}`, { method: 'POST', headers, body: '{}' });

describe('a key is demanded', () => {
  test.each([
    ['/v1/chat/completions', {}, 401, { error: { type: 'invalid_request_error', code: 'invalid_api_key' } }],
    [
      '/v1/chat/completions',
      { authorization: 'Bearer bad-key' },
      401,
      { error: { code: 'invalid_api_key' } },
    ],
    ['/v1/chat/completions', { 'x-api-key': 'key' }, 401, { error: { code: 'invalid_api_key' } }],
    ['/v1/responses', {}, 401, { error: { code: 'invalid_api_key' } }],
    ['/v1/messages', {}, 401, { type: 'error', error: { type: 'authentication_error' } }],
    ['/v1/messages', { 'x-api-key': 'bad-key' }, 401, { error: { type: 'authentication_error' } }],
    ['/v1beta/models/m:generateContent', {}, 403, { error: { status: 'PERMISSION_DENIED' } }],
    [
      '/v1beta/models/m:generateContent?key=bad-key',
      {},
      400,
      { error: { status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } },
    ],
  ])('%s with %j answers %d in the provider’s shape', async (path, headers, status, body) => {
    const response = await bare(path, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject(body);
  });

  test.each([
    ['/v1/messages', { 'x-api-key': 'key' }],
    ['/v1/messages', { authorization: 'Bearer key' }],
    ['/v1beta/models/m:generateContent', { 'x-goog-api-key': 'key' }],
    ['/v1beta/models/m:generateContent?key=key', {}],
    ['/v1beta/models/m:generateContent', { authorization: 'Bearer key' }],
  ])('%s takes it as %j', async (path, headers) => {
    expect((await bare(path, headers)).status).toBe(400);
    expect(sandbox.requests[0]?.key).toBe('key');
  });

  test('a key that names a fault always fails that way', async () => {
    const response = await post('/v1/chat/completions', chat, { authorization: 'Bearer key-429-retry-3@b' });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('3');
  });
});

describe('paths', () => {
  test.each([
    '/v1/chat/completions',
    '/openai/v1/chat/completions',
    '/chat/completions',
    '/a/b/chat/completions',
  ])('%s is Chat Completions', async (path) => {
    expect((await post(path, chat)).status).toBe(200);
  });

  test('others are not found', async () => {
    expect((await post('/v1/nothing', chat)).status).toBe(404);
    expect((await fetch(`${sandbox.url}/v1/chat/completions`)).status).toBe(404);
  });

  test('the root and the health check answer, to HEAD too', async () => {
    for (const path of ['/', '/healthz']) expect((await fetch(`${sandbox.url}${path}`)).status).toBe(200);
    expect((await fetch(sandbox.url, { method: 'HEAD' })).status).toBe(200);
  });

  const claude = { 'anthropic-version': '2023-06-01' };
  test.each<[string, Record<string, string>, RegExp]>([
    ['/v1/models', {}, /^\{"object":"list","data":\[\{"id":"sandbox","object":"model"/],
    ['/v1/models/x', {}, /^\{"id":"x","object":"model"/],
    ['/v1/models', claude, /^\{"data":\[\{"id":"sandbox","type":"model".*"has_more":false/],
    ['/v1/models/x', claude, /^\{"id":"x","type":"model"/],
    ['/v1beta/models', {}, /^\{"models":\[\{"name":"models\/sandbox"/],
    ['/v1beta/models/x', {}, /^\{"name":"models\/x"/],
  ])('%s with %j lists models in the provider’s shape', async (path, more, shape) => {
    const headers = { authorization: 'Bearer key', ...more };
    expect(await (await fetch(`${sandbox.url}${path}`, { headers })).text()).toMatch(shape);
  });
});

describe('bodies', () => {
  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('may be compressed with %s', async (encoding, compress) => {
    const response = await fetch(`${sandbox.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer key', 'content-encoding': encoding },
      body: Uint8Array.from(compress(Buffer.from(JSON.stringify(chat)))),
    });
    expect(response.status).toBe(200);
  });

  test.each([['not JSON'], ['[]'], ['']])('%j is refused', async (body) => {
    expect((await post('/v1/chat/completions', body)).status).toBe(400);
  });

  test('in an encoding that is not known or not true are refused', async () => {
    expect((await post('/v1/chat/completions', 'x', { 'content-encoding': 'lzma' })).status).toBe(415);
    expect((await post('/v1/chat/completions', 'x', { 'content-encoding': 'gzip' })).status).toBe(400);
  });
});

describe('what came in', () => {
  test('is kept with path, headers, key, body and status, the latest only', async () => {
    for (const model of ['a', 'b', 'c', 'sandbox-fault-503'])
      await post('/v1/chat/completions?x=1', { ...chat, model });
    expect(sandbox.requests.map(({ model, status }) => [model, status])).toEqual([
      ['b', 200],
      ['c', 200],
      ['sandbox-fault-503', 503],
    ]);
    expect(sandbox.requests[0]).toMatchObject({
      at: 1_700_000_000_000,
      method: 'POST',
      path: '/v1/chat/completions?x=1',
      key: 'key',
      stream: false,
      headers: { authorization: 'Bearer key' },
      body: { ...chat, model: 'b' },
    });
  });

  test('is told over HTTP and forgotten on request', async () => {
    await post('/v1/chat/completions', chat);
    const place = `${sandbox.url}/sandbox/requests`;
    expect(await (await fetch(place)).json()).toMatchObject({
      requests: [{ path: '/v1/chat/completions' }],
      openStreams: 0,
      cancelled: 0,
    });
    await fetch(place, { method: 'DELETE' });
    expect(sandbox.requests).toEqual([]);
  });
});

test('time and randomness come from the options', async () => {
  random = 0;
  const answer: unknown = await (await post('/v1/chat/completions', chat)).json();
  expect(answer).toMatchObject({
    created: 1_700_000_000,
    id: expect.stringMatching(/^chatcmpl-[a-z0-9]{24}$/),
  });
  random = 0;
  expect(await (await post('/v1/chat/completions', chat)).json()).toEqual(answer);
});

describe('bench models', () => {
  test.each([
    ['/v1/chat/completions', { messages: [] }, /"content":" word\d+"/g],
    ['/v1/responses', { input: 'x' }, /"type":"response.output_text.delta"/g],
    ['/v1/messages', { messages: [] }, /"type":"text_delta"/g],
    ['/v1beta/models/sandbox-bench-25:streamGenerateContent?alt=sse', {}, /"text":" word\d+"/g],
  ])('%s streams as many pieces as its name says, and keeps no bodies', async (path, body, piece) => {
    const send = () => post(path, { model: 'sandbox-bench-25', stream: true, ...body });
    const first = await (await send()).text();
    expect(first.match(piece)).toHaveLength(25);
    expect(await (await send()).text()).toBe(first);
    expect(sandbox.requests).toEqual([]);
  });

  test('answer whole when nothing streams', async () => {
    const response = await post('/v1/chat/completions', { model: 'sandbox-bench-3' });
    expect(await response.json()).toMatchObject({
      choices: [{ message: { content: ' word1 word2 word3' } }],
    });
  });
});
