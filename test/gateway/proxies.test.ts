/** What clients and the owner are told when a proxy stands between the gateway and a provider. */
import { afterAll, describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { JsonObject } from '../../src/protocols/json.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { accountFolder } from '../accounts/account-folder.ts';
import { eventually } from '../eventually.ts';
import { configOf } from '../gateway-harness.ts';
import { login, schemes, startProxies } from '../proxy-servers.ts';
import { callOf, calls, jsonOf, send } from './calls.ts';
import { named, serving } from './named-upstream.ts';
import { startUpstream } from './upstream.ts';

const proxies = await startProxies();
const upstream = startUpstream((asked) => named(asked));
afterAll(async () => {
  upstream[Symbol.dispose]();
  await proxies.close();
});

const viaProxy = (proxyUrl: string, keys: JsonObject[] = []): JsonObject => ({
  name: 'far',
  'base-url': `${upstream.url.replace('127.0.0.1', 'localhost')}/v1`,
  'api-key-entries': [{ 'api-key': 'proxied-key', 'proxy-url': proxyUrl }, ...keys],
  models: [{ name: 'm' }],
});
const direct = { 'api-key': 'direct-key', 'proxy-url': 'direct' };

async function started(settings: JsonObject) {
  const lines: string[] = [];
  const folder = accountFolder();
  const gateway = await startGateway({
    config: configOf({ 'disable-cooling': true, 'auth-dir': folder.path, ...settings }),
    version: 'test',
    log: createLog({ level: 'info', format: 'json', sink: { write: (text) => void lines.push(text) } }),
  });
  const stop = async () => {
    await gateway.stop();
    folder[Symbol.dispose]();
  };
  return { url: gateway.url, log: () => lines.join(''), [Symbol.asyncDispose]: stop };
}

const chat = callOf('openai-chat');
const failures = ['dead', 'wrongPassword'] as const;
const addressOf = (proxy: string): string => proxy.slice(proxy.indexOf('@') + 1);

// A proxy over TLS shows a certificate that this process does not trust: that is one more way to fail.
test.each(schemes.filter((scheme) => scheme !== 'https'))(
  'a proxy of %s that works serves whole and streamed answers',
  async (scheme) => {
    await using gateway = await started(serving(viaProxy(proxies.good[scheme])));
    for (const stream of [false, true]) {
      const response = await send(gateway.url, chat, { model: 'm', stream });
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('proxied-key')]);
    }
  },
);

describe.each(schemes)('a proxy of %s', (scheme) => {
  test.each(failures)('that fails (%s) is what the error is about, for every client', async (failure) => {
    const proxy = proxies[failure][scheme];
    await using gateway = await started(serving(viaProxy(proxy)));
    for (const client of calls) {
      const response = await send(gateway.url, client, { model: 'm', stream: false });
      const { message } = client.errorOf(await jsonOf(response));
      expect(response.status).toBe(502);
      expect(message).toContain('Could not reach localhost');
      expect(message).toContain('through its proxy: ');
      expect(message).not.toContain(addressOf(proxy));
    }
    await eventually(() => gateway.log().includes(addressOf(proxy)));
    expect(gateway.log()).toContain(':***@');
    for (const secret of [login.password, encodeURIComponent(login.password), ':wrong@'])
      expect(gateway.log()).not.toContain(secret);
  });

  test.each(failures)('that fails (%s) lets the next credential answer', async (failure) => {
    await using gateway = await started({
      ...serving(viaProxy(proxies[failure][scheme], [direct])),
      routing: { strategy: 'fill-first' },
    });
    for (const stream of [false, true]) {
      const response = await send(gateway.url, chat, { model: 'm', stream });
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('direct-key')]);
    }
  });

  test('that hangs is left after timeouts.connect, and named', async () => {
    const proxy = proxies.silent[scheme];
    await using gateway = await started({ ...serving(viaProxy(proxy)), timeouts: { connect: '100ms' } });
    const response = await send(gateway.url, chat, { model: 'm', stream: false });
    const { message } = chat.errorOf(await jsonOf(response));
    expect([response.status, message]).toEqual([504, expect.stringContaining('through its proxy')]);
    expect(message).not.toContain(addressOf(proxy));
    await eventually(() => gateway.log().includes(addressOf(proxy)));
    await eventually(() => proxies.waiting() === 0);
  });
});

test('explain has the address of a proxy that fails, its password masked', async () => {
  const proxy = proxies.dead.socks5h;
  await using gateway = await started({
    ...serving(viaProxy(proxy)),
    'remote-management': { 'secret-key': 'management-key-of-the-test' },
  });
  const response = await send(gateway.url, chat, { model: 'm', stream: false });
  const id = response.headers.get('x-request-id') ?? '';
  await response.text();
  const explained = await fetch(`${gateway.url}/v0/management/requests/${id}`, {
    headers: { authorization: 'Bearer management-key-of-the-test' },
  });
  const text = await explained.text();
  expect(text).toContain(addressOf(proxy));
  expect(text).toContain(':***@');
  expect(text).not.toContain(login.password);
});

test('M7: nothing listens for a SOCKS proxy: no other user of this computer can take it', async () => {
  await using gateway = await started(serving(viaProxy(proxies.good.socks5)));
  // Of this process alone: others on this computer open and close theirs meanwhile.
  const listening = (): string[] => {
    const own = new Set(
      readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
        } catch {
          // Closed since the list was made.
          return [];
        }
      }),
    );
    return readFileSync('/proc/self/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && own.has(inode ?? ''))
      .map(([, address]) => address ?? '')
      .sort();
  };
  const before = listening();
  const response = await send(gateway.url, chat, { model: 'm', stream: false });
  expect(response.status).toBe(200);
  await response.text();
  expect(before.length).toBeGreaterThan(0);
  expect(listening()).toEqual(before);
});

/** Answers each connection with these bytes, and goes on with `more` for as long as it is read. */
function rawUpstream(text: string | Uint8Array, more?: string) {
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket) {
        socket.write(text);
        if (more === undefined) return;
        const next = (): void => {
          if (socket.readyState !== 1) return;
          socket.write(more);
          setImmediate(next);
        };
        next();
      },
      error() {},
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => server.stop(true) };
}

const bad = (url: string): JsonObject => ({
  name: 'bad',
  'base-url': `${url}/v1`,
  priority: 1,
  'api-key-entries': [{ 'api-key': 'bad-key' }],
  models: [{ name: 'm' }],
});
const good: JsonObject = {
  name: 'good',
  'base-url': `${upstream.url}/v1`,
  'api-key-entries': [{ 'api-key': 'good-key' }],
  models: [{ name: 'm' }],
};
const bounds = {
  'whole-answer': '100KiB',
  'error-body': '10KiB',
  'sse-line': '100KiB',
  'unpacked-answer': '100KiB',
};
const ok = 'HTTP/1.1 200 OK\r\n';
const json = 'Content-Type: application/json\r\n';
const events = 'Content-Type: text/event-stream\r\n';
const bomb = Bun.gzipSync(Buffer.alloc(5_000_000, 32));

const hostile: [string, boolean, string | Uint8Array, string | undefined][] = [
  ['H4: a whole answer without end', false, `${ok}${json}\r\n{`, 'x'.repeat(1000)],
  [
    'H4: a whole answer that is announced too long',
    false,
    `${ok}${json}Content-Length: 200000\r\n\r\n{`,
    undefined,
  ],
  ['H4: a line of a stream without end', true, `${ok}${events}\r\ndata: {`, 'x'.repeat(1000)],
  ['H4: the body of an error without end', false, `HTTP/1.1 500 Oh\r\n${json}\r\n{`, 'x'.repeat(1000)],
  [
    'H4: the body of a redirect without end',
    false,
    'HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n',
    'x'.repeat(1000),
  ],
  [
    'H4: a few bytes that unpack to many',
    false,
    Buffer.concat([
      Buffer.from(`${ok}${json}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`),
      bomb,
    ]),
    undefined,
  ],
  [
    'H7: a content coding called constructor',
    false,
    `${ok}${json}Content-Encoding: constructor\r\nContent-Length: 2\r\n\r\n{}`,
    undefined,
  ],
  [
    'H7: a stream in a coding called __proto__',
    true,
    `${ok}${events}Content-Encoding: __proto__\r\n\r\ndata: {}\n\n`,
    undefined,
  ],
  ['M4: a NUL in a header', false, `${ok}X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}`, undefined],
  ['M4: a bare CR in a header', true, `${ok}X-A: a\rb\r\nContent-Length: 2\r\n\r\n{}`, undefined],
  ['M4: the status 999', false, 'HTTP/1.1 999 No\r\nContent-Length: 2\r\n\r\n{}', undefined],
  ['M4: the status 000', true, 'HTTP/1.1 000 No\r\nContent-Length: 2\r\n\r\n{}', undefined],
];

describe.each(hostile)('%s', (_, stream, text, more) => {
  test('is answered by the next credential, in the same protocol and translated', async () => {
    using broken = rawUpstream(text, more);
    await using gateway = await started({ ...serving(bad(broken.url), good), bounds });
    for (const client of calls) {
      const response = await send(gateway.url, client, { model: 'm', stream });
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('good-key')]);
    }
  });

  test('is a 5xx of the provider where there is no other, and frees its place', async () => {
    using broken = rawUpstream(text, more);
    const entry = { ...bad(broken.url), concurrency: 1 };
    await using gateway = await started({ ...serving(entry), bounds });
    for (const client of calls) {
      const response = await send(gateway.url, client, { model: 'm', stream });
      expect(response.status).toBeOneOf([500, 502]);
      expect(client.errorOf(await jsonOf(response)).message).not.toBe('');
    }
  });
});

test('the content type of an upstream is what browsers take it for, and nothing else', async () => {
  const error = JSON.stringify({ error: { message: '<script>', type: 'invalid_request_error' } });
  using page = rawUpstream(
    `HTTP/1.1 400 No\r\nContent-Type: text/html\r\nContent-Length: ${error.length}\r\n\r\n${error}`,
  );
  await using gateway = await started(serving(bad(page.url)));
  const refused = await send(gateway.url, chat, { model: 'm', stream: false });
  expect([refused.status, refused.headers.get('x-content-type-options')]).toEqual([400, 'nosniff']);
  await refused.text();
  await using fine = await started(serving(good));
  const answered = await send(fine.url, chat, { model: 'm', stream: false });
  expect([answered.status, answered.headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
  await answered.text();
});
