/** What a hostile provider says beside its answer: when to come back, and of what type the bytes are. */
import { afterAll, expect, test } from 'bun:test';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { callOf, calls, send } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';

const day = 24 * 3600;
let reply: () => Response = () => new Response();
const upstream = startUpstream(() => reply());
const gateway = await startTested(
  everyUpstream(
    upstream.url,
    (protocol) => [{ name: modelOver[protocol], alias: modelOver[protocol] }],
    // A rest of one request is not to answer the next.
    { 'disable-cooling': true },
  ),
);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

const pairs = calls.flatMap((call) => protocols.map((over) => ({ call, over, name: call.protocol })));

/** Headers and bodies that say when to come back. */
const waits: Record<string, { headers?: Record<string, string>; more?: object }> = {
  'a number of 21 digits': { headers: { 'retry-after': '100000000000000000000' } },
  'a date in the year 9999': { headers: { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' } },
  milliseconds: { headers: { 'retry-after-ms': '1e300' } },
  'a number in the body': { more: { retry_after: 1e300 } },
  'a negative number': { more: { retry_after: -5 } },
  'a delay of Google': {
    more: { details: [{ '@type': 'google.rpc.RetryInfo', retryDelay: '99999999999999s' }] },
  },
  'an endless window': {
    headers: {
      'anthropic-ratelimit-unified-5h-status': 'rejected',
      'anthropic-ratelimit-unified-5h-reset': '1e300',
    },
  },
};

test.each(Object.keys(waits))('H4: %s sends no client away for more than a day', async (kind) => {
  const { headers, more } = waits[kind] ?? {};
  reply = () => Response.json({ error: { message: 'slow down', ...more } }, { status: 429, headers });
  for (const { call, over, name } of pairs) {
    const answer = await send(gateway.url, call, { model: modelOver[over] });
    const told = answer.headers.get('retry-after');
    const seconds = told === null ? 0 : Number(told);
    expect([name, over, answer.status, told, seconds >= 0 && seconds <= day]).toEqual([
      ...[name, over, 429, told],
      true,
    ]);
  }
});

const page = '<script>alert(1)</script>';

test.each(['text/html', 'image/svg+xml', 'application/xhtml+xml; charset=utf-8', 'text/javascript'])(
  'H4: an error of the type %s reaches every client as JSON',
  async (type) => {
    for (const { call, over, name } of pairs) {
      for (const body of [
        page,
        JSON.stringify({ error: { message: page, type: 'x', code: 'y' } }),
        JSON.stringify({ type: 'error', error: { message: page, type: 'x' } }),
        JSON.stringify({ error: { message: page, code: 400, status: 'INVALID_ARGUMENT' } }),
      ]) {
        reply = () => new Response(body, { status: 400, headers: { 'content-type': type } });
        for (const stream of [false, true]) {
          const answer = await send(gateway.url, call, { model: modelOver[over], stream });
          expect([name, over, answer.headers.get('content-type')]).toEqual([name, over, 'application/json']);
          expect(call.errorOf(JSON.parse(await answer.text())).message).toBeString();
        }
      }
    }
  },
);

test('H4: a whole answer that calls itself a page is JSON to the client', async () => {
  reply = () =>
    new Response(
      JSON.stringify({
        id: 'c',
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content: page }, finish_reason: 'stop' }],
      }),
      { headers: { 'content-type': 'text/html' } },
    );
  const call = callOf('openai-chat');
  const answer = await send(gateway.url, call, { model: modelOver['openai-chat'] });
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(call.textOf(JSON.parse(await answer.text()))).toBe(page);
});

const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

test.each([
  ['alone', `{"error":${deep}}`],
  ['beside a message', `{"error":{"message":"no","a":${deep}}}`],
])('H4: an error with lists in lists without an end, %s, is no failure of ours', async (_what, body) => {
  reply = () => new Response(body, { status: 400, headers: { 'content-type': 'application/json' } });
  for (const { call, over, name } of pairs) {
    const answer = await send(gateway.url, call, { model: modelOver[over] });
    expect([name, over, answer.status]).toEqual([name, over, 400]);
    expect(call.errorOf(JSON.parse(await answer.text())).message).toBeString();
  }
});

test('H4: nor is it as an event of a stream that has begun', async () => {
  for (const over of protocols) {
    const events = [...begun[over], `{"type":"error","error":{"message":"no","a":${deep}}}`];
    reply = () =>
      new Response(events.map((data) => `data: ${data}\n\n`).join(''), {
        headers: { 'content-type': 'text/event-stream' },
      });
    for (const call of calls) {
      const answer = await send(gateway.url, call, { model: modelOver[over], stream: true });
      const text = await answer.text();
      expect([call.protocol, over, answer.status, text.includes('hello')]).toEqual([
        ...[call.protocol, over, 200],
        true,
      ]);
    }
  }
});

/** The events of a stream up to its first word. */
const begun: Record<Protocol, string[]> = {
  'openai-chat': ['{"id":"c","choices":[{"index":0,"delta":{"content":"hello"}}]}'],
  'openai-responses': [
    '{"type":"response.created","response":{"id":"r"}}',
    '{"type":"response.output_text.delta","output_index":0,"delta":"hello"}',
  ],
  'anthropic-messages': [
    '{"type":"message_start","message":{"id":"m","content":[]}}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"hello"}}',
  ],
  gemini: ['{"candidates":[{"content":{"parts":[{"text":"hello"}]}}]}'],
};
