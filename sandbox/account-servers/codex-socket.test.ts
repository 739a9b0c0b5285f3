import { afterAll, beforeEach, expect, test } from 'bun:test';
import { eventually } from '../../test/eventually.ts';
import { bearer, rootOf, signIn } from '../../test/sandbox-flows.ts';
import { isObject, type JsonObject } from '../json.ts';
import { startSandbox } from '../start.ts';
import { people } from './people.ts';

const sandbox = startSandbox({ pace: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const body = {
  model: 'sandbox',
  instructions: '',
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'repeat: hi' }] }],
  store: false,
};

async function headersOf(): Promise<Record<string, string>> {
  const { access_token: token } = (await signIn(sandbox, 'codex')).body;
  return {
    ...bearer(token),
    'chatgpt-account-id': people[0]?.workspace.accountId ?? '',
    'openai-beta': 'responses_websockets=2026-02-06',
  };
}

/** Frames as they come; the iteration ends with the connection. */
async function connected(headers: Record<string, string>) {
  const url = `${rootOf(sandbox, 'codex').replace('http:', 'ws:')}/backend-api/codex/responses`;
  const socket = new WebSocket(url, { headers });
  const frames: JsonObject[] = [];
  let arrived = (): void => {};
  socket.addEventListener('message', ({ data }) => {
    const frame: unknown = JSON.parse(String(data));
    if (isObject(frame)) frames.push(frame);
    arrived();
  });
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => {
      resolve();
      arrived();
    });
  });
  const opened = await new Promise<boolean>((resolve) => {
    socket.addEventListener('open', () => resolve(true));
    socket.addEventListener('close', () => resolve(false));
  });
  return {
    opened,
    closed,
    frames,
    send: (frame: object) => socket.send(JSON.stringify(frame)),
    close: () => socket.close(),
    /** The frames up to the first of this type. */
    async until(type: string): Promise<JsonObject[]> {
      for (;;) {
        const at = frames.findIndex((frame) => frame.type === type);
        if (at >= 0) return frames.splice(0, at + 1);
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
  };
}

test('one connection gives one answer after another, the events of a stream as frames', async () => {
  const socket = await connected(await headersOf());
  for (let i = 0; i < 2; i++) {
    socket.send({ type: 'response.create', ...body });
    const frames = await socket.until('response.done');
    expect(frames[0]?.type).toBe('response.created');
    expect(JSON.stringify(frames)).toContain('"delta":"hi"');
  }
  socket.close();
  expect(sandbox.requests.filter(({ path }) => path.endsWith('/responses'))).toMatchObject([
    { key: 'ada', model: 'sandbox', status: 200 },
    { key: 'ada', model: 'sandbox', status: 200 },
  ]);
});

test.each([
  ['authorization', 'Bearer none'],
  ['chatgpt-account-id', 'another'],
  ['openai-beta', 'another'],
])('a handshake whose %s says %s is refused', async (header, value) => {
  expect((await connected({ ...(await headersOf()), [header]: value })).opened).toBe(false);
});

test('a frame that is refused leaves the connection open', async () => {
  const socket = await connected(await headersOf());
  for (const [frame, answer] of [
    [
      { type: 'response.create', ...body, temperature: 0 },
      { status: 400, detail: 'Unsupported parameter: temperature' },
    ],
    [{ type: 'response.delete' }, { status: 400, error: { param: 'type' } }],
    [{ type: 'response.create', ...body, model: 'sandbox-fault-429' }, { status: 429 }],
  ] as const) {
    socket.send(frame);
    expect((await socket.until('error'))[0]).toMatchObject(answer);
  }
  socket.send({ type: 'response.create', ...body });
  expect((await socket.until('response.done')).length).toBeGreaterThan(3);
  socket.close();
});

test('an answer that is cut ends the connection', async () => {
  const socket = await connected(await headersOf());
  socket.send({ type: 'response.create', ...body, model: 'sandbox-fault-cut-2' });
  await socket.closed;
  expect(socket.frames.length).toBeLessThanOrEqual(2);
});

test('one answer at a time, and an end of the client ends it', async () => {
  const socket = await connected(await headersOf());
  socket.send({ type: 'response.create', ...body, model: 'sandbox-fault-stall-1' });
  await socket.until('response.created');
  socket.send({ type: 'response.create', ...body });
  expect((await socket.until('error'))[0]).toMatchObject({ status: 400 });
  expect(sandbox.openStreams).toBe(1);
  socket.close();
  await eventually(() => sandbox.openStreams === 0);
  expect(sandbox.cancelled).toBe(1);
});
