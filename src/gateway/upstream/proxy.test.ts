import { afterAll, expect, test } from 'bun:test';
import { connect, createServer } from 'node:net';
import { takeProxies } from './proxy.ts';

const provider = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) => new Response(`got ${await request.text()}`),
});
afterAll(() => provider.stop(true));

test("the environment's proxy is used where the configuration names none, and only there", () => {
  const proxies = takeProxies({
    HTTPS_PROXY: 'http://proxy:1',
    NO_PROXY: 'localhost,.internal.example,10.0.0.1:8080',
  });
  expect(proxies.proxyFor('https://api.anthropic.com/v1', undefined)).toBe('http://proxy:1');
  expect(proxies.proxyFor('http://api.anthropic.com/v1', undefined)).toBeUndefined();
  expect(proxies.proxyFor('https://a.internal.example/', undefined)).toBeUndefined();
  expect(proxies.proxyFor('https://10.0.0.1:8080/', undefined)).toBeUndefined();
  expect(proxies.proxyFor('https://10.0.0.1/', undefined)).toBe('http://proxy:1');
  expect(proxies.proxyFor('https://api.anthropic.com/', 'direct')).toBeUndefined();
  expect(proxies.proxyFor('https://api.anthropic.com/', 'http://own:2')).toBe('http://own:2');
});

test('the variables are taken out of the environment, so that nothing else follows them', () => {
  const environment = { HTTP_PROXY: 'http://proxy:1', all_proxy: 'x', PATH: '/bin' };
  takeProxies(environment);
  expect(environment).toEqual({ PATH: '/bin' } as typeof environment);
});

test('a request through a SOCKS5 proxy reaches the provider', async () => {
  let connections = 0;
  // RFC 1928: greeting, then a CONNECT request with an IPv4 address or a name.
  const socks = createServer((client) => {
    client.once('data', () => {
      client.write(Uint8Array.of(5, 0));
      client.once('data', (request) => {
        connections += 1;
        const bytes = Buffer.from(request);
        const named = bytes[3] === 3;
        const length = named ? (bytes[4] ?? 0) : 4;
        const start = named ? 5 : 4;
        const host = named
          ? bytes.toString('latin1', start, start + length)
          : bytes.subarray(start, start + 4).join('.');
        const upstream = connect(bytes.readUInt16BE(start + length), host, () => {
          client.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
          client.pipe(upstream).pipe(client);
        });
      });
    });
  });
  await new Promise<void>((resolve) => socks.listen(0, '127.0.0.1', resolve));
  const address = socks.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const proxies = takeProxies({});
  const proxy = await proxies.proxyFor(provider.url.href, `socks5://127.0.0.1:${address.port}`);
  const answer = await fetch(provider.url, { method: 'POST', body: 'hi', proxy: proxy ?? '' });
  expect(await answer.text()).toBe('got hi');
  expect(connections).toBe(1);
  await proxies.close();
  socks.close();
});
