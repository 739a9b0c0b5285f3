/** A WebSocket whose server is hostile. */
import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { createHttpClient } from './client.ts';
import { openWebSocket } from './web-socket.ts';

const acceptance = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

test('H4: a million pings are answered by few pongs, the last one among them', async () => {
  const pongs: string[] = [];
  const finished = Promise.withResolvers<void>();
  using server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    data: undefined,
    socket: {
      data(socket, bytes) {
        const key = /sec-websocket-key: (\S+)/i.exec(bytes.toString('latin1'))?.[1];
        if (key === undefined) {
          pongs.push(bytes.toString('latin1'));
          if (bytes.toString('latin1').length > 0 && last(bytes)) finished.resolve();
          return;
        }
        const accept = createHash('sha1')
          .update(key + acceptance)
          .digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
        );
        const pings = Buffer.alloc(20_000, Uint8Array.of(0x89, 0));
        socket.write(Buffer.concat([pings, Uint8Array.of(0x89, 1, 0x7a)]));
      },
    },
  });
  const client = createHttpClient();
  const socket = await openWebSocket(
    client,
    { url: `http://127.0.0.1:${server.port}/`, headers: {}, pool: 'p' },
    { cancelled: undefined, whenCancelled: () => {} },
    1000,
  );
  expect(socket).toBeDefined();
  await finished.promise;
  // Answering each took 60,000 bytes.
  expect(pongs.join('').length).toBeLessThan(1000);
  socket?.close();
  client.close();
});

/** Whether a pong with the letter z is at the end: six bytes of head and mask, and one of content. */
function last(bytes: Buffer): boolean {
  const frame = bytes.subarray(-7);
  return frame[0] === 0x8a && frame[1] === 0x81 && ((frame[6] ?? 0) ^ (frame[2] ?? 0)) === 0x7a;
}
