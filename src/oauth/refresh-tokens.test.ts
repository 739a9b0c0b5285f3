import { describe, expect, test } from 'bun:test';
import {
  clientAt,
  hurriedDeps,
  scriptedServer,
  someTokens,
  start,
} from '../../test/oauth/scripted-server.ts';
import { longestWait } from '../protocols/stated-wait.ts';
import type { OAuthClient } from './client.ts';
import type { OAuthFailureKind } from './grant.ts';
import { refreshTokens } from './refresh-tokens.ts';

const requests: { what: string; client: Partial<OAuthClient>; json?: boolean; sent: object }[] = [
  { what: 'a standard server gets a form', client: {}, sent: { client_id: 'client-1' } },
  {
    what: 'Codex gets its scopes again',
    client: { refreshScopes: ['openid', 'profile', 'email'] },
    sent: { client_id: 'client-1', scope: 'openid profile email' },
  },
  { what: 'Claude gets JSON', client: { tokenRequest: 'json' }, json: true, sent: { client_id: 'client-1' } },
  {
    what: 'Google and iFlow get the secret',
    client: { clientAuthentication: 'body-and-basic', clientSecret: 'hush' },
    sent: { client_id: 'client-1', client_secret: 'hush' },
  },
];

describe('the request', () => {
  for (const { what, client, json, sent } of requests)
    test(what, async () => {
      await using server = scriptedServer(() => Response.json(someTokens));
      const result = await refreshTokens(clientAt(server.url, client), 'refresh-secret', hurriedDeps());
      expect(result.ok).toBe(true);
      const [heard] = server.heard;
      expect(json ? JSON.parse(heard?.body ?? '') : heard?.form).toEqual({
        grant_type: 'refresh_token',
        refresh_token: 'refresh-secret',
        ...sent,
      });
      expect(heard?.headers.has('authorization')).toBe(client.clientAuthentication === 'body-and-basic');
    });
});

test('a reply without a refresh token says so: the old one goes on being good', async () => {
  await using server = scriptedServer(() => Response.json({ access_token: 'access-2', expires_in: 60 }));
  const result = await refreshTokens(clientAt(server.url), 'refresh-secret', hurriedDeps());
  expect(result).toMatchObject({
    ok: true,
    tokens: { accessToken: 'access-2', refreshToken: undefined, expiresAt: start + 60_000 },
  });
});

const openaiError = (code: string) => ({
  error: { message: 'Please sign in again.', type: 'invalid_request_error', code },
});
const kimi: Partial<OAuthClient> = { deadRefreshStatuses: [401, 403] };

const answers: {
  status: number;
  body: object | string;
  headers?: Record<string, string>;
  client?: Partial<OAuthClient>;
  kind: OAuthFailureKind;
  retryAfter?: number;
}[] = [
  { status: 400, body: { error: 'invalid_grant' }, kind: 'sign-in-again' },
  { status: 200, body: { error: 'invalid_grant' }, kind: 'sign-in-again' },
  { status: 401, body: openaiError('refresh_token_reused'), kind: 'sign-in-again' },
  { status: 400, body: openaiError('refresh_token_expired'), kind: 'sign-in-again' },
  { status: 403, body: { error: 'refresh_token_reused' }, kind: 'sign-in-again' },
  { status: 400, body: { error: 'token_revoked' }, kind: 'sign-in-again' },
  { status: 401, body: { message: 'unauthorized' }, kind: 'sign-in-again' },
  { status: 401, body: { error: 'invalid_client' }, kind: 'refused' },
  { status: 401, body: '<html>', kind: 'refused' },
  { status: 403, body: openaiError('unsupported_country_region_territory'), kind: 'refused' },
  { status: 403, body: { message: 'forbidden' }, kind: 'refused' },
  { status: 403, body: { message: 'forbidden' }, client: kimi, kind: 'sign-in-again' },
  { status: 401, body: { message: 'no' }, client: kimi, kind: 'sign-in-again' },
  { status: 400, body: { error: 'invalid_request' }, kind: 'refused' },
  { status: 400, body: { error: 'invalid_scope' }, kind: 'refused' },
  ...[
    // Qwen's, word for word.
    'Invalid refresh token or client_id',
    'Refresh token not found or invalid',
    'The refresh_token has expired.',
    'refresh token has already been used',
    'The provided refresh token was revoked',
    'Unknown refresh-token',
  ].flatMap((words) => [
    {
      status: 400,
      body: { error: 'invalid_request', error_description: words },
      kind: 'sign-in-again' as const,
    },
    { status: 403, body: { success: false, message: words }, kind: 'sign-in-again' as const },
    {
      status: 400,
      body: { type: 'error', error: { type: 'invalid_request_error', message: words } },
      kind: 'sign-in-again' as const,
    },
    { status: 503, body: { message: words }, kind: 'unavailable' as const },
    { status: 429, body: { message: words }, kind: 'rate-limited' as const },
    { status: 401, body: { error: 'invalid_client', error_description: words }, kind: 'refused' as const },
  ]),
  ...[
    'Missing refresh_token',
    'refresh_token is required',
    'Invalid format of refresh_token',
    'Invalid request',
  ].map((words) => ({
    status: 400,
    body: { error: 'invalid_request', error_description: words },
    kind: 'refused' as const,
  })),
  { status: 200, body: { ok: true }, kind: 'refused' },
  { status: 404, body: 'Not Found', kind: 'refused' },
  { status: 429, body: '', kind: 'rate-limited' },
  { status: 429, body: {}, headers: { 'retry-after': '30' }, kind: 'rate-limited', retryAfter: 30 },
  {
    status: 429,
    body: {},
    headers: { 'retry-after': new Date(start + 90_000).toUTCString() },
    kind: 'rate-limited',
    retryAfter: 90,
  },
  { status: 429, body: {}, headers: { 'retry-after': 'soon' }, kind: 'rate-limited' },
  {
    status: 429,
    body: {},
    headers: { 'retry-after': '99999999999' },
    kind: 'rate-limited',
    retryAfter: longestWait,
  },
  { status: 500, body: '<html>', kind: 'unavailable' },
  { status: 503, body: {}, headers: { 'retry-after': '5' }, kind: 'unavailable', retryAfter: 5 },
  { status: 500, body: { error: 'invalid_grant' }, kind: 'unavailable' },
  { status: 400, body: { error: 'temporarily_unavailable' }, kind: 'unavailable' },
];

describe('B: the answer to a refresh', () => {
  for (const { status, body, headers, client, kind, retryAfter } of answers) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const who = client === undefined ? '' : ' of Kimi';
    test(`${status}${who} ${text}${headers ? ` Retry-After: ${headers['retry-after']}` : ''} is ${kind}`, async () => {
      await using server = scriptedServer(() => new Response(text, { status, headers: { ...headers } }));
      const result = await refreshTokens(clientAt(server.url, client), 'refresh-secret', hurriedDeps());
      if (result.ok) throw new Error('tokens came');
      expect(result.failure.kind).toBe(kind);
      expect(result.failure.retryAfter).toBe(retryAfter);
      expect(result.failure.message).toMatch(/^Example .*[.”)]$/);
    });
  }

  test('that only a new sign-in helps is said in the words of people, with the reason of the server', async () => {
    await using server = scriptedServer(() =>
      Response.json(
        { error: 'invalid_grant', error_description: 'refresh-secret has been revoked' },
        { status: 400 },
      ),
    );
    const result = await refreshTokens(clientAt(server.url), 'refresh-secret', hurriedDeps());
    expect(result).toMatchObject({
      failure: {
        message:
          'Example no longer accepts this sign-in. Sign in again. Its message: “… has been revoked” (invalid_grant).',
      },
    });
  });
});

test('a broken connection is unavailable: nobody knows whether the token was spent', async () => {
  const result = await refreshTokens(clientAt('https://example.com'), 'refresh-secret', {
    ...hurriedDeps(),
    fetch: () => Promise.reject(new Error('socket hang up')),
  });
  expect(result).toMatchObject({ failure: { kind: 'unavailable' } });
});
