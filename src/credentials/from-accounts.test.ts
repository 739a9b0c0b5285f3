import { describe, expect, test } from 'bun:test';
import type { Account, AccountSettings } from '../accounts/account.ts';
import { readSettings } from '../accounts/account-settings.ts';
import { readFields } from '../accounts/field-reader.ts';
import type { TokenSource } from '../accounts/token-source.ts';
import { parseConfig } from '../config/load.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import type { AccountKind } from '../providers/registry.ts';
import { createCatalog } from './catalog.ts';
import type { Credential } from './credential.ts';
import { credentialsFromAccounts, type UsableAccount } from './from-accounts.ts';

const source: TokenSource = {
  current: () => 'token-of-the-account',
  renew: async () => ({ ok: true, token: 'another-token' }),
};

const settings = readSettings(readFields([]));

function usable(
  kind: AccountKind,
  id: string,
  facts: AccountFacts,
  own: Partial<AccountSettings> = {},
): UsableAccount {
  const account: Omit<Account, 'tokens'> = {
    id,
    file: `/accounts/${id}.json`,
    kind,
    facts,
    settings: { ...settings, ...own },
    login: { kind: 'good' },
  };
  return { account, source };
}

const ann = usable('claude', 'claude_oauth_org-1', { email: 'ann@example.com', organizationId: 'org-1' });

function credentialsOf(accounts: readonly UsableAccount[], yaml = ''): Credential[] {
  const result = parseConfig(yaml, { file: 'config.yaml', env: {} });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return credentialsFromAccounts(accounts, result.config);
}

function names(credentials: readonly Credential[], forcePrefix = false): string[] {
  return createCatalog(credentials, forcePrefix)
    .models()
    .map(({ id }) => id);
}

test("an account is a credential with its file's name as its id, an e-mail in its label and its token behind it", () => {
  const [credential] = credentialsOf([ann]);
  expect(credential).toMatchObject({
    id: 'claude_oauth_org-1',
    label: 'claude/ann@example.com',
    baseUrl: 'https://api.anthropic.com',
    secret: source,
  });
  expect(JSON.stringify(credential)).not.toContain('token-of-the-account');
});

test('each project of a Google account is a credential of its own', () => {
  const google = usable('gemini', 'gemini_oauth_bob', { email: 'bob@example.com', projects: ['one', 'two'] });
  const told = credentialsOf([google]).map(({ id, label }) => ({ id, label }));
  expect(told).toEqual([
    { id: 'gemini_oauth_bob/one', label: 'gemini/bob@example.com (one)' },
    { id: 'gemini_oauth_bob/two', label: 'gemini/bob@example.com (two)' },
  ]);
});

test('accounts of one provider with the same e-mail are told apart', () => {
  const workspace = (accountId: string) =>
    usable('codex', `codex_oauth_${accountId}`, { email: 'cy@example.com', accountId });
  const [one, other] = credentialsOf([workspace('home'), workspace('work')]);
  expect(one?.label).not.toBe(other?.label ?? '');
});

test('first-hour 5: an account is named by its provider and what its owner calls it', () => {
  const named = (description: string) =>
    usable('codex', 'codex_oauth_1', { email: 'cy@example.com' }, { description });
  expect(credentialsOf([named('team')]).map(({ label }) => label)).toEqual(['codex/team']);
  const sentence = 'for the nightly builds of the second floor';
  expect(credentialsOf([named(sentence)]).map(({ label }) => label)).toEqual(['codex/cy@example.com']);
});

test('a disabled account serves nothing', () => {
  expect(credentialsOf([usable('claude', 'a', {}, { disabled: true })])).toEqual([]);
});

test("the owner's settings and the configuration's proxy are the credential's", () => {
  const own = { prefix: 'work', priority: 7, weight: 3, websockets: true, headers: { 'x-a': 'b' } };
  const yaml = 'proxy-url: http://proxy.example:3128';
  expect(credentialsOf([usable('claude', 'a', {}, own)], yaml)[0]).toMatchObject({
    ...own,
    proxyUrl: 'http://proxy.example:3128',
  });
  expect(credentialsOf([usable('claude', 'a', {}, { proxyUrl: 'direct' })], yaml)[0]?.proxyUrl).toBe(
    'direct',
  );
});

test('providers.<name>.base-url puts another API in the place of the shipped one', () => {
  const yaml = 'providers: {claude: {base-url: "https://mirror.example"}}';
  expect(credentialsOf([ann], yaml)[0]?.baseUrl).toBe('https://mirror.example');
});

describe('models', () => {
  const alias = (fork: boolean) =>
    `oauth-model-alias: {claude: [{name: claude-opus-5, alias: best, fork: ${fork}}]}`;

  test('an alias of the configuration takes the place of the name', () => {
    const credentials = credentialsOf([ann], alias(false));
    expect(names(credentials)).toContain('best');
    expect(names(credentials)).not.toContain('claude-opus-5');
    const catalog = createCatalog(credentials, false);
    expect(catalog.route('best')?.tiers[0]?.[0]?.model).toBe('claude-opus-5');
    expect(catalog.route('claude-opus-5')).toBeUndefined();
    expect(catalog.route('claude-sonnet-5')).toBeDefined();
  });

  test('with fork the name stays beside it', () => {
    expect(names(credentialsOf([ann], alias(true)))).toEqual(
      expect.arrayContaining(['best', 'claude-opus-5']),
    );
  });

  test('an alias of the account file is one more name', () => {
    const own = usable('claude', 'a', {}, { modelAliases: [{ name: 'claude-opus-5', alias: 'mine' }] });
    expect(names(credentialsOf([own]))).toEqual(expect.arrayContaining(['mine', 'claude-opus-5']));
  });

  test('excluded models of the file and of the configuration are not served, of other kinds they are', () => {
    const yaml = 'oauth-excluded-models: {claude: ["claude-opus-*"], codex: ["claude-sonnet-*"]}';
    const own = usable('claude', 'a', {}, { excludedModels: ['claude-haiku-*'] });
    const served = names(credentialsOf([own], yaml));
    expect(served.filter((name) => /opus|haiku-4/.test(name))).toEqual([]);
    expect(served).toContain('claude-sonnet-5');
  });

  test("what the configuration calls gemini-cli, as the peer's does, are the accounts of Gemini CLI", () => {
    const google = usable('gemini', 'g', { email: 'bob@example.com', projects: ['one'] });
    const yaml = 'oauth-excluded-models: {gemini-cli: ["*"]}';
    expect(names(credentialsOf([google], yaml))).toEqual([]);
  });
});

test('an account has cooldowns, limits and rules of its own; its rules go before those of its kind', () => {
  const rule = (status: number) => ({
    status,
    match: [],
    'match-regexp': [],
    'match-regexr': [],
    action: 'stop' as const,
  });
  const own = usable(
    'claude',
    'a',
    {},
    {
      cooldown: { quota: { first: 60_000 } },
      timeouts: { stall: 5000 },
      requestScopedErrors: [rule(400)],
    },
  );
  const yaml = 'oauth-request-scoped-errors: {claude: [{status: 500, action: continue}]}';
  const [credential] = credentialsOf([own], yaml);
  expect(credential).toMatchObject({ cooldown: { quota: { first: 60_000 } }, timeouts: { stall: 5000 } });
  expect(credential?.errorRules?.map(({ status }) => status)).toEqual([400, 500]);
  expect(credentialsOf([ann], yaml)[0]?.errorRules?.map(({ status }) => status)).toEqual([500]);
});

test('all projects of an account share the places that it has', () => {
  const google = usable(
    'gemini',
    'google-1',
    { email: 'ann@example.com', projects: ['one', 'two'] },
    { concurrency: 3, queue: 5 },
  );
  const places = { key: 'google-1', places: 3, queue: 5 };
  expect(credentialsOf([google]).map((credential) => credential.places)).toEqual([places, places]);
  expect(credentialsOf([ann])[0]?.places).toBeUndefined();
});

test('B: an entry of oauth-model-alias without an alias serves its name, listed or not', () => {
  const google = usable('antigravity', 'antigravity-ann', { email: 'ann@example.com', projects: ['p'] });
  const yaml = 'oauth-model-alias: {antigravity: [{name: model-of-tomorrow}, {name: gemini-3-flash}]}';
  const credentials = credentialsOf([google], yaml);
  expect(createCatalog(credentials, false).route('model-of-tomorrow')?.tiers.flat().length).toBe(1);
  expect(createCatalog(credentials, false).route('gemini-3-flash')?.tiers.flat().length).toBe(1);
  expect(names(credentials)).toContain('model-of-tomorrow');
});
