/** Headers that the owner lets through: a provider's to the client, and CORS for listed web pages. */
import { describe, expect, test } from 'bun:test';
import { protocols } from '../../src/protocols/model.ts';
import { calls } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, everyUpstream, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { anyUpstream, post } from './any-upstream.ts';

const told = {
  'x-ratelimit-remaining-tokens': '42',
  'anthropic-ratelimit-requests-remaining': '7',
  'request-id': 'req_upstream',
  'x-hop': 'no',
  connection: 'x-hop',
  'set-cookie': 'a=b',
  'www-authenticate': 'Bearer',
  'proxy-authenticate': 'Basic',
  'access-control-allow-origin': '*',
  'strict-transport-security': 'max-age=1',
  'x-litellm-key': 'no',
};
const kept = ['x-ratelimit-remaining-tokens', 'anthropic-ratelimit-requests-remaining', 'request-id'];
const dropped = Object.keys(told).filter((name) => !kept.includes(name) && name !== 'connection');

for (const client of calls)
  test(`C: passthrough-headers: ${client.protocol} clients get a provider's harmless headers`, async () => {
    using upstream = anyUpstream(told);
    const models = everyUpstream(upstream.url, (protocol) => [{ name: modelOver[protocol] }]);
    await using gateway = await startTested({ ...models, 'passthrough-headers': true });
    for (const to of protocols) {
      const model = modelOver[to];
      const answer = await post(gateway, client.path(model, false), client.body(model, 'hi', false));
      expect(answer.status).toBe(200);
      for (const name of kept) expect(`${to} ${name} ${answer.headers.has(name)}`).toBe(`${to} ${name} true`);
      for (const name of dropped)
        expect(`${to} ${name} ${answer.headers.has(name)}`).toBe(`${to} ${name} false`);
      expect(answer.headers.get('content-type')).toStartWith('application/json');
      expect(answer.headers.get('x-request-id')).toStartWith('req');
    }
  });

test('C: passthrough-headers: an error brings them too; without the key nothing does', async () => {
  using upstream = startUpstream(() =>
    Response.json(
      { error: { message: 'no', type: 'invalid_request_error' } },
      { status: 400, headers: told },
    ),
  );
  const models = oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]);
  await using gateway = await startTested({ ...models, 'passthrough-headers': true });
  const asked = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
  const on = await post(gateway, '/v1/chat/completions', asked);
  expect(on.status).toBe(400);
  expect(on.headers.get('x-ratelimit-remaining-tokens')).toBe('42');
  await gateway.reconfigure(models);
  const off = await post(gateway, '/v1/chat/completions', asked);
  expect(off.headers.has('x-ratelimit-remaining-tokens')).toBe(false);
});

describe('C: cors.origins', () => {
  const page = 'https://chat.example.com';
  const preflight = (url: string, origin: string) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-stainless-lang',
      },
    });

  test('a preflight of a listed page needs no key; the answer says what may be read', async () => {
    using upstream = anyUpstream();
    const models = oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]);
    await using gateway = await startTested({ ...models, cors: { origins: [`${page}/`] } });
    const asked = await preflight(gateway.url, page);
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(page);
    expect(asked.headers.get('access-control-allow-headers')).toContain('x-stainless-lang');
    expect(asked.headers.get('access-control-allow-methods')).toContain('POST');
    expect(asked.headers.has('access-control-allow-credentials')).toBe(false);

    const answer = await post(
      gateway,
      '/v1/chat/completions',
      { model: 'm', messages: [] },
      { origin: page },
    );
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
    expect(answer.headers.get('vary')).toContain('origin');
  });

  test('errors can be read by the page, too, and a key is still needed', async () => {
    await using gateway = await startTested({ cors: { origins: [page] } });
    const answer = await fetch(`${gateway.url}/v1/models`, { headers: { origin: page } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
  });

  test.each([
    ['another page', 'https://evil.example', [page]],
    ['a page of the same host, elsewhere', `${page}:8443`, [page]],
    ['any page without a list', page, []],
  ])('%s gets no permission', async (_, origin, origins) => {
    await using gateway = await startTested({ cors: { origins } });
    const asked = await preflight(gateway.url, origin);
    expect(asked.status).not.toBe(204);
    expect(asked.headers.has('access-control-allow-origin')).toBe(false);
    const answer = await fetch(`${gateway.url}/v1/models`, {
      headers: { origin, authorization: `Bearer ${clientKey}` },
    });
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });

  test('any page with the key may read the management, and no other address', async () => {
    const settings = { 'remote-management': { 'secret-key': 'management-secret' } };
    await using gateway = await startTested(settings);
    const answer = await fetch(`${gateway.url}/v0/management/requests`, {
      headers: { origin: page, 'x-management-key': 'management-secret' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    for (const path of ['/', '/healthz', '/v1/models', '/v0/managements', '/v8/'])
      expect((await fetch(`${gateway.url}${path}`)).headers.has('access-control-allow-origin')).toBe(false);
  });
});
