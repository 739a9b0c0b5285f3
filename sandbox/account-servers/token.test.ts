import { describe, expect, test } from 'bun:test';
import { agedSandbox } from '../../test/aged-sandbox.ts';
import {
  authorizeAddress,
  browserNames,
  consent,
  deviceNames,
  exchange,
  pkce,
  postForm,
  postJson,
  refresh,
  rootOf,
  signIn,
  text,
} from '../../test/sandbox-flows.ts';

const { sandbox, age } = agedSandbox();

const accountNames = [...browserNames, ...deviceNames];

describe('an exchange is refused', () => {
  test.each<[string, Record<string, string>, number, string]>([
    ['claude', { code_verifier: pkce().verifier }, 400, 'invalid_grant'],
    ['claude', { state: 'another' }, 400, 'invalid_request'],
    ['claude', { redirect_uri: 'http://localhost:1/callback' }, 400, 'redirect_uri_mismatch'],
    ['claude', { client_id: 'another' }, 401, 'invalid_client'],
    ['claude', { code: 'another' }, 400, 'invalid_grant'],
    ['claude', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['gemini', { client_secret: 'another' }, 401, 'invalid_client'],
    ['gemini', { redirect_uri: 'http://localhost:1/oauth2callback' }, 400, 'redirect_uri_mismatch'],
    ['iflow', { client_secret: 'another' }, 401, 'invalid_client'],
  ])('%s with %j: %d %s', async (name, changed, status, error) => {
    const found = browserNames.find((known) => known === name) ?? 'claude';
    const begun = authorizeAddress(sandbox, found);
    const code = (await consent(begun.address, 'ada')).searchParams.get('code') ?? '';
    const answer = await exchange(sandbox, found, code, begun, changed);
    expect(answer).toMatchObject({ status, body: { error } });
  });

  test('codex says the same in its nested shape', async () => {
    const begun = authorizeAddress(sandbox, 'codex');
    const code = (await consent(begun.address, 'ada')).searchParams.get('code') ?? '';
    const answer = await exchange(sandbox, 'codex', code, begun, { code_verifier: pkce().verifier });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_grant' } } });
  });

  test('a code that comes twice ends the login that it gave', async () => {
    const begun = authorizeAddress(sandbox, 'claude');
    const code = (await consent(begun.address, 'ada')).searchParams.get('code') ?? '';
    const first = await exchange(sandbox, 'claude', code, begun);
    expect(first.status).toBe(200);
    expect(await exchange(sandbox, 'claude', code, begun)).toMatchObject({ status: 400 });
    expect((await refresh(sandbox, 'claude', text(first.body.refresh_token))).status).toBe(400);
  });

  test('a code runs out after ten minutes', async () => {
    const begun = authorizeAddress(sandbox, 'claude');
    const code = (await consent(begun.address, 'ada')).searchParams.get('code') ?? '';
    age(600_001);
    expect(await exchange(sandbox, 'claude', code, begun)).toMatchObject({
      body: { error: 'invalid_grant' },
    });
  });

  test('in the other body form', async () => {
    const fields = { grant_type: 'refresh_token', refresh_token: 'x' };
    for (const answer of [
      await postForm(`${rootOf(sandbox, 'claude')}/v1/oauth/token`, fields),
      await postJson(`${rootOf(sandbox, 'gemini')}/token`, fields),
    ])
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  test('iFlow without its Basic credentials', async () => {
    const fields = { grant_type: 'refresh_token', refresh_token: 'x', client_id: '10009311001' };
    expect((await postForm(`${rootOf(sandbox, 'iflow')}/oauth/token`, fields)).status).toBe(401);
  });
});

describe('a refresh', () => {
  const rotating = accountNames.filter((name) => name !== 'gemini' && name !== 'antigravity');

  test.each(rotating)(
    '%s gives a new refresh token; the old one, spent again, ends the login',
    async (name) => {
      const first = text((await signIn(sandbox, name)).body.refresh_token);
      const { status, body } = await refresh(sandbox, name, first);
      expect(status).toBe(200);
      const second = text(body.refresh_token);
      expect(second).not.toBe(first);
      expect(sandbox.accounts.refreshes({ provider: name, person: 'ada' })).toBe(1);
      const dead = name === 'codex' || name === 'kimi' ? 401 : 400;
      expect(await refresh(sandbox, name, first)).toMatchObject({
        status: dead,
        body: { error: name === 'codex' ? { code: 'refresh_token_reused' } : 'invalid_grant' },
      });
      expect((await refresh(sandbox, name, second)).status).toBe(dead);
      expect(sandbox.accounts.reuses()).toBe(1);
      expect(sandbox.accounts.logins).toMatchObject([{ refreshes: 1, reuses: 1, revoked: true, issued: 2 }]);
      expect(sandbox.accounts.events.map(({ kind }) => kind)).toEqual([
        'login',
        'refresh',
        'reuse',
        'refused',
      ]);
    },
  );

  test.each(['gemini', 'antigravity'] as const)('%s keeps the refresh token', async (name) => {
    const token = text((await signIn(sandbox, name)).body.refresh_token);
    for (let i = 0; i < 2; i++) {
      const { status, body } = await refresh(sandbox, name, token);
      expect(status).toBe(200);
      expect(body.refresh_token).toBeUndefined();
      expect(body.access_token).toStartWith('ya29.');
    }
    expect(sandbox.accounts.refreshes()).toBe(2);
  });

  test('with a token of another provider, or of a revoked login, is refused', async () => {
    const token = text((await signIn(sandbox, 'qwen')).body.refresh_token);
    expect((await refresh(sandbox, 'claude', token)).status).toBe(400);
    expect(sandbox.accounts.revoke({ provider: 'qwen', person: 'ada' })).toBe(1);
    expect(await refresh(sandbox, 'qwen', token)).toMatchObject({ body: { error: 'invalid_grant' } });
  });
});

describe('faults of token calls', () => {
  const refreshed = async () => text((await signIn(sandbox, 'claude')).body.refresh_token);

  test('a status with Retry-After, once, and the token stays good', async () => {
    const token = await refreshed();
    sandbox.accounts.fault({
      provider: 'claude',
      at: 'refresh',
      fault: 'status',
      status: 429,
      retryAfter: 7,
    });
    const refused = await refresh(sandbox, 'claude', token);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('7');
    expect((await refresh(sandbox, 'claude', token)).status).toBe(200);
  });

  test('at refresh they leave logins alone, and another person’s refresh', async () => {
    sandbox.accounts.fault({ person: 'grace', at: 'refresh', fault: 'invalid-grant' });
    const token = await refreshed();
    expect((await refresh(sandbox, 'claude', token)).status).toBe(200);
    const grace = text((await signIn(sandbox, 'claude', 'grace')).body.refresh_token);
    expect((await refresh(sandbox, 'claude', grace)).body.error).toBe('invalid_grant');
  });

  test('no-refresh-token: the reply omits it and the old one goes on', async () => {
    const token = await refreshed();
    sandbox.accounts.fault({ at: 'refresh', fault: 'no-refresh-token' });
    expect((await refresh(sandbox, 'claude', token)).body.refresh_token).toBeUndefined();
    expect((await refresh(sandbox, 'claude', token)).status).toBe(200);
  });

  test('lost: the token is spent and no answer comes', async () => {
    const token = await refreshed();
    sandbox.accounts.fault({ at: 'refresh', fault: 'lost' });
    expect(await refresh(sandbox, 'claude', token).catch(() => 'no answer')).toBe('no answer');
    expect(sandbox.accounts.refreshes()).toBe(1);
    expect((await refresh(sandbox, 'claude', token)).status).toBe(400);
  });

  test('hang: no answer until the client leaves; slow: one after a while; html: a proxy’s page', async () => {
    const token = await refreshed();
    const url = `${rootOf(sandbox, 'claude')}/v1/oauth/token`;
    const body = JSON.stringify({
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    });
    const headers = { 'content-type': 'application/json' };
    sandbox.accounts.fault({ at: 'token', fault: 'hang' });
    const hanging = fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(50) });
    expect(await hanging.catch((error: unknown) => String(error))).toContain('TimeoutError');
    sandbox.accounts.fault({ at: 'token', fault: 'html' });
    const page = await fetch(url, { method: 'POST', headers, body });
    expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html']);
    sandbox.accounts.fault({ at: 'token', fault: 'slow', milliseconds: 20 });
    const before = performance.now();
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(18);
  });
});
