import { expect, test } from 'bun:test';
import { accountApi, type Routes, signInDeps } from '../../test/account-api.ts';
import { accountProviders } from './registry.ts';

const { iflow } = accountProviders;

const path = '/api/openapi/apikey';
const cookies = 'cna=1; BXAuth=canary-cookie; other=2';

async function grantOf(routes: Routes, sent = cookies) {
  using api = accountApi(routes);
  if (iflow.oauth === undefined || iflow.cookieSignIn === undefined) throw new Error('iFlow has no client');
  const mirror = { ...iflow.oauth, userinfoUrl: `${api.url}/api/oauth/getUserInfo` };
  const result = await iflow.cookieSignIn.grant(sent, mirror, signInDeps());
  if (!result.ok) expect(result.failure.message).not.toContain('canary');
  return { result, calls: api.calls };
}

const listed = { success: true, data: { name: 'ann@example.com', apiKeyMask: 'sk-a…' } };

test('the cookie of a browser gives the key of the API, and only its one part that counts is sent and kept', async () => {
  const { result, calls } = await grantOf({
    [`GET ${path}`]: listed,
    [`POST ${path}`]: {
      success: true,
      data: { name: 'ann@example.com', apiKey: 'sk-all', expireTime: '2026-12-01 08:00', hasExpired: false },
    },
  });
  expect(result).toMatchObject({
    ok: true,
    tokens: { accessToken: 'sk-all', refreshToken: undefined, expiresAt: Date.UTC(2026, 11, 1) },
    facts: { email: 'ann@example.com', apiKey: 'sk-all', cookie: 'BXAuth=canary-cookie;' },
  });
  expect(calls.map(({ headers, body }) => [headers.get('cookie'), body])).toEqual([
    ['BXAuth=canary-cookie;', undefined],
    ['BXAuth=canary-cookie;', { name: 'ann@example.com' }],
  ]);
});

test.each([
  ['no BXAuth', {}, 'cna=1; XBXAuth=canary', 'refused', 'has no BXAuth'],
  [
    'a cookie that has run out',
    { [`GET ${path}`]: { status: 401, body: {} } },
    cookies,
    'sign-in-again',
    'copy it again',
  ],
  ['an account without a key', { [`GET ${path}`]: { data: {} } }, cookies, 'refused', 'Make one'],
  ['words of iFlow', { [`GET ${path}`]: { success: false, message: 'slow' } }, cookies, 'refused', 'slow'],
  [
    'a key that has run out',
    { [`GET ${path}`]: listed, [`POST ${path}`]: { data: { apiKey: 'k', hasExpired: true } } },
    cookies,
    'refused',
    'has expired',
  ],
] as const)('%s is told', async (_, routes, sent, kind, words) => {
  const { result } = await grantOf(routes, sent);
  expect(result).toMatchObject({ ok: false, failure: { kind } });
  expect(JSON.stringify(result)).toContain(words);
});

test.each([
  [{}, 'cli-proxy-api auth iflow'],
  [{ cookie: 'BXAuth=1;' }, 'cli-proxy-api auth iflow --cookie'],
])('an account with %p that is refused is signed in again with %s', (facts, signIn) => {
  expect(iflow.apis(facts, iflow)).toMatchObject([{ provider: { signIn } }]);
});
