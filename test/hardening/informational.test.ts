/** Answers that only announce an answer (RFC 9110 §15.2): they are none, and buy no time. */
import { afterAll, describe, expect, test } from 'bun:test';
import { calls, jsonOf, send } from '../gateway/calls.ts';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';

const announcing = 'HTTP/1.1 100 Continue\r\n\r\n';
const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n';
/** What is written, one after the other, a few milliseconds apart; the last again and again where it never ends. */
let script: { says: string[]; endless?: boolean } = { says: [] };

const server = Bun.listen<{ timer?: Timer }>({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open(socket) {
      socket.data = {};
    },
    data(socket) {
      if (socket.data.timer !== undefined) return;
      const { says, endless } = script;
      const rest = [...says];
      socket.data.timer = setInterval(() => {
        const next = endless && rest.length === 1 ? rest[0] : rest.shift();
        if (next !== undefined) socket.write(next);
      }, 5);
    },
    close: ({ data }) => clearInterval(data.timer),
  },
});
const gateway = await startTested({
  ...everyUpstream(`http://127.0.0.1:${server.port}`, (protocol) => [
    { name: 'm', alias: modelOver[protocol] },
  ]),
  'disable-cooling': true,
  'request-retry': 0,
  timeouts: { 'first-byte': '300ms', whole: '300ms' },
  bounds: { 'upstream-head': '4KiB' },
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  server.stop(true);
});

describe.each(calls)('over $protocol', (call) => {
  const model = modelOver[call.protocol];

  test.each([false, true])(
    'H4: 100 and 103 and then nothing is too late as nothing is, stream %s',
    async (stream) => {
      script = { says: [announcing, hints, announcing] };
      const response = await send(gateway.url, call, { model, stream });
      expect(response.status).toBe(504);
      expect(call.errorOf(await jsonOf(response)).message).toMatch(/timeouts\.(first-byte|whole)/);
    },
  );

  test('H4: announcements without an end do not put it off either', async () => {
    script = { says: [announcing], endless: true };
    const began = performance.now();
    expect((await send(gateway.url, call, { model })).status).toBe(504);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test('H4: more announcements than a head may have bytes are a broken answer', async () => {
    script = { says: [hints.repeat(100)] };
    const response = await send(gateway.url, call, { model });
    expect(response.status).toBe(502);
    expect(call.errorOf(await jsonOf(response)).message).toContain('bounds.upstream-head');
  });
});

test('H4: an answer behind announcements is the answer', async () => {
  const body = JSON.stringify({ error: { message: 'no such thing', type: 'invalid_request_error' } });
  script = {
    says: [
      announcing,
      hints + announcing.slice(0, 9),
      `${announcing.slice(9)}HTTP/1.1 400 Bad Request\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    ],
  };
  const [call] = calls;
  if (call === undefined) throw new Error('there are calls');
  const response = await send(gateway.url, call, { model: modelOver['openai-chat'] });
  expect(response.status).toBe(400);
  expect(call.errorOf(await jsonOf(response)).message).toBe('no such thing');
});
