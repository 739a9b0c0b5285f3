/** The console's server as a browser and an attacker meet it: pages, signing in, who may ask. */
import { expect, test } from 'bun:test';
import { consoleFiles } from '../../scripts/console-files.ts';
import { clientKey, startTested } from '../gateway-harness.ts';

const managementKey = 'management-key-of-the-tests';
const started = () => startTested({ 'remote-management': { 'secret-key': managementKey } });
const own = { 'x-console': '1', 'content-type': 'application/json' };

async function signedIn(url: string, key: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}/console/api/session`, {
    method: 'POST',
    headers: own,
    body: JSON.stringify({ key }),
  });
  expect(response.status).toBe(200);
  const cookie = response.headers.get('set-cookie') ?? '';
  expect(cookie).toContain('HttpOnly; SameSite=Strict');
  return { ...own, cookie: cookie.split(';')[0] ?? '' };
}

/** Digests of what stands in these elements of a page, as a policy names them. */
const digestsIn = (html: string, element: string): string[] =>
  [...html.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))].map(
    ([, content = '']) => `'sha256-${new Bun.CryptoHasher('sha256').update(content).digest('base64')}'`,
  );

test('the page and its files are there, under a policy that names what stands in it', async () => {
  await using gateway = await started();
  for (const path of ['/console/', '/console/requests', '/console/requests/abc', '/console/a/b/c/d/e/f/g']) {
    const page = await fetch(gateway.url + path);
    // What is no page says so, to programs by its status.
    expect(page.status).toBe(path.includes('/a/b/c') ? 404 : 200);
    const html = await page.text();
    const policy = page.headers.get('content-security-policy')?.split('; ') ?? [];
    expect(policy).toContain("default-src 'none'");
    for (const element of ['script', 'style']) {
      expect(digestsIn(html, element).length).toBe(1);
      expect(policy).toContain(`${element}-src 'self' ${digestsIn(html, element).join(' ')}`);
    }
    const scripts = [...html.matchAll(/(?:src|href)="([^"]+assets[^"]+)"/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, address = ''] of scripts) {
      const file = await fetch(new URL(address, gateway.url + path));
      expect([file.status, file.headers.get('cache-control')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
      ]);
      expect(file.headers.get('content-security-policy')).toContain("script-src 'self'; style-src 'self';");
    }
  }
  const old = await fetch(`${gateway.url}/management.html`, { redirect: 'manual' });
  expect([old.status, old.headers.get('location')]).toEqual([302, '/console/']);
});

test('an address that is no page answers 404 with the page that says so, and nothing keeps it', async () => {
  await using gateway = await started();
  for (const path of ['nope', 'requests/', 'requests/a/b', 'keys/x']) {
    const page = await fetch(`${gateway.url}/console/${path}`, { headers: { 'if-none-match': '"any"' } });
    expect([path, page.status, page.headers.get('content-type'), page.headers.get('cache-control')]).toEqual([
      path,
      404,
      expect.stringContaining('text/html'),
      'no-store',
    ]);
    expect(await page.text()).toContain('<div id="console"');
  }
});

test.each([
  'nosuch.js',
  'assets/nosuch.js',
  'index.html',
  'favicon.ico',
  '.env',
  'assets/../index.html',
  'assets/..%2findex.html',
])('a file that there is not is no page: %s', async (path) => {
  await using gateway = await started();
  const answer = await fetch(`${gateway.url}/console/${path}`);
  expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
    path,
    404,
    'application/json; charset=utf-8',
  ]);
});

test('the first load is less than 150 KB, and so is all of it', async () => {
  const files = await consoleFiles();
  const packed = ({ content }: { content: string }): number => Bun.gzipSync(content, { level: 9 }).length;
  const page = files.find(({ name }) => name === 'index.html')?.content ?? '';
  /** What the page names, and what that imports before it runs. */
  const first = new Set(files.filter(({ name }) => name === 'index.html' || page.includes(name)));
  for (const { content } of first)
    for (const [, name] of content.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g))
      for (const file of files) if (file.name === name) first.add(file);
  const size = (some: Iterable<{ content: string }>): number =>
    [...some].reduce((sum, file) => sum + packed(file), 0);
  expect(first.size).toBeGreaterThan(1);
  expect(size(first)).toBeLessThan(150_000);
  expect(size(files)).toBeLessThan(150_000);
  // Pages that are opened rarely wait for that.
  const texts = [...first].map(({ content }) => content).join('');
  for (const word of ['reasoning_effort', 'config-versions/restore', 'max-output-tokens'])
    expect([word, texts.includes(word)]).toEqual([word, false]);
  const all = files.map(({ content }) => content).join('');
  for (const word of ['reasoning_effort', 'config-versions/restore', 'max-output-tokens'])
    expect([word, all.includes(word)]).toEqual([word, true]);
});

test('the first paint waits for no file but the page', async () => {
  const page = (await consoleFiles()).find(({ name }) => name === 'index.html')?.content ?? '';
  const head = page.slice(0, page.indexOf('<body>'));
  // What a browser stops at: sheets, and scripts that are neither modules nor in the page.
  expect(head.match(/<link[^>]*stylesheet|<script(?! type="module")[^>]+src/g)).toBeNull();
  // It has something to paint by itself, and asks who is signed in before any script has come.
  expect(page.slice(page.indexOf('<body>'))).toContain('>cli-proxy-api</div>');
  expect(head).toContain('../api/session');
});

test('the page is the same for who has it already, and unpacked for who takes no gzip', async () => {
  await using gateway = await started();
  const page = await fetch(`${gateway.url}/console/`, { headers: { 'accept-encoding': 'identity' } });
  const etag = page.headers.get('etag') ?? '';
  expect([page.headers.get('content-encoding'), (await page.text()).slice(0, 15)]).toEqual([
    null,
    '<!doctype html>',
  ]);
  const again = await fetch(`${gateway.url}/console/`, { headers: { 'if-none-match': etag } });
  expect([again.status, again.headers.get('content-security-policy')]).toEqual([
    304,
    page.headers.get('content-security-policy'),
  ]);
});

test('the owner sees everything, a client key itself, nobody else anything', async () => {
  await using gateway = await started();
  const status = async (path: string, headers: Record<string, string>): Promise<number> =>
    (await fetch(`${gateway.url}/console/api/${path}`, { headers })).status;
  const owner = await signedIn(gateway.url, managementKey);
  const client = await signedIn(gateway.url, clientKey);
  for (const path of ['overview', 'accounts', 'requests', 'sessions', 'management/quotas']) {
    expect([path, await status(path, owner)]).toEqual([path, 200]);
    expect([path, await status(path, client)]).toEqual([path, 403]);
    expect([path, await status(path, own)]).toEqual([path, 401]);
    expect([path, await status(path, { ...own, cookie: 'cli_proxy_api_console=x' })]).toEqual([path, 401]);
    expect([path, await status(path, { ...owner, origin: 'https://evil.example' })]).toEqual([path, 403]);
    expect([path, await status(path, { cookie: owner.cookie ?? '' })]).toEqual([path, 403]);
  }
  // What holds secrets is not passed on, and the key of the management is none of the console's API.
  for (const path of ['management/config', 'management/api-keys', 'management/auth-files/download?name=a'])
    expect([path, await status(path, owner)]).toEqual([path, 404]);
  expect(await status('overview', { ...own, authorization: `Bearer ${managementKey}` })).toBe(401);
});

test('only the owner plays and changes the configuration, and only from the console', async () => {
  await using gateway = await started();
  const ask = async (method: string, path: string, headers: Record<string, string>): Promise<number> => {
    const body = JSON.stringify(path === 'settings' ? { text: '' } : { model: 'm', messages: [] });
    return (await fetch(`${gateway.url}/console/api/${path}`, { method, headers, body })).status;
  };
  const owner = await signedIn(gateway.url, managementKey);
  const client = await signedIn(gateway.url, clientKey);
  const wrong: [number, Record<string, string>][] = [
    [403, client],
    [401, own],
    [403, { ...owner, origin: 'https://evil.example' }],
    [403, { ...owner, 'sec-fetch-site': 'cross-site' }],
    [403, { cookie: owner.cookie ?? '' }],
    [401, { ...own, authorization: `Bearer ${managementKey}` }],
  ];
  for (const [method, path] of [
    ['POST', 'play/v1/messages'],
    ['PUT', 'settings'],
    ['POST', 'settings/look'],
    ['POST', 'management/config-versions/restore'],
  ] as const)
    for (const [status, headers] of wrong)
      expect([path, headers, await ask(method, path, headers)]).toEqual([path, headers, status]);
  for (const path of [
    'play/v0/management/config',
    'play/v1/models',
    'play/v1beta/models/a/b:generateContent',
  ])
    expect([path, await ask('POST', path, owner)]).toEqual([path, 404]);
  expect(await ask('POST', 'play/v1/messages', { ...owner, 'x-play-as': 'nobody' })).toBe(409);
  expect(await ask('PUT', 'settings', owner)).toBe(409);
});

test('a wrong key is refused in words, and a cookie ends with signing out', async () => {
  await using gateway = await started();
  const wrong = await fetch(`${gateway.url}/console/api/session`, {
    method: 'POST',
    headers: own,
    body: JSON.stringify({ key: 'wrong' }),
  });
  expect([wrong.status, await wrong.json()]).toEqual([401, { error: expect.any(String), code: 'wrong_key' }]);
  const owner = await signedIn(gateway.url, managementKey);
  await fetch(`${gateway.url}/console/api/session`, { method: 'DELETE', headers: owner });
  expect((await fetch(`${gateway.url}/console/api/overview`, { headers: owner })).status).toBe(401);
});

test('the event stream begins with the state, and a request arrives in it', async () => {
  await using gateway = await started();
  const owner = await signedIn(gateway.url, managementKey);
  const stream = await fetch(`${gateway.url}/console/api/events`, {
    headers: { cookie: owner.cookie ?? '', 'sec-fetch-site': 'same-origin' },
  });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}` },
    body: JSON.stringify({ model: 'no-such-model', messages: [{ role: 'user', content: 'hi' }] }),
  });
  let text = '';
  for await (const chunk of stream.body ?? []) {
    text += new TextDecoder().decode(chunk);
    if (text.includes('"overview"') && text.includes('no-such-model')) break;
  }
  expect(text).toContain('"asked":"no-such-model"');
});

test('a gateway that stops does not wait for an open console', async () => {
  await using gateway = await started();
  const owner = await signedIn(gateway.url, managementKey);
  const stream = await fetch(`${gateway.url}/console/api/events`, {
    headers: { cookie: owner.cookie ?? '', 'sec-fetch-site': 'same-origin' },
  });
  // The grace for running answers is half a minute: this test has less.
  await gateway.stop();
  expect(await stream.text()).toContain('"overview"');
});

test('first-hour 18: the address alone leads a browser to the console, and says to programs what is here', async () => {
  const asked = async (url: string, accept: string) => {
    const response = await fetch(url, { headers: { accept }, redirect: 'manual' });
    return [response.status, response.headers.get('location')];
  };
  const page = 'text/html,application/xhtml+xml,*/*;q=0.8';
  await using gateway = await startTested({});
  expect(await asked(gateway.url, page)).toEqual([302, 'console/']);
  expect(await asked(gateway.url, '*/*')).toEqual([200, null]);
  await using without = await startTested({ 'remote-management': { 'disable-control-panel': true } });
  expect(await asked(without.url, page)).toEqual([200, null]);
});

test('without a console there is nothing', async () => {
  await using gateway = await startTested({ 'remote-management': { 'disable-control-panel': true } });
  for (const path of ['/console/', '/management.html', '/console/api/session'])
    expect((await fetch(gateway.url + path)).status).toBe(404);
});
