/** The WebSocket of the Responses API at its edges: who is slow, leaves, says too much, or stays when the gateway goes. */
import { afterAll, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { eventually } from '../eventually.ts';
import { clientKey, oneUpstream, startTested } from '../gateway-harness.ts';

/** An upstream whose answers are played by each test. */
interface Played {
  asked: { instructions?: string; input?: unknown }[];
  /** Pieces that were taken of the running answer. */
  taken: number;
  cancelled: boolean;
}
const played: Played = { asked: [], taken: 0, cancelled: false };
const encoder = new TextEncoder();
const event = (data: { type: string }) =>
  encoder.encode(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
let count = 0;

/** `say: endless` streams until it is cancelled; anything else is answered with its number. */
const upstream = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const body: unknown = await request.json();
    played.asked.push(typeof body === 'object' && body !== null ? body : {});
    const endless = JSON.stringify(body).includes('say: endless');
    const id = `resp_${count++}`;
    const response = { id, object: 'response', status: 'in_progress', output: [] };
    const message = {
      type: 'message',
      id: `msg_${id}`,
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: id, annotations: [] }],
    };
    played.taken = 0;
    played.cancelled = false;
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => controller.enqueue(event({ type: 'response.created', ...{ response } })),
        async pull(controller) {
          played.taken += 1;
          if (endless) {
            // All sides share one process: each gets its turn.
            await new Promise((resolve) => setTimeout(resolve, 1));
            const delta = { type: 'response.output_text.delta', delta: 'x'.repeat(65_536), item_id: 'i' };
            return controller.enqueue(event(delta));
          }
          const done = { ...response, status: 'completed', output: [message] };
          controller.enqueue(event({ type: 'response.completed', ...{ response: done } }));
          controller.close();
        },
        cancel() {
          played.cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
  },
});
const settings = {
  ...oneUpstream('openai-responses', upstream.url.origin, [{ name: 'model' }]),
  'max-request-bytes': 1_000_000,
};
const gateway = await startTested(settings);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream.stop(true);
});

interface Frame {
  type: string;
  status?: number;
  stream_id?: string;
  response?: { id: string };
  error?: { message: string };
}

async function connected(url = gateway.url) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  const frames: Frame[] = [];
  socket.addEventListener('message', ({ data }) => frames.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number }>((resolve) => socket.addEventListener('close', resolve));
  await new Promise((opened) => socket.addEventListener('open', opened));
  const create = (input: unknown, more: object = {}) =>
    socket.send(JSON.stringify({ type: 'response.create', model: 'model', input, store: false, ...more }));
  const ended = () => frames.filter(({ type }) => type === 'response.completed' || type === 'error');
  return { socket, frames, closed, create, ended };
}

test('a client that leaves in the middle ends the upstream, whose credential is none the worse', async () => {
  const leaving = await connected();
  leaving.create('say: endless');
  await eventually(() => leaving.frames.length > 2);
  leaving.socket.terminate();
  await eventually(() => played.cancelled);
  const { socket, create, ended } = await connected();
  create('hello');
  await eventually(() => ended().length === 1);
  expect(ended()[0]?.type).toBe('response.completed');
  socket.close();
});

test('a client that does not read holds the upstream back', async () => {
  const { hostname, port } = new URL(gateway.url);
  const slow = connect(Number(port), hostname);
  slow.write(
    `GET /v1/responses HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${clientKey}\r\n\r\n`,
  );
  await new Promise((answered) => slow.once('data', answered));
  slow.pause();
  const text = Buffer.from(
    JSON.stringify({ type: 'response.create', model: 'model', input: 'say: endless', store: false }),
  );
  // A masked frame with a mask of zeros (RFC 6455 §5.2).
  slow.write(Buffer.concat([Buffer.from([0x81, 0x80 | 126, 0, text.length, 0, 0, 0, 0]), text]));
  let before = 0;
  let looks = 0;
  await eventually(() => {
    looks = played.taken > 0 && played.taken === before ? looks + 1 : 0;
    before = played.taken;
    return looks > 100;
  });
  // Of 64 KiB each: what the sockets of three processes hold, and not much more.
  expect(played.taken).toBeLessThan(400);
  slow.destroy();
  await eventually(() => played.cancelled);
});

test('messages that come together are answered in their order', async () => {
  const { socket, create, ended, frames } = await connected();
  for (const name of ['a', 'b', 'c']) create(name, { stream_id: name });
  await eventually(() => ended().length === 3);
  const names = frames.map(({ stream_id }) => stream_id);
  expect(names).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  socket.close();
});

test('response.append brings input alone, and goes on with all that was asked before', async () => {
  const { socket, create, ended } = await connected();
  create([{ role: 'user', content: 'first' }], { instructions: 'Be brief.' });
  await eventually(() => ended().length === 1);
  const input = [{ role: 'user', content: 'second' }];
  socket.send(JSON.stringify({ type: 'response.append', input }));
  await eventually(() => ended().length === 2);
  const asked = played.asked.at(-1);
  expect(asked).toMatchObject({ model: 'model', instructions: 'Be brief.', store: false });
  expect(asked?.input).toEqual([
    { role: 'user', content: 'first' },
    expect.objectContaining({ role: 'assistant' }),
    { role: 'user', content: 'second' },
  ]);
  expect(asked).not.toHaveProperty('previous_response_id');
  socket.close();
});

test.each([
  { what: 'an append to nothing', message: { type: 'response.append', input: [] }, status: 400 },
  { what: 'an unknown type', message: { type: 'session.update', stream_id: 's' }, status: 400 },
  { what: 'no model', message: { type: 'response.create', input: 'x' }, status: 400 },
  {
    what: 'an answer that was never given',
    message: {
      type: 'response.create',
      model: 'model',
      input: 'x',
      generate: false,
      previous_response_id: 'resp_unknown',
    },
    status: 400,
  },
])('$what is an error with its status and the name of the request', async ({ message, status }) => {
  const { socket, ended } = await connected();
  socket.send(JSON.stringify({ ...message, stream_id: 'mine' }));
  await eventually(() => ended().length === 1);
  expect(ended()[0]).toMatchObject({ type: 'error', status, stream_id: 'mine' });
  socket.close();
});

test('a message that is too long ends the connection with 1009', async () => {
  const { closed, create } = await connected();
  create('x'.repeat(1_000_001));
  expect((await closed).code).toBe(1009);
});

test('a new max-request-bytes holds on open connections too', async () => {
  await using own = await startTested(settings);
  const before = await connected(own.url);
  await own.reconfigure({ ...settings, 'max-request-bytes': 3_000_000 });
  const after = await connected(own.url);
  for (const { create, ended } of [before, after]) {
    create('x'.repeat(2_000_000));
    await eventually(() => ended().length === 1);
    expect(ended()[0]).toMatchObject({ type: 'response.completed' });
  }
  await own.reconfigure({ ...settings, 'max-request-bytes': 1000 });
  for (const { create, closed } of [before, after]) {
    create('x'.repeat(1001));
    expect((await closed).code).toBe(1009);
  }
});

test('a key that is taken out of the configuration is not answered any more', async () => {
  await using own = await startTested(settings);
  const { closed, create, ended } = await connected(own.url);
  create('hello');
  await eventually(() => ended().length === 1);
  await own.reconfigure({ ...settings, 'api-keys': ['another-key-of-the-tests'] });
  create('hello again');
  expect((await closed).code).toBe(1008);
  expect(ended()[1]).toMatchObject({ type: 'error', status: 401 });
});

test('a gateway that stops says 1001: to the idle at once, to others behind their answer', async () => {
  const own = await startTested(settings);
  const { closed, create, ended } = await connected(own.url);
  create('hello');
  await eventually(() => ended().length === 1);
  const stopping = own.stop();
  expect((await closed).code).toBe(1001);
  await stopping;
});

test('at the end of the grace period what is still being answered is ended with 1001', async () => {
  const own = await startTested({ ...settings, 'shutdown-grace': '200ms' });
  const { closed, create, frames } = await connected(own.url);
  create('say: endless');
  await eventually(() => frames.length > 2);
  await own.stop();
  expect((await closed).code).toBe(1001);
});
