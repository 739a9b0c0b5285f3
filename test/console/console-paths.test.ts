/** Addresses that no browser sends, written to the socket as they are: none leads out of the console, or to another file. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { clientKey, startTested, type TestedGateway } from '../gateway-harness.ts';

const managementKey = 'management-key-of-the-tests';

let gateway: TestedGateway;
let cookie: string;

beforeAll(async () => {
  gateway = await startTested({ 'remote-management': { 'secret-key': managementKey } });
  const answer = await fetch(`${gateway.url}/console/api/session`, {
    method: 'POST',
    headers: { 'x-console': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ key: managementKey }),
  });
  cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
});

afterAll(() => gateway[Symbol.asyncDispose]());

/** What comes back for a request line and headers, byte by byte; with the session of an owner. */
function raw(line: string, headers: readonly string[] = []): Promise<string> {
  const has = (name: string): boolean =>
    headers.some((header) => header.toLowerCase().startsWith(`${name}:`));
  const { hostname, port } = new URL(gateway.url);
  const sent = [
    line,
    ...(has('host') ? [] : [`Host: ${hostname}:${port}`]),
    ...(has('cookie') ? [] : [`Cookie: ${cookie}`]),
    ...['X-Console: 1', ...headers, 'Connection: close', '', ''],
  ].join('\r\n');
  return new Promise((resolve) => {
    let said = '';
    const socket = connect({ host: hostname, port: Number(port) }, () =>
      socket.write(Buffer.from(sent, 'latin1')),
    );
    socket.on('data', (bytes) => {
      said += bytes.toString('latin1');
    });
    socket.on('close', () => resolve(said));
    // A request that is no HTTP ends with the connection.
    socket.on('error', () => resolve(said));
  });
}

const page = '/console/keys';
const isPage = (answer: string): boolean => /^HTTP\/1\.1 200 [\s\S]*<!doctype html>/i.test(answer);
const isRefusal = (answer: string): boolean =>
  answer === '' || /^HTTP\/1\.1 [45]\d\d /.test(answer) || /^HTTP\/1\.1 30\d /.test(answer);

test('the page itself is answered so', async () => {
  expect(isPage(await raw(`GET ${page} HTTP/1.1`))).toBe(true);
});

/** Below `/console/`: ways out of it, into its files, and to addresses that it does not have. */
const tricks = [
  ...[
    '../config.yaml',
    '../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e/etc/passwd',
    '%2e%2e%2f%2e%2e%2fetc/passwd',
  ],
  ...[
    '..%5c..%5cetc%5cpasswd',
    '..\\..\\etc\\passwd',
    '..;/v0/management/config',
    '%252e%252e/v0/management/config',
  ],
  ...[
    '%c0%ae%c0%ae/v0/management/config',
    '..%00/v0/management/config',
    '.%2e/v0/management/config',
    '....//v0/management/config',
  ],
  ...[
    'assets/../index.html',
    'assets/%2e%2e/index.html',
    'assets/..%2findex.html',
    'assets/..\\main.js',
    'assets//main.js',
    'assets/./main.js',
  ],
  ...[
    'assets/',
    'assets',
    'assets/main.js.map',
    'assets/index.html',
    'assets/style.css.map',
    'assets/.env',
    'assets/package.json',
  ],
  ...[
    '.env',
    '.git/config',
    'config.yaml',
    'config.yaml.',
    'config.yaml%00.html',
    'index.html',
    'index.html.map',
    'main.tsx',
    'console/main.tsx',
  ],
  ...[
    'api',
    'api/',
    'api//',
    'api//overview',
    'api/./overview',
    'api/overview/',
    'api/overview.',
    'api/OVERVIEW',
    'API/overview',
    'api%2foverview',
  ],
  ...[
    'api/overview%00',
    'api/overview%20',
    'api/overview;x=1',
    'api/overview\\',
    'api\\overview',
    'api/%6fverview',
    'api/x/../overview',
  ],
  ...[
    'api/management/',
    'api/management',
    'api/management/%63onfig',
    'api/management/config',
    'api/management/config.yaml',
    'api/management/api-keys',
  ],
  ...[
    'api/management/auth-files/download',
    'api/management/usage/../../config',
    'api/management/requests/%2e%2e%2fconfig',
    'api/management/client-keys%2f..%2fapi-keys',
  ],
  ...[
    'api/management/requests/..;/config',
    'api/management/cooldowns/../config',
    'api/accounts/../management/config',
    'api/accounts/..%2f..%2fv0%2fmanagement%2fconfig',
  ],
  ...[
    'api/play/../management/config',
    'api/play/v0/management/config',
    'api/play/../../../v0/management/config',
    'api/play/http://127.0.0.1/',
  ],
  ...[
    '\u0000',
    '%00',
    '%',
    '%zz',
    '%e0%a4%a',
    '\u00ff\u00fe',
    '?',
    '?/../..',
    '#',
    'a'.repeat(8000),
    '/'.repeat(3000),
    '..%2f'.repeat(500),
  ],
];

test('whatever stands behind /console/ is the page, a refusal, or what a page may ask for', async () => {
  for (const trick of tricks) {
    const answer = await raw(`GET /console/${trick} HTTP/1.1`);
    const where = trick.slice(0, 80);
    expect([where, answer.includes(managementKey), answer.includes(clientKey)]).toEqual([
      where,
      false,
      false,
    ]);
    expect([where, answer.includes('root:'), answer.includes('sourceMappingURL')]).toEqual([
      where,
      false,
      false,
    ]);
    const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
    // A way of writing an address that URLs have: the same address.
    const isOverview = /^HTTP\/1\.1 200 /.test(answer) && /^[^{]*\{"state":/.test(body);
    if (isOverview) expect(new URL(`http://x/console/${trick}`).pathname).toBe('/console/api/overview');
    else expect([where, isPage(answer) || isRefusal(answer)]).toEqual([where, true]);
    if (isPage(answer)) expect(head).toContain("default-src 'none'");
  }
});

test.each([
  '/Console/',
  '/CONSOLE/api/overview',
  '/console.',
  '/console%2fapi%2foverview',
  '/console;/api/overview',
  '//console/api/overview',
  '/./console/../console/api/management/config',
  '/x/../console/api/management/config',
  '/consolex/api/overview',
  '/management.html/../v0/management/config',
  'http://127.0.0.1/v0/management/config',
  'http://evil.example/console/api/management/config',
  'console/api/overview',
  '*',
])('an address beside the console opens nothing: %s', async (path) => {
  const answer = await raw(`GET ${path} HTTP/1.1`);
  expect(answer).not.toContain(managementKey);
  expect(answer).not.toContain(clientKey);
  expect(answer).not.toContain('{"state":');
  expect(isPage(answer) || isRefusal(answer)).toBe(true);
});

test('what URLs take for the same address has the same guard', async () => {
  for (const path of [
    '/console\\api\\overview',
    '/x/../console/api/overview',
    '/console/%2e%2e/console/api/overview',
  ]) {
    expect([path, await raw(`GET ${path} HTTP/1.1`)]).toEqual([
      path,
      expect.stringMatching(/^HTTP\/1\.1 200 /),
    ]);
    expect([path, await raw(`GET ${path} HTTP/1.1`, ['Cookie: x=1'])]).toEqual([
      path,
      expect.stringMatching(/^HTTP\/1\.1 401 /),
    ]);
  }
});

test('with two answers to who it is, a request is refused or judged by its session alone', async () => {
  const asked: string[][] = [
    ['Host: evil.example'],
    ['Host: evil.example', 'Origin: http://evil.example', 'Sec-Fetch-Site: same-origin', 'Cookie: '],
    ['X-Forwarded-Host: evil.example', 'Origin: http://evil.example'],
    ['Forwarded: host=evil.example', 'Origin: http://evil.example'],
    ['Origin: null'],
    ['Origin: http://127.0.0.1'],
    ['Origin: file://'],
    ['Origin: chrome-extension://abc'],
    ['Sec-Fetch-Site: none'],
    ['Sec-Fetch-Site: SAME-SITE'],
    ['Sec-Fetch-Site: same-origin, cross-site'],
  ];
  const [first] = asked;
  for (const headers of asked) {
    const answer = await raw('GET /console/api/overview HTTP/1.1', headers);
    // A program that says another Host and shows the cookie has the cookie; a browser has none for that name.
    const expected = headers === first ? /^HTTP\/1\.1 200/ : /^HTTP\/1\.1 40[013]/;
    expect([headers, expected.test(answer)]).toEqual([headers, true]);
  }
});

test('a method that a route does not have writes nothing, whatever header claims another', async () => {
  for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'PURGE', 'get', 'X'])
    for (const path of [
      'api/overview',
      'api/management/client-keys',
      'api/settings',
      'api/sessions',
      'keys',
    ]) {
      const answer = await raw(`${method} /console/${path} HTTP/1.1`, [
        'X-HTTP-Method-Override: DELETE',
        'X-HTTP-Method: DELETE',
        'X-Method-Override: DELETE',
      ]);
      const isHeadOfPage = method === 'HEAD' && path === 'keys';
      expect([method, path, isHeadOfPage || isRefusal(answer)]).toEqual([method, path, true]);
      expect(answer).not.toMatch(/access-control-allow/i);
    }
  expect(await raw('GET /console/api/overview HTTP/1.1', ['X-HTTP-Method-Override: DELETE'])).toStartWith(
    'HTTP/1.1 200',
  );
});

test('no file of the console names its sources', async () => {
  const asked = new Set<string>();
  const look = async (file: string): Promise<void> => {
    if (asked.has(file)) return;
    asked.add(file);
    const content = await (await fetch(`${gateway.url}/console/${file}`)).text();
    expect([file, /sourceMappingURL|\/work\/|\/home\/|node_modules\//.test(content)]).toEqual([file, false]);
    expect((await fetch(`${gateway.url}/console/${file}.map`)).status).toBe(404);
    for (const [, name] of content.matchAll(/(?:assets\/|"\.\/)([\w-]+\.(?:js|css|svg))/g))
      await look(`assets/${name}`);
  };
  await look('keys');
  // The page, its scripts, and the pages that are loaded when they are opened.
  expect(asked.size).toBeGreaterThan(3);
});
