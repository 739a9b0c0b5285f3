/** Providers that refuse in ways of their own, or cannot be reached: what each official client sees. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import type { OfficialClient } from '../clients/conversation.ts';
import { officialClients } from '../clients/official.ts';
import { beginsWithError, exchanges } from '../corpus.ts';
import { eventually } from '../eventually.ts';
import { callOf, send } from '../gateway/calls.ts';
import { type Asked, chatAnswer, chatStream, eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, oneUpstream, startTested } from '../gateway-harness.ts';
import { selfSigned } from './self-signed.ts';

const answers = new Map<string, (asked: Asked) => Response | Promise<Response>>();
const upstream = startUpstream((asked) => answers.get(asked.key)?.(asked) ?? named(asked));
const gateway = await startTested({});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});
beforeEach(() => {
  answers.clear();
  upstream.asked.length = 0;
});

function named({ key, body }: Asked): Response {
  return new TextDecoder().decode(body).includes('"stream":true') ? chatStream(key) : chatAnswer(key);
}

let made = 0;
/** Keys that no test has had before: one that failed is cooling down. */
const freshKeys = (count: number): string[] => Array.from({ length: count }, () => `refused-${++made}`);
/** Asks the keys in their order; each may have its own address. */
const use = (keys: string[], more: JsonObject[] = []) =>
  gateway.reconfigure({
    routing: { strategy: 'fill-first' },
    'openai-compatibility': keys.map((key, index) => ({
      name: key,
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': [{ 'api-key': key }],
      models: [{ name: 'm' }, { name: 'other' }],
      ...more[index],
    })),
  });
const failing =
  (status: number, error: JsonObject, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ error: { message: 'no', ...error } }, { status, headers });

const ways = officialClients.flatMap((client) =>
  [false, true].map((stream) => ({ client, stream, title: `${client.name}${stream ? ', streamed' : ''}` })),
);
function open({ client, stream, model = 'm', signal }: Way & { model?: string; signal?: AbortSignal }) {
  return client.open({ url: gateway.url, key: clientKey, model, stream, ...(signal && { signal }) });
}
interface Way {
  client: OfficialClient;
  stream: boolean;
}
const answerTo = async (way: Way, model = 'm') => (await open({ ...way, model }).say('Hello')).text;
async function shownTo(way: Way, model = 'm') {
  const error = await open({ ...way, model })
    .say('Hello')
    .then(
      (told) => new Error(`answered: ${told.text}`),
      (reason: unknown) => reason,
    );
  return way.client.shown(error);
}
const tried = () => upstream.asked.map(({ key }) => key);

describe.each(ways)('$title', (way) => {
  test('an address that refuses connections, and one with a certificate that nobody vouches for: the next answers', async () => {
    const gone = startUpstream(() => new Response());
    gone[Symbol.dispose]();
    using untrusted = selfSigned();
    const keys = freshKeys(3);
    await use(keys, [{ 'base-url': `${gone.url}/v1` }, { 'base-url': `${untrusted.url}/v1` }]);
    expect(await answerTo(way)).toBe(keys[2] ?? '');
    expect(untrusted.asked()).toBe(0);
  });

  test('nobody can be reached: 502 that says why, and no secret', async () => {
    using untrusted = selfSigned();
    const [key = ''] = freshKeys(1);
    await use([key], [{ 'base-url': `${untrusted.url}/v1` }]);
    const { status, message } = await shownTo(way);
    expect(status).toBe(502);
    expect(message).toMatch(/Could not reach 127\.0\.0\.1.*certificate/i);
    expect(message).not.toContain(key);
  });

  test('a used-up quota that is not told as a 429 cools the credential down as one, and the next answers', async () => {
    const [spent = '', good = ''] = freshKeys(2);
    answers.set(spent, failing(403, { type: 'usage_limit_reached', resets_in_seconds: 3000 }));
    await use([spent, good]);
    expect([await answerTo(way), await answerTo(way), await answerTo(way)]).toEqual([good, good, good]);
    expect(tried()).toEqual([spent, good, good, good]);
  });

  test('a 403 about one model leaves the credential its other models', async () => {
    const [partial = '', good = ''] = freshKeys(2);
    answers.set(partial, (asked) =>
      new TextDecoder().decode(asked.body).includes('"m"')
        ? failing(403, { message: 'm is not in your plan' })()
        : named(asked),
    );
    await use([partial, good]);
    expect([await answerTo(way), await answerTo(way), await answerTo(way, 'other')]).toEqual([
      good,
      good,
      partial,
    ]);
    expect(tried()).toEqual([partial, good, good, partial]);
  });

  test('a 401 cools down the credential for all models', async () => {
    const [revoked = '', good = ''] = freshKeys(2);
    answers.set(revoked, failing(401, {}));
    await use([revoked, good]);
    expect([await answerTo(way), await answerTo(way, 'other')]).toEqual([good, good]);
    expect(tried()).toEqual([revoked, good, good]);
  });

  test('a 429 with Retry-After: 7 is not asked again before that; everybody cooling down is reported with the first’s time', async () => {
    const [one = '', two = ''] = freshKeys(2);
    answers.set(one, failing(429, {}, { 'retry-after': '70' }));
    answers.set(two, failing(429, {}, { 'retry-after': '7' }));
    await use([one, two]);
    await shownTo(way);
    const { status, message, retryAfter } = await shownTo(way);
    expect(status).toBe(429);
    expect(message).toMatch(/All credentials for .+ are cooling down; the first is back in [1-7]s/);
    expect(message).toContain('quota until');
    if (way.client.protocol !== 'gemini') expect(Number(retryAfter)).toBeWithin(1, 8);
    expect(tried()).toEqual([one, two]);
  });

  test('a hint of 18 days makes nobody wait longer than half an hour', async () => {
    const [only = ''] = freshKeys(1);
    answers.set(only, failing(429, { type: 'usage_limit_reached', resets_in_seconds: 18 * 86_400 }));
    await use([only]);
    await shownTo(way);
    const { message } = await shownTo(way);
    expect(message).toMatch(/the first is back in (29m\d+s|30m)/);
  });

  test('a client that leaves ends its upstream at once, and cools down nobody', async () => {
    const [slow = ''] = freshKeys(1);
    let gone = 0;
    answers.set(slow, ({ signal }) => {
      signal.addEventListener('abort', () => (gone += 1));
      return new Promise(() => {});
    });
    await use([slow]);
    const leaving = new AbortController();
    const answer = open({ ...way, signal: leaving.signal }).say('Hello');
    await eventually(() => upstream.asked.length === 1);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await eventually(() => gone === 1);
    answers.clear();
    expect(await answerTo(way)).toBe(slow);
  });
});

test('a listener that takes connections and never answers the TLS handshake is no connection: the next answers', async () => {
  const sockets: { end(): void }[] = [];
  const mute = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: { open: (socket) => void sockets.push(socket), data() {} },
  });
  const [dumb = '', good = ''] = freshKeys(2);
  await use(
    [dumb, good],
    [{ 'base-url': `https://127.0.0.1:${mute.port}/v1`, timeouts: { connect: '120ms' } }],
  );
  const all = await Promise.all(ways.map((way) => answerTo(way)));
  expect(new Set(all)).toEqual(new Set([good]));
  for (const socket of sockets) socket.end();
  mute.stop(true);
});

test('a redirect is never followed: the key goes to the configured address alone', async () => {
  using other = startUpstream(() => chatAnswer('from elsewhere'));
  for (const way of ways) {
    const [lured = '', good = ''] = freshKeys(2);
    answers.set(lured, () => Response.redirect(`${other.url}/v1/chat/completions`, 307));
    await use([lured, good]);
    expect(await answerTo(way)).toBe(good);
  }
  expect(other.asked).toEqual([]);
});

const recorded = protocols.flatMap((protocol) =>
  exchanges(protocol)
    .filter(
      ({ response, endpoint }) => endpoint === 'generate' && beginsWithError(response?.sse ?? undefined),
    )
    .map(({ id, response }) => ({ protocol, id, sse: response?.sse ?? '' })),
);

test.each(recorded)(
  'recorded: $id, an error in a stream with status 200, is an error with a status of its own',
  async ({ protocol, sse }) => {
    using real = startUpstream(() => eventStream(sse));
    await gateway.reconfigure(oneUpstream(protocol, real.url, [{ name: 'm' }]));
    const said = /"message":"((?:[^"\\]|\\.){10,40})/.exec(sse)?.[1] ?? '';
    for (const call of [callOf(protocol), callOf(otherThan(protocol))]) {
      await gateway.reconfigure({
        'disable-cooling': true,
        ...oneUpstream(protocol, real.url, [{ name: 'm' }]),
      });
      const response = await send(gateway.url, call, { model: 'm', stream: true });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.text()).toContain(said);
    }
  },
);

function otherThan(protocol: Protocol): Protocol {
  return protocol === 'openai-chat' ? 'anthropic-messages' : 'openai-chat';
}
