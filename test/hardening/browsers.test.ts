/** H5: a gateway without client keys is for the programs of this computer, not for the pages that its browser shows. */
import { afterAll, describe, expect, test } from 'bun:test';
import { request } from 'node:http';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';

const sandbox = sandboxOfTests();
const upstreams = sandboxModels(sandbox.url);
const open = await startTested({
  ...upstreams,
  'api-keys': [],
  'allowed-hosts': ['gateway.lan'],
  cors: { origins: ['https://chat.example'] },
});
const keyed = await startTested(upstreams);
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await keyed[Symbol.asyncDispose]();
});

/** The status of a request with exactly these headers: `fetch` would not send a Host of one's own. */
function status(url: string, method: string, headers: Record<string, string>, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { 'content-length': String(body.length), ...headers } });
    asked.on('error', reject);
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.end(body);
  });
}

const hello = (model: string) => JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] });
const chat = modelOver['openai-chat'];
const foreign: [string, Record<string, string>][] = [
  ['a form or fetch of a foreign page', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
  ['a name that points here', { host: 'evil.example:8317' }],
  ['an element of a foreign page', { 'sec-fetch-site': 'cross-site' }],
  ['a sandboxed frame', { origin: 'null' }],
];

describe.each(foreign)('H5: %s', (_, headers) => {
  test.each([
    ['POST', '/v1/chat/completions'],
    ['POST', '/v1beta/models/x:generateContent'],
    ['GET', '/v1/models'],
    ['GET', '/v1/responses'],
    ['DELETE', '/v1/responses/resp_1'],
    ['GET', '/healthz'],
    ['HEAD', '/'],
    ['GET', '/nowhere'],
  ])('%s %s is refused without client keys', async (method, path) => {
    expect(await status(`${open.url}${path}`, method, headers, method === 'POST' ? hello(chat) : '')).toBe(
      403,
    );
  });

  test('the sandbox refuses it as well', async () => {
    expect(await status(`${sandbox.url}/v1/models`, 'GET', headers)).toBe(403);
    expect(await status(`${sandbox.url}/sandbox/requests`, 'GET', headers)).toBe(403);
  });

  test('with client keys nothing changes', async () => {
    const withKey = { ...headers, authorization: `Bearer ${clientKey}` };
    expect(await status(`${keyed.url}/v1/chat/completions`, 'POST', withKey, hello(chat))).toBe(200);
  });
});

test.each<[string, Record<string, string>]>([
  ['a program', {}],
  ['a listed name', { host: 'gateway.lan' }],
  ['a listed origin', { origin: 'https://chat.example', 'sec-fetch-site': 'cross-site' }],
])('H5: %s is answered without client keys', async (_, headers) => {
  expect(await status(`${open.url}/v1/chat/completions`, 'POST', headers, hello(chat))).toBe(200);
});

test('H5: a WebSocket of a foreign page is not opened', async () => {
  const opened = (origin: string | undefined) =>
    new Promise<boolean>((resolve) => {
      const socket = new WebSocket(`${open.url.replace('http', 'ws')}/v1/responses`, {
        headers: origin === undefined ? {} : { origin },
      });
      socket.onopen = () => {
        socket.close();
        resolve(true);
      };
      socket.onerror = () => resolve(false);
    });
  expect(await opened('https://evil.example')).toBe(false);
  expect(await opened(undefined)).toBe(true);
});
