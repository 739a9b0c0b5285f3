/** Sign-ins over the management API, against the sandbox's account servers. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { sandboxProviders } from '../../sandbox/account-servers/addresses.ts';
import { eventually } from '../eventually.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { type ManagedGateway, managedGateway } from './managed-gateway.ts';

const sandbox = sandboxOfTests();
let gateway: ManagedGateway;
beforeAll(async () => {
  gateway = await managedGateway({ providers: JSON.parse(JSON.stringify(sandboxProviders(sandbox.url))) });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const noKey = { authorization: '' };
const status = async (state: string) => (await gateway.ask('GET', `get-auth-status?state=${state}`)).body;

/** Where a browser ends that opens the address: at the redirect, which nobody listens on. */
async function endOf(address: string, answer: 'allow' | 'deny' = 'allow'): Promise<string> {
  let url = `${address}&sandbox_person=ada&sandbox_answer=${answer}`;
  for (let hop = 0; hop < 5 && url.startsWith(sandbox.url); hop++) {
    const page = await fetch(url, { redirect: 'manual' });
    const next = page.headers.get('location');
    if (next === null) throw new Error(await page.text());
    url = new URL(next, url).href;
  }
  return url;
}

describe.each([
  ['anthropic', 'claude'],
  ['claude', 'claude'],
  ['codex', 'codex'],
  ['gemini-cli', 'gemini'],
  ['iflow', 'iflow'],
  ['antigravity', 'antigravity'],
])('%s-auth-url', (name, kind) => {
  test('the pasted address of the browser finishes it, without a key, and the account is listed', async () => {
    const { status: said, url, state } = (await gateway.ask('GET', `${name}-auth-url`)).body;
    expect([said, typeof url, typeof state]).toEqual(['ok', 'string', 'string']);
    expect(await status(state)).toEqual({ status: 'wait' });
    const redirect_url = await endOf(url);
    const answer = await gateway.ask('POST', 'oauth-callback', { provider: name, redirect_url }, noKey);
    expect(answer.body).toEqual({ status: 'ok' });
    await eventually(async () => (await status(state)).status !== 'wait');
    expect(await status(state)).toEqual({ status: 'ok' });
    const { files } = (await gateway.ask('GET', 'auth-files')).body;
    expect(files.some(({ type }: { type: string }) => type === kind)).toBe(true);
    const again = await gateway.ask('POST', 'oauth-callback', { provider: name, redirect_url }, noKey);
    expect([again.status, again.body.error]).toEqual([409, 'oauth flow is already completed']);
  });

  test('a declined one says why', async () => {
    const { url, state } = (await gateway.ask('GET', `${name}-auth-url`)).body;
    const redirect_url = await endOf(url, 'deny');
    await gateway.ask('POST', 'oauth-callback', { provider: name, redirect_url }, noKey);
    await eventually(async () => (await status(state)).status !== 'wait');
    expect(await status(state)).toEqual({ status: 'error', error: expect.stringContaining('declined') });
  });
});

test.each(['kimi', 'xai', 'qwen'])(
  '%s-auth-url is a code to confirm on any device',
  async (name) => {
    const { body } = await gateway.ask('GET', `${name}-auth-url`);
    const { state, user_code, url, verification_uri, expires_in } = body;
    expect([body.status, body.flow, typeof expires_in]).toEqual(['ok', 'device', 'number']);
    for (const address of [url, verification_uri]) expect(address).toStartWith('http');
    expect(sandbox.accounts.decideDevice(user_code, 'ada')).toBe(true);
    await eventually(async () => (await status(state)).status !== 'wait');
    expect(await status(state)).toEqual({ status: 'ok' });
  },
  20_000,
);

test('the callback of a provider tells the truth, in a page', async () => {
  const { url, state } = (await gateway.ask('GET', 'anthropic-auth-url')).body;
  const foreign = await gateway.ask('GET', '/anthropic/callback?code=x&state=none', undefined, noKey);
  expect([foreign.status, foreign.text]).toEqual([400, expect.stringContaining('Not the answer to this')]);
  const { search } = new URL(await endOf(url));
  const page = await gateway.ask('GET', `/anthropic/callback${search}`, undefined, noKey);
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('Signed in to Claude')]);
  expect(await status(state)).toEqual({ status: 'ok' });
});

test.each([
  ['GET', 'get-auth-status', undefined, 200, { status: 'ok' }],
  [
    'GET',
    'get-auth-status?state=none',
    undefined,
    200,
    { status: 'error', error: 'unknown or expired state' },
  ],
  ['GET', 'get-auth-status?state=../x', undefined, 400, { status: 'error', error: 'invalid state' }],
  ['POST', 'oauth-callback', {}, 400, { status: 'error', error: 'state is required' }],
  ['POST', 'oauth-callback', { state: '../x', code: 'a' }, 400, { status: 'error', error: 'invalid state' }],
  [
    'POST',
    'oauth-callback',
    { provider: 'codex', code: 'a', state: 'none' },
    404,
    { status: 'error', error: 'unknown or expired state' },
  ],
  ['DELETE', 'oauth-session', undefined, 400, { status: 'error', error: 'missing state' }],
  ['DELETE', 'oauth-session?state=none', undefined, 200, { status: 'ok', cancelled: false }],
  ['GET', '/v8/management/oauth/auth-url', undefined, 400, { error: 'provider is required' }],
  ['GET', '/v8/management/oauth/auth-url?provider=bogus', undefined, 404, { error: 'provider_not_found' }],
  ['POST', 'vertex/import', undefined, 400, { error: 'file required' }],
])('%s %s %j', async (method, path, body, code, expected) => {
  const answer = await gateway.ask(method, path, body);
  expect([answer.status, answer.body]).toEqual([code, expect.objectContaining(expected)]);
});

test('an answer for another provider, and one with nothing in it, change nothing', async () => {
  const { state } = (await gateway.ask('GET', '/v8/management/oauth/auth-url?provider=codex')).body;
  const answer = async (body: object) => {
    const { status: code, body: said } = await gateway.ask('POST', 'oauth-callback', { state, ...body });
    return [code, said.error];
  };
  expect(await answer({ provider: 'claude', code: 'x' })).toEqual([400, 'provider does not match state']);
  expect(await answer({ provider: 'bogus', code: 'x' })).toEqual([400, 'unsupported provider']);
  expect(await answer({ provider: 'openai' })).toEqual([400, 'code or error is required']);
  expect(await status(state)).toEqual({ status: 'wait' });
  expect((await gateway.ask('DELETE', `oauth-session?state=${state}`)).body).toEqual({
    status: 'ok',
    cancelled: true,
  });
  await eventually(async () => (await status(state)).status !== 'wait');
  expect(await answer({ code: 'x' })).toEqual([409, 'oauth flow is not pending']);
});

test('a key of a service account is taken, a broken one refused with the reason', async () => {
  await using gateway = await managedGateway();
  let known = true;
  await using google = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () =>
      known
        ? Response.json({ access_token: 'a-token', token_type: 'Bearer', expires_in: 3600 })
        : Response.json({ error: 'invalid_grant' }, { status: 400 }),
  });
  const { privateKey } = await crypto.subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  );
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  const key = {
    type: 'service_account',
    project_id: 'p1',
    client_email: 'a@p1.iam',
    token_uri: google.url.href,
    private_key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  };
  const form = (content: object | string) => {
    const made = new FormData();
    made.append(
      'file',
      new Blob([typeof content === 'string' ? content : JSON.stringify(content)]),
      'sa.json',
    );
    made.append('location', 'europe-west1');
    return made;
  };
  known = false;
  const unknown = await gateway.ask('POST', 'vertex/import', form(key));
  expect([unknown.status, unknown.body]).toEqual([
    400,
    expect.objectContaining({
      error: 'invalid service account',
      message: expect.stringContaining('does not accept the key'),
    }),
  ]);
  expect(readdirSync(gateway.directory).some((name) => name.includes('vertex'))).toBe(false);
  known = true;
  const unreached = await gateway.ask(
    'POST',
    'vertex/import',
    form({ ...key, token_uri: 'http://127.0.0.1:1/' }),
  );
  expect([unreached.status, unreached.text]).toEqual([200, expect.stringContaining('not checked')]);
  const taken = await gateway.ask('POST', 'vertex/import', form(key));
  expect(taken.body.warning).toBeUndefined();
  expect(taken.body).toMatchObject({
    status: 'ok',
    'auth-file': expect.stringContaining('vertex'),
    project_id: 'p1',
    email: 'a@p1.iam',
    location: 'europe-west1',
  });
  const broken = await gateway.ask('POST', 'vertex/import', form({ ...key, private_key: 'canary' }));
  expect([broken.status, broken.body.error]).toEqual([400, 'invalid service account']);
  expect(broken.text).not.toContain('canary');
  expect((await gateway.ask('POST', 'vertex/import', form('oops'))).body.error).toBe('invalid json');
});
