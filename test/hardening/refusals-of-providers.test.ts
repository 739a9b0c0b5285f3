/** What a provider says about the credential behind a model is not said about the client's own key, and gives nothing away. */
import { afterAll, describe, expect, test } from 'bun:test';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { callOf, calls, jsonOf, send } from '../gateway/calls.ts';
import { everyUpstream, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';

const secret = 'secret-of-the-credential-0123456789';
/** A provider that refuses everybody, with the key that it was given in its words. */
let status = 401;
let message = '';
const body = () =>
  JSON.stringify({
    type: 'error',
    error: {
      message,
      type: 'authentication_error',
      code: status === 401 ? 'invalid_api_key' : secret,
      status: 'UNAUTHENTICATED',
    },
  });
/** How an answer of each protocol begins. */
const begun: Record<Protocol, string[]> = {
  'openai-chat': [JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: 'x' } }] })],
  'openai-responses': [
    JSON.stringify({ type: 'response.created', response: { id: 'r' } }),
    JSON.stringify({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'x' }),
  ],
  'anthropic-messages': [
    JSON.stringify({ type: 'message_start', message: { id: 'm' } }),
    JSON.stringify({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'text', text: '' },
    }),
    JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' } }),
  ],
  gemini: [JSON.stringify({ candidates: [{ content: { parts: [{ text: 'x' }] } }] })],
};
/** Set, it answers well at first, and fails when the answer has begun. */
let begins: Protocol | undefined;
const upstream = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: () =>
    begins !== undefined
      ? new Response([...begun[begins], body()].map((data) => `data: ${data}\n\n`).join(''), {
          headers: { 'content-type': 'text/event-stream' },
        })
      : new Response(body(), {
          status,
          headers: { 'content-type': 'application/json', 'x-echo': `key ${secret}` },
        }),
});
const url = upstream.url.href.replace(/\/$/, '');
const models = (protocol: Protocol) => [{ name: 'm', alias: modelOver[protocol] }];
const settings = {
  ...everyUpstream(url, models, { 'api-key': secret }),
  ...oneUpstream('openai-chat', url, models('openai-chat'), { 'api-key-entries': [{ 'api-key': secret }] }),
};
const gateway = await startTested({ 'disable-cooling': true, 'passthrough-headers': true, ...settings });
const resting = await startTested(settings);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await resting[Symbol.asyncDispose]();
  await upstream.stop(true);
});

describe.each(calls)('a client of $protocol', (call) => {
  test.each(protocols)('M15: a refusal of %s is not one of its own key', async (over) => {
    status = 401;
    message = 'Incorrect API key provided';
    for (const stream of [false, true]) {
      const response = await send(gateway.url, call, { model: modelOver[over], stream });
      expect(response.status).toBe(401);
      const answer = await jsonOf(response);
      expect(JSON.stringify(answer)).not.toContain('invalid_api_key');
      expect(call.errorOf(answer).message).toMatch(
        /refused by its provider: Incorrect API key .*\(request req_/,
      );
    }
  });

  test.each(protocols)('M5: %s repeats the key, and the client does not read it', async (over) => {
    for (const wanted of [400, 401, 403, 404, 429, 500]) {
      status = wanted;
      message = `The key ${secret} (${encodeURIComponent(secret)}) is not good`;
      for (const stream of [false, true]) {
        const response = await send(gateway.url, call, { model: modelOver[over], stream });
        const text = await response.text();
        expect(text).toContain('is not good');
        expect(text + JSON.stringify([...response.headers])).not.toContain(secret);
      }
    }
  });

  test.each(protocols)('M5: %s repeats the key when its answer has begun', async (over) => {
    status = 500;
    begins = over;
    const basic = Buffer.from(secret).toString('base64');
    message = `The key ${secret} (${basic}) is not good`;
    try {
      const response = await send(gateway.url, call, { model: modelOver[over], stream: true });
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(text).toContain('is not good');
      expect(text).not.toContain(secret);
      expect(text).not.toContain(basic);
    } finally {
      begins = undefined;
    }
  });
});

test('M15: clients read whose provider rests, not whose credential', async () => {
  status = 429;
  message = 'slow down';
  const call = callOf('openai-chat');
  const model = modelOver['anthropic-messages'];
  await send(resting.url, call, { model });
  const shown = call.errorOf(await jsonOf(await send(resting.url, call, { model }))).message;
  expect(shown).toContain('Claude API: quota until');
  expect(shown).not.toContain('…');
});
