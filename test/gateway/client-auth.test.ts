import { afterAll, expect, test } from 'bun:test';
import { clientKey, startTested } from '../gateway-harness.ts';
import { calls, jsonOf } from './calls.ts';
import { chatAnswer, startUpstream } from './upstream.ts';

const upstream = startUpstream(() => chatAnswer('let in'));
const gateway = await startTested({
  'openai-compatibility': [
    {
      name: 'compatible',
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': [{ 'api-key': 'upstream-key' }],
      models: [{ name: 'm' }],
    },
  ],
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

interface Place {
  where: string;
  headers: (key: string) => Record<string, string>;
  query: (key: string) => string;
}
const places: Place[] = [
  { where: 'Authorization: Bearer', headers: (key) => ({ authorization: `Bearer ${key}` }), query: () => '' },
  { where: 'x-api-key', headers: (key) => ({ 'x-api-key': key }), query: () => '' },
  { where: 'x-goog-api-key', headers: (key) => ({ 'x-goog-api-key': key }), query: () => '' },
  { where: '?key=', headers: () => ({}), query: (key) => `key=${encodeURIComponent(key)}` },
];

const rows = calls.flatMap((call) =>
  places.map((place) => ({ call, place, title: `${call.protocol}, ${place.where}` })),
);

function ask({ call, place }: (typeof rows)[number], key: string): Promise<Response> {
  const path = call.path('m', false);
  const query = place.query(key);
  return fetch(`${gateway.url}${path}${query && `?${query}`}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...place.headers(key) },
    body: JSON.stringify(call.body('m', 'Hello', false)),
  });
}

test.each(rows)('$title: the right key is let in and goes no further', async (row) => {
  upstream.asked.length = 0;
  const response = await ask(row, clientKey);
  expect(response.status).toBe(200);
  expect(row.call.textOf(await jsonOf(response))).toBe('let in');
  expect(upstream.asked.map(({ key }) => key)).toEqual(['upstream-key']);
  const [asked] = upstream.asked;
  expect(`${asked?.path} ${JSON.stringify(asked?.headers)}`).not.toContain(clientKey);
});

const wrongKind: Record<string, string> = {
  'openai-chat': 'authentication_error',
  'openai-responses': 'authentication_error',
  'anthropic-messages': 'authentication_error',
  gemini: 'UNAUTHENTICATED',
};

// At once, since each wrong key of an address waits a little longer.
test.concurrent.each(rows)('$title: a wrong key is a 401 in the words of the protocol', async (row) => {
  upstream.asked.length = 0;
  const response = await ask(row, 'another key');
  expect(response.status).toBe(401);
  expect(row.call.errorOf(await jsonOf(response))).toEqual({
    message: 'This API key is not one of the api-keys of the configuration.',
    kind: wrongKind[row.call.protocol],
  });
  expect(upstream.asked).toEqual([]);
});

test.each(calls.map((call) => ({ call, title: call.protocol })))(
  '$title: no key at all is a 401 that says where to put one',
  async ({ call }) => {
    const response = await fetch(`${gateway.url}${call.path('m', false)}`, {
      method: 'POST',
      body: JSON.stringify(call.body('m', 'Hello', false)),
    });
    expect(response.status).toBe(401);
    expect(call.errorOf(await jsonOf(response)).message).toContain('Authorization: Bearer <key>');
  },
);

test.each(['/v1/models', '/v1beta/models', '/v1/models/m', '/v1beta/models/m'])(
  '%s needs a key too',
  async (path) => {
    expect((await fetch(gateway.url + path)).status).toBe(401);
    expect((await fetch(gateway.url + path, { headers: { 'x-api-key': clientKey } })).status).toBe(200);
  },
);

test.each(['/', '/healthz'])('%s answers without a key', async (path) => {
  expect((await fetch(gateway.url + path)).status).toBe(200);
});
