/** What opens the console, in wrong places and a second time: a ticket, a session's cookie, keys. No browser, raw requests. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { type Household, household } from '../accounts/household.ts';
import { freePort } from '../free-port.ts';

setDefaultTimeout(120_000);

const managementKey = 'management-key-of-the-tests';
const own = { 'x-console': '1', 'content-type': 'application/json' };
const port = freePort();
const url = `http://127.0.0.1:${port}`;

let home: Household;

beforeAll(async () => {
  home = await household({ port, 'remote-management': { 'secret-key': managementKey } });
  await home.serve();
}, 120_000);

afterAll(() => home[Symbol.asyncDispose]());

async function newTicket(): Promise<string> {
  const { out } = await home.run('console', '--print');
  return /#ticket=([\w-]+)/.exec(out)?.[1] ?? '';
}

const signIn = (by: Record<string, unknown>, headers: Record<string, string> = own): Promise<Response> =>
  fetch(`${url}/console/api/session`, { method: 'POST', headers, body: JSON.stringify(by) });

const cookieOf = (answer: Response): string => answer.headers.get('set-cookie')?.split(';')[0] ?? '';

const status = async (headers: Record<string, string>, path = 'overview'): Promise<number> =>
  (await fetch(`${url}/console/api/${path}`, { headers })).status;

test('a ticket in the place of a cookie, a key, a header or a query opens nothing, and is not used up by it', async () => {
  const ticket = await newTicket();
  const wrong: [headers: Record<string, string>, path?: string][] = [
    [{ ...own, cookie: `cli_proxy_api_console=${ticket}` }],
    [{ ...own, cookie: `cli_proxy_api_console_${port}=${ticket}` }],
    [{ ...own, authorization: `Bearer ${ticket}` }],
    [{ ...own, 'x-management-key': ticket }],
    [{ ...own, 'x-api-key': ticket }],
    [{ ...own, 'x-console': '1' }, `overview?ticket=${ticket}`],
    [{ ...own }, `overview?key=${ticket}`],
  ];
  for (const [headers, path] of wrong)
    expect([headers, path, await status(headers, path)]).toEqual([headers, path, 401]);
  expect(await status({ 'x-console': ticket })).toBe(403);
  expect((await signIn({ key: ticket })).status).toBe(401);
  for (const path of ['/v1/models', '/v0/management/config'])
    expect((await fetch(url + path, { headers: { authorization: `Bearer ${ticket}` } })).status).toBe(401);
  expect((await signIn({ ticket })).status).toBe(200);
});

test('a ticket opens once, whoever comes first, and of two at the same time one', async () => {
  const ticket = await newTicket();
  const answers = await Promise.all(Array.from({ length: 8 }, () => signIn({ ticket })));
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(7).fill(401)]);
  expect((await signIn({ ticket })).status).toBe(401);
});

test('a foreign page signs nobody in, neither with a ticket nor with a key', async () => {
  const ticket = await newTicket();
  const foreign: Record<string, string>[] = [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { ...own, origin: 'https://evil.example' },
    { ...own, origin: 'null' },
    { ...own, origin: `http://localhost:${port}` },
    { ...own, 'sec-fetch-site': 'same-site' },
    { ...own, 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of foreign)
    for (const by of [{ ticket }, { key: managementKey }, { key: home.clientKey }]) {
      const answer = await signIn(by, headers);
      expect([headers, answer.status, answer.headers.get('set-cookie')]).toEqual([headers, 403, null]);
    }
  expect((await signIn({ ticket })).status).toBe(200);
});

test('keys open no page of the console without a session, in whatever header', async () => {
  for (const key of [managementKey, home.clientKey])
    for (const name of [
      'authorization',
      'x-management-key',
      'x-api-key',
      'x-goog-api-key',
      'proxy-authorization',
      'cookie',
    ])
      for (const value of [
        key,
        `Bearer ${key}`,
        `Basic ${btoa(`owner:${key}`)}`,
        `cli_proxy_api_console=${key}`,
      ])
        expect([name, value, await status({ ...own, [name]: value })]).toEqual([name, value, 401]);
});

test('a session holds with strange cookies before it, and ends for good with signing out', async () => {
  const cookie = cookieOf(await signIn({ ticket: await newTicket() }));
  expect(cookie).toStartWith(`cli_proxy_api_console_${port}=`);
  const junk = `cli_proxy_api_console=${'x'.repeat(43)}; cli_proxy_api_console_${port}=${'y'.repeat(43)}; cli_proxy_api_console_1=z`;
  for (const sent of [cookie, `${junk}; ${cookie}`, `${cookie}; ${junk}`, `${cookie}; ${cookie}`])
    expect([sent, await status({ ...own, cookie: sent })]).toEqual([sent, 200]);
  await fetch(`${url}/console/api/session`, {
    method: 'DELETE',
    headers: { ...own, cookie: `${junk}; ${cookie}` },
  });
  for (const sent of [cookie, `${junk}; ${cookie}`])
    expect([sent, await status({ ...own, cookie: sent })]).toEqual([sent, 401]);
});

test('signing in gives a new cookie each time: one that was there before is never taken over', async () => {
  const planted = `cli_proxy_api_console_${port}=${'p'.repeat(43)}`;
  const made = cookieOf(await signIn({ key: managementKey }, { ...own, cookie: planted }));
  expect(made).not.toBe(planted);
  expect([await status({ ...own, cookie: planted }), await status({ ...own, cookie: made })]).toEqual([
    401, 200,
  ]);
});

test('what is no sign-in is refused without a cookie', async () => {
  const bodies = [
    '',
    'null',
    '[]',
    '"x"',
    '{',
    '{"ticket":1}',
    '{"key":null}',
    '{"key":{"$gt":""}}',
    '{"ticket":["a"]}',
    `{"key":"${'k'.repeat(2_000_000)}"}`,
  ];
  for (const body of bodies) {
    const answer = await fetch(`${url}/console/api/session`, { method: 'POST', headers: own, body });
    expect([
      body.slice(0, 20),
      answer.status >= 400 && answer.status < 500,
      answer.headers.get('set-cookie'),
    ]).toEqual([body.slice(0, 20), true, null]);
  }
});
