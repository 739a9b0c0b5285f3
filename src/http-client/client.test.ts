import { afterEach, expect, test } from 'bun:test';
import { createServer } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { eventually } from '../../test/eventually.ts';
import { ask, cancelling, client, endServers, readAll, serve, textOf } from './fixtures/client-runs.ts';
import { answer, answering } from './fixtures/scripted-server.ts';

afterEach(endServers);

test('a connection is kept for the next request, and two requests at once have two', async () => {
  const { url, connections } = serve(answering((turn) => answer(`answer ${turn}`)));
  expect(await textOf(await ask(url))).toBe('answer 0');
  expect(await textOf(await ask(url))).toBe('answer 1');
  expect(connections).toHaveLength(1);
  expect(await Promise.all([ask(url).then(textOf), ask(url).then(textOf)])).toEqual(['answer 2', 'answer 0']);
  expect(connections).toHaveLength(2);
});

test.each([
  ['the server says so', answer('x', 'Connection: close')],
  ['it is HTTP/1.0', answer('x').replace('1.1', '1.0')],
  ['more came than was announced', `${answer('x')}y`],
])('a connection is not kept where %s', async (_, text) => {
  const { url, connections } = serve(answering(() => text));
  expect(await textOf(await ask(url))).toBe('x');
  expect(await textOf(await ask(url))).toBe('x');
  expect(connections).toHaveLength(2);
});

test('a connection that its server has closed meanwhile costs nothing', async () => {
  const { url, connections } = serve(answering(() => answer('x')));
  await textOf(await ask(url));
  connections[0]?.end();
  await eventually(() => connections[0]?.closed === true);
  expect(await textOf(await ask(url))).toBe('x');
});

test('a request that a kept connection dropped unread is sent again on a new one; a new connection drops it once', async () => {
  const { url, connections } = serve(
    answering((turn, connection) =>
      turn === 0 && connections.length < 3 ? answer('x') : void connection.end(),
    ),
  );
  await textOf(await ask(url));
  expect(await textOf(await ask(url))).toBe('x');
  expect(connections).toHaveLength(2);
  await expect(ask(url)).rejects.toThrow('closed');
  expect(connections).toHaveLength(3);
});

test('a large text that was dropped unread is made and sent again as a whole', async () => {
  // More than connections take while nobody reads.
  const text = 'w'.repeat(16_000_000);
  const { url, connections } = serve((connection) => {
    const { received } = connection;
    if (connections.length === 1 && received.includes('wwww')) return void connection.end();
    const end = received.indexOf('\r\n\r\n') + 4;
    if (connections.length === 2 && received.length - end < text.length) return;
    connection.received = '';
    connection.write(answer(received.slice(end) === text ? 'same' : 'other'));
  });
  await textOf(await ask(url, cancelling(), 'small'));
  let made = 0;
  const body = () => {
    made += 1;
    return text;
  };
  const again: string[] = [];
  const sentAgain = (why: string) => again.push(why);
  const answered = await client.send({ method: 'POST', url, headers: {}, body, sentAgain }, cancelling());
  expect([await textOf(answered), answered.unsent, connections.length, made]).toEqual(['same', false, 2, 2]);
  expect(again).toEqual(['connection-gone']);
});

test.each([
  ['what counts it', { sentAgain: (): void => broken('counting') }, 'counting'],
  ['making it anew', { bodyAgain: async (): Promise<string> => broken('making') }, 'making'],
  ['announcing its connection', { connecting: (): (() => void) => broken('announcing') }, 'announcing'],
])('a request that is sent again ends where %s fails', async (_, own, reason) => {
  const { url, connections } = serve(
    answering((turn, connection) => (turn === 0 ? answer('x') : void connection.end())),
  );
  await textOf(await ask(url));
  const request = { method: 'POST' as const, url: `${url}/v1/x`, headers: {}, body: '{}' };
  await expect(client.send({ ...request, ...own }, cancelling())).rejects.toThrow(reason);
  expect(connections).toHaveLength(1);
});

function broken(reason: string): never {
  throw new Error(reason);
}

test('a request of whose answer a byte has come is not sent again', async () => {
  const { url, connections } = serve(
    answering((turn, connection) => {
      if (turn === 0) return answer('x');
      connection.write('HTTP/1.1 2');
      return void connection.end();
    }),
  );
  await textOf(await ask(url));
  await expect(ask(url)).rejects.toThrow('closed');
  expect(connections).toHaveLength(1);
});

test('a server that nobody answers for is an error', async () => {
  const { url, stop } = serve(() => {});
  stop();
  await expect(ask(url)).rejects.toThrow('nothing there accepts connections');
});

test('what cannot be written as a request is refused before anything is sent', () => {
  const { url, connections } = serve(() => {});
  const send = (headers: Record<string, string>, to = url) =>
    client.send({ method: 'POST', url: to, headers, body: '' }, cancelling());
  expect(() => send({ 'x-key': 'a\r\nhost: evil' })).toThrow("'x-key'");
  expect(() => send({}, 'ftp://127.0.0.1/')).toThrow('ftp');
  expect(connections).toHaveLength(0);
});

test('an address is written so that it can stand in a request line', async () => {
  const seen: string[] = [];
  const { url } = serve((connection) => {
    seen.push(connection.received.split(' HTTP/')[0] ?? '');
    connection.received = '';
    connection.write(answer('x'));
  });
  for (const path of ['/a%20b?c=d', '/model ü', '?x=1', '', '/x#part'])
    await client.send({ method: 'POST', url: url + path, headers: {}, body: '' }, cancelling()).then(textOf);
  expect(seen).toEqual(['POST /a%20b?c=d', 'POST /model%20%C3%BC', 'POST /?x=1', 'POST /', 'POST /x']);
});

test('cancelling closes the connection at once: before the answer, and in the middle of it', async () => {
  const { url, connections } = serve(
    answering(() =>
      connections.length === 1 ? undefined : 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello',
    ),
  );
  const early = cancelling();
  const asked = ask(url, early);
  await eventually(() => connections.length === 1);
  early.cancel();
  await expect(asked).rejects.toThrow('no longer wanted');
  const late = cancelling();
  const reader = (await ask(url, late)).body();
  await reader.read();
  const reading = reader.read();
  late.cancel();
  await expect(reading).rejects.toThrow('no longer wanted');
  const left = (await ask(url)).body();
  await left.read();
  await left.cancel();
  await eventually(() => connections.length === 3 && connections.every(({ closed }) => closed));
});

test('what was cancelled before is not sent, and what is cancelled while connecting is never sent', async () => {
  const { url, connections } = serve(answering(() => answer('x')));
  const before = cancelling();
  before.cancel();
  await expect(ask(url, before)).rejects.toThrow('no longer wanted');
  const meanwhile = cancelling();
  const asked = ask(url, meanwhile);
  meanwhile.cancel();
  await expect(asked).rejects.toThrow('no longer wanted');
  expect(await textOf(await ask(url))).toBe('x');
  expect(connections.filter(({ received }) => received !== '')).toEqual([]);
});

test('who wants to know is told when a connection is made, and only then', async () => {
  const { url } = serve(answering(() => answer('x')));
  const told: string[] = [];
  const send = () =>
    client.send(
      {
        method: 'POST',
        url,
        headers: {},
        body: '',
        connecting: () => {
          told.push('begun');
          return () => told.push('over');
        },
      },
      cancelling(),
    );
  await textOf(await send());
  await textOf(await send());
  expect(told).toEqual(['begun', 'over']);
});

test('a connection on which a server speaks unasked is not used again', async () => {
  const { url, connections } = serve(answering(() => answer('x')));
  await textOf(await ask(url));
  connections[0]?.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n');
  await eventually(() => connections[0]?.closed === true);
  expect(await textOf(await ask(url))).toBe('x');
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
])(
  'a body that came as %s though nobody asked for it is unpacked, whole and in pieces',
  async (coding, pack) => {
    const text = 'data: {"a":"ü"}\n\n'.repeat(1000);
    const packed = pack(Buffer.from(text));
    const { url } = serve(
      answering((_, connection) => {
        connection.write(
          `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${packed.length}\r\n\r\n`,
        );
        return void connection.write(packed);
      }),
    );
    expect(await textOf(await ask(url))).toBe(text);
    expect(await readAll((await ask(url)).body())).toBe(text);
  },
);

test('what a real server says is what the runtime’s own client hears', async () => {
  const server = createServer(async (request, response) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of request) pieces.push(piece);
    const { status, headers, parts, length } = JSON.parse(Buffer.concat(pieces).toString());
    for (const [name, value] of headers) response.appendHeader(name, value);
    if (length) response.setHeader('content-length', Buffer.byteLength(parts.join('')));
    response.writeHead(status);
    for (const part of parts) response.write(part);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  const word = fc.string({ unit: fc.constantFrom(...'abcdefXYZ019-'), minLength: 1, maxLength: 12 });
  const script = fc.record({
    status: fc.constantFrom(200, 201, 204, 302, 400, 404, 429, 500, 503),
    headers: fc.array(
      fc.tuple(
        word.map((name) => `x-${name}`),
        word,
      ),
      { maxLength: 6 },
    ),
    parts: fc.array(fc.string({ unit: 'grapheme', maxLength: 400 }), { maxLength: 8 }),
    length: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(script, async (wanted) => {
      const parts = wanted.status === 204 ? [] : wanted.parts;
      const body = JSON.stringify({ ...wanted, parts, length: wanted.length && wanted.status !== 204 });
      const ours = await ask(url, cancelling(), body);
      const theirs = await fetch(url, { method: 'POST', body, redirect: 'manual' });
      expect(ours.status).toBe(theirs.status);
      expect(await textOf(ours)).toBe(await theirs.text());
      for (const [name, value] of theirs.headers) if (name !== 'date') expect(ours.header(name)).toBe(value);
    }),
    { numRuns: 60 },
  );
  client.close();
  server.close();
});
