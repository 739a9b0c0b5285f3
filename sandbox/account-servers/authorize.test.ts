import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import {
  authorizeAddress,
  browserNames,
  consent,
  exchange,
  signInByBrowser,
} from '../../test/sandbox-flows.ts';
import { startSandbox } from '../start.ts';

const sandbox = startSandbox({ pace: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

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
