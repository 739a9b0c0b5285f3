import { expect, test } from 'bun:test';
import { accountApi, signInDeps, tokenReply, unsignedJwt } from '../../test/account-api.ts';
import { oauthClient } from '../accounts/provider-overrides.ts';
import type { TokenReply } from '../oauth/grant.ts';
import type { Identified } from './account-provider.ts';
import type { AccountKind } from './registry.ts';
import { accountProviders } from './registry.ts';

async function identify(kind: AccountKind, tokens: TokenReply, userinfoUrl?: string): Promise<Identified> {
  const provider = accountProviders[kind];
  const client = oauthClient(provider, {});
  if (client === undefined) throw new Error(`${kind} has no client`);
  const asked = { ...client, userinfoUrl };
  return provider.identify(tokens, asked, { baseUrl: provider.baseUrl }, signInDeps());
}

const claudeBody = {
  organization: { uuid: 'org-1', name: 'Ann & Co' },
  account: { uuid: 'acc-1', email_address: 'ann@example.com' },
};
const codexClaims = {
  email: 'ann@example.com',
  'https://api.openai.com/auth': {
    chatgpt_account_id: 'ws-1',
    chatgpt_plan_type: 'team',
    organizations: [{ id: 'org-1', title: 'Ann', role: 'owner', is_default: true }],
  },
};

test('Claude: organisation, account and e-mail come with the token', async () => {
  const facts = {
    email: 'ann@example.com',
    accountId: 'acc-1',
    organizationId: 'org-1',
    organizationName: 'Ann & Co',
  };
  expect(await identify('claude', tokenReply(claudeBody))).toEqual({ ok: true, facts });
  expect(accountProviders.claude.factsFromReply(tokenReply(claudeBody))).toEqual(facts);
});

test('Codex: e-mail, workspace, plan and organisations come with the id_token', async () => {
  const tokens = tokenReply({ id_token: unsignedJwt(codexClaims) });
  expect(await identify('codex', tokens)).toEqual({
    ok: true,
    facts: {
      email: 'ann@example.com',
      accountId: 'ws-1',
      plan: 'team',
      organizations: [{ id: 'org-1', title: 'Ann', role: 'owner', is_default: true }],
    },
  });
});

test.each([
  ['claude', tokenReply({}), 'neither organisation nor e-mail'],
  ['codex', tokenReply({}), 'without an id_token'],
  ['codex', tokenReply({ id_token: 'no-jwt' }), 'without an id_token'],
] as const)('%s: a login that names nobody is refused', async (kind, tokens, words) => {
  const identified = await identify(kind, tokens);
  expect(identified).toMatchObject({ ok: false, failure: { kind: 'refused' } });
  expect(JSON.stringify(identified)).toContain(words);
});

test('a refresh that says nothing of the account takes no fact away', () => {
  for (const { factsFromReply } of Object.values(accountProviders))
    expect(Object.keys(factsFromReply(tokenReply()))).toEqual([]);
});

test('Qwen: where the token is good for; who it is only where an id_token says so', async () => {
  const body = { resource_url: 'portal.qwen.ai' };
  expect(await identify('qwen', tokenReply(body))).toEqual({
    ok: true,
    facts: { resourceUrl: 'portal.qwen.ai' },
  });
  const id_token = unsignedJwt({ sub: 'user-7', email: 'ann@example.com' });
  expect(await identify('qwen', tokenReply({ ...body, id_token }))).toEqual({
    ok: true,
    facts: { resourceUrl: 'portal.qwen.ai', accountId: 'user-7', email: 'ann@example.com' },
  });
});

test('xAI: e-mail and subject come with the id_token', async () => {
  const tokens = tokenReply({ id_token: unsignedJwt({ sub: 'user-7', email: 'ann@example.com' }) });
  expect(await identify('xai', tokens)).toEqual({
    ok: true,
    facts: { email: 'ann@example.com', accountId: 'user-7' },
  });
});

test('Kimi: the device that signed in, and the user where the token names one', async () => {
  const { kimi } = accountProviders;
  const client = oauthClient(kimi, { deviceId: 'device-1' });
  if (client === undefined) throw new Error('Kimi has no client');
  const facts = async (tokens: TokenReply) =>
    kimi.identify(tokens, client, { baseUrl: kimi.baseUrl }, signInDeps());
  expect(await facts(tokenReply())).toEqual({ ok: true, facts: { deviceId: 'device-1' } });
  expect(await facts(tokenReply({ access_token: unsignedJwt({ user_id: 'u1' }) }))).toEqual({
    ok: true,
    facts: { deviceId: 'device-1', accountId: 'u1' },
  });
});

const getUserInfo = 'GET /api/oauth/getUserInfo';

test('iFlow: the key for its API comes with the user', async () => {
  using api = accountApi({
    [getUserInfo]: { success: true, data: { apiKey: 'sk-iflow', email: 'ann@example.com', phone: '1' } },
  });
  expect(await identify('iflow', tokenReply(), `${api.url}/api/oauth/getUserInfo`)).toEqual({
    ok: true,
    facts: { apiKey: 'sk-iflow', email: 'ann@example.com' },
  });
  expect(api.calls[0]).toMatchObject({
    what: `${getUserInfo}?accessToken=canary-access-token`,
    userAgent: 'cli-proxy-api/test',
  });
});

test('iFlow: an account without e-mail goes by its telephone', async () => {
  using api = accountApi({
    [getUserInfo]: { success: true, data: { apiKey: 'sk', email: '', phone: '+86 1' } },
  });
  const identified = await identify('iflow', tokenReply(), `${api.url}/api/oauth/getUserInfo`);
  expect(identified).toMatchObject({ ok: true, facts: { email: '+86 1' } });
});

test.each([
  ['no key', { success: true, data: { email: 'a@x.org' } }, 'refused', 'gave no API key', 1],
  ['its own words', { success: false, message: 'account closed' }, 'refused', 'account closed', 1],
  ['an illness', { status: 503, body: {} }, 'unavailable', 'status 503', 3],
  [
    'too many logins',
    { status: 429, body: {}, headers: { 'retry-after': '7' } },
    'rate-limited',
    'in 7 seconds',
    1,
  ],
] as const)('iFlow: %s is told without the token', async (_, reply, kind, words, tries) => {
  using api = accountApi({ [getUserInfo]: reply });
  const identified = await identify('iflow', tokenReply(), `${api.url}/api/oauth/getUserInfo`);
  expect(identified).toMatchObject({ ok: false, failure: { kind } });
  expect(JSON.stringify(identified)).toContain(words);
  expect(JSON.stringify(identified)).not.toContain('canary');
  expect(api.calls.length).toBe(tries);
});

test('a server that is not there is named by its host, without the token', async () => {
  const identified = await identify('iflow', tokenReply(), 'http://127.0.0.1:1/api/oauth/getUserInfo');
  expect(identified).toMatchObject({ ok: false, failure: { kind: 'unavailable' } });
  if (!identified.ok) {
    expect(identified.failure.message).toContain('127.0.0.1:1');
    expect(identified.failure.message).not.toContain('canary');
  }
});
