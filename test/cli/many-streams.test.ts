import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, serving } from './program.ts';

const streams = 400;

test(`${streams} streams are open at once, each with an upstream of its own`, async () => {
  const chunk = 'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n';
  await using upstream = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    fetch: () =>
      new Response(
        new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode(chunk)) }),
        {
          headers: { 'content-type': 'text/event-stream' },
        },
      ),
  });
  using directory = emptyDirectory();
  const config = join(directory.path, 'config.yaml');
  writeFileSync(
    config,
    `port: 0
api-keys: [sk-many-streams]
openai-compatibility:
  - {name: up, base-url: "${upstream.url.href}v1", api-key-entries: [{api-key: k}], models: [{name: m}]}
`,
  );
  await using gateway = await serving(['serve', '--config', config], { cwd: directory.path });
  const { hostname, port } = new URL(gateway.url);
  const body = '{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}';
  const request = `POST /v1/chat/completions HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer sk-many-streams\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  // Sockets of our own: the runtime's client would keep all but 256 requests waiting, and that is what is tested.
  let answered = 0;
  await new Promise<void>((resolve, reject) => {
    for (let i = 0; i < streams; i++) {
      let begun = false;
      Bun.connect({
        hostname,
        port: Number(port),
        socket: {
          open: (socket) => {
            socket.write(request);
          },
          data(_socket, bytes) {
            if (begun || !bytes.includes('data: ')) return;
            begun = true;
            answered += 1;
            if (answered === streams) resolve();
          },
          error: (_socket, error) => reject(error),
        },
      }).catch(reject);
    }
  });
  expect(answered).toBe(streams);
}, 20_000);
