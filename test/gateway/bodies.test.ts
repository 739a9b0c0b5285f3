import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { isObject } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { eventually } from '../eventually.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { callOf, calls, jsonOf, post } from './calls.ts';
import { chatAnswer, startUpstream } from './upstream.ts';

const upstream = startUpstream(() => chatAnswer('read'));
const gateway = await startTested({
  'max-request-bytes': 20_000,
  'openai-compatibility': [
    {
      name: 'compatible',
      'base-url': `${upstream.url}/v1`,
      models: [{ name: 'm' }, { name: 'real', alias: 'alias' }],
    },
  ],
});
beforeEach(() => {
  upstream.asked.length = 0;
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const packers: Record<string, (data: string) => Buffer> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  deflate: deflateSync,
};

/** Each reaches a service of its own protocol: nothing is translated. */
const same = await startTested({
  'openai-compatibility': [
    { name: 'c', 'base-url': `${upstream.url}/v1`, models: [{ name: 'm-openai-chat' }] },
  ],
  ...Object.fromEntries(
    [
      ['codex-api-key', 'openai-responses', '/v1'],
      ['claude-api-key', 'anthropic-messages', ''],
      ['gemini-api-key', 'gemini', ''],
    ].map(([list, protocol, base]) => [
      list,
      [{ 'api-key': 'k', 'base-url': `${upstream.url}${base}`, models: [{ name: `m-${protocol}` }] }],
    ]),
  ),
});
afterAll(() => same[Symbol.asyncDispose]());

describe.each(calls)('13: a body that is no JSON is refused here: $protocol', (call) => {
  const model = `m-${call.protocol}`;
  const whole = JSON.stringify({ ...call.body(model, 'Hello', false), last: [{ deep: 1 }] });
  const urls = {
    'openai-chat': ['/v1/embeddings'],
    'openai-responses': ['/v1/responses/input_tokens'],
    'anthropic-messages': ['/v1/messages/count_tokens'],
    gemini: [`/v1beta/models/${model}:countTokens`, call.path(model, true)],
  }[call.protocol];

  test('what is JSON goes through', async () => {
    await post(same.url + call.path(model, false), whole);
    expect(upstream.asked.map(({ body }) => new TextDecoder().decode(body))).toEqual([whole]);
  });

  test.each([
    '{"deep":NaN}',
    '{"deep":tru}',
    '{"deep":01}',
    '{"deep":1.}',
    '{"deep":.5}',
    '{"deep":+1}',
    '{"deep":undefined}',
    "{'deep':1}",
    '{deep:1}',
    '{"deep":1,}',
    '{"deep":1},',
    '{"deep":1 /* one */}',
    '{"deep":"a\nb"}',
    '{"deep":"\\x"}',
    '{"deep" 1}',
    '{"deep":1]',
  ])('%j', async (broken) => {
    const body = whole.replace('{"deep":1}', broken);
    for (const path of [call.path(model, false), ...urls]) {
      const response = await post(same.url + path, body);
      expect(response.status).toBe(400);
      expect(call.errorOf(await jsonOf(response)).message).toStartWith(
        'The request body is not valid JSON: ',
      );
    }
    expect(upstream.asked).toHaveLength(0);
  });

  test('a list or a text is no request', async () => {
    for (const body of ['[]', '"x"', '1', '{} {}', ''])
      expect((await post(same.url + call.path(model, false), body)).status).toBe(400);
    expect(upstream.asked).toHaveLength(0);
  });
});

describe.each(calls)('a body that readers take differently is refused here: $protocol', (call) => {
  const model = `m-${call.protocol}`;
  const body = JSON.stringify({ ...call.body(model, 'Hello', false), x: 1 });
  const paths = [
    call.path(model, false),
    call.path(model, true),
    ...{
      'openai-chat': ['/v1/embeddings'],
      'openai-responses': ['/v1/responses/input_tokens'],
      'anthropic-messages': ['/v1/messages/count_tokens'],
      gemini: [`/v1beta/models/${model}:countTokens`],
    }[call.protocol],
  ];

  async function refusals(sent: Uint8Array<ArrayBuffer>): Promise<(string | undefined)[]> {
    const answers = await Promise.all(paths.map((path) => post(same.url + path, '', { body: sent })));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 400));
    expect(upstream.asked).toHaveLength(0);
    return Promise.all(answers.map(async (answer) => call.errorOf(await jsonOf(answer)).message));
  }

  test.each([
    ['a character of Latin-1', [0xe9]],
    ['half a character', [0xe4, 0xb8]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('bytes that are no UTF-8: %s', async (_what, bytes) => {
    const at = body.indexOf('Hello') + 2;
    const sent = Buffer.concat([
      Buffer.from(body.slice(0, at)),
      Buffer.from(bytes),
      Buffer.from(body.slice(at)),
    ]);
    for (const message of await refusals(new Uint8Array(sent)))
      expect(message).toStartWith('The request body is not valid UTF-8');
    const utf16 = new Uint8Array(Buffer.from(`\u{feff}${body}`, 'utf16le'));
    for (const message of await refusals(utf16))
      expect(message).toStartWith('The request body is not valid UTF-8');
  });

  test.each(Object.keys(JSON.parse(body)))('a member that stands there twice: %s', async (name) => {
    const sent = body.replace(/^\{/, `{${JSON.stringify(name)}:null,`);
    for (const message of await refusals(new TextEncoder().encode(sent)))
      expect(message).toStartWith(`${name}: the field is sent twice`);
  });
});

describe.each(calls.map((call) => ({ call, title: call.protocol })))('$title', ({ call }) => {
  const url = () => gateway.url + call.path('m', false);

  test.each(Object.keys(packers))('a body packed with %s is unpacked', async (coding) => {
    const body = JSON.stringify(call.body('m', 'packed words', false));
    const response = await post(url(), '', {
      body: new Uint8Array(packers[coding]?.(body) ?? []),
      headers: { 'content-encoding': coding },
    });
    expect(response.status).toBe(200);
    expect(upstream.asked).toHaveLength(1);
    const [asked] = upstream.asked;
    expect(new TextDecoder().decode(asked?.body)).toContain('packed words');
    expect(asked?.headers.get('content-encoding')).toBeNull();
  });

  test.each([
    {
      what: 'a body that is too large',
      init: () => ({ body: JSON.stringify(call.body('m', 'x'.repeat(20_000), false)) }),
      status: 413,
      says: 'larger than 20000 bytes',
    },
    {
      what: 'a small body that unpacks to one too large',
      init: () => ({
        body: new Uint8Array(gzipSync(JSON.stringify(call.body('m', 'x'.repeat(20_000), false)))),
        headers: { 'content-encoding': 'gzip' },
      }),
      status: 413,
      says: 'larger than 20000 bytes',
    },
    {
      what: 'a body without a length that is too large',
      init: () => ({ body: new Blob([JSON.stringify(call.body('m', 'x'.repeat(20_000), false))]).stream() }),
      status: 413,
      says: 'larger than 20000 bytes',
    },
    {
      what: 'an unknown packing',
      init: () => ({ body: '{}', headers: { 'content-encoding': 'lzma' } }),
      status: 415,
      says: '"lzma" is not supported',
    },
    {
      what: 'broken packing',
      init: () => ({ body: '{}', headers: { 'content-encoding': 'gzip' } }),
      status: 400,
      says: 'not valid gzip',
    },
    { what: 'cut JSON', init: () => ({ body: '{"model":"m"' }), status: 400, says: 'not valid JSON' },
    { what: 'no object', init: () => ({ body: '[]' }), status: 400, says: 'must be a JSON object' },
    { what: 'an empty body', init: () => ({ body: '' }), status: 400, says: 'not valid JSON' },
  ])('$what is a $status in the words of the protocol', async ({ init, status, says }) => {
    const response = await post(url(), '', init());
    expect(response.status).toBe(status);
    expect(call.errorOf(await jsonOf(response)).message).toContain(says);
    expect(upstream.asked).toEqual([]);
  });
});

test('a body of the right size is not too large', async () => {
  const chat = callOf('openai-chat');
  const empty = JSON.stringify(chat.body('m', '', false)).length;
  const body = chat.body('m', 'x'.repeat(20_000 - empty), false);
  expect((await post(gateway.url + chat.path('m', false), body)).status).toBe(200);
});

test.each(
  calls.filter(({ protocol }) => protocol !== 'gemini').map((call) => ({ call, title: call.protocol })),
)('$title: a body without a model is a 400 that says so', async ({ call }) => {
  const { model: _, ...body } = call.body('m', 'Hello', false);
  const response = await post(gateway.url + call.path('m', false), body);
  expect(response.status).toBe(400);
  expect(call.errorOf(await jsonOf(response)).message).toStartWith('model: expected the name of a model');
});

test.each(
  calls.filter(({ protocol }) => protocol !== 'openai-chat').map((call) => ({ call, title: call.protocol })),
)('$title: a translated body that is wrong is a 400 that names the field', async ({ call }) => {
  const wrong: Record<string, [object, string]> = {
    'openai-responses': [{ input: [{ role: 'user', content: 7 }] }, 'input'],
    'anthropic-messages': [{ messages: [{ role: 'user', content: 7 }] }, 'messages'],
    gemini: [{ contents: [{ role: 'user', parts: 7 }] }, 'contents'],
  };
  const [change, field] = wrong[call.protocol] ?? [{}, ''];
  const response = await post(gateway.url + call.path('m', false), {
    ...call.body('m', 'Hello', false),
    ...change,
  });
  expect(response.status).toBe(400);
  expect(call.errorOf(await jsonOf(response)).message).toContain(field);
});

test.each([
  ...calls.map((call) => call.path('m', false)),
  '/v1/completions',
  '/v1/embeddings',
  '/v1/messages/count_tokens',
  '/v1/responses/resp_1/cancel',
])('16: HEAD and GET of %s, which takes POST, are a 405', async (path) => {
  for (const method of ['HEAD', 'GET']) {
    if (method === 'GET' && path === '/v1/responses') continue;
    const response = await fetch(gateway.url + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await response.text()) === '').toBe(method === 'HEAD');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  }
});

test.each(['/v1/models', '/v1beta/models', '/healthz', '/'])(
  'HEAD %s is a 200 without a body, with or without a key',
  async (path) => {
    const response = await fetch(gateway.url + path, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  },
);

test.each([
  { method: 'GET', path: '/v1/chat/completions', status: 405, ok: false },
  { method: 'GET', path: '/v1/responses', status: 426, ok: false },
  { method: 'POST', path: '/v1/models', status: 405, ok: false },
  { method: 'POST', path: '/nowhere', status: 404, ok: false },
  { method: 'POST', path: '/v1beta/models/m:doSomething', status: 404, ok: false },
  { method: 'GET', path: '/healthz', status: 200, ok: true },
  { method: 'GET', path: '/', status: 200, ok: true },
  { method: 'GET', path: '/v1/models', status: 200, ok: true },
  { method: 'GET', path: '/v1beta/models', status: 200, ok: true },
])('$method $path is a $status in JSON, under an id', async ({ method, path, status, ok }) => {
  const response = await post(gateway.url + path, '', { method, body: method === 'GET' ? undefined : '{}' });
  expect(response.status).toBe(status);
  expect(response.headers.get('x-request-id')).toMatch(/^req_[A-Za-z0-9]{24}$/);
  expect(response.headers.get('content-type')).toStartWith('application/json');
  expect(isObject(asObject(await jsonOf(response))?.error)).toBe(!ok);
});

test('a request of HTTP/1.0, without a host, is answered too', async () => {
  const { hostname, port } = new URL(gateway.url);
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(Number(port), hostname, () => socket.write('GET /healthz HTTP/1.0\r\n\r\n'));
  socket.once('data', (data) => resolve(data.toString()));
  expect(await promise).toContain('{"status":"ok"}');
  socket.destroy();
});

test('/v1/completions: the reason why a body is no JSON is told', async () => {
  const response = await post(`${gateway.url}/v1/completions`, '', { body: '{"model":"m","prompt":nope}' });
  expect(response.status).toBe(400);
  const { message } = callOf('openai-chat').errorOf(await jsonOf(response));
  expect(message).toStartWith('The request body is not valid JSON: ');
});

test('a WebSocket message of bytes that are no UTF-8 is refused, and the connection goes on', async () => {
  const socket = new WebSocket(`${same.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const told: string[] = [];
  socket.onmessage = ({ data }) => told.push(String(data));
  socket.send(
    new Uint8Array([...Buffer.from('{"type":"response.create","model":"m","input":"'), 0xe9, 0x22, 0x7d]),
  );
  await eventually(() => told.length === 1);
  expect(JSON.parse(told[0] ?? '')).toMatchObject({
    type: 'error',
    status: 400,
    error: { message: expect.stringMatching('not valid UTF-8') },
  });
  socket.send(Buffer.from('{"type":"response.create","model":"unknown","input":"x"}'));
  await eventually(() => told.length === 2);
  expect(JSON.parse(told[1] ?? '')).toMatchObject({ type: 'error', status: 404 });
  socket.close();
});
