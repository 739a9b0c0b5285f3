/** Clients that wait: what they hear meanwhile, who may still take over, and what a failure looks like then. */
import { afterAll, beforeEach, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asArray } from '../../src/protocols/json-members.ts';
import { officialClients } from '../clients/official.ts';
import { eventually } from '../eventually.ts';
import { callOf, calls, jsonOf, post, send } from '../gateway/calls.ts';
import { type Asked, chatAnswer, chatStream, eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, startTested } from '../gateway-harness.ts';

const answers = new Map<string, (asked: Asked) => Response | Promise<Response>>();
const upstream = startUpstream((asked) => answers.get(asked.key)?.(asked) ?? chatStream(asked.key));
const gateway = await startTested({});
/** Asks the keys in this order. */
const use = (keys: string[], settings: JsonObject = {}) =>
  gateway.reconfigure({
    'disable-cooling': true,
    streaming: { 'keepalive-seconds': '30ms' },
    'openai-compatibility': keys.map((key, index) => ({
      name: key,
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': [{ 'api-key': key }],
      models: [{ name: 'm' }],
      priority: -index,
    })),
    ...settings,
  });

beforeEach(() => {
  answers.clear();
  upstream.asked.length = 0;
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

/** What each protocol hears while nothing comes. */
const sign = {
  'openai-chat': ': keep-alive\n\n',
  'openai-responses': ': keep-alive\n\n',
  'anthropic-messages': 'event: ping\ndata: {"type": "ping"}\n\n',
} as const;
const signing = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;
/** An upstream that answers when it is told to. */
function heldBack() {
  const { promise, resolve } = Promise.withResolvers<Response>();
  return { answer: () => promise, release: resolve };
}
/** Two keep-alives long: what the tests are about, not a wait for something. */
const silence = () => new Promise((resolve) => setTimeout(resolve, 70));
/** Reads until the text has this in it. */
async function readUntil(reader: ReturnType<typeof readerOf>, wanted: string): Promise<string> {
  let text = '';
  while (!text.includes(wanted)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  return text;
}
const readerOf = ({ body }: Response) => {
  if (body === null) throw new Error('no body');
  return body.getReader();
};

test.each(signing)(
  '%s: a stream that takes long begins with keep-alives, and its answer comes behind them',
  async (protocol) => {
    const held = heldBack();
    answers.set('slow', held.answer);
    await use(['slow']);
    const response = await send(gateway.url, callOf(protocol), { model: 'm', stream: true });
    expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
      status: 200,
      type: 'text/event-stream; charset=utf-8',
    });
    const reader = readerOf(response);
    const heard = await readUntil(reader, sign[protocol].repeat(2));
    expect(heard).toStartWith(sign[protocol]);
    held.release(chatStream('late answer'));
    expect(await readUntil(reader, 'never')).toContain('late answer');
  },
);

test.each(signing)('%s: behind the keep-alives the next credential still takes over', async (protocol) => {
  const held = heldBack();
  answers.set('slow', held.answer);
  await use(['slow', 'next']);
  const response = await send(gateway.url, callOf(protocol), { model: 'm', stream: true });
  const reader = readerOf(response);
  await readUntil(reader, sign[protocol]);
  held.release(Response.json({ error: { message: 'no more' } }, { status: 503 }));
  const text = await readUntil(reader, 'never');
  expect(text).toContain('next');
  expect(text).not.toContain('no more');
});

test.each(officialClients.filter(({ protocol }) => protocol !== 'gemini'))(
  '$name: a failure behind the keep-alives is an error to the client, with its message',
  async (client) => {
    const held = heldBack();
    answers.set('slow', held.answer);
    await use(['slow']);
    const conversation = client.open({ url: gateway.url, key: clientKey, model: 'm', stream: true });
    const said = conversation.say('Hello').then(
      () => 'answered',
      (error: unknown) => client.shown(error).message,
    );
    await eventually(() => upstream.asked.length === 1);
    await silence();
    held.release(Response.json({ error: { message: 'quota is gone' } }, { status: 429 }));
    expect(await said).toContain('quota is gone');
  },
);

test('a stream that falls silent in the middle is kept alive; the client’s own reader takes no notice', async () => {
  for (const client of officialClients) {
    let go = (): void => {};
    answers.set('slow', () => {
      const whole = chatStream('said in two parts');
      const encoder = new TextEncoder();
      return eventStream(
        new ReadableStream({
          async start(controller) {
            const text = await whole.text();
            const half = text.indexOf('\n\n') + 2;
            controller.enqueue(encoder.encode(text.slice(0, half)));
            go = () => {
              controller.enqueue(encoder.encode(text.slice(half)));
              controller.close();
            };
          },
        }),
      );
    });
    await use(['slow']);
    let heard = '';
    const conversation = client.open({
      url: gateway.url,
      key: clientKey,
      model: 'm',
      stream: true,
      onText: (piece) => {
        heard += piece;
      },
    });
    const said = conversation.say('Hello');
    await eventually(() => heard !== '');
    await silence();
    go();
    expect((await said).text).toBe('said in two parts');
  }
});

test('a stream that falls silent in the middle sends signs between whole events, same protocol and translated', async () => {
  for (const protocol of ['openai-chat', 'anthropic-messages'] as const) {
    answers.set('slow', async () => {
      const [first = ''] = (await chatStream('begun').text()).split(/(?<=\n\n)/);
      return eventStream(
        new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(first)) }),
      );
    });
    await use(['slow']);
    const leaving = new AbortController();
    const { signal } = leaving;
    const response = await send(gateway.url, callOf(protocol), { model: 'm', stream: true, signal });
    const text = await readUntil(readerOf(response), sign[protocol].repeat(2));
    expect(text.indexOf('begun')).toBeLessThan(text.indexOf(sign[protocol]));
    leaving.abort();
  }
});

test('an upstream that does not close its stream behind the terminal event is let go, and the answer is complete', async () => {
  const whole = await chatStream('all of it').text();
  for (const call of calls) {
    let gone = 0;
    answers.set('slow', ({ signal }) => {
      signal.addEventListener('abort', () => (gone += 1));
      return eventStream(
        new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(whole)) }),
      );
    });
    await use(['slow']);
    const text = await (await send(gateway.url, call, { model: 'm', stream: true })).text();
    expect(text).toContain('all of it');
    expect(text).not.toContain('broke off');
    await eventually(() => gone === 1);
  }
});

test('a Gemini client that wants an array gets empty lines, and its answer or error behind them', async () => {
  for (const [answer, says] of [
    [chatStream('late answer'), 'late answer'],
    [Response.json({ error: { message: 'quota is gone' } }, { status: 429 }), 'quota is gone'],
  ] as const) {
    const held = heldBack();
    answers.set('slow', held.answer);
    await use(['slow']);
    const response = await post(`${gateway.url}/v1beta/models/m:streamGenerateContent`, {
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    });
    expect(response.status).toBe(200);
    held.release(answer);
    expect(JSON.stringify(asArray(await jsonOf(response)))).toContain(says);
  }
});

test('Gemini’s event streams wait in silence: the status is still to come', async () => {
  const held = heldBack();
  answers.set('slow', held.answer);
  await use(['slow']);
  const answer = send(gateway.url, callOf('gemini'), { model: 'm', stream: true });
  await eventually(() => upstream.asked.length === 1);
  await silence();
  held.release(Response.json({ error: { message: 'quota is gone' } }, { status: 429 }));
  expect((await answer).status).toBe(429);
});

test('a failure that comes in time has its status', async () => {
  answers.set('slow', () => Response.json({ error: { message: 'quota is gone' } }, { status: 429 }));
  await use(['slow'], { streaming: { 'keepalive-seconds': 10 } });
  for (const call of calls)
    expect((await send(gateway.url, call, { model: 'm', stream: true })).status).toBe(429);
});

test('nonstream-keepalive-interval: empty lines in front of the JSON; a failure behind them breaks the connection', async () => {
  const settings = { 'nonstream-keepalive-interval': '30ms' };
  for (const call of calls) {
    const held = heldBack();
    answers.set('slow', held.answer);
    await use(['slow'], settings);
    const response = await send(gateway.url, call, { model: 'm' });
    held.release(chatAnswer('late answer'));
    const text = await response.text();
    expect(text).toStartWith('\n');
    expect(call.textOf(JSON.parse(text))).toBe('late answer');
  }
  const held = heldBack();
  answers.set('slow', held.answer);
  await use(['slow'], settings);
  const response = await send(gateway.url, callOf('openai-chat'), { model: 'm' });
  held.release(Response.json({ error: { message: 'quota is gone' } }, { status: 429 }));
  await expect(response.text()).rejects.toThrow();
});

test('/v1/completions waits as chat does: keep-alives before a stream and before an answer that does not stream', async () => {
  const settings = {
    streaming: { 'keepalive-seconds': '30ms' },
    'nonstream-keepalive-interval': '30ms',
  };
  for (const stream of [true, false]) {
    const held = heldBack();
    answers.set('slow', held.answer);
    await use(['slow'], settings);
    const response = await post(`${gateway.url}/v1/completions`, { model: 'm', prompt: 'Hello', stream });
    const before = stream ? sign['openai-chat'] : '\n';
    const reader = readerOf(response);
    expect(await readUntil(reader, before)).toStartWith(before);
    held.release(stream ? chatStream('late answer') : chatAnswer('late answer'));
    const behind = await readUntil(reader, 'never');
    expect(behind).toContain('"object":"text_completion"');
    expect(behind).toContain('"text":"late answer"');
  }
});

test('a client that leaves behind the keep-alives takes its upstream along', async () => {
  for (const stream of [true, false]) {
    let gone = 0;
    answers.set('slow', ({ signal }) => {
      signal.addEventListener('abort', () => (gone += 1));
      return new Promise(() => {});
    });
    await use(['slow'], { 'nonstream-keepalive-interval': '30ms' });
    const leaving = new AbortController();
    const { signal } = leaving;
    const response = await send(gateway.url, callOf('openai-chat'), { model: 'm', stream, signal });
    await readerOf(response).read();
    leaving.abort();
    await eventually(() => gone === 1);
  }
});
