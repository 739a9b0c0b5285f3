import { afterEach, expect, test } from 'bun:test';
import { createServer } from 'node:http';
import { eventually } from '../../test/eventually.ts';
import { ask, cancelling, client, endServers, readAll, serve, textOf } from './fixtures/client-runs.ts';
import { answer, answering } from './fixtures/scripted-server.ts';

afterEach(endServers);

test('announcements before the answer are passed over', async () => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n';
  const { url } = serve(answering(() => hints + answer('x', 'X-Kind: real')));
  const answered = await ask(url);
  expect([answered.status, answered.header('x-kind'), await textOf(answered)]).toEqual([200, 'real', 'x']);
});

test('an answer that comes byte by byte is the same answer', async () => {
  const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n';
  const { url, connections } = serve(
    answering((_, connection) => {
      let at = 0;
      const next = (): void => {
        connection.write(text.charAt(at++));
        if (at < text.length) setImmediate(next);
      };
      return void next();
    }),
  );
  expect(await readAll((await ask(url)).body())).toBe('hello world');
  expect(await textOf(await ask(url))).toBe('hello world');
  expect(connections).toHaveLength(1);
});

test('a body that has been read is known to be over once its end has come, and never while bytes of it may come', async () => {
  const whole = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  const over = async (text: string) => {
    const body = (await ask(serve(answering(() => text)).url)).body();
    const before = body.isOver?.();
    await body.read();
    return [before, body.isOver?.()];
  };
  expect(await over(whole)).toEqual([false, true]);
  expect(await over(whole.slice(0, -5))).toEqual([false, false]);
});

test.each(['content-length: 5', 'transfer-encoding: chunked', 'x: y'])(
  'the answer to HEAD is over with its head, and its connection is kept: %s',
  async (line) => {
    const { url, connections } = serve(answering(() => `HTTP/1.1 200 OK\r\n${line}\r\n\r\n`));
    const head = () =>
      client.send({ method: 'HEAD', url: `${url}/`, headers: {}, body: '' }, cancelling()).then(textOf);
    expect([await head(), await head()]).toEqual(['', '']);
    expect(connections).toHaveLength(1);
  },
);

test('a body without a length ends with its connection; one that breaks off before its end is an error', async () => {
  const { url, connections } = serve(
    answering((_, connection) => {
      const length = connections.length === 1 ? '' : 'Content-Length: 9\r\n';
      connection.write(`HTTP/1.1 200 OK\r\n${length}\r\nhello`);
      return void connection.end();
    }),
  );
  expect(await textOf(await ask(url))).toBe('hello');
  const broken = await ask(url);
  await expect(textOf(broken)).rejects.toThrow('closed');
  const read = (await ask(url)).body();
  await expect(readAll(read)).rejects.toThrow('closed');
});

test.each([
  ['is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'not HTTP'],
  ['has a head without end', 'HTTP/1.1 200 OK\r\n'.padEnd(300_000, 'a: b\r\n'), 'too long'],
  ['has a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', 'content-length'],
])('an answer that %s is an error, and its connection is closed', async (_, text, words) => {
  const { url, connections } = serve(answering(() => text));
  await expect(ask(url)).rejects.toThrow(words);
  await eventually(() => connections[0]?.closed === true);
});

test('a large body goes out whole, and a large answer comes in whole', async () => {
  const body = new Uint8Array(5_000_000).map((_, at) => at * 31);
  const server = createServer((request, response) => request.pipe(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const answered = await ask(`http://127.0.0.1:${port}`, cancelling(), body);
  expect(Buffer.from(await answered.bytes()).equals(Buffer.from(body))).toBe(true);
  const text = 'ü'.repeat(400_000);
  expect(await textOf(await ask(`http://127.0.0.1:${port}`, cancelling(), text))).toBe(text);
  server.close();
  client.close();
});

test('a server that answers before it has read everything is heard, and its connection is not kept', async () => {
  const { url, connections } = serve((connection) => {
    if (!connection.received.startsWith('POST')) return;
    connection.received = '';
    connection.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno');
  });
  const answered = await ask(url, cancelling(), new Uint8Array(30_000_000));
  expect([answered.status, answered.unsent, await textOf(answered)]).toEqual([413, true, 'no']);
  await eventually(() => connections[0]?.closed === true);
});

test('whoever does not read stops the server from sending, and gets everything in the end', async () => {
  const size = 40_000_000;
  let sent = 0;
  const listener = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket) {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        fill(socket);
      },
      drain: fill,
    },
  });
  function fill(socket: Bun.Socket): void {
    const piece = Buffer.alloc(100_000);
    while (sent < size) {
      const written = socket.write(piece.subarray(0, size - sent));
      sent += Math.max(0, written);
      if (written < piece.length) return;
    }
  }
  const reader = (await ask(`http://127.0.0.1:${listener.port}`)).body();
  let before = -1;
  // Until nothing more leaves the server: what its system and ours hold is full.
  await eventually(() => {
    const grown = sent - before;
    before = sent;
    return grown === 0;
  });
  expect(sent).toBeLessThan(size);
  let read = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) read += piece.value.length;
  expect(read).toBe(size);
  listener.stop(true);
});

test('a body that is packed in an unknown way, or badly, is an error', async () => {
  const { url, connections } = serve(
    answering(() => answer('hello', `Content-Encoding: ${connections.length === 1 ? 'compress' : 'gzip'}`)),
  );
  await expect(textOf(await ask(url))).rejects.toThrow('compress');
  client.close();
  await expect(textOf(await ask(url))).rejects.toThrow();
});
