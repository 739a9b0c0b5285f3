import { afterEach, expect, test } from 'bun:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { eventually } from '../../test/eventually.ts';
import { textOf, textUpTo } from './answer-text.ts';
import { BeyondBound } from './bounds.ts';
import { BrokenAnswer } from './broken-answer.ts';
import { createHttpClient } from './client.ts';
import { answer, answering, type ScriptedServer, scriptedServer } from './fixtures/scripted-server.ts';
import type { Cancellation } from './message.ts';

const kilobyte = 1024;
const client = createHttpClient(() => ({
  'upstream-head': 2 * kilobyte,
  'whole-answer': 100 * kilobyte,
  'unpacked-answer': 200 * kilobyte,
  'all-answers-unpacked': 400 * kilobyte,
}));
const never: Cancellation = { cancelled: undefined, whenCancelled() {} };
const running: ScriptedServer[] = [];

function serve(onData: Parameters<typeof scriptedServer>[0]): ScriptedServer {
  const server = scriptedServer(onData);
  running.push(server);
  return server;
}

afterEach(() => {
  for (const server of running.splice(0)) server.stop();
  client.close();
});

const ask = (url: string, pool = '') =>
  client.send({ method: 'POST', url, headers: {}, body: 'hello', pool }, never);
const failing = (promise: Promise<unknown>) => promise.catch((reason: unknown) => reason);

/** Writes again and again until its client has had enough. */
const endless = (head: string, piece: string) =>
  serve((connection) => {
    connection.write(head);
    const more = (): void => {
      if (connection.closed) return;
      connection.write(piece);
      setImmediate(more);
    };
    more();
  });

test('H4: a whole answer is taken up to its bound, announced or not, and its connection is closed', async () => {
  const announced = serve(answering(() => answer('x'.repeat(101 * kilobyte))));
  expect(await failing((await ask(announced.url)).bytes())).toBeInstanceOf(BeyondBound);
  const { url, connections } = endless('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(kilobyte));
  const error = await failing((await ask(url)).bytes());
  expect(String(error)).toContain(`${100 * kilobyte} bytes (bounds.whole-answer)`);
  await eventually(() => connections[0]?.closed === true);
  const fits = serve(answering(() => answer('x'.repeat(100 * kilobyte))));
  expect((await (await ask(fits.url)).bytes()).length).toBe(100 * kilobyte);
});

test('H4: of an error body that never ends the beginning counts', async () => {
  const { url, connections } = endless('HTTP/1.1 500 Oh\r\n\r\n', 'no!');
  const answered = await ask(url);
  expect(answered.status).toBe(500);
  expect(await textUpTo(answered.body(), 7)).toEqual({ text: 'no!no!n', whole: false });
  await eventually(() => connections[0]?.closed === true);
});

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
])('H4: what %s unpacks to is bounded, however few bytes it is', async (coding, pack) => {
  const bomb = (size: number): Uint8Array => pack(Buffer.alloc(size, 32));
  const serving = (size: number) => {
    const packed = bomb(size);
    return serve(
      answering((_, connection) => {
        connection.write(
          `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${packed.length}\r\n\r\n`,
        );
        return void connection.write(packed);
      }),
    ).url;
  };
  const error = await failing((await ask(serving(50_000_000))).bytes());
  expect(String(error)).toContain('(bounds.unpacked-answer)');
  expect((await (await ask(serving(100 * kilobyte))).bytes()).length).toBe(100 * kilobyte);
  const reader = (await ask(serving(50_000_000))).body();
  const first = await reader.read();
  expect(first.value?.length).toBeLessThan(200 * kilobyte);
  await reader.cancel();
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  'H7: a content coding called %s is an error like any other that is not known',
  async (coding) => {
    const { url } = serve(answering(() => answer('hello', `Content-Encoding: ${coding}`)));
    const answered = await ask(url);
    await expect(answered.bytes()).rejects.toThrow(`not known: ${coding.toLowerCase()}`);
    await expect((await ask(url)).body().read()).rejects.toThrow('not known');
  },
);

test.each([
  ['a NUL in a header', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n'],
  ['a bare CR in a header', 'HTTP/1.1 200 OK\r\nX-A: a\rb\r\nContent-Length: 0\r\n\r\n'],
  ['the status 000', 'HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
  ['the status 099', 'HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n'],
  ['the status 600', 'HTTP/1.1 600 No\r\nContent-Length: 0\r\n\r\n'],
  ['the status 999', 'HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n'],
  ['a protocol that nobody asked for', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(1000)}`],
  ['announcements without end', 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n'.repeat(1000)],
])('M4: an answer with %s is broken at once, and its connection is closed', async (_, text) => {
  const { url, connections } = serve(answering(() => text));
  expect(await failing(ask(url))).toBeInstanceOf(BrokenAnswer);
  await eventually(() => connections[0]?.closed === true);
});

test('M3: a request that was read and not answered is not sent a second time unseen', async () => {
  const received: string[] = [];
  const { url } = serve((connection) => {
    if (!connection.received.endsWith('hello')) return;
    received.push(connection.received);
    connection.received = '';
    if (received.length === 1) connection.write(answer('first'));
    // Read whole; its server takes its time and then gives up.
    else setTimeout(() => connection.end(), 60);
  });
  expect(await textOf(await ask(url))).toBe('first');
  await expect(ask(url)).rejects.toThrow('closed');
  expect(received).toHaveLength(2);
});

test('M3: a connection that its server was closing just then is replaced without a word', async () => {
  let asked = 0;
  const { url } = serve((connection) => {
    if (!connection.received.endsWith('hello')) return;
    connection.received = '';
    asked += 1;
    if (asked === 2) connection.end();
    else connection.write(answer(asked === 1 ? 'first' : 'second'));
  });
  expect(await textOf(await ask(url))).toBe('first');
  expect(await textOf(await ask(url))).toBe('second');
});

test('connections of one credential are never used for another', async () => {
  const { url, connections } = serve(answering(() => answer('x')));
  for (const pool of ['one', 'two', 'one', 'two']) await textOf(await ask(url, pool));
  expect(connections).toHaveLength(2);
});

test('bytes behind an answer reach nobody: its connection is not used again', async () => {
  const { url, connections } = serve(answering(() => `${answer('mine')}${answer('of somebody else')}`));
  for (let turn = 0; turn < 3; turn++) expect(await textOf(await ask(url))).toBe('mine');
  expect(connections).toHaveLength(3);
});

test('a user in the address proves who asks, unless a header does', async () => {
  const seen: string[] = [];
  const server = serve((connection) => {
    seen.push(/authorization: (.*)\r/.exec(connection.received)?.[1] ?? '');
    connection.received = '';
    connection.write(answer('x'));
  });
  const withUser = server.url.replace('//', '//ann:p%40ss@');
  const without: Record<string, string> = {};
  for (const headers of [without, { authorization: 'Bearer key' }])
    await textOf(await client.send({ method: 'POST', url: withUser, headers, body: '' }, never));
  expect(seen).toEqual([`Basic ${btoa('ann:p@ss')}`, 'Bearer key']);
});
