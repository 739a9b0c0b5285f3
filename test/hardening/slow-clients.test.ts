/** Clients that begin a request and never finish it: they hold a connection for a bounded time, and nobody else up. */
import { expect, test } from 'bun:test';
import { clientKey, startTested } from '../gateway-harness.ts';

/** Seconds; the runtime counts in steps of four, and heads are looked at more rarely. */
const silence = 1;
const patience = 25_000;

/** Opens a connection, sends this and then `drip` every half second; resolves with what came back once it is closed. */
function whatComesOf(url: string, text: string, drip?: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    let dripping: Timer | undefined;
    const end = (): void => {
      clearInterval(dripping);
      resolve(answer);
    };
    Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open(socket) {
          socket.write(text);
          if (drip !== undefined) dripping = setInterval(() => socket.write(drip), 500);
        },
        data: (_socket, data) => {
          answer += data.toString();
        },
        close: end,
        error: end,
      },
    }).catch(reject);
  });
}

const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${clientKey}\r\nContent-Type: application/json\r\n`;

test(
  'a head or a body that stops, or drips, is given up; a slow answer is waited for',
  async () => {
    let asked = 0;
    const upstream = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      idleTimeout: 0,
      async fetch() {
        asked += 1;
        await Bun.sleep(9000);
        return Response.json({
          id: 'a',
          object: 'chat.completion',
          created: 1,
          model: 'm',
          choices: [{ index: 0, message: { role: 'assistant', content: 'late' }, finish_reason: 'stop' }],
        });
      },
    });
    await using gateway = await startTested({
      bounds: { 'request-silence': silence },
      'openai-compatibility': [
        {
          name: 'slow',
          'base-url': `http://127.0.0.1:${upstream.port}/v1`,
          'api-key-entries': [{ 'api-key': 'k' }],
          models: [{ name: 'm', alias: 'm' }],
        },
      ],
    });
    const answered = fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }),
    });
    const given = await Promise.all([
      whatComesOf(gateway.url, ''),
      whatComesOf(gateway.url, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: '),
      whatComesOf(gateway.url, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ', 'a'),
      whatComesOf(gateway.url, `${head}Content-Length: 5000\r\n\r\n{"model":"m"`),
      whatComesOf(gateway.url, `${head}Content-Length: 5000\r\n\r\n{"model":"m"`, ' '),
      whatComesOf(gateway.url, `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"mod\r\n`),
    ]);
    for (const answer of given) expect(answer).not.toContain('200 OK');
    const { status } = await answered;
    expect(status).toBe(200);
    expect(asked).toBe(1);
    upstream.stop(true);
  },
  patience + 20_000,
);
