import { afterAll, describe, expect, test } from 'bun:test';
import { eventually } from '../../test/eventually.ts';
import { certificate, schemes, startProxies } from '../../test/proxy-servers.ts';
import { textOf } from './answer-text.ts';
import { asFetch } from './as-fetch.ts';
import { createHttpClient } from './client.ts';
import { answer, answering, scriptedServer } from './fixtures/scripted-server.ts';
import type { Cancellation, HttpRequest } from './message.ts';
import { maskedProxy, ProxyError, proxyOf } from './proxy.ts';
import { openWebSocket } from './web-socket.ts';

const proxies = await startProxies();
const client = createHttpClient();
const tls = { ca: certificate.cert };

/** Answers whole, as a stream, and over a WebSocket. */
function startServer(secure: boolean) {
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    ...(secure && { tls: certificate }),
    async fetch(request, server) {
      if (request.headers.get('upgrade') !== null)
        return server.upgrade(request) ? undefined : new Response('no', { status: 400 });
      const said = await request.text();
      if (!request.url.endsWith('/stream')) return Response.json({ said });
      const stream = new ReadableStream({
        start(controller) {
          for (const text of ['1', '2', said]) controller.enqueue(Buffer.from(`data: ${text}\n\n`));
          controller.close();
        },
      });
      return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
    },
    websocket: { message: (socket, text) => void socket.send(`got ${String(text)}`) },
  });
}

const servers = { http: startServer(false), https: startServer(true) };
const addressOf = (upstream: 'http' | 'https') => `${upstream}://localhost:${servers[upstream].port}`;
const upstreams = ['http', 'https'] as const;

afterAll(async () => {
  client.close();
  for (const server of Object.values(servers)) server.stop(true);
  await proxies.close();
});

function cancelling() {
  let run: ((reason: Error) => void) | undefined;
  let cancelled: Error | undefined;
  return {
    get cancelled() {
      return cancelled;
    },
    whenCancelled(then: (reason: Error) => void) {
      run = then;
    },
    cancel() {
      cancelled = new Error('no longer wanted');
      run?.(cancelled);
    },
  };
}

function asked(upstream: 'http' | 'https', path: string, proxy: string): HttpRequest {
  const url = addressOf(upstream) + path;
  return { method: 'POST', url, headers: {}, body: 'hello', proxy, tls, pool: proxy };
}

const kinds: Record<
  string,
  (upstream: 'http' | 'https', proxy: string, end?: Cancellation) => Promise<string>
> = {
  whole: async (upstream, proxy, end = cancelling()) =>
    textOf(await client.send(asked(upstream, '/whole', proxy), end)),
  stream: async (upstream, proxy, end = cancelling()) => {
    const reader = (await client.send(asked(upstream, '/stream', proxy), end)).body();
    let text = '';
    for (let piece = await reader.read(); !piece.done; piece = await reader.read())
      text += Buffer.from(piece.value).toString();
    return text;
  },
  WebSocket: async (upstream, proxy, end = cancelling()) => {
    const socket = await openWebSocket(client, asked(upstream, '/', proxy), end, 1000);
    if (socket === undefined) return 'refused';
    const said = new Promise<string>((resolve) => {
      socket.listener = { message: resolve, closed: (code) => resolve(`closed with ${code}`) };
    });
    socket.send('hello');
    const text = await said;
    socket.close();
    return text;
  },
  'token renewal': async (upstream, proxy, end) => {
    const leaving = new AbortController();
    end?.whenCancelled((reason) => leaving.abort(reason));
    const fetch = asFetch({
      ...{ http: client, pool: 'account', proxyFor: () => proxy, tls },
      ...{ mostBytes: 1000, connectTime: 0 },
    });
    const body = new URLSearchParams({ grant_type: 'refresh_token' });
    const response = await fetch(`${addressOf(upstream)}/token`, {
      ...{ method: 'POST', body, redirect: 'manual', signal: leaving.signal },
    });
    return response.text();
  },
};

const said: Record<string, string> = {
  whole: '{"said":"hello"}',
  stream: 'data: 1\n\ndata: 2\n\ndata: hello\n\n',
  WebSocket: 'got hello',
  'token renewal': '{"said":"grant_type=refresh_token"}',
};

const matrix = schemes.flatMap((scheme) =>
  upstreams.flatMap((upstream) => Object.keys(kinds).map((kind) => ({ scheme, upstream, kind }))),
);

describe.each(matrix)('$kind of an $upstream server through a proxy of $scheme', (cell) => {
  const { scheme, upstream, kind } = cell;
  const ask = (proxy: string, end?: Cancellation) =>
    kinds[kind]?.(upstream, proxy, end) ?? Promise.reject(new Error(kind));

  test('that works comes through', async () => {
    expect(await ask(proxies.good[scheme])).toBe(said[kind] ?? '');
  });

  test('that is not there is an error about the proxy', async () => {
    const error = await ask(proxies.dead[scheme]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProxyError);
    expect(String(error)).toContain('nothing there accepts connections');
  });

  test('with a wrong password is an error about the proxy', async () => {
    const error = await ask(proxies.wrongPassword[scheme]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProxyError);
    expect(String(error)).toContain('not accept');
    expect(String(error)).not.toContain('wrong');
  });

  test('that hangs is left as soon as nobody waits any more', async () => {
    const before = proxies.waiting();
    const leaving = cancelling();
    const answered = ask(proxies.silent[scheme], leaving).catch(() => 'left');
    await eventually(() => proxies.waiting() > before);
    leaving.cancel();
    expect(await answered).toBe('left');
    await eventually(() => proxies.waiting() === before);
  });
});

test('requests through one tunnel follow each other on it', async () => {
  const { url, connections, stop } = scriptedServer(answering((turn) => answer(`turn ${turn}`)));
  const request = { method: 'POST', url, headers: {}, body: '', proxy: proxies.good.socks5h };
  for (const turn of [0, 1, 2])
    expect(await textOf(await client.send(request, cancelling()))).toBe(`turn ${turn}`);
  expect(connections).toHaveLength(1);
  stop();
});

test.each([
  [
    'another user name',
    'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n',
    'requires a user',
  ],
  ['a page of its own', 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\nSECRET', 'status 502'],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'not support HTTP'],
])('M7: an HTTP proxy that answers with %s is told in our words', async (_, words, sentence) => {
  const { url, stop } = scriptedServer((connection) => connection.write(words));
  const request = { method: 'POST', url: addressOf('https'), headers: {}, body: '', proxy: url, tls };
  const error = await client.send(request, cancelling()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ProxyError);
  expect(String(error)).toContain(sentence);
  expect(String(error)).not.toContain('SECRET');
  stop();
});

test('a plain request goes to a proxy that makes no tunnels as proxies had it before there were any', async () => {
  const seen: string[] = [];
  const { url, stop } = scriptedServer((connection) => {
    if (!connection.received.includes('\r\n\r\n')) return;
    seen.push(connection.received.split('\r\n')[0] ?? '');
    const refuses = connection.received.startsWith('CONNECT');
    connection.received = '';
    connection.write(
      refuses
        ? 'HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n'
        : answer('{}', 'Content-Type: application/json'),
    );
  });
  const request = { method: 'POST', url: 'http://api.example/v1?a=b', headers: {}, body: '', proxy: url };
  for (let turn = 0; turn < 2; turn++)
    expect(await textOf(await client.send(request, cancelling()))).toBe('{}');
  expect(seen).toEqual([
    'CONNECT api.example:80 HTTP/1.1',
    'POST http://api.example/v1?a=b HTTP/1.1',
    'POST http://api.example/v1?a=b HTTP/1.1',
  ]);
  stop();
});

test('what such a proxy says itself never comes for the server’s answer', async () => {
  const { url, stop } = scriptedServer((connection) => {
    if (!connection.received.includes('\r\n\r\n')) return;
    const refuses = connection.received.startsWith('CONNECT');
    connection.received = '';
    connection.write(
      `HTTP/1.1 ${refuses ? 403 : 503} No\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nSECRET`,
    );
  });
  const request = { method: 'POST', url: 'http://api.example/', headers: {}, body: '', proxy: url };
  const error = await client.send(request, cancelling()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ProxyError);
  expect(String(error)).toContain('status 503');
  stop();
});

test.each([
  [[5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0], 'rules do not allow'],
  [[5, 0, 5, 4, 0, 1, 0, 0, 0, 0, 0, 0], 'cannot reach the server'],
  [[5, 0, 5, 99, 0, 1, 0, 0, 0, 0, 0, 0], 'reply 99'],
  [[5, 2], 'requires a user name'],
  [[72, 84, 84, 80], 'not support SOCKS5'],
])('a SOCKS5 proxy that says %p is told in words', async (bytes, words) => {
  const { url, stop } = scriptedServer((connection) => {
    connection.write(Uint8Array.from(bytes.splice(0, 2)));
    if (bytes.length > 2) connection.write(Uint8Array.from(bytes));
  });
  const proxy = url.replace('http', 'socks5h');
  const error = await client
    .send({ method: 'POST', url: 'http://api.example/', headers: {}, body: '', proxy }, cancelling())
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ProxyError);
  expect(String(error)).toContain(words);
  stop();
});

test('the proxy’s bytes may come one by one', async () => {
  const reply = [5, 0, 5, 0, 0, 3, 4, 97, 98, 99, 100, 0, 80];
  const { url, connections, stop } = scriptedServer((connection) => {
    if (connection.received.includes('POST')) {
      connection.write(answer('x'));
      return;
    }
    const rest = connection.received.length <= 3 ? reply.splice(0, 2) : reply.splice(0);
    const next = (): void => {
      const byte = rest.shift();
      if (byte === undefined) return;
      connection.write(Uint8Array.of(byte));
      setImmediate(next);
    };
    next();
  });
  const proxy = url.replace('http', 'socks5h');
  const request = { method: 'POST', url: 'http://api.example/', headers: {}, body: '', proxy };
  expect(await textOf(await client.send(request, cancelling()))).toBe('x');
  expect(connections[0]?.received).toContain('\x05\x01\x00\x03\x0bapi.example\x00\x50POST / HTTP/1.1');
  stop();
});

test('a name that is not known here is the proxy’s to look up, or an error that says so', async () => {
  const proxy = proxies.good.socks5;
  const request = { method: 'POST', url: 'http://no-such-host.invalid/', headers: {}, body: '', proxy };
  const error = await client.send(request, cancelling()).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ProxyError);
  expect(String(error)).toContain('socks5h:// lets the proxy look it up');
});

test.each([
  ['http://ann:secret@h:1', 'http://ann:***@h:1'],
  ['socks5://ann:p%40ss@h', 'socks5://ann:***@h'],
  ['ann:secret@h:3128', 'ann:***@h:3128'],
  ['http://h:1', 'http://h:1'],
])('people see %s as %s', (written, shown) => {
  expect(maskedProxy(written)).toBe(shown);
});

test.each([
  ['h:3128', { kind: 'http', address: { hostname: 'h', port: 3128, secure: false } }],
  ['https://h', { kind: 'http', address: { hostname: 'h', port: 443, secure: true } }],
  [
    'socks://[::1]',
    { kind: 'socks5', resolves: true, address: { hostname: '::1', port: 1080, secure: false } },
  ],
  ['socks4a://u@h:1', { kind: 'socks4', resolves: true, user: 'u' }],
])('the proxy at %s', (written, proxy) => {
  expect(proxyOf(written)).toMatchObject(proxy);
});

test.each(['ftp://h', 'http://', 'constructor://h'])('%s is no proxy', (written) => {
  expect(() => proxyOf(written)).toThrow(ProxyError);
});
