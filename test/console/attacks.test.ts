/** What other sites, old tickets, old cookies and clever addresses get of the console: nothing. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { managedAddresses } from '../../src/console/management-bridge.ts';
import { startChromium } from '../chromium.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { consoleHome, goodModel, hostile } from './console-home.ts';

setDefaultTimeout(300_000);

const managementKey = 'management-key-of-the-tests';
const started = (key = managementKey) => startTested({ 'remote-management': { 'secret-key': key } });
const own = { 'x-console': '1', 'content-type': 'application/json' };

async function signIn(url: string, by: { key: string } | { ticket: string }): Promise<Response> {
  return fetch(`${url}/console/api/session`, { method: 'POST', headers: own, body: JSON.stringify(by) });
}

async function cookieOf(url: string, key: string): Promise<string> {
  return (await signIn(url, { key })).headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** Every route that the sources of the console's server make: a new one is attacked without being written down here. */
function ownAddresses(): string[] {
  const folder = join(import.meta.dir, '../../src/console');
  return [...new Bun.Glob('**/*.ts').scanSync(folder)]
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(
        /apiRoute\(\s*'([A-Z]+)',\s*'([^']+)',\s*'(\w+)'/g,
      ),
    ])
    .map(([, method, path, role]) => `${method} ${path} ${role}`);
}

/** Every address that the console's own API has: what it passes on, and its own; `anyone` also with a client key. */
const addresses = [
  ...managedAddresses.map((line) => `${line.replace(' ', ' management/')} owner`),
  ...ownAddresses(),
].map((line) => line.replaceAll('*', 'x'));

test('the list of what is attacked has every route', () => {
  const made = ownAddresses();
  for (const known of [
    'GET events owner',
    'PUT settings owner',
    'POST account-file owner',
    'POST play/* owner',
  ])
    expect(made).toContain(known);
  expect(made.length).toBeGreaterThan(15);
});

test('every address refuses every wrong login, and every login that another site could use', async () => {
  await using gateway = await started();
  const owner = await cookieOf(gateway.url, managementKey);
  const client = await cookieOf(gateway.url, clientKey);
  const gone = await cookieOf(gateway.url, managementKey);
  await fetch(`${gateway.url}/console/api/session`, { method: 'DELETE', headers: { ...own, cookie: gone } });
  const wrong: [what: string, status: number, headers: Record<string, string>][] = [
    ['nobody', 401, own],
    ['an invented cookie', 401, { ...own, cookie: `cli_proxy_api_console=${'x'.repeat(43)}` }],
    ['a cookie that has signed out', 401, { ...own, cookie: gone }],
    ['the management key without a session', 401, { ...own, authorization: `Bearer ${managementKey}` }],
    ['a client key', 403, { ...own, cookie: client }],
    ['the cookie alone, as a form sends it', 403, { cookie: owner }],
    ['another site', 403, { ...own, cookie: owner, origin: 'https://evil.example' }],
    ['another port of this computer', 403, { ...own, cookie: owner, origin: 'http://127.0.0.1:1' }],
    ['a page without an origin', 403, { ...own, cookie: owner, origin: 'null' }],
    ['what the browser calls cross-site', 403, { ...own, cookie: owner, 'sec-fetch-site': 'cross-site' }],
    ['what the browser calls same-site', 403, { ...own, cookie: owner, 'sec-fetch-site': 'same-site' }],
  ];
  for (const line of addresses) {
    const [method = '', path = '', role = ''] = line.split(' ');
    for (const [what, status, headers] of wrong) {
      if (role === 'anyone' && what === 'a client key') continue;
      // A stream sets no header: it is judged by what the browser says of it alone.
      const stream = path === 'events' && headers['sec-fetch-site'] === undefined;
      const sent = stream && status !== 403 ? { ...headers, 'sec-fetch-site': 'same-origin' } : headers;
      const forClient =
        stream && what === 'a client key' ? { ...sent, 'sec-fetch-site': 'same-origin' } : sent;
      const answer = await fetch(`${gateway.url}/console/api/${path}`, {
        method,
        headers: forClient,
        ...(method !== 'GET' && { body: '{}' }),
      });
      expect([line, what, answer.status]).toEqual([line, what, status]);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      await answer.body?.cancel();
    }
  }
});

test('no preflight of another site is answered, and no answer may be read or framed there', async () => {
  await using gateway = await started();
  for (const path of ['api/session', 'api/overview', 'api/management/client-keys', '']) {
    const preflight = await fetch(`${gateway.url}/console/${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-console, content-type',
      },
    });
    expect(preflight.ok).toBe(false);
    for (const name of ['origin', 'headers', 'methods', 'credentials'])
      expect(preflight.headers.get(`access-control-allow-${name}`)).toBeNull();
    const { headers } = await fetch(`${gateway.url}/console/${path}`);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect([headers.get('x-content-type-options'), headers.get('cross-origin-resource-policy')]).toEqual([
      'nosniff',
      'same-origin',
    ]);
  }
});

test('a cookie is worth nothing after "everywhere", after another management key, after a restart', async () => {
  const status = async (url: string, cookie: string): Promise<number> =>
    (await fetch(`${url}/console/api/overview`, { headers: { ...own, cookie } })).status;
  let replayed: string;
  {
    await using gateway = await started();
    const [one, other] = [
      await cookieOf(gateway.url, managementKey),
      await cookieOf(gateway.url, managementKey),
    ];
    expect([await status(gateway.url, one), await status(gateway.url, other)]).toEqual([200, 200]);
    await fetch(`${gateway.url}/console/api/sessions`, {
      method: 'DELETE',
      headers: { ...own, cookie: one },
    });
    expect([await status(gateway.url, one), await status(gateway.url, other)]).toEqual([401, 401]);
    replayed = await cookieOf(gateway.url, managementKey);
    expect(await status(gateway.url, replayed)).toBe(200);
    await gateway.reconfigure({ 'remote-management': { 'secret-key': 'another-management-key' } });
    expect(await status(gateway.url, replayed)).toBe(401);
    replayed = await cookieOf(gateway.url, 'another-management-key');
  }
  await using gateway = await started('another-management-key');
  expect(await status(gateway.url, replayed)).toBe(401);
});

test('tickets come over the control socket alone, are used once, and cannot be guessed', async () => {
  await using gateway = await started();
  const logins: Record<string, string>[] = [
    { authorization: `Bearer ${managementKey}` },
    { 'x-console': '1' },
  ];
  for (const headers of logins) {
    const asked = await fetch(`${gateway.url}/v0/management/console-ticket`, { method: 'POST', headers });
    expect([asked.status >= 400, (await asked.text()).includes('ticket"')]).toEqual([true, false]);
  }
  const cookie = await cookieOf(gateway.url, managementKey);
  const passed = await fetch(`${gateway.url}/console/api/management/console-ticket`, {
    method: 'POST',
    headers: { ...own, cookie },
  });
  expect(passed.status).toBe(404);
  for (const ticket of ['', 'x', '0'.repeat(43), '../../ticket'])
    expect((await signIn(gateway.url, { ticket })).status).toBe(401);
});

test.each([
  'api/management/requests/../config',
  'api/management/requests/%2e%2e/config',
  'api/management/requests/..%2fconfig',
  'api/management/requests/..%5cconfig',
  'api/management/requests/..\\config',
  'api/management//config',
  'api/management/./config',
  'api/management/auth-files/download?name=a.json',
  'api/management/auth-files/../auth-files/download?name=a.json',
  'api/management/auth-files%2fdownload?name=a.json',
  'api/management/client-keys/../api-keys',
  'api/management/usage/../config.yaml',
  'api/management/CONFIG',
  'api/management/config%00',
  'api/management/config;x',
  'api/../../v0/management/config',
  'api/%2e%2e/%2e%2e/v0/management/api-keys',
  '..%2f..%2fv0/management/config',
  'api/management/http://gateway/v0/management/config',
  'api/management/@config',
])('no way leads from the console to what holds secrets: %s', async (path) => {
  await using gateway = await started();
  const cookie = await cookieOf(gateway.url, managementKey);
  const { hostname, port } = new URL(gateway.url);
  // As it is written: a fetch would tidy the address before.
  const answer = await rawGet(hostname, Number(port), `/console/${path}`, cookie);
  expect(answer).not.toContain(managementKey);
  expect(answer).not.toContain(clientKey);
  expect(answer).toMatch(/^HTTP\/1\.1 (?:4\d\d|200 OK\r\n[\s\S]*text\/html)/);
});

function rawGet(hostname: string, port: number, path: string, cookie: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  void Bun.connect({
    hostname,
    port,
    socket: {
      open: (socket) =>
        void socket.write(
          `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nX-Console: 1\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
        ),
      data: (_, bytes) => {
        said += bytes.toString('latin1');
      },
      close: () => resolve(said),
      error: (_, error) => reject(error),
    },
  }).catch(reject);
  return promise;
}

/** A page of somebody else, at another port of this computer (the same site) and under another name (another site). */
function evilPage(target: string): { port: number; stop(): void } {
  const page = `<!doctype html><title>evil</title><body><script>
    const target = ${JSON.stringify(target)};
    const within = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, 3000, 'silent'))]);
    const attacks = {
      read: () => fetch(target + 'api/overview', { credentials: 'include' }).then((r) => r.text()),
      readWithHeader: () => fetch(target + 'api/overview', { credentials: 'include', headers: { 'x-console': '1' } }).then((r) => r.text()),
      write: () => fetch(target + 'api/management/client-keys', { method: 'POST', credentials: 'include', headers: { 'x-console': '1', 'content-type': 'application/json' }, body: '{"name":"evil"}' }).then((r) => r.text()),
      writeBlind: () => fetch(target + 'api/management/client-keys', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"name":"evil"}' }).then((r) => r.type + r.status),
      events: () => new Promise((done) => { const s = new EventSource(target + 'api/events', { withCredentials: true }); s.onmessage = (e) => done(e.data); s.onerror = () => done('refused'); }),
      socket: () => new Promise((done) => { const s = new WebSocket(target.replace('http', 'ws') + 'api/events'); s.onopen = () => done('opened'); s.onmessage = (e) => done(e.data); s.onerror = () => done('refused'); }),
      script: () => new Promise((done) => { const s = document.createElement('script'); s.src = target + 'api/overview'; s.onload = () => done('ran'); s.onerror = () => done('refused'); document.body.append(s); }),
      frame: () => new Promise((done) => { const f = document.createElement('iframe'); f.src = target; f.onload = () => { let seen; try { seen = f.contentDocument ? 'document ' + f.contentDocument.body.innerHTML : 'nothing'; } catch { seen = 'other'; } done(seen); }; document.body.append(f); }),
      opened: () => { const w = open(target); return new Promise((done) => setTimeout(() => { try { done(w && w.document ? w.document.body.innerText : 'nothing'); } catch { done('other'); } }, 1500)); },
      form: () => new Promise((done) => { const i = document.createElement('iframe'); i.name = 'sink'; document.body.append(i); const f = document.createElement('form'); f.method = 'POST'; f.enctype = 'text/plain'; f.target = 'sink'; f.action = target + 'api/management/client-keys'; const n = document.createElement('input'); n.name = '{"name":"evil","x":"'; n.value = '"}'; f.append(n); document.body.append(f); f.submit(); setTimeout(done, 1000, 'sent'); }),
    };
    window.results = (async () => { const all = {}; for (const [name, run] of Object.entries(attacks)) all[name] = await within(run().catch((error) => 'refused: ' + error)); return all; })();
  </script>`;
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => new Response(page, { headers: { 'content-type': 'text/html' } }),
  });
  return { port: server.port ?? 0, stop: () => void server.stop(true) };
}

test('another page in the browser of an owner reads nothing, changes nothing, shows nothing', async () => {
  const browser = await startChromium();
  try {
    await using home = await consoleHome(browser);
    const { page } = await home.open();
    const before = readFileSync(join(home.path, 'config.yaml'), 'utf8');
    const evil = evilPage(`${home.url}/console/`);
    for (const host of ['127.0.0.1', 'localhost']) {
      // In the same browser, with the cookie of the session.
      const other = await page.context().newPage();
      await other.goto(`http://${host}:${evil.port}/`);
      const results = await other.evaluate<Record<string, string>>('results');
      for (const [attack, seen] of Object.entries(results)) {
        expect([host, attack, String(seen)]).toEqual([host, attack, expect.not.stringContaining('steady')]);
        expect([host, attack, String(seen)]).toEqual([host, attack, expect.not.stringContaining('overview')]);
      }
      expect([host, results.read, results.readWithHeader, results.write]).toEqual([
        host,
        ...Array(3).fill(expect.stringContaining('refused')),
      ]);
      expect([host, results.events, results.socket]).toEqual([host, 'refused', 'refused']);
      expect(await other.frameLocator('iframe').first().locator('nav').count()).toBe(0);
      for (const opened of page.context().pages()) if (opened !== page) await opened.close();
    }
    evil.stop();
    expect(readFileSync(join(home.path, 'config.yaml'), 'utf8')).toBe(before);
    await page.goto(`${home.url}/console/keys`);
    await page.getByRole('button', { name: 'New key' }).waitFor();
    expect(await page.getByText('evil').count()).toBe(0);
  } finally {
    await browser.close();
  }
});

test('a ticket that somebody has seen opens nothing once it is used, and leaves the address at once', async () => {
  const browser = await startChromium();
  try {
    await using home = await consoleHome(browser);
    const { page, ticket } = await home.openWithTicket();
    expect(page.url()).not.toContain('ticket');
    const stolen = await home.visit();
    await stolen.page.goto(ticket);
    await stolen.page.getByText(/has been used, or is too old/).waitFor();
    expect(await stolen.page.locator('nav').count()).toBe(0);
  } finally {
    await browser.close();
  }
});

test('markup in what providers, clients and logs say is shown as text, everywhere', async () => {
  const browser = await startChromium();
  const upstream = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () =>
      Response.json(
        { error: { message: `over ${hostile}`, type: hostile, code: hostile } },
        { status: 429, headers: { 'retry-after': '3000' } },
      ),
  });
  try {
    await using home = await consoleHome(browser, {
      ...{ 'logging-to-file': true, 'request-log': true },
      'openai-compatibility': [
        {
          name: 'refusing',
          'base-url': `http://127.0.0.1:${upstream.port}/v1`,
          'api-key-entries': [{ 'api-key': 'key-of-refusing', name: hostile }],
          models: [{ name: `m ${hostile}`, alias: goodModel }],
        },
      ],
    });
    expect(await home.ask(goodModel)).toBe(429);
    expect(await home.ask(`nobody ${hostile}`)).toBe(404);
    const { page, complaints, goTo } = await home.open();
    const isClean = async (where: string): Promise<void> => {
      expect([where, await page.locator('main img, main [onerror]').count()]).toEqual([where, 0]);
      expect([where, ...complaints]).toEqual([where]);
    };
    for (const path of [
      '',
      'requests',
      'accounts',
      'models',
      'usage',
      'usage?by=model',
      'logs',
      'system',
      'keys',
    ]) {
      await goTo(path);
      await isClean(path);
    }
    await goTo('accounts');
    await page.getByText(`over ${hostile}`).first().waitFor();
    await page.locator('.account-card a').first().click();
    await page.locator('main .facts').waitFor();
    await isClean('account');
    await goTo('requests');
    await page.locator('a.request-line', { hasText: goodModel }).first().click();
    await page.locator('.waterfall').getByText(hostile).first().waitFor();
    await page.getByText('Response 1 of a provider').click();
    await page.locator('.kept[open] .raw', { hasText: hostile }).waitFor();
    await isClean('request');
    await goTo('logs');
    await page.locator('.log-line', { hasText: hostile }).first().waitFor();
    await isClean('logs with lines');
    for (const address of [
      `accounts/${encodeURIComponent(hostile)}`,
      `requests/${encodeURIComponent(hostile)}`,
      'accounts/%E0%A4%A',
      `accounts?text=${encodeURIComponent(hostile)}`,
    ]) {
      await page.goto(`${home.url}/console/${address}`);
      await page.locator('h1').first().waitFor();
      expect([address, await page.locator('main img').count()]).toEqual([address, 0]);
    }
  } finally {
    await browser.close();
    await upstream.stop(true);
  }
});

test('characters that hide, or turn text round, are shown in names, errors, headers, files and the log', async () => {
  const turned = 'ann\u202enimda\u200b';
  const shown = 'ann⟨U+202E⟩nimda⟨U+200B⟩';
  const browser = await startChromium();
  const upstream = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () =>
      Response.json(
        { error: { message: `over ${turned} ${hostile}` } },
        { status: 429, headers: { 'retry-after': '3000' } },
      ),
  });
  try {
    await using home = await consoleHome(browser, {
      'request-log': true,
      'api-keys': [{ key: 'key-of-ann-0123456789', name: turned, note: `note ${turned} ${hostile}` }],
      'openai-compatibility': [
        {
          name: 'turning',
          'base-url': `http://127.0.0.1:${upstream.port}/v1`,
          'api-key-entries': [{ 'api-key': 'key-of-turning', name: turned }],
          models: [{ name: 'm', alias: goodModel }],
        },
      ],
    });
    const answer = await fetch(`${home.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer key-of-ann-0123456789',
        'x-note': hostile,
        'user-agent': `agent ${hostile}`,
      },
      body: JSON.stringify({
        model: goodModel,
        // Not the words of the error: what an error repeats of a request is in no log.
        messages: [{ role: 'user', content: turned }],
      }),
    });
    expect(answer.status).toBe(429);
    await answer.text();
    const { page, complaints, goTo } = await home.open();
    const isHonest = async (where: string): Promise<void> => {
      const hidden = await page.evaluate<string[]>(
        String.raw`(document.body.innerText.match(/.{0,20}[\u202a-\u202e\u2066-\u2069\u200b].{0,20}/gu) ?? [])`,
      );
      expect([where, hidden, await page.locator('main img, main [onerror]').count()]).toEqual([where, [], 0]);
      expect([where, ...complaints]).toEqual([where]);
    };
    for (const [path, text] of [
      ['keys', `note ${shown} ${hostile}`],
      ['accounts', `over ${shown} ${hostile}`],
      ['requests', shown],
      ['usage', shown],
      ['', shown],
      ['logs', hostile],
    ] as const) {
      await goTo(path);
      await page.locator('main').getByText(text).locator('visible=true').first().waitFor();
      await isHonest(path);
    }
    await goTo('requests');
    await page.locator('a.request-line').first().click();
    await page.getByText('Headers of the client').click();
    await page.locator('.kept[open] .raw', { hasText: hostile }).waitFor();
    await page.getByText('Body of the client').click();
    await isHonest('request');
    await goTo('accounts/add');
    await page.locator('input[type=file]').setInputFiles({
      name: `${hostile}${turned}.json`,
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ type: hostile, email: turned })),
    });
    await page.getByText(`${hostile}${shown}.json`).waitFor();
    await isHonest('files');
    await page.getByRole('button', { name: 'Save the file' }).click();
    await page.locator('li.card .state').waitFor();
    expect(await page.locator('main img').count()).toBe(0);
  } finally {
    await browser.close();
    await upstream.stop(true);
  }
});

test('the page that asks for a key has no word from the browser, and a wrong key is said', async () => {
  const browser = await startChromium();
  try {
    await using home = await consoleHome(browser, { 'remote-management': { 'secret-key': managementKey } });
    const { page, complaints, barriers } = await home.visit();
    await page.goto(`${home.url}/console/settings?view=yaml`);
    await page.getByLabel(/Management key/).waitFor();
    expect(complaints).toEqual([]);
    expect(await barriers()).toEqual([]);
    await page.goto(`${home.url}/console/settings?view=yaml`);
    await page.getByLabel(/Management key/).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText(/\w/).waitFor();
    expect(await page.locator('nav').count()).toBe(0);
  } finally {
    await browser.close();
  }
});
