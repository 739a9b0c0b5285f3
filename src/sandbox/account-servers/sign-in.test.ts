import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import {
  authorizeAddress,
  bearer,
  browserNames,
  claimsOf,
  consent,
  deviceNames,
  exchange,
  getJson,
  pkce,
  pollDevice,
  postForm,
  postJson,
  refresh,
  rootOf,
  serviceAccountToken,
  signIn,
  signInByBrowser,
  signInByDevice,
  startDevice,
  text,
} from '../../../test/sandbox-flows.ts';
import { startSandbox } from '../start.ts';
import { newKey, privatePem } from './keys.ts';

let later = 0;
const sandbox = startSandbox({ pace: 0, now: () => Date.now() + later });
beforeEach(() => {
  later = 0;
  sandbox.reset();
});
afterAll(() => sandbox.stop());

const accountNames = [...browserNames, ...deviceNames];

describe('a login in the browser', () => {
  test.each(browserNames)('%s gives tokens to the person who agreed', async (name) => {
    const { status, body, headers } = await signInByBrowser(sandbox, name, 'grace');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({
      access_token: expect.stringMatching(/^\S{20,}$/),
      refresh_token: expect.stringMatching(/^\S{20,}$/),
      expires_in: expect.any(Number),
      token_type: expect.stringMatching(/^bearer$/i),
    });
    expect(sandbox.accounts.logins).toEqual([
      {
        provider: name,
        person: 'grace',
        email: 'grace@sandbox.example',
        refreshes: 0,
        reuses: 0,
        issued: 1,
        revoked: false,
      },
    ]);
  });

  test.each(browserNames)('%s sends the state back as it came', async (name) => {
    const { address, state } = authorizeAddress(sandbox, name);
    const back = await consent(address, 'ada');
    expect(back.searchParams.get('state')).toBe(state);
    expect(back.searchParams.get('code')).toMatch(/^\S{20,}$/);
  });

  test.each(browserNames)('%s says access_denied when the person does not agree', async (name) => {
    const { address, state } = authorizeAddress(sandbox, name);
    const back = await consent(address, 'ada', 'deny');
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('state')).toBe(state);
    expect(back.searchParams.has('code')).toBe(false);
  });

  test.each(browserNames)(
    '%s shows a page with people and two buttons, whose form gives the code',
    async (name) => {
      const { address, state } = authorizeAddress(sandbox, name);
      const page = await (await fetch(address)).text();
      for (const person of ['ada', 'ada-team', 'grace', 'alan']) expect(page).toContain(`value="${person}"`);
      expect(page).toContain('>Allow</button>');
      expect(page).toContain('>Deny</button>');
      const posted = await fetch(address, {
        method: 'POST',
        body: new URLSearchParams({ person: 'alan', answer: 'allow' }),
        redirect: 'manual',
      });
      const back = new URL(posted.headers.get('location') ?? '');
      expect(back.searchParams.get('state')).toBe(state);
      const begun = { ...authorizeAddress(sandbox, name), address };
      // The verifier of another login does not fit where the provider checks one.
      const { status } = await exchange(sandbox, name, back.searchParams.get('code') ?? '', begun);
      expect(status).toBe(name === 'claude' || name === 'codex' ? 400 : 200);
    },
  );

  test.each<[string, (address: URL) => void]>([
    ['another client', (address) => address.searchParams.set('client_id', 'another')],
    ['another host', (address) => address.searchParams.set('redirect_uri', 'http://example.com/callback')],
    ['another path', (address) => address.searchParams.set('redirect_uri', 'http://localhost:54545/other')],
    ['https', (address) => address.searchParams.set('redirect_uri', 'https://localhost:54545/callback')],
    ['no redirect', (address) => address.searchParams.delete('redirect_uri')],
  ])('%s is told on a page and never sent back', async (_, change) => {
    const { address } = authorizeAddress(sandbox, 'claude');
    change(address);
    address.searchParams.set('sandbox_person', 'ada');
    const response = await fetch(address, { redirect: 'manual' });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  test('a redirect address may have any loopback port', async () => {
    const { address } = authorizeAddress(sandbox, 'claude');
    address.searchParams.set('redirect_uri', 'http://127.0.0.1:49999/callback');
    expect((await consent(address, 'ada')).origin).toBe('http://127.0.0.1:49999');
  });

  test.each<[string, string, string | undefined, string]>([
    ['claude', 'code_challenge', undefined, 'invalid_request'],
    ['claude', 'code_challenge', 'short', 'invalid_request'],
    ['claude', 'code_challenge_method', 'plain', 'invalid_request'],
    ['claude', 'code', undefined, 'invalid_request'],
    ['claude', 'scope', 'user:everything', 'invalid_scope'],
    ['claude', 'scope', undefined, 'invalid_scope'],
    ['claude', 'state', undefined, 'invalid_request'],
    ['codex', 'response_type', 'token', 'unsupported_response_type'],
    ['codex', 'code_challenge', undefined, 'invalid_request'],
    ['gemini', 'code_challenge', 'short', 'invalid_request'],
    ['iflow', 'loginMethod', undefined, 'invalid_request'],
  ])('%s refuses %s=%s with %s', async (name, parameter, value, error) => {
    const found = browserNames.find((known) => known === name) ?? 'claude';
    const { address } = authorizeAddress(sandbox, found);
    if (value === undefined) address.searchParams.delete(parameter);
    else address.searchParams.set(parameter, value);
    expect((await consent(address, 'ada')).searchParams.get('error')).toBe(error);
  });

  test('Google gives a refresh token only to those who ask for offline access', async () => {
    const begun = authorizeAddress(sandbox, 'gemini');
    begun.address.searchParams.delete('access_type');
    const back = await consent(begun.address, 'ada');
    const { body } = await exchange(sandbox, 'gemini', back.searchParams.get('code') ?? '', begun);
    expect(body.refresh_token).toBeUndefined();
  });
});

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
    later = 600_001;
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

describe('what the token reply tells of the person', () => {
  test('Claude: account and organization', async () => {
    const { body } = await signIn(sandbox, 'claude', 'ada-team');
    expect(body).toMatchObject({
      account: { uuid: expect.any(String), email_address: 'ada@sandbox.example' },
      organization: { uuid: expect.any(String), name: 'Analytical Engines' },
      expires_in: 28_800,
    });
  });

  test('Codex: the id token names workspace, plan and organizations; two workspaces of one e-mail differ', async () => {
    const claims = async (person: string) => claimsOf((await signIn(sandbox, 'codex', person)).body.id_token);
    const [personal, team] = [await claims('ada'), await claims('ada-team')];
    expect(personal).toMatchObject({
      email: 'ada@sandbox.example',
      aud: ['app_EMoamEEZ73f0CkXaXp7hrann'],
      'https://api.openai.com/auth': {
        chatgpt_account_id: expect.any(String),
        chatgpt_plan_type: 'plus',
        chatgpt_subscription_active_until: expect.any(String),
        organizations: [{ id: 'org-ada', is_default: true }],
      },
    });
    expect(team.email).toEqual(personal.email);
    expect(team).toMatchObject({ 'https://api.openai.com/auth': { chatgpt_plan_type: 'team' } });
    const account = (of: typeof team) => Object(of['https://api.openai.com/auth']).chatgpt_account_id;
    expect(account(team)).not.toBe(account(personal));
  });

  test('Qwen: the address that the token is for', async () => {
    const { body } = await signIn(sandbox, 'qwen');
    expect(body.resource_url).toBe(rootOf(sandbox, 'qwen'));
  });

  test('xAI: the id token names subject and e-mail', async () => {
    const { body } = await signIn(sandbox, 'xai', 'alan');
    expect(claimsOf(body.id_token)).toMatchObject({ sub: expect.any(String), email: 'alan@sandbox.example' });
  });

  test.each(['gemini', 'antigravity'] as const)('%s: user information has the e-mail', async (name) => {
    const { body } = await signIn(sandbox, name);
    const info = await getJson(
      `${rootOf(sandbox, name)}/oauth2/v1/userinfo?alt=json`,
      bearer(body.access_token),
    );
    expect(info.body).toMatchObject({ email: 'ada@sandbox.example', verified_email: true });
    expect((await getJson(`${rootOf(sandbox, name)}/oauth2/v1/userinfo`, bearer('x'))).status).toBe(401);
  });

  test('Claude: the profile', async () => {
    const { body } = await signIn(sandbox, 'claude');
    const info = await getJson(`${rootOf(sandbox, 'claude')}/api/oauth/profile`, bearer(body.access_token));
    expect(info.body).toMatchObject({
      account: { email: 'ada@sandbox.example' },
      organization: { uuid: expect.any(String) },
    });
  });

  test('iFlow: the user information holds the API key, and refuses with status 200', async () => {
    const { body } = await signIn(sandbox, 'iflow');
    const ask = (token: string) =>
      getJson(`${rootOf(sandbox, 'iflow')}/api/oauth/getUserInfo?accessToken=${encodeURIComponent(token)}`);
    expect(await ask(text(body.access_token))).toMatchObject({
      body: {
        success: true,
        data: { apiKey: expect.any(String), email: 'ada@sandbox.example', phone: expect.any(String) },
      },
    });
    expect(await ask('x')).toMatchObject({ status: 200, body: { success: false } });
  });
});

describe('a login on a device', () => {
  test.each(deviceNames)('%s waits for the person, then gives tokens once', async (name) => {
    const { verifier, challenge } = pkce();
    const { body } = await startDevice(sandbox, name, challenge);
    // A copy: the matcher writes itself into what it looks at.
    expect({ ...body }).toMatchObject({
      device_code: expect.any(String),
      user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
      verification_uri: expect.stringContaining(rootOf(sandbox, name)),
      verification_uri_complete: expect.stringContaining(text(body.user_code)),
      expires_in: 900,
      interval: 1,
    });
    const poll = () => pollDevice(sandbox, name, text(body.device_code), verifier);
    expect(await poll()).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
    await fetch(`${text(body.verification_uri_complete)}&sandbox_person=grace`);
    later = 1000;
    expect(await poll()).toMatchObject({ status: 200, body: { refresh_token: expect.any(String) } });
    later = 2000;
    expect(await poll()).toMatchObject({ status: 400, body: { error: 'expired_token' } });
    expect(sandbox.accounts.logins).toMatchObject([{ provider: name, person: 'grace' }]);
  });

  test.each(deviceNames)('%s: the page takes the code that the person types', async (name) => {
    const { verifier, challenge } = pkce();
    const { body } = await startDevice(sandbox, name, challenge);
    const page = await fetch(text(body.verification_uri_complete));
    expect(await page.text()).toContain(`value="${text(body.user_code)}"`);
    const typed = text(body.user_code).toLowerCase().replace('-', ' ');
    const form = { user_code: typed, person: 'ada', answer: 'allow' };
    const post = () =>
      fetch(text(body.verification_uri), { method: 'POST', body: new URLSearchParams(form) });
    expect((await post()).status).toBe(200);
    expect((await post()).status).toBe(400);
    expect((await pollDevice(sandbox, name, text(body.device_code), verifier)).status).toBe(200);
  });

  test('polling too soon is slowed down by 5 seconds each time', async () => {
    const { body } = await startDevice(sandbox, 'kimi', '');
    const poll = async () => (await pollDevice(sandbox, 'kimi', text(body.device_code), '')).body.error;
    expect(await poll()).toBe('authorization_pending');
    expect(await poll()).toBe('slow_down');
    later = 5000;
    expect(await poll()).toBe('slow_down');
    later = 16_500;
    expect(await poll()).toBe('authorization_pending');
  });

  test('a person who says no, and a code that runs out', async () => {
    const { body } = await startDevice(sandbox, 'kimi', '');
    const other = await startDevice(sandbox, 'kimi', '');
    expect(sandbox.accounts.decideDevice(text(body.user_code), 'ada', 'deny')).toBe(true);
    expect((await pollDevice(sandbox, 'kimi', text(body.device_code), '')).body.error).toBe('access_denied');
    later = 900_000;
    expect((await pollDevice(sandbox, 'kimi', text(other.body.device_code), '')).body.error).toBe(
      'expired_token',
    );
  });

  test('Qwen holds to its challenge', async () => {
    expect(
      await postForm(`${rootOf(sandbox, 'qwen')}/api/v1/oauth2/device/code`, {
        client_id: 'f0304373b74a44d2b584a3fb70ca9e56',
        scope: 'openid',
      }),
    ).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    const { body } = await startDevice(sandbox, 'qwen', pkce().challenge);
    const answer = await pollDevice(sandbox, 'qwen', text(body.device_code), pkce().verifier);
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test.each([
    ['pending', 'authorization_pending'],
    ['slow-down', 'slow_down'],
    ['denied', 'access_denied'],
    ['expired', 'expired_token'],
  ] as const)('the fault %s answers %s as often as asked', async (fault, error) => {
    sandbox.accounts.fault({ at: 'device', fault, times: 2 });
    const { body } = await startDevice(sandbox, 'xai', '');
    sandbox.accounts.decideDevice(text(body.user_code), 'ada');
    for (const seconds of [0, 10, 30]) {
      later = seconds * 1000;
      const answer = await pollDevice(sandbox, 'xai', text(body.device_code), '');
      expect(answer.body.error).toBe(seconds === 30 ? undefined : error);
    }
  });

  describe('Codex, in OpenAI’s own way', () => {
    const root = `${sandbox.url}/accounts/codex`;
    const start = () =>
      postJson(`${root}/api/accounts/deviceauth/usercode`, { client_id: 'app_EMoamEEZ73f0CkXaXp7hrann' });
    const poll = (body: { device_auth_id?: unknown; user_code?: unknown }) =>
      postJson(`${root}/api/accounts/deviceauth/token`, {
        device_auth_id: text(body.device_auth_id),
        user_code: text(body.user_code),
      });

    test('403 while it waits, then a code with its verifier, then a usual exchange', async () => {
      const { body } = await start();
      expect({ ...body }).toMatchObject({ device_auth_id: expect.any(String), interval: '1' });
      expect((await poll(body)).status).toBe(403);
      await fetch(`${root}/codex/device?user_code=${text(body.user_code)}&sandbox_person=ada-team`);
      const { body: grant } = await poll(body);
      expect(pkceFits(text(grant.code_verifier), text(grant.code_challenge))).toBe(true);
      const tokens = await postForm(`${root}/oauth/token`, {
        grant_type: 'authorization_code',
        client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
        code: text(grant.authorization_code),
        code_verifier: text(grant.code_verifier),
        redirect_uri: 'https://auth.openai.com/deviceauth/callback',
      });
      expect(tokens.status).toBe(200);
      expect(claimsOf(tokens.body.id_token)).toMatchObject({
        'https://api.openai.com/auth': { chatgpt_plan_type: 'team' },
      });
    });

    test('a no is neither 403 nor 404; where there is no device sign-in the start is 404', async () => {
      const { body } = await start();
      sandbox.accounts.decideDevice(text(body.user_code), 'ada', 'deny');
      expect((await poll(body)).status).toBe(400);
      sandbox.accounts.fault({ at: 'device', fault: 'unavailable', provider: 'codex' });
      expect((await start()).status).toBe(404);
    });
  });
});

function pkceFits(verifier: string, challenge: string): boolean {
  return new Bun.CryptoHasher('sha256').update(verifier).digest('base64url') === challenge;
}

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

describe('a service account', () => {
  test('gets a token for an assertion that its key signed', async () => {
    expect(await serviceAccountToken(sandbox)).toMatchObject({
      status: 200,
      body: { access_token: expect.stringMatching(/^ya29\./), token_type: 'Bearer', expires_in: 3600 },
    });
  });

  const seconds = Math.floor(Date.now() / 1000);
  test.each([
    ['another issuer', { iss: 'somebody@else.example' }, 'invalid_grant'],
    ['another audience', { aud: 'https://oauth2.googleapis.com/token' }, 'invalid_grant'],
    ['an assertion that has run out', { iat: seconds - 4000, exp: seconds - 400 }, 'invalid_grant'],
    ['one for more than an hour', { exp: seconds + 7200 }, 'invalid_grant'],
    ['one of the future', { iat: seconds + 2000, exp: seconds + 3000 }, 'invalid_grant'],
    ['no scope', { scope: '' }, 'invalid_scope'],
  ])('refuses %s', async (_, claims, error) => {
    expect(await serviceAccountToken(sandbox, claims)).toMatchObject({ status: 400, body: { error } });
  });

  test('refuses another key', async () => {
    const file = sandbox.accounts.serviceAccount();
    const forged = { ...file, private_key: privatePem(newKey('sandbox-service')) };
    expect(await serviceAccountToken(sandbox, {}, forged)).toMatchObject({
      body: { error: 'invalid_grant', error_description: 'Invalid JWT signature.' },
    });
  });
});

describe('over HTTP', () => {
  const control = `${sandbox.url}/sandbox/accounts`;

  test('logins are told without tokens', async () => {
    const tokens = (await signIn(sandbox, 'claude')).body;
    const told = await (await fetch(control)).text();
    expect(told).toContain('"person":"ada"');
    expect(told).not.toContain(text(tokens.access_token));
    expect(told).not.toContain(text(tokens.refresh_token));
    const requests = await (await fetch(`${sandbox.url}/sandbox/requests`)).text();
    expect(requests).toContain('/accounts/claude/v1/oauth/token');
    expect(requests).not.toContain(text(tokens.access_token));
  });

  test('tokens are expired, logins revoked, lifetimes set, devices decided and faults asked for', async () => {
    await signIn(sandbox, 'claude');
    expect((await postJson(`${control}/expire`, { provider: 'claude' })).body).toEqual({ expired: 1 });
    expect((await postJson(`${control}/revoke`, {})).body).toEqual({ revoked: 1 });
    await postJson(`${control}/lifetime`, { seconds: 2, provider: 'claude' });
    expect((await signIn(sandbox, 'claude')).body.expires_in).toBe(2);
    expect((await signIn(sandbox, 'qwen')).body.expires_in).toBe(21_600);
    const { body } = await startDevice(sandbox, 'kimi', '');
    const decided = await postJson(`${control}/devices`, { user_code: text(body.user_code), person: 'alan' });
    expect(decided.body).toEqual({ provider: 'kimi', decision: 'allowed' });
    expect((await postJson(`${control}/faults`, { at: 'token', fault: 'status', status: 503 })).body).toEqual(
      {
        faults: 1,
      },
    );
    expect((await signInByDevice(sandbox, 'kimi')).status).toBe(200);
    expect((await signInByBrowser(sandbox, 'claude')).status).toBe(503);
  });

  test.each<[string, object, string]>([
    ['faults', { at: 'nowhere', fault: 'status' }, `'at' must be one of`],
    ['faults', { at: 'token', fault: 'quota' }, `'fault' at token must be one of`],
    ['faults', { at: 'token', fault: 'status', times: 'often' }, `'times' must be a number`],
    ['expire', { provider: 'nobody' }, `'provider' must be one of`],
    ['lifetime', { seconds: 0 }, `'seconds' must be`],
    ['devices', { user_code: 'XXXX-XXXX', person: 'ada' }, 'No device waits'],
  ])('%s with %j is refused', async (command, body, message) => {
    expect(await postJson(`${control}/${command}`, body)).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining(message) } },
    });
  });

  test('the key file is given as JSON', async () => {
    expect((await getJson(`${control}/service-account.json`)).body).toMatchObject({
      type: 'service_account',
      token_uri: `${sandbox.url}/accounts/vertex/token`,
      private_key: expect.stringContaining('BEGIN PRIVATE KEY'),
    });
  });
});
