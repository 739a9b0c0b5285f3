import { expect, test } from 'bun:test';
import { clientAt } from '../../test/oauth/scripted-server.ts';
import { authorizationUrl } from './authorization-request.ts';

const request = {
  redirectUri: 'http://localhost:54545/callback',
  state: 'state-1',
  pkce: { verifier: 'verifier-1', challenge: 'challenge-1' },
};

const parameters = (url: string) => Object.fromEntries(new URL(url).searchParams);

test('the address asks for a code, with S256, state, scopes and what the provider wants besides', () => {
  const client = clientAt('https://example.com', { authorizeParameters: { prompt: 'login', code: 'true' } });
  const url = authorizationUrl(client, 'https://example.com/authorize?tenant=7', request);
  expect(url).toStartWith('https://example.com/authorize?');
  expect(parameters(url)).toEqual({
    tenant: '7',
    prompt: 'login',
    code: 'true',
    response_type: 'code',
    client_id: 'client-1',
    redirect_uri: 'http://localhost:54545/callback',
    scope: 'openid email',
    state: 'state-1',
    code_challenge: 'challenge-1',
    code_challenge_method: 'S256',
  });
  expect(url).not.toContain('verifier-1');
});

test('iFlow: the redirect is called `redirect`, there are no scopes and there is no PKCE', () => {
  const client = clientAt('https://example.com', {
    scopes: [],
    redirectParameter: 'redirect',
    authorizeParameters: { loginMethod: 'phone', type: 'phone' },
  });
  const url = authorizationUrl(client, 'https://example.com/oauth', { ...request, pkce: undefined });
  expect(parameters(url)).toEqual({
    loginMethod: 'phone',
    type: 'phone',
    response_type: 'code',
    client_id: 'client-1',
    redirect: 'http://localhost:54545/callback',
    state: 'state-1',
  });
});
