import { afterAll, describe, expect, test } from 'bun:test';
import { startTested } from '../gateway-harness.ts';
import { callOf, jsonOf, send } from './calls.ts';
import { named, serving, startNamedUpstream } from './named-upstream.ts';
import { startUpstream } from './upstream.ts';

const { answers, freshKeys, provider, tried, upstream } = startNamedUpstream();
const gateway = await startTested(serving(provider(['first', 'second'])));

afterAll(() => gateway[Symbol.asyncDispose]());

const failing = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ error: { message: `the upstream says ${status}` } }, { status, headers });
const chat = callOf('openai-chat');
const anthropic = callOf('anthropic-messages');

const ways = [
  { client: chat, stream: false },
  { client: chat, stream: true },
  { client: anthropic, stream: false },
  { client: anthropic, stream: true },
];

describe('before the first byte', () => {
  test.each([401, 402, 403, 404, 408, 429, 500, 502, 503, 504, 529])(
    'a %d of one credential is answered by the next, in the same protocol and translated, whole and streamed',
    async (status) => {
      for (const { client, stream } of ways) {
        const [bad = '', good = ''] = freshKeys(2);
        answers.set(bad, () => failing(status));
        await gateway.reconfigure(serving(provider([bad, good])));
        const response = await send(gateway.url, client, { model: 'm', stream });
        expect({ status: response.status, tried: tried() }).toEqual({ status: 200, tried: [bad, good] });
        expect(await response.text()).toContain(good);
        upstream.asked.length = 0;
      }
    },
  );

  test.each([400, 405, 413, 415, 422])(
    'a %d is the request’s own fault: no other credential is asked, and the client gets status and message',
    async (status) => {
      for (const { client, stream } of ways) {
        const [bad = '', good = ''] = freshKeys(2);
        answers.set(bad, () => failing(status));
        await gateway.reconfigure(serving(provider([bad, good])));
        const response = await send(gateway.url, client, { model: 'm', stream });
        expect({ status: response.status, tried: tried() }).toEqual({ status, tried: [bad] });
        expect(client.errorOf(await jsonOf(response)).message).toBe(`the upstream says ${status}`);
        upstream.asked.length = 0;
      }
    },
  );

  test('a connection that is refused is answered by the next credential', async () => {
    const gone = startUpstream(() => new Response());
    gone[Symbol.dispose]();
    for (const { client, stream } of ways) {
      const [bad = '', good = ''] = freshKeys(2);
      const unreachable = provider([bad], { 'base-url': `${gone.url}/v1`, priority: 1 });
      await gateway.reconfigure(serving(unreachable, provider([good])));
      const response = await send(gateway.url, client, { model: 'm', stream });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain(good);
    }
  });

  test('a web page, a redirect and a stream without a word are answered by the next credential', async () => {
    const oddities: [string, () => Response, boolean[]][] = [
      [
        'web page',
        () => new Response('<html>Sign in</html>', { headers: { 'content-type': 'text/html' } }),
        [false],
      ],
      ['redirect', () => Response.redirect('http://127.0.0.1:9/', 302), [false, true]],
      ['empty stream', () => new Response('', { headers: { 'content-type': 'text/event-stream' } }), [true]],
    ];
    for (const [what, answer, streams] of oddities)
      for (const { client, stream } of ways.filter((way) => streams.includes(way.stream))) {
        const [bad = '', good = ''] = freshKeys(2);
        answers.set(bad, answer);
        await gateway.reconfigure(serving(provider([bad, good])));
        const response = await send(gateway.url, client, { model: 'm', stream });
        expect([what, response.status]).toEqual([what, 200]);
        expect(await response.text()).toContain(good);
      }
  });

  test('when every credential fails the client gets the last failure, in its own protocol', async () => {
    for (const { client, stream } of ways) {
      const [one = '', two = ''] = freshKeys(2);
      answers.set(one, () => failing(503));
      answers.set(two, () => failing(529));
      await gateway.reconfigure(serving(provider([one, two])));
      const response = await send(gateway.url, client, { model: 'm', stream });
      expect({ status: response.status, tried: tried() }).toEqual({ status: 529, tried: [one, two] });
      expect(client.errorOf(await jsonOf(response)).message).toBe('the upstream says 529');
      upstream.asked.length = 0;
    }
  });
});

test('a large request that one credential fails goes to the next as a whole, translated or not', async () => {
  const text = 'Jedes Wort zählt. 😀 '.repeat(20_000);
  for (const { client, stream } of ways) {
    const [bad = '', good = ''] = freshKeys(2);
    answers.set(bad, () => failing(500));
    await gateway.reconfigure(serving(provider([bad, good])));
    const response = await send(gateway.url, client, { model: 'm', stream, text });
    expect(await response.text()).toContain(good);
    const [first, second] = upstream.asked.map(({ body }) => new TextDecoder().decode(body));
    expect(first).toContain(text);
    expect(second).toBe(first ?? '');
    upstream.asked.length = 0;
  }
});

test('requests go round the credentials evenly', async () => {
  const keys = freshKeys(3);
  await gateway.reconfigure(serving(provider(keys)));
  for (let i = 0; i < 9; i++) await (await send(gateway.url, chat, { model: 'm' })).arrayBuffer();
  expect(tried()).toEqual([...keys, ...keys, ...keys]);
});

test('requests at once go round the credentials evenly too', async () => {
  const keys = freshKeys(3);
  await gateway.reconfigure(serving(provider(keys)));
  await Promise.all(
    Array.from({ length: 60 }, async () =>
      (await send(gateway.url, anthropic, { model: 'm' })).arrayBuffer(),
    ),
  );
  const shares = keys.map((key) => tried().filter((other) => other === key).length);
  expect(shares).toEqual([20, 20, 20]);
});

test('credentials of a lower priority serve only when those of a higher one fail', async () => {
  const [low = '', high = ''] = freshKeys(2);
  await gateway.reconfigure(serving(provider([low]), provider([high], { priority: 5 })));
  for (let i = 0; i < 3; i++) await (await send(gateway.url, chat, { model: 'm' })).arrayBuffer();
  expect(tried()).toEqual([high, high, high]);
  answers.set(high, () => failing(500));
  expect(await (await send(gateway.url, chat, { model: 'm' })).text()).toContain(low);
});

test('a 429 with Retry-After puts the credential into a cooldown; when all are, the client learns when the first is back', async () => {
  const [one = '', two = ''] = freshKeys(2);
  answers.set(one, () => failing(429, { 'retry-after': '70' }));
  answers.set(two, () => failing(429, { 'retry-after': '40' }));
  await gateway.reconfigure(serving(provider([one, two])));
  const first = await send(gateway.url, chat, { model: 'm' });
  expect({ status: first.status, retryAfter: first.headers.get('retry-after'), tried: tried() }).toEqual({
    status: 429,
    retryAfter: '40',
    tried: [one, two],
  });
  const second = await send(gateway.url, anthropic, { model: 'm' });
  expect(second.status).toBe(429);
  expect(Number(second.headers.get('retry-after'))).toBeWithin(30, 41);
  expect(anthropic.errorOf(await jsonOf(second))).toEqual({
    message: expect.stringContaining('All credentials for "m" are cooling down'),
    kind: 'rate_limit_error',
  });
  expect(tried()).toEqual([one, two]);
});

test('with disable-cooling a failed credential is asked again at once', async () => {
  const [only = ''] = freshKeys(1);
  answers.set(only, () => failing(429, { 'retry-after': '70' }));
  await gateway.reconfigure({ ...serving(provider([only])), 'disable-cooling': true });
  for (let i = 0; i < 2; i++) expect((await send(gateway.url, chat, { model: 'm' })).status).toBe(429);
  expect(tried()).toEqual([only, only]);
});

test('request-retry goes round again over credentials that failed', async () => {
  const [only = ''] = freshKeys(1);
  let failures = 2;
  answers.set(only, (asked) => (failures-- > 0 ? failing(503) : named(asked)));
  await gateway.reconfigure({ ...serving(provider([only])), 'request-retry': 2, 'disable-cooling': true });
  expect((await send(gateway.url, chat, { model: 'm' })).status).toBe(200);
  expect(tried()).toEqual([only, only, only]);
});
