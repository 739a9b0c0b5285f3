/** What a provider says about the credential behind a model is not said about the client's own key, and gives nothing away. */
import { afterAll, describe, expect, test } from 'bun:test';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { callOf, calls, jsonOf, send } from '../gateway/calls.ts';
import { clientKey, everyUpstream, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';

const secret = 'secret-of-the-credential-0123456789';
const hex = Buffer.from(secret).toString('hex');
/** Ways to write it that a provider may answer with. */
const spellings = [
  secret,
  secret.toUpperCase(),
  hex,
  hex.toUpperCase(),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(`Bearer ${secret}`).toString('base64url').slice(12, -3),
  `${secret.slice(0, 12)}\n${secret.slice(12)}`,
  secret.slice(0, 20),
  secret.slice(-20),
];
/** A provider that refuses everybody, with the key that it was given in its words. */
let status = 401;
/** Set, it is all that it answers. */
let whole: { status: number; data: object } | undefined;
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
/** The event by which it fails then, where that is another than its body. */
let fails: { event?: string; data: object } | undefined;
/** What of a stream comes in one piece. */
let inOne = true;

const lastly = (): string => {
  const { event, data } = fails ?? { data: JSON.parse(body()) };
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
};

function begunStream(protocol: Protocol): Response {
  const events = [...begun[protocol].map((data) => `data: ${data}\n\n`), lastly()];
  const pieces = inOne ? [events.join('')] : events;
  return new Response(
    new ReadableStream({
      async pull(controller) {
        const next = pieces.shift();
        if (next === undefined) return controller.close();
        controller.enqueue(new TextEncoder().encode(next));
        await Bun.sleep(1);
      },
    }),
    { headers: { 'content-type': 'text/event-stream' } },
  );
}
const upstream = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: () =>
    whole !== undefined && begins === undefined
      ? Response.json(whole.data, { status: whole.status })
      : begins !== undefined
        ? begunStream(begins)
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
      message = `The key ${spellings.join(', ')} is not good`;
      for (const stream of [false, true]) {
        const response = await send(gateway.url, call, { model: modelOver[over], stream });
        const text = await response.text();
        expect(text).toContain('is not good');
        const all = text + JSON.stringify([...response.headers]);
        for (const spelling of spellings) expect(all).not.toContain(spelling);
      }
    }
  });

  test.each(protocols)('M5: %s repeats the key when its answer has begun', async (over) => {
    status = 500;
    begins = over;
    message = `The key ${spellings.join(', ')} is not good`;
    try {
      const response = await send(gateway.url, call, { model: modelOver[over], stream: true });
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(text).toContain('is not good');
      for (const spelling of spellings) expect(text).not.toContain(spelling);
    } finally {
      begins = undefined;
    }
  });
});

/** How each protocol says in a stream that a key is wrong or may not, in its own words and in those of servers near it. */
const refusals: Record<Protocol, { event?: string; data: object }[]> = {
  'openai-chat': [
    { data: { error: { message: 'no', type: 'invalid_request_error', code: 'invalid_api_key' } } },
    { data: { error: { message: 'no', type: 'authentication_error', code: null } } },
    { data: { id: 'c', choices: [{ index: 0, error: { message: 'no', code: 'invalid_api_key' } }] } },
    { data: { error: { message: 'no', code: 401 } } },
    { event: 'error', data: { message: 'no', type: 'permission_error' } },
  ],
  'openai-responses': [
    { event: 'error', data: { type: 'error', code: 'invalid_api_key', message: 'no', param: null } },
    {
      data: {
        type: 'error',
        error: { type: 'invalid_request_error', code: 'invalid_api_key', message: 'no' },
      },
    },
    {
      event: 'response.failed',
      data: {
        type: 'response.failed',
        response: { id: 'r', status: 'failed', error: { code: 'invalid_api_key', message: 'no' } },
      },
    },
    { data: { error: { type: 'permission_error', message: 'no' } } },
  ],
  'anthropic-messages': [
    { event: 'error', data: { type: 'error', error: { type: 'authentication_error', message: 'no' } } },
    { event: 'error', data: { type: 'error', error: { type: 'permission_error', message: 'no' } } },
    { data: { error: { type: 'x', code: 'invalid_api_key', message: 'no' } } },
  ],
  gemini: [
    { data: { error: { code: 401, message: 'no', status: 'UNAUTHENTICATED' } } },
    { data: { error: { code: 403, message: 'no', status: 'PERMISSION_DENIED' } } },
    {
      data: {
        error: {
          code: 400,
          message: 'no',
          status: 'INVALID_ARGUMENT',
          details: [{ reason: 'API_KEY_INVALID' }],
        },
      },
    },
  ],
};
const clientsWords =
  /invalid_api_key|authentication_error|permission_error|API_KEY_INVALID|UNAUTHENTICATED|PERMISSION_DENIED|"code":40[13]/;

describe.each(calls)('a stream of a client of $protocol has begun', (call) => {
  const cases = protocols.flatMap((over) =>
    refusals[over].map((event) => ({ over, event, is: JSON.stringify(event) })),
  );
  test.each(cases)('M15: a refusal of $over is not one of its own key: $is', async ({ over, event }) => {
    begins = over;
    fails = event;
    try {
      for (inOne of [true, false]) {
        const response = await send(gateway.url, call, { model: modelOver[over], stream: true });
        const text = await response.text();
        expect(text).toContain('refused by its provider: no (request req_');
        expect(text).not.toMatch(clientsWords);
      }
    } finally {
      begins = undefined;
      fails = undefined;
      inOne = true;
    }
  });
});

test('M15: over a WebSocket, too', async () => {
  begins = 'openai-responses';
  try {
    for (const event of refusals['openai-responses']) {
      fails = event;
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
        headers: { authorization: `Bearer ${clientKey}` },
      });
      let text = '';
      await new Promise<void>((resolve) => {
        socket.onopen = () =>
          socket.send(
            JSON.stringify({ type: 'response.create', model: modelOver['openai-responses'], input: 'x' }),
          );
        socket.onmessage = ({ data }) => {
          text += String(data);
          if (text.includes('"error"') && text.includes('no')) resolve();
        };
      });
      socket.close();
      expect(text).toContain('refused by its provider: no (request req_');
      expect(text).not.toMatch(clientsWords);
    }
  } finally {
    begins = undefined;
    fails = undefined;
  }
});

describe.each(calls)('a client of $protocol', (call) => {
  test.each(protocols)(
    'M15: %s says within a 400 or a 200 that the key is wrong: neither is its own',
    async (over) => {
      message = 'no';
      for (const given of [400, 200])
        for (const event of refusals[over]) {
          if (!('error' in event.data)) continue;
          whole = { status: given, data: event.data };
          const response = await send(gateway.url, call, { model: modelOver[over] });
          const text = await response.text();
          expect(response.status).toBeGreaterThanOrEqual(400);
          expect(text).not.toMatch(/invalid_api_key|API_KEY_INVALID/);
        }
      if (over === 'openai-responses') {
        const error = { code: 'invalid_api_key', message: 'no' };
        whole = { status: 200, data: { id: 'r', object: 'response', status: 'failed', error, output: [] } };
        const text = await (await send(gateway.url, call, { model: modelOver[over] })).text();
        expect(text).toContain('refused by its provider: no');
        expect(text).not.toContain('invalid_api_key');
      }
      whole = undefined;
    },
  );

  test.each(protocols)('H4: a huge error of %s reaches it cut, and is still JSON', async (over) => {
    const long = `It was too much. ${'ü€😀'.repeat(40_000)}`;
    const shapes = [
      { error: { message: long, type: 'invalid_request_error', code: 400, status: 'INVALID_ARGUMENT' } },
      { type: 'error', error: { type: 'invalid_request_error', message: long } },
      { type: 'error', error: { type: 'invalid_request_error', message: 'It was too much.', more: long } },
      { detail: long },
      { error: { message: 'It was too much.', type: long, code: long, param: long } },
    ];
    for (const data of shapes) {
      whole = { status: 400, data };
      for (const stream of [false, true]) {
        const response = await send(gateway.url, call, { model: modelOver[over], stream });
        const text = await response.text();
        expect(text.length).toBeLessThan(12_000);
        expect(call.errorOf(JSON.parse(text)).message).toContain('It was too much.');
        expect(text).not.toContain('\ufffd');
      }
      begins = over;
      fails = { event: 'error', data: { type: 'error', message: 'x', code: 'x', ...data } };
      const begunText = await (
        await send(gateway.url, call, { model: modelOver[over], stream: true })
      ).text();
      expect(begunText.length).toBeLessThan(24_000);
      begins = undefined;
      fails = undefined;
    }
    whole = undefined;
  });
});

test('M15: clients read whose provider is cooling down, not whose credential', async () => {
  status = 429;
  message = 'slow down';
  const call = callOf('openai-chat');
  const model = modelOver['anthropic-messages'];
  await send(resting.url, call, { model });
  const shown = call.errorOf(await jsonOf(await send(resting.url, call, { model }))).message;
  expect(shown).toContain('Claude API: quota until');
  expect(shown).not.toContain('…');
});
