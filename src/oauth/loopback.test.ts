import { describe, expect, test } from 'bun:test';
import { networkInterfaces } from 'node:os';
import { type CallbackPage, callbackPage, donePage, failedPage } from './callback-page.ts';
import { type LoopbackListener, listenForCallback } from './loopback.ts';

const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
/** `127.0.0.1`, and `[::1]` where the computer has IPv6. */
const loopback = ['127.0.0.1', ...(addresses.some(({ address }) => address === '::1') ? ['[::1]'] : [])];
const outside = addresses.filter(({ internal, family }) => !internal && family === 'IPv4');

function listen(port = 0): LoopbackListener {
  const listener = listenForCallback({ title: 'Example', port, path: '/callback', state: 'state-1' });
  if (!listener.ok) throw new Error(listener.failure.message);
  return listener;
}

async function refused(url: string): Promise<boolean> {
  return fetch(url).then(
    () => false,
    () => true,
  );
}

for (const address of loopback)
  test(`the browser is heard on ${address}, and its page waits for what comes of it`, async () => {
    const listener = listen();
    const page = fetch(`http://${address}:${listener.port}/callback?code=code-1&state=state-1`);
    expect(await listener.callback).toEqual({ kind: 'code', code: 'code-1', state: 'state-1' });
    expect(Bun.peek.status(page)).toBe('pending');
    listener.finish(donePage('Example'));
    await listener.close();
    const response = await page;
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('Signed in to Example');
    expect(await refused(`http://${address}:${listener.port}/callback`)).toBe(true);
  });

test('no other address of this computer is listened on', async () => {
  const listener = listen();
  for (const { address } of outside)
    expect(await refused(`http://${address}:${listener.port}/callback?code=x`)).toBe(true);
  await listener.close();
});

const strays: { what: string; path: string; method?: string; status: number }[] = [
  { what: 'another path', path: '/favicon.ico?code=code-1', status: 404 },
  { what: 'a path below', path: '/callback/more?code=code-1', status: 404 },
  { what: 'another method', path: '/callback?code=code-1', method: 'POST', status: 405 },
  { what: 'no code and no error', path: '/callback', status: 400 },
  { what: 'M10: a code without a state', path: '/callback?code=x', status: 400 },
  { what: 'M10: a code with a wrong state', path: '/callback?code=x&state=of-another', status: 400 },
  { what: 'M10: an error without a state', path: '/callback?error=access_denied', status: 400 },
  { what: 'M10: an error with a wrong state', path: '/callback?error=access_denied&state=x', status: 400 },
  { what: 'M10: a state inside the code', path: '/callback?code=x%23state-2', status: 400 },
];
describe('what is no answer changes nothing', () => {
  for (const { what, path, method, status } of strays)
    test(`${what} is answered with ${status}`, async () => {
      const listener = listen();
      const response = await fetch(`http://127.0.0.1:${listener.port}${path}`, { method: method ?? 'GET' });
      expect(response.status).toBe(status);
      expect(Bun.peek.status(listener.callback)).toBe('pending');
      await listener.close();
    });
});

test('the first answer counts, and an address that is loaded twice shows the same page', async () => {
  const listener = listen();
  const load = (code: string) =>
    fetch(`http://127.0.0.1:${listener.port}/callback?code=${code}&state=state-1`);
  const first = load('code-1');
  await listener.callback;
  const second = load('code-2');
  listener.finish(donePage('Example'));
  expect(await (await second).text()).toBe(await (await first).text());
  expect(await listener.callback).toMatchObject({ code: 'code-1' });
  await listener.close();
});

for (const address of loopback)
  test(`a port that another program has on ${address} is taken; the sentence names it and what to do`, () => {
    const other = Bun.serve({
      hostname: address.replace(/[[\]]/g, ''),
      port: 0,
      reusePort: false,
      fetch: () => new Response(),
    });
    const { port } = other;
    const listener = listenForCallback({
      title: 'Example',
      port: port ?? 0,
      path: '/callback',
      state: 'state-1',
    });
    void other.stop(true);
    if (listener.ok) throw new Error('the port was shared');
    expect(listener.failure.kind).toBe('port-taken');
    expect(listener.failure.message).toBe(
      `Port ${port} is used by another program, and Example sends the browser back to it. Close that program (it may be another sign-in that still waits), then try again.`,
    );
  });

describe('a page', () => {
  const page: CallbackPage = failedPage('Example', `Its message: “<script>alert('1')</script> & more”.`);

  test('shows what a server says as text', async () => {
    const html = await callbackPage(page).text();
    expect(html).toContain('&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; more');
    expect(html).not.toContain('<script');
  });

  test('tells no other server the address that holds the code, and runs nothing', () => {
    const { headers } = callbackPage(page);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toStartWith("default-src 'none'");
  });
});
