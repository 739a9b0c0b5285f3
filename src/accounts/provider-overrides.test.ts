import { expect, test } from 'bun:test';
import { parseConfig } from '../config/load.ts';
import { type AccountKind, accountKinds, accountProviders } from '../providers/registry.ts';
import { accountProvider, oauthClient, serviceAccountKey } from './provider-overrides.ts';

function provider(kind: AccountKind, yaml: string) {
  const result = parseConfig(yaml, { file: 'config.yaml', env: {} });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return accountProvider(kind, result.config);
}

test('without overrides every record is as shipped', () => {
  for (const kind of accountKinds) expect(provider(kind, '')).toEqual(accountProviders[kind]);
});

test('every part of a client can be replaced, for this provider alone', () => {
  const yaml = `
providers:
  claude:
    base-url: http://127.0.0.1:9/api/
    oauth:
      authorize-url: http://localhost:9/authorize
      token-url: http://[::1]:9/token
      device-authorization-url: https://mirror.example/device
      userinfo-url: https://mirror.example/userinfo
      client-id: other
      client-secret: shh
      scopes: [one, two]
      redirect-port: 4000
      redirect-path: /back
`;
  expect(provider('claude', yaml)).toMatchObject({
    baseUrl: 'http://127.0.0.1:9/api',
    oauth: {
      authorizeUrl: 'http://localhost:9/authorize',
      tokenUrl: 'http://[::1]:9/token',
      deviceAuthorizationUrl: 'https://mirror.example/device',
      userinfoUrl: 'https://mirror.example/userinfo',
      clientId: 'other',
      clientSecret: 'shh',
      clientAuthentication: 'body',
      scopes: ['one', 'two'],
      redirect: { host: 'localhost', port: 4000, path: '/back' },
      tokenRequest: 'json',
    },
  });
  expect(provider('codex', yaml)).toEqual(accountProviders.codex);
});

test('the shipped secret does not go with another client id', () => {
  expect(provider('gemini', 'providers: {gemini: {oauth: {client-id: mine}}}').oauth).toMatchObject({
    clientId: 'mine',
    clientSecret: undefined,
    clientAuthentication: 'none',
  });
});

test('a refresh asks for no scope that the login did not ask for', () => {
  const { oauth } = provider('codex', 'providers: {codex: {oauth: {scopes: [openid, offline_access]}}}');
  expect(oauth?.refreshScopes).toEqual(['openid']);
});

test("one address stands for all of Google's APIs, and for none of its authorization server", () => {
  expect(provider('gemini', 'providers: {gemini: {base-url: "http://127.0.0.1:9/g"}}').oauth).toMatchObject({
    userinfoUrl: 'http://127.0.0.1:9/g/oauth2/v1/userinfo?alt=json',
    tokenUrl: 'https://oauth2.googleapis.com/token',
  });
  expect(provider('iflow', 'providers: {iflow: {base-url: "http://127.0.0.1:9"}}').oauth?.userinfoUrl).toBe(
    'https://iflow.cn/api/oauth/getUserInfo',
  );
});

test('the tokens of a service account are asked for where its file says, or where the configuration does', () => {
  const file = { client_email: 'sa', token_uri: 'https://oauth2.googleapis.com/token' };
  expect(serviceAccountKey(provider('vertex', ''), file)).toEqual(file);
  const yaml = 'providers: {vertex: {oauth: {token-url: "http://127.0.0.1:9/token"}}}';
  expect(serviceAccountKey(provider('vertex', yaml), file)).toEqual({
    ...file,
    token_uri: 'http://127.0.0.1:9/token',
  });
});

test('Kimi hears which device asks: a new one at login, the same one afterwards', () => {
  const shipped = accountProviders.kimi;
  const first = oauthClient(shipped, {})?.headers['x-msh-device-id'];
  const second = oauthClient(shipped, {})?.headers['x-msh-device-id'];
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).not.toBe(first);
  expect(oauthClient(shipped, { deviceId: 'kept' })?.headers).toMatchObject({
    'x-msh-device-id': 'kept',
    'x-msh-platform': 'cli-proxy-api',
  });
  expect(oauthClient(accountProviders.claude, {})).toBe(accountProviders.claude.oauth);
});
