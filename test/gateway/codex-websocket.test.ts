import { expect, test } from 'bun:test';
import { createUpstreamSockets, type SocketTimes } from '../../src/gateway/upstream/websocket.ts';
import { systemClock } from '../../src/ground/clock.ts';
import { createHttpClient } from '../../src/http-client/client.ts';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { webSocketForm } from '../../src/protocols/openai-responses/web-socket-form.ts';
import { ask, gatewayWith, jsonIn, scriptedSource, textOf } from './accounts.ts';
import { callOf } from './calls.ts';
import { eventStream } from './upstream.ts';

const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed' };
const part = { type: 'output_text', text: 'Hi there', annotations: [] };
const usage = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'm',
  output: [],
  usage,
};
const frames: JsonObject[] = [
  { type: 'response.created', response: { ...response, status: 'in_progress', usage: null } },
  { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
  {
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: 'Hi there',
  },
  { type: 'response.output_item.done', output_index: 0, item: { ...item, content: [part] } },
  { type: 'response.completed', response },
];
const sse = (list: JsonObject[]) =>
  list.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join('');

interface Backend extends Disposable {
  url: string;
  /** Headers of the upgrades that were let in. */
  opened: Headers[];
  asked: Json[];
  /** Requests over HTTP. */
  http: number;
  /** Upgrades that were refused. */
  refused: number;
  endAll(): void;
}

type Answering = (
  send: (frame: JsonObject | string) => void,
  close: (code: number) => void,
  turn: number,
) => void;

/** A token that no upgrade is let in with; HTTP takes any. */
const overHttpOnly = 'none';

/** Upgrades who shows the token; over HTTP it answers the same events. */
function startBackend(answer: Answering, token = 'token-1'): Backend {
  const opened: Headers[] = [];
  const asked: Json[] = [];
  const backend = { opened, asked, http: 0, refused: 0 };
  const open = new Set<Bun.ServerWebSocket<undefined>>();
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    fetch(request, listener) {
      const known = request.headers.get('authorization') === `Bearer ${token}`;
      const answers = known || token === overHttpOnly;
      if (request.headers.get('upgrade') !== null) {
        if (!known || !listener.upgrade(request)) {
          backend.refused += 1;
          return new Response('no', { status: 401 });
        }
        backend.opened.push(request.headers);
        return undefined;
      }
      backend.http += 1;
      return answers ? eventStream(sse(frames)) : new Response('{}', { status: 401 });
    },
    websocket: {
      open: (socket) => void open.add(socket),
      close: (socket) => void open.delete(socket),
      message(socket, message) {
        backend.asked.push(JSON.parse(String(message)));
        answer(
          (frame) => void socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
          (code) => socket.close(code),
          backend.asked.length,
        );
      },
    },
  });
  return Object.assign(backend, {
    url: server.url.href.replace(/\/$/, ''),
    endAll: () => {
      for (const socket of open) socket.close();
    },
    [Symbol.dispose]: () => void server.stop(true),
  });
}

const all: Answering = (send) => {
  for (const frame of frames) send(frame);
};
const codex = (url: string, source = scriptedSource('token-1')) =>
  gatewayWith([
    { kind: 'codex', url, source, facts: { accountId: 'workspace' }, more: { websockets: true } },
  ]);
const model = 'gpt-5.1';

test.each(protocols)(
  '%s clients are answered over the WebSocket, whole and streamed, over one connection',
  async (protocol) => {
    using backend = startBackend(all);
    const gateway = codex(backend.url);
    const whole = await ask(gateway, { protocol, model });
    expect(callOf(protocol).textOf(await jsonIn(whole))).toBe('Hi there');
    const streamed = await ask(gateway, { protocol, model, stream: true });
    expect(await textOf(streamed)).toContain('Hi there');
    expect(backend.http).toBe(0);
    expect(backend.opened.length).toBe(1);
    const headers = Object.fromEntries(backend.opened[0] ?? []);
    expect(headers).toMatchObject({
      authorization: 'Bearer token-1',
      'chatgpt-account-id': 'workspace',
      'openai-beta': 'responses_websockets=2026-02-06',
      'user-agent': 'cli-proxy-api/test',
    });
    for (const asked of backend.asked)
      expect(asked).toMatchObject({ type: 'response.create', model, store: false });
  },
);

test('a Responses client gets the events of HTTP: response.done by its other name, nothing about the account', async () => {
  using backend = startBackend((send) => {
    send({ type: 'codex.rate_limits', rate_limits: {} });
    for (const frame of frames.slice(0, -1)) send(frame);
    send(JSON.stringify({ response, type: 'response.done' }, null, 2));
  });
  const streamed = await ask(codex(backend.url), { protocol: 'openai-responses', model, stream: true });
  const events = frames.slice(0, -1).map((frame) => sse([frame]));
  const text = await textOf(streamed);
  expect(text.startsWith(events.join(''))).toBe(true);
  // A frame over several lines is one line of data; it says the same.
  const [name, data = '', ...behind] = text.slice(events.join('').length).split('\n');
  expect([name, ...behind]).toEqual(['event: response.completed', '', '']);
  expect(JSON.parse(data.replace(/^data: /, ''))).toEqual(
    JSON.parse(JSON.stringify({ response, type: 'response.completed' })),
  );
});

test('without an upgrade the request goes over HTTP, and a while nothing else is tried', async () => {
  using backend = startBackend(all, overHttpOnly);
  const gateway = codex(backend.url);
  for (let turn = 0; turn < 2; turn++) {
    const streamed = await ask(gateway, { protocol: 'openai-responses', model, stream: true });
    expect(await textOf(streamed)).toBe(sse(frames));
  }
  expect({ http: backend.http, refused: backend.refused }).toEqual({ http: 2, refused: 1 });
  // The newest first: nothing went out before HTTP where the address was known to refuse.
  const steps = gateway.traces(2).flatMap((trace) => trace.steps);
  const again = steps.map((step) => (step.kind === 'attempt' ? step.sentAgain : step.kind));
  expect(again).toEqual([undefined, ['over-http']]);
});

test('a token that the upgrade refuses is renewed as over HTTP', async () => {
  using backend = startBackend(all, 'token-2');
  const source = scriptedSource('token-1', [{ ok: true, token: 'token-2' }]);
  const streamed = await ask(codex(backend.url, source), {
    protocol: 'openai-responses',
    model,
    stream: true,
  });
  expect(await textOf(streamed)).toBe(sse(frames));
  expect(source.rejected).toEqual(['token-1']);
});

test('a refusal in the first frame is the refusal that HTTP would have given', async () => {
  using backend = startBackend((send) =>
    send({
      type: 'error',
      status: 429,
      error: { type: 'usage_limit_reached', message: 'The limit is reached.', resets_in_seconds: 77 },
    }),
  );
  const refused = await ask(codex(backend.url), { protocol: 'anthropic-messages', model });
  expect(refused.status).toBe(429);
  expect(refused.headers['retry-after']).toBe('77');
  expect(await textOf(refused)).toContain('The limit is reached.');
});

test('a connection that closes in the middle is a broken stream, not a short answer', async () => {
  using backend = startBackend((send, close) => {
    for (const frame of frames.slice(0, 3)) send(frame);
    close(1011);
  });
  const streamed = await ask(codex(backend.url), { protocol: 'openai-responses', model, stream: true });
  const text = await textOf(streamed);
  expect(text).toContain('Hi there');
  expect(text).toContain('upstream_stream_broken');
});

test.each([
  {
    says: 'closes with 1009',
    play: ((_send, close) => close(1009)) satisfies Answering,
  },
  {
    says: 'says so in its first frame',
    play: ((send) =>
      send({
        type: 'error',
        status: 413,
        error: { code: 'message_too_big', message: 'too big' },
      })) satisfies Answering,
  },
])('B: a request that is too large for the WebSocket goes over HTTP: it $says', async ({ play }) => {
  using backend = startBackend(play);
  for (const protocol of ['openai-responses', 'openai-chat', 'anthropic-messages', 'gemini'] as const)
    for (const stream of [false, true]) {
      const answered = await ask(codex(backend.url), { protocol, model, stream });
      expect(answered.status).toBe(200);
      expect(await textOf(answered)).toContain('Hi there');
    }
  expect(backend.http).toBe(8);
});

test('a connection that was closed while it waited, or has lived its time, is made anew', async () => {
  using backend = startBackend((send, close, turn) => {
    if (turn === 3)
      send({
        type: 'error',
        status: 400,
        error: { code: 'websocket_connection_limit_reached', message: 'old' },
      });
    else all(send, close, turn);
  });
  const gateway = codex(backend.url);
  const asked = async () => textOf(await ask(gateway, { protocol: 'openai-responses', model, stream: true }));
  expect(await asked()).toBe(sse(frames));
  backend.endAll();
  expect(await asked()).toBe(sse(frames));
  expect(await asked()).toBe(sse(frames));
  expect(asObject(backend.asked[3])?.type).toBe('response.create');
  expect(backend.opened.length).toBe(3);
  expect(backend.http).toBe(0);
});

const times: SocketTimes = { handshake: 1000, silence: 1000, idle: 1000, refused: 1000 };
const http = createHttpClient();
const call = (url: string, signal = new AbortController().signal) => ({
  form: webSocketForm,
  ...{ url, body: () => '{"model":"m"}', headers: { authorization: 'Bearer token-1' } },
  ...{ proxy: undefined, tls: undefined, signal, pool: 'a', connecting: () => () => {}, mostBytes: 100_000 },
});

test('an upstream that falls silent ends the stream', async () => {
  using backend = startBackend((send) => send(frames[0] ?? {}));
  const sockets = createUpstreamSockets(http, { ...times, silence: 20 }, systemClock);
  const answer = await sockets.ask(call(backend.url));
  await expect(answer?.bytes()).rejects.toThrow('fell silent');
});

test('a client that leaves closes the connection', async () => {
  using backend = startBackend(() => {});
  const leaving = new AbortController();
  const answer = createUpstreamSockets(http, times, systemClock).ask(call(backend.url, leaving.signal));
  leaving.abort();
  await expect(answer).rejects.toThrow('aborted');
});

test('an address that refused is asked again after a while', async () => {
  using backend = startBackend(all, overHttpOnly);
  let now = 0;
  const sockets = createUpstreamSockets(http, times, { ...systemClock, now: () => now });
  const asked = async () => [await sockets.ask(call(backend.url)), backend.refused];
  expect(await asked()).toEqual([undefined, 1]);
  expect(await asked()).toEqual([undefined, 1]);
  now = 1001;
  expect(await asked()).toEqual([undefined, 2]);
});
