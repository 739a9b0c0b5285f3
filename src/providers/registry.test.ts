import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { providersSchema } from '../config/providers.ts';
import { type AccountKind, accountKinds, accountProviders, services } from './registry.ts';
import { serviceProvider } from './service.ts';

const minute = 60_000;
const hour = 60 * minute;
const google = 'https://www.googleapis.com/auth/';
const googleScopes = [`${google}cloud-platform`, `${google}userinfo.email`, `${google}userinfo.profile`];
const userinfo = 'https://www.googleapis.com/oauth2/v1/userinfo?alt=json';
const consent = { access_type: 'offline', prompt: 'consent' };

/** Authentication overview, and the fact sheet where that is silent. */
const facts: Record<Exclude<AccountKind, 'vertex'>, object> = {
  gemini: {
    signIn: ['browser'],
    refreshLead: 5 * minute,
    identifiesOnRefresh: false,
    oauth: {
      authorizeUrl: 'https://accounts.google.com/o/oauth2/auth',
      tokenUrl: 'https://oauth2.googleapis.com/token',
      deviceAuthorizationUrl: undefined,
      userinfoUrl: userinfo,
      clientId: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
      clientSecret: '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',
      scopes: googleScopes,
      redirect: { host: 'localhost', port: 8085, path: '/oauth2callback' },
      pkce: true,
      authorizeParameters: consent,
      tokenRequest: 'form',
      clientAuthentication: 'body',
    },
  },
  claude: {
    signIn: ['browser'],
    refreshLead: 4 * hour,
    identifiesOnRefresh: false,
    oauth: {
      authorizeUrl: 'https://claude.ai/oauth/authorize',
      tokenUrl: 'https://api.anthropic.com/v1/oauth/token',
      deviceAuthorizationUrl: undefined,
      userinfoUrl: undefined,
      clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
      clientSecret: undefined,
      scopes: ['org:create_api_key', 'user:profile', 'user:inference'],
      redirect: { host: 'localhost', port: 54545, path: '/callback' },
      pkce: true,
      authorizeParameters: { code: 'true' },
      tokenRequest: 'json',
      clientAuthentication: 'none',
    },
  },
  codex: {
    signIn: ['browser', 'device'],
    refreshLead: 5 * 24 * hour,
    identifiesOnRefresh: false,
    oauth: {
      authorizeUrl: 'https://auth.openai.com/oauth/authorize',
      tokenUrl: 'https://auth.openai.com/oauth/token',
      deviceAuthorizationUrl: 'https://auth.openai.com/api/accounts/deviceauth/usercode',
      deviceDialect: 'openai',
      clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
      clientSecret: undefined,
      scopes: ['openid', 'email', 'profile', 'offline_access'],
      refreshScopes: ['openid', 'profile', 'email'],
      redirect: { host: 'localhost', port: 1455, path: '/auth/callback' },
      pkce: true,
      authorizeParameters: {
        prompt: 'login',
        id_token_add_organizations: 'true',
        codex_cli_simplified_flow: 'true',
      },
      tokenRequest: 'form',
      clientAuthentication: 'none',
    },
  },
  qwen: {
    signIn: ['device'],
    refreshLead: 3 * hour,
    identifiesOnRefresh: false,
    oauth: {
      authorizeUrl: undefined,
      tokenUrl: 'https://chat.qwen.ai/api/v1/oauth2/token',
      deviceAuthorizationUrl: 'https://chat.qwen.ai/api/v1/oauth2/device/code',
      deviceDialect: 'rfc8628',
      devicePkce: true,
      clientId: 'f0304373b74a44d2b584a3fb70ca9e56',
      scopes: ['openid', 'profile', 'email', 'model.completion'],
      redirect: undefined,
      tokenRequest: 'form',
      clientAuthentication: 'none',
    },
  },
  iflow: {
    signIn: ['browser', 'cookie'],
    cookieSignIn: { refreshLead: 48 * hour },
    refreshLead: 24 * hour,
    identifiesOnRefresh: true,
    oauth: {
      authorizeUrl: 'https://iflow.cn/oauth',
      tokenUrl: 'https://iflow.cn/oauth/token',
      userinfoUrl: 'https://iflow.cn/api/oauth/getUserInfo',
      clientId: '10009311001',
      clientSecret: '4Z3YjXycVsQvyGF1etiNlIBB4RsqSDtW',
      scopes: [],
      redirect: { host: 'localhost', port: 11451, path: '/oauth2callback' },
      redirectParameter: 'redirect',
      pkce: false,
      authorizeParameters: { loginMethod: 'phone', type: 'phone' },
      tokenRequest: 'form',
      clientAuthentication: 'body-and-basic',
    },
  },
  antigravity: {
    signIn: ['browser'],
    refreshLead: 5 * minute,
    identifiesOnRefresh: false,
    oauth: {
      authorizeUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
      tokenUrl: 'https://oauth2.googleapis.com/token',
      userinfoUrl: userinfo,
      clientId: '1071006060591-tmhssin2h21lcre235vtolojh4g403ep.apps.googleusercontent.com',
      clientSecret: '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',
      scopes: [...googleScopes, `${google}cclog`, `${google}experimentsandconfigs`],
      redirect: { host: 'localhost', port: 51121, path: '/oauth-callback' },
      pkce: true,
      authorizeParameters: consent,
      tokenRequest: 'form',
      clientAuthentication: 'body',
    },
  },
  kimi: {
    signIn: ['device'],
    refreshLead: 5 * minute,
    identifiesOnRefresh: false,
    oauth: {
      tokenUrl: 'https://auth.kimi.com/api/oauth/token',
      deviceAuthorizationUrl: 'https://auth.kimi.com/api/oauth/device_authorization',
      deviceDialect: 'rfc8628',
      devicePkce: false,
      clientId: '17e5f671-d194-4dfb-9706-5516cb48c098',
      scopes: [],
      tokenRequest: 'form',
      clientAuthentication: 'none',
      deadRefreshStatuses: [401, 403],
    },
  },
  xai: {
    signIn: ['device'],
    refreshLead: 5 * minute,
    identifiesOnRefresh: false,
    oauth: {
      tokenUrl: 'https://auth.x.ai/oauth2/token',
      deviceAuthorizationUrl: 'https://auth.x.ai/oauth2/device/code',
      deviceDialect: 'rfc8628',
      clientId: 'b1a00492-073a-47ea-816f-4c329264a828',
      scopes: ['openid', 'profile', 'email', 'offline_access', 'grok-cli:access', 'api:access'],
      tokenRequest: 'form',
      clientAuthentication: 'none',
    },
  },
};

test.each(Object.entries(facts))('%s is what its provider expects', (kind, expected) => {
  expect(accountProviders).toMatchObject({ [kind]: expected });
});

test('Vertex AI has no login: a file is read', () => {
  expect(accountProviders.vertex).toMatchObject({ oauth: undefined, signIn: ['file'], refreshLead: 300_000 });
});

test.each([
  ['gemini', 'https://cloudcode-pa.googleapis.com'],
  ['claude', 'https://api.anthropic.com'],
  ['codex', 'https://chatgpt.com/backend-api/codex'],
  ['qwen', 'https://portal.qwen.ai/v1'],
  ['iflow', 'https://apis.iflow.cn/v1'],
  ['antigravity', 'https://cloudcode-pa.googleapis.com'],
  ['kimi', 'https://api.kimi.com/coding'],
  ['xai', 'https://api.x.ai/v1'],
  ['vertex', 'https://aiplatform.googleapis.com'],
] as const)('the API of %s is at %s', (kind, baseUrl) => {
  expect(accountProviders[kind].baseUrl).toBe(baseUrl);
});

test('the configuration has the same names', () => {
  expect(Object.keys(providersSchema.shape)).toEqual([...accountKinds]);
});

/** Files of this folder that are a provider's. */
const filesOfProviders = readdirSync(import.meta.dir).filter(
  (file) =>
    file.endsWith('.ts') &&
    !file.endsWith('.test.ts') &&
    readFileSync(join(import.meta.dir, file), 'utf8').includes('satisfies ProviderRecord'),
);

test.each([
  ...new Set([...accountKinds, ...filesOfProviders.map((file) => file.replace('.ts', '')), 'local-servers']),
])('%s has a page in docs/providers', (name) => {
  const page = readFileSync(join(import.meta.dir, `../../docs/providers/${name}.md`), 'utf8');
  expect(page).toContain('```');
});

test('every browser login is at a port of its own and on loopback', () => {
  const redirects = Object.values(accountProviders).flatMap(({ oauth }) => oauth?.redirect ?? []);
  expect(new Set(redirects.map(({ port }) => port)).size).toBe(redirects.length);
});

test.each([
  ['claude', { organizationId: 'org', email: 'a@x.org' }, 'org'],
  ['claude', { email: 'a@x.org' }, 'a@x.org'],
  ['codex', { email: 'a@x.org', accountId: 'ws-1' }, 'a@x.org-ws-1'],
  ['codex', { email: 'a@x.org', accountId: 'ws-2' }, 'a@x.org-ws-2'],
  ['codex', { email: 'a@x.org' }, 'a@x.org'],
  ['gemini', { email: 'a@x.org', projects: ['p'] }, 'a@x.org'],
  ['antigravity', { email: 'a@x.org' }, 'a@x.org'],
  ['iflow', { email: 'a@x.org', apiKey: 'k' }, 'a@x.org'],
  ['qwen', { accountId: 'sub' }, 'sub'],
  ['qwen', { resourceUrl: 'portal.qwen.ai' }, undefined],
  ['kimi', { accountId: 'user', deviceId: 'd' }, 'user'],
  ['kimi', { deviceId: 'd' }, 'd'],
  ['xai', { email: 'a@x.org', accountId: 's' }, 'a@x.org'],
  ['xai', { accountId: 's' }, 's'],
  [
    'vertex',
    { email: 'sa@p.iam.gserviceaccount.com', location: 'us-central1' },
    'sa@p.iam.gserviceaccount.com',
  ],
  [
    'vertex',
    { email: 'sa@p.iam.gserviceaccount.com', location: 'global' },
    'sa@p.iam.gserviceaccount.com-global',
  ],
] as const)('%s: a login as %j is the account %s', (kind, known, identity) => {
  expect(accountProviders[kind].identity(known)).toBe(identity);
});

test.each([
  ['portal.qwen.ai', 'https://portal.qwen.ai/v1'],
  ['https://portal.qwen.ai/v1/', 'https://portal.qwen.ai/v1'],
  ['http://portal.qwen.ai', 'https://portal.qwen.ai/v1'],
  ['http://127.0.0.1:8400/accounts/qwen', 'http://127.0.0.1:8400/accounts/qwen/v1'],
])('a token of Qwen for %s goes to %s: without TLS it stays on this computer', (resourceUrl, baseUrl) => {
  const { qwen } = accountProviders;
  expect(qwen.apis({ resourceUrl }, qwen)).toMatchObject([{ baseUrl }]);
});

test('what a service says or lacks is told under its own name', () => {
  for (const service of Object.values(services))
    for (const protocol of ['openai-chat', 'openai-responses'] as const)
      expect(serviceProvider(service, { protocol }, false).title).toBe(service.title);
});
