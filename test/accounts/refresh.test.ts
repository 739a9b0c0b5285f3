import { expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import type { Account } from '../../src/accounts/account.ts';
import type { AccountStore } from '../../src/accounts/account-store.ts';
import { accountProvider } from '../../src/accounts/provider-overrides.ts';
import { createRefresh, type Refresh } from '../../src/accounts/refresh.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type AccountApi, accountApi, type Routes } from '../account-api.ts';
import { type AccountFolder, accountFolder, storeOf } from './account-folder.ts';

const hour = 3_600_000;
const name = 'an_account';

interface Scene extends Disposable {
  folder: AccountFolder;
  api: AccountApi;
  store: AccountStore;
  refresh: Refresh;
  warnings: string[];
  /** Milliseconds. */
  waits: number[];
  known(): Promise<Account>;
}

/** One account of a provider that a server of the test stands for. */
function sceneOf(
  content: JsonObject,
  routes: Routes,
  around: (store: AccountStore) => Pick<AccountStore, 'withLock'> = (store) => store,
): Scene {
  const folder = accountFolder();
  const api = accountApi(routes);
  const oauth = { 'token-url': `${api.url}/token`, 'userinfo-url': `${api.url}/userinfo` };
  const kind = String(content.type);
  const yaml = JSON.stringify({
    providers: { [kind]: { oauth: kind === 'vertex' ? { 'token-url': oauth['token-url'] } : oauth } },
  });
  const parsed = parseConfig(yaml, { file: 'config.yaml', env: {} });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  folder.write(name, { email: 'ann@example.com', ...content });
  const store = storeOf(folder.path);
  const warnings: string[] = [];
  const waits: number[] = [];
  return {
    folder,
    api,
    store,
    warnings,
    waits,
    refresh: createRefresh({
      store: around(store),
      providerOf: (wanted) => accountProvider(wanted, parsed.config),
      depsOf: () => ({
        fetch: (url, init) => fetch(url, init),
        userAgent: 'cli-proxy-api/test',
        now: Date.now,
        wait: async (milliseconds) => {
          waits.push(milliseconds);
        },
      }),
      warn: (message) => warnings.push(message),
    }),
    async known() {
      const read = await store.read(folder.file(name));
      if (!read.ok) throw new Error(read.problem.message);
      return read.account;
    },
    [Symbol.dispose]() {
      api[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

const tokens = (generation: number): JsonObject => ({
  access_token: `access-${generation}`,
  refresh_token: `refresh-${generation}`,
  expires_in: 3600,
});
const claude: JsonObject = {
  type: 'claude',
  ...tokens(1),
  expiry: new Date(Date.now() - hour).toISOString(),
};
const refusal = (status: number, body: JsonObject, headers: Record<string, string> = {}) => ({
  status,
  body,
  headers,
});

test('a refresh writes the new tokens and says when they expire', async () => {
  using scene = sceneOf(claude, { 'POST /token': tokens(2) });
  const result = await scene.refresh(await scene.known());
  expect(result).toMatchObject({
    kind: 'refreshed',
    by: 'us',
    account: { tokens: { accessToken: 'access-2' } },
  });
  expect(scene.folder.read(name)).toMatchObject({ access_token: 'access-2', refresh_token: 'refresh-2' });
  expect((await scene.known()).tokens.expiresAt).toBeGreaterThan(Date.now() + hour / 2);
  expect(scene.api.calls[0]).toMatchObject({ userAgent: 'cli-proxy-api/test' });
});

test('what another process has renewed is the answer, and nothing is asked', async () => {
  using scene = sceneOf(claude, {});
  const known = await scene.known();
  scene.folder.write(name, { ...claude, ...tokens(5), expiry: new Date(Date.now() + hour).toISOString() });
  expect(await scene.refresh(known)).toMatchObject({
    kind: 'refreshed',
    by: 'another',
    account: { tokens: { accessToken: 'access-5' } },
  });
  expect(scene.api.calls).toEqual([]);
});

test('a reply without a refresh token leaves the old one in force', async () => {
  using scene = sceneOf(claude, { 'POST /token': { access_token: 'access-2', expires_in: 60 } });
  await scene.refresh(await scene.known());
  expect(scene.folder.read(name)).toMatchObject({ access_token: 'access-2', refresh_token: 'refresh-1' });
});

test('a server that is ill is asked three times, a second and two seconds apart', async () => {
  using scene = sceneOf(claude, {
    'POST /token': [refusal(503, {}), refusal(500, {}), tokens(2)],
  });
  expect(await scene.refresh(await scene.known())).toMatchObject({ kind: 'refreshed' });
  expect(scene.waits).toEqual([1000, 2000]);
});

test('a server that stays ill makes the refresh fail, with a sentence', async () => {
  using scene = sceneOf(claude, { 'POST /token': refusal(503, {}) });
  const result = await scene.refresh(await scene.known());
  expect(result).toMatchObject({ kind: 'failed', retryAfter: undefined });
  expect(scene.api.calls).toHaveLength(3);
});

test('a limit is not asked against; its Retry-After is told', async () => {
  using scene = sceneOf(claude, { 'POST /token': refusal(429, {}, { 'retry-after': '77' }) });
  expect(await scene.refresh(await scene.known())).toMatchObject({ kind: 'failed', retryAfter: 77 });
  expect(scene.api.calls).toHaveLength(1);
});

test('a refresh token that is no longer taken is remembered in the file, until a new login', async () => {
  using scene = sceneOf(claude, {
    'POST /token': [refusal(400, { error: 'invalid_grant', error_description: 'revoked' }), tokens(3)],
  });
  const first = await scene.refresh(await scene.known());
  expect(first).toMatchObject({ kind: 'sign-in-again' });
  expect((await scene.known()).login.kind).toBe('sign-in-again');
  expect(await scene.refresh(await scene.known())).toMatchObject({ kind: 'sign-in-again' });
  expect(scene.api.calls).toHaveLength(1);

  scene.folder.write(name, { ...claude, ...tokens(2) });
  expect((await scene.known()).login.kind).toBe('good');
  expect(await scene.refresh(await scene.known())).toMatchObject({ kind: 'refreshed' });
});

test('an account without a refresh token is not renewed, and the sentence says why', async () => {
  using scene = sceneOf({ type: 'claude', access_token: 'access-1' }, {});
  const result = await scene.refresh(await scene.known());
  expect(result).toMatchObject({ kind: 'failed', message: expect.stringContaining('no refresh token') });
});

test('a file that is gone is no reason to throw', async () => {
  using scene = sceneOf(claude, {});
  const known = await scene.known();
  await scene.store.remove(known.file);
  expect(await scene.refresh(known)).toMatchObject({ kind: 'failed' });
  expect(scene.api.calls).toEqual([]);
});

const unwritable: Awaited<ReturnType<AccountStore['saveTokens']>> = {
  ok: false,
  problem: { file: name, reason: 'unwritable', message: `${name}.json: no space left on the device` },
};

test('tokens that cannot be written are used, and written at the next occasion', async () => {
  let full = true;
  using scene = sceneOf(claude, { 'POST /token': [tokens(2), tokens(3)] }, (store) => ({
    withLock: (file, action, waiting) =>
      store.withLock(
        file,
        (held) => action(full ? { ...held, saveTokens: async () => unwritable } : held),
        waiting,
      ),
  }));
  const first = await scene.refresh(await scene.known());
  expect(first).toMatchObject({ kind: 'refreshed', account: { tokens: { accessToken: 'access-2' } } });
  expect(scene.folder.read(name)).toMatchObject(tokens(1));
  expect(scene.warnings).toEqual([expect.stringContaining('no space left on the device')]);

  full = false;
  if (first.kind !== 'refreshed') throw new Error(first.kind);
  await scene.refresh(first.account);
  expect(scene.api.calls.map(({ body }) => body)).toMatchObject([
    { refresh_token: 'refresh-1' },
    { refresh_token: 'refresh-2' },
  ]);
  expect(scene.folder.read(name)).toMatchObject({ access_token: 'access-3', refresh_token: 'refresh-3' });
});

const iflow: JsonObject = { type: 'iflow', ...tokens(1), api_key: 'key-1' };

test("iFlow's key is asked for anew with the new token", async () => {
  using scene = sceneOf(iflow, {
    'POST /token': tokens(2),
    'GET /userinfo': { success: true, data: { apiKey: 'key-2', email: 'ann@example.com' } },
  });
  expect(await scene.refresh(await scene.known())).toMatchObject({ account: { facts: { apiKey: 'key-2' } } });
  expect(scene.folder.read(name)).toMatchObject({ api_key: 'key-2', refresh_token: 'refresh-2' });
});

test("the new tokens are kept when iFlow's key cannot be asked for", async () => {
  using scene = sceneOf(iflow, { 'POST /token': tokens(2), 'GET /userinfo': refusal(502, {}) });
  const result = await scene.refresh(await scene.known());
  expect(result).toMatchObject({ kind: 'refreshed', account: { facts: { apiKey: 'key-1' } } });
  expect(scene.folder.read(name)).toMatchObject({ api_key: 'key-1', refresh_token: 'refresh-2' });
  expect(scene.warnings).toHaveLength(1);
});

/** As the peer writes it after a login with a cookie. */
const byCookie: JsonObject = {
  access_token: '',
  refresh_token: '',
  last_refresh: '2026-11-01T08:00:00+08:00',
  expired: '2026-11-24 08:00',
  api_key: 'sk-old',
  token_type: '',
  scope: '',
  cookie: 'BXAuth=canary;',
  type: 'iflow',
};
const keyPath = '/api/openapi/apikey';
const listedKey = { success: true, data: { name: 'ann@example.com', apiKeyMask: 'sk-o…' } };

test("a cookie renews the key, in the peer's own spelling, and is not spent", async () => {
  const made = { name: 'ann@example.com', apiKey: 'sk-new', expireTime: '2026-12-01 08:00' };
  using scene = sceneOf(byCookie, {
    [`GET ${keyPath}`]: listedKey,
    [`POST ${keyPath}`]: { success: true, data: made },
  });
  expect(await scene.refresh(await scene.known())).toMatchObject({
    kind: 'refreshed',
    by: 'us',
    account: { facts: { apiKey: 'sk-new' } },
  });
  expect(scene.folder.read(name)).toMatchObject({
    api_key: 'sk-new',
    expired: '2026-12-01 00:00',
    cookie: 'BXAuth=canary;',
  });
  expect(await scene.refresh(await scene.known())).toMatchObject({ kind: 'refreshed', by: 'us' });
  expect(scene.api.callsOf('POST').map(({ body }) => body)).toEqual([
    { name: 'ann@example.com' },
    { name: 'ann@example.com' },
  ]);
});

test('a cookie that is no longer taken is remembered, until there is another', async () => {
  using scene = sceneOf(byCookie, { [`GET ${keyPath}`]: refusal(401, {}) });
  expect(await scene.refresh(await scene.known())).toMatchObject({ kind: 'sign-in-again' });
  expect(await scene.refresh(await scene.known())).toMatchObject({ kind: 'sign-in-again' });
  expect(scene.api.calls).toHaveLength(1);
  expect(JSON.stringify(scene.folder.read(name).sign_in_again)).not.toContain('canary');
  scene.folder.write(name, { ...scene.folder.read(name), cookie: 'BXAuth=other;' });
  expect((await scene.known()).login.kind).toBe('good');
});

test('a service account gets its token by a signed assertion, and its file stays as it is', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const service_account = {
    type: 'service_account',
    project_id: 'project-1',
    client_email: 'robot@project-1.iam.gserviceaccount.com',
    private_key: key,
  };
  using scene = sceneOf(
    { type: 'vertex', project_id: 'project-1', service_account },
    { 'POST /token': { access_token: 'access-1', expires_in: 3600, token_type: 'Bearer' } },
  );
  const before = scene.folder.read(name);
  const result = await scene.refresh(await scene.known());
  expect(result).toMatchObject({ kind: 'refreshed', account: { tokens: { accessToken: 'access-1' } } });
  expect(scene.folder.read(name)).toEqual(before);
});
