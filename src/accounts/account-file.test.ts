import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { TokenReply } from '../oauth/grant.ts';
import { isObject, type JsonObject } from '../protocols/json.ts';
import type { AccountKind } from '../providers/registry.ts';
import type { Account } from './account.ts';
import { applySignInAgain, applyTokens, newAccountText, parseAccount } from './account-file.ts';
import { readTokens } from './account-tokens.ts';
import { readFields } from './field-reader.ts';

const expiresAt = Date.UTC(2026, 2, 11, 16, 30);
const now = expiresAt + 5_000;
const reply: TokenReply = {
  accessToken: 'new-access',
  refreshToken: 'new-refresh',
  idToken: undefined,
  tokenType: 'Bearer',
  scope: undefined,
  expiresAt: expiresAt + 3_600_000,
  body: {},
};

function jwt(claims: JsonObject): string {
  const part = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

function parsed(file: string, content: JsonObject | string): Account {
  const result = parseAccount(
    `/auth/${file}`,
    typeof content === 'string' ? content : JSON.stringify(content),
  );
  if (!result.ok) throw new Error(result.problem.message);
  return result.account;
}

function problem(file: string, content: JsonObject | string): string {
  const result = parseAccount(
    `/auth/${file}`,
    typeof content === 'string' ? content : JSON.stringify(content),
  );
  return result.ok ? 'no problem' : result.problem.message;
}

const idToken = jwt({
  iss: 'https://auth.openai.com',
  email: 'me@work.example',
  'https://api.openai.com/auth': {
    chatgpt_account_id: 'workspace-1',
    chatgpt_plan_type: 'team',
    organizations: [{ id: 'org-1', title: 'Work' }],
  },
});

interface Shape {
  what: string;
  file: string;
  content: JsonObject;
  kind: AccountKind;
  facts: JsonObject;
  /** The content after a refresh, when it changes more than the two tokens and `expired`. */
  renewed?: JsonObject;
}
const flat = { access_token: 'a', refresh_token: 'r', last_refresh: '2026-03-11T15:30:00Z' };
const expired = '2026-03-11T16:30:00Z';
const flatRenewed = {
  access_token: 'new-access',
  refresh_token: 'new-refresh',
  last_refresh: '2026-03-11T16:30:05Z',
};

const shapes: Shape[] = [
  {
    what: 'the flat shape without a type',
    file: 'claude_oauth_org-uuid.json',
    content: {
      access_token: 'a',
      refresh_token: 'r',
      token_type: 'Bearer',
      expiry: expired,
      email: 'me@x.example',
    },
    kind: 'claude',
    facts: { email: 'me@x.example' },
    renewed: {
      access_token: 'new-access',
      refresh_token: 'new-refresh',
      token_type: 'Bearer',
      expiry: '2026-03-11T17:30:00Z',
      email: 'me@x.example',
      last_refresh: '2026-03-11T16:30:05Z',
    },
  },
  {
    what: 'Gemini with a nested token',
    file: 'gemini-me@x.example-all.json',
    content: {
      token: {
        access_token: 'a',
        token_type: 'Bearer',
        refresh_token: 'r',
        expiry: '2026-03-11T16:30:00.123456789Z',
        token_uri: 'https://oauth2.googleapis.com/token',
        client_id: 'id',
        client_secret: 'secret',
        scopes: ['s'],
        universe_domain: 'googleapis.com',
      },
      project_id: 'one, two,three',
      email: 'me@x.example',
      auto: false,
      checked: true,
      type: 'gemini',
    },
    kind: 'gemini',
    facts: { email: 'me@x.example', projects: ['one', 'two', 'three'] },
    renewed: {
      token: {
        access_token: 'new-access',
        token_type: 'Bearer',
        refresh_token: 'new-refresh',
        expiry: '2026-03-11T17:30:00Z',
        token_uri: 'https://oauth2.googleapis.com/token',
        client_id: 'id',
        client_secret: 'secret',
        scopes: ['s'],
        universe_domain: 'googleapis.com',
      },
      project_id: 'one, two,three',
      email: 'me@x.example',
      auto: false,
      checked: true,
      type: 'gemini',
      last_refresh: '2026-03-11T16:30:05Z',
    },
  },
  {
    what: 'Gemini after use: flat keys beside the nested token',
    file: 'gemini-me@x.example-one.json',
    content: {
      token: { access_token: 'old', refresh_token: 'r', expiry: '2026-03-01T00:00:00Z' },
      project_id: 'one',
      type: 'gemini-cli',
      access_token: 'a',
      refresh_token: 'r',
      expiry: expired,
    },
    kind: 'gemini',
    facts: { projects: ['one'] },
    renewed: {
      token: { access_token: 'new-access', refresh_token: 'new-refresh', expiry: '2026-03-11T17:30:00Z' },
      project_id: 'one',
      type: 'gemini-cli',
      access_token: 'new-access',
      refresh_token: 'new-refresh',
      expiry: '2026-03-11T17:30:00Z',
      last_refresh: '2026-03-11T16:30:05Z',
    },
  },
  {
    what: 'Claude with organisation',
    file: 'claude-me@x.example.json',
    content: {
      id_token: '',
      ...flat,
      email: 'me@x.example',
      type: 'claude',
      expired,
      account_uuid: 'acc',
      organization_uuid: 'org',
      organization_name: 'Mine',
    },
    kind: 'claude',
    facts: { email: 'me@x.example', accountId: 'acc', organizationId: 'org', organizationName: 'Mine' },
  },
  {
    what: 'Codex, whose workspace is in the id_token',
    file: 'codex-0123abcd-me@work.example-team.json',
    content: { id_token: idToken, ...flat, email: 'me@work.example', type: 'codex', expired },
    kind: 'codex',
    facts: {
      email: 'me@work.example',
      accountId: 'workspace-1',
      plan: 'team',
      organizations: [{ id: 'org-1', title: 'Work' }],
    },
  },
  {
    what: 'Qwen',
    file: 'qwen-alias.json',
    content: { ...flat, resource_url: 'portal.qwen.ai', email: 'alias', type: 'qwen', expired },
    kind: 'qwen',
    facts: { email: 'alias', resourceUrl: 'portal.qwen.ai' },
  },
  {
    what: 'iFlow, whose API takes a key',
    file: 'iflow-me@x.example-1773246600.json',
    content: {
      ...flat,
      expired,
      api_key: 'k',
      email: 'me@x.example',
      token_type: 'bearer',
      scope: 's',
      cookie: 'BXAuth=1;',
      type: 'iflow',
    },
    kind: 'iflow',
    facts: { email: 'me@x.example', apiKey: 'k', cookie: 'BXAuth=1;' },
    renewed: {
      ...flatRenewed,
      expired: '2026-03-11T17:30:00Z',
      api_key: 'k',
      email: 'me@x.example',
      token_type: 'Bearer',
      scope: 's',
      cookie: 'BXAuth=1;',
      type: 'iflow',
    },
  },
  {
    what: 'Antigravity with expires_in and timestamp',
    file: 'antigravity.json',
    content: {
      type: 'antigravity',
      access_token: 'a',
      refresh_token: 'r',
      expires_in: 3600,
      timestamp: expiresAt - 3_600_000,
      project_id: 'one',
      disabled: false,
    },
    kind: 'antigravity',
    facts: { projects: ['one'] },
    renewed: {
      type: 'antigravity',
      access_token: 'new-access',
      refresh_token: 'new-refresh',
      expires_in: 3595,
      timestamp: now,
      project_id: 'one',
      disabled: false,
      expiry: '2026-03-11T17:30:00Z',
      last_refresh: '2026-03-11T16:30:05Z',
    },
  },
  {
    what: 'Kimi',
    file: 'kimi-1773243000000.json',
    content: {
      type: 'kimi',
      ...flat,
      token_type: 'Bearer',
      scope: 's',
      device_id: 'd',
      expired,
      timestamp: 1_773_243_000_000,
    },
    kind: 'kimi',
    facts: { deviceId: 'd' },
    renewed: {
      type: 'kimi',
      ...flatRenewed,
      token_type: 'Bearer',
      scope: 's',
      device_id: 'd',
      expired: '2026-03-11T17:30:00Z',
      timestamp: now,
    },
  },
  {
    what: 'xAI, where the subject is the account',
    file: 'xai-me@x.example.json',
    content: {
      type: 'xai',
      ...flat,
      token_type: 'Bearer',
      expires_in: 3600,
      expired,
      email: 'me@x.example',
      sub: 's-1',
      base_url: 'https://api.x.ai/v1',
      auth_kind: 'oauth',
    },
    kind: 'xai',
    facts: { accountId: 's-1', email: 'me@x.example' },
    renewed: {
      type: 'xai',
      ...flatRenewed,
      token_type: 'Bearer',
      expires_in: 3595,
      expired: '2026-03-11T17:30:00Z',
      email: 'me@x.example',
      sub: 's-1',
      base_url: 'https://api.x.ai/v1',
      auth_kind: 'oauth',
    },
  },
];

for (const { what, file, content, kind, facts, renewed } of shapes)
  for (const layout of [undefined, 2])
    test(`${what} is read and renewed in its own spelling${layout ? ', indented' : ''}`, () => {
      const text = JSON.stringify(content, null, layout);
      const account = parsed(file, text);
      expect(account.kind).toBe(kind);
      expect(account.id).toBe(file.slice(0, -5));
      expect({ ...account.facts }).toEqual(facts);
      expect(account.tokens).toMatchObject({ accessToken: 'a', refreshToken: 'r' });
      expect(Math.floor((account.tokens.expiresAt ?? 0) / 1000)).toBe(expiresAt / 1000);
      const written = applyTokens(text, kind, reply, account.facts, now);
      const expected = renewed ?? { ...content, ...flatRenewed, expired: '2026-03-11T17:30:00Z' };
      expect(written).toBe(JSON.stringify(expected, null, layout));
      expect(parsed(file, written).tokens).toMatchObject({
        accessToken: 'new-access',
        refreshToken: 'new-refresh',
        expiresAt: reply.expiresAt,
        refreshedAt: now,
      });
    });

const serviceAccount = {
  type: 'service_account',
  project_id: 'p',
  client_email: 'bot@p.example',
  private_key: 'PEM',
};
test('a Vertex file and a key file as Google gives it out are both service accounts', () => {
  const wrapped = parsed('vertex-p.json', {
    service_account: serviceAccount,
    project_id: 'p',
    email: 'bot@p.example',
    location: 'europe-west1',
    type: 'vertex',
    label: 'Bot',
  });
  expect(wrapped).toMatchObject({
    kind: 'vertex',
    facts: { projects: ['p'], email: 'bot@p.example', location: 'europe-west1', serviceAccount },
    settings: { description: 'Bot' },
  });
  const bare = parsed('key.json', serviceAccount);
  expect(bare).toMatchObject({
    kind: 'vertex',
    facts: { projects: ['p'], email: 'bot@p.example', serviceAccount },
  });
});

const expirySpellings = ['expiry', 'expired', 'expires_at', 'expiresAt', 'expire', 'expires', 'expiry_date'];
for (const spelling of expirySpellings)
  for (const place of ['', 'token', 'Token'])
    test(`expiry as ${place ? `${place}.` : ''}${spelling}`, () => {
      const tokens = { access_token: 'a', [spelling]: expiresAt / 1000 };
      const content = place ? { type: 'gemini', [place]: tokens } : { type: 'gemini', ...tokens };
      expect(parsed('a.json', content).tokens.expiresAt).toBe(expiresAt);
      const written: unknown = JSON.parse(applyTokens(JSON.stringify(content), 'gemini', reply, {}, now));
      const holder = isObject(written) && place ? written[place] : written;
      expect(isObject(holder) ? holder[spelling] : undefined).toBe((reply.expiresAt ?? 0) / 1000);
    });

const inferred: [what: string, file: string, content: JsonObject, kind: AccountKind][] = [
  ['our own name', 'antigravity_oauth_me@x.example.json', {}, 'antigravity'],
  ['the name of Gemini CLI', 'gemini-cli-me@x.example.json', {}, 'gemini'],
  ["a peer's name", 'xai-me@x.example.json', {}, 'xai'],
  ["Google's access token", 'a.json', { access_token: 'ya29.x' }, 'gemini'],
  ["Claude's access token", 'a.json', { access_token: 'sk-ant-oat01-x' }, 'claude'],
  ['the issuer of the id_token', 'a.json', { id_token: idToken }, 'codex'],
  ['a nested token', 'a.json', { token: { access_token: 'x' } }, 'gemini'],
  ['a resource_url', 'a.json', { resource_url: 'portal.qwen.ai' }, 'qwen'],
];
for (const [what, file, content, kind] of inferred)
  test(`without a type, ${what} tells the provider`, () =>
    expect(parsed(file, { access_token: 'x', ...content }).kind).toBe(kind));

const otherTypes: [string, AccountKind][] = [
  ['anthropic', 'claude'],
  ['gemini-cli', 'gemini'],
  ['Codex', 'codex'],
  ['vertex-ai', 'vertex'],
];
for (const [type, kind] of otherTypes)
  test(`type ${type} is ${kind}`, () =>
    expect(parsed('a.json', { type, access_token: 'x' }).kind).toBe(kind));

const native = {
  priority: 10,
  weight: 2.5,
  websockets: true,
  description: 'Mine',
  prefix: 'work',
  proxy_url: 'socks5://localhost:1080',
  disabled: true,
  excluded_models: ['a', 'b-*'],
  model_aliases: [{ name: 'long-name', alias: 'short' }],
  headers: { 'X-Team': 'a' },
  disable_cooling: true,
  request_retry: 2,
  cooldown: { quota: { first: '1m' } },
  timeouts: { 'first-byte': '90s', stall: 0 },
  request_scoped_errors: [{ status: 400, match: ['policy'], action: 'continue' }],
  concurrency: 4,
  queue: 8,
  refresh_interval_seconds: 90,
};
const asStrings = {
  priority: '10',
  weight: '2.5',
  websockets: 'true',
  note: 'Mine',
  prefix: 'work',
  'proxy-url': 'socks5://localhost:1080',
  disabled: 'true',
  'excluded-models': 'a, b-*',
  'model-aliases': '[{"name":"long-name","alias":"short"}]',
  headers: '{"X-Team":"a"}',
  'disable-cooling': 'yes',
  request_retry: '2',
  cooldown: '{"quota": {"first": "1m"}}',
  timeouts: '{"first-byte": "90s", "stall": 0}',
  'request-scoped-errors': '[{"status": 400, "match": ["policy"], "action": "continue"}]',
  concurrency: '4',
  queue: '8',
  refreshInterval: '90s',
};
const settings = {
  priority: 10,
  weight: 2.5,
  websockets: true,
  description: 'Mine',
  prefix: 'work',
  proxyUrl: 'socks5://localhost:1080',
  disabled: true,
  excludedModels: ['a', 'b-*'],
  modelAliases: [{ name: 'long-name', alias: 'short' }],
  headers: { 'X-Team': 'a' },
  disableCooling: true,
  requestRetry: 2,
  cooldown: { quota: { first: 60_000 } },
  timeouts: { 'first-byte': 90_000, stall: 0 },
  requestScopedErrors: [
    { status: 400, match: ['policy'], 'match-regexp': [], 'match-regexr': [], action: 'continue' as const },
  ],
  concurrency: 4,
  queue: 8,
  refreshInterval: 90_000,
};
const places: [string, JsonObject][] = [
  ['at the top', native],
  ['at the top as strings', asStrings],
  ['under attributes', { attributes: native }],
  ['under attributes as strings', { attributes: asStrings }],
  ['at the top before attributes', { ...native, attributes: { priority: 'none', weight: 'none' } }],
];
for (const [where, content] of places)
  test(`the owner's settings ${where}`, () =>
    expect(parsed('claude-a.json', { access_token: 'a', ...content }).settings).toEqual(settings));

test('the settings of a file that has none', () => {
  expect(parsed('claude-a.json', { access_token: 'a', attributes: {}, note: '' }).settings).toEqual({
    priority: 0,
    weight: 1,
    websockets: false,
    description: undefined,
    prefix: undefined,
    proxyUrl: undefined,
    disabled: false,
    excludedModels: [],
    modelAliases: [],
    headers: {},
    disableCooling: undefined,
    requestRetry: undefined,
    refreshInterval: undefined,
  });
});

const wrong: [content: JsonObject | string, message: string][] = [
  ['', 'claude-a.json: the file is empty'],
  [
    '{"access_token": "secr',
    'claude-a.json: expected one JSON object; the file is cut off or is something else',
  ],
  ['[]', 'claude-a.json: expected one JSON object; the file is cut off or is something else'],
  [
    { type: 'secret-type' },
    'claude-a.json: type: expected one of gemini, claude, codex, qwen, iflow, antigravity, kimi, xai, vertex',
  ],
  [{ email: 'a' }, 'claude-a.json: expected an access_token, a refresh_token or a service_account'],
  [
    { access_token: 'secret', priority: 'secret' },
    'claude-a.json: priority: expected a whole number, found another text',
  ],
  [
    { access_token: 'secret', attributes: { priority: 1.5 } },
    'claude-a.json: attributes.priority: expected a whole number, found a number',
  ],
  [
    { access_token: 'secret', prefix: 'a/secret' },
    'claude-a.json: prefix: expected one word without "/", found another text',
  ],
  [
    { access_token: 'secret', timeouts: { stal: '1s' } },
    'claude-a.json: timeouts: expected spans of time such as {"first-byte": "90s"}, found an object',
  ],
  [
    { access_token: 'secret', request_scoped_errors: [{ status: 400, action: 'secret' }] },
    'claude-a.json: request_scoped_errors: expected a list of rules, each with action and status, match or match-regexp, found an array',
  ],
  [
    { access_token: 'secret', expired: 'secret' },
    'claude-a.json: expired: expected a time such as 2026-03-11T16:30:00Z, found another text',
  ],
  [
    { token: { access_token: 'secret', expiry: [] } },
    'claude-a.json: token.expiry: expected a time such as 2026-03-11T16:30:00Z, found an array',
  ],
  [
    { service_account: { client_email: 'secret' } },
    'claude-a.json: service_account.private_key: expected a text, found nothing',
  ],
  [{ access_token: 'secret', email: 5 }, 'claude-a.json: email: expected a text, found a number'],
];
for (const [content, message] of wrong)
  test(`refused: ${message}`, () => expect(problem('claude-a.json', content)).toBe(message));

test('a byte order mark does no harm', () => {
  const text = `\uFEFF{"access_token":"a"}`;
  expect(parsed('claude-a.json', text).tokens.accessToken).toBe('a');
  expect(parsed('claude-a.json', applyTokens(text, 'claude', reply, {}, now)).tokens.accessToken).toBe(
    'new-access',
  );
});

test('facts that a refresh changes are written in the spelling of the file, new ones in ours', () => {
  const text = '{"type":"claude","access_token":"a","organization_uuid":"old","project_id":"x"}';
  const facts = { organizationId: 'new', projects: ['x', 'y'], plan: 'pro' };
  expect(JSON.parse(applyTokens(text, 'claude', reply, facts, now))).toMatchObject({
    organization_uuid: 'new',
    project_id: 'x,y',
    plan: 'pro',
  });
});

test('an expiry that the server no longer names is not left behind', () => {
  const text = JSON.stringify({ type: 'claude', access_token: 'a', expired });
  const written = applyTokens(text, 'claude', { ...reply, expiresAt: undefined }, {}, now);
  expect(parsed('a.json', written).tokens.expiresAt).toBeUndefined();
});

test('sign in again holds until the file has another refresh token', () => {
  const text = newAccountText('claude', reply, { email: 'me@x.example' }, now);
  expect(applySignInAgain(text, 'other', 'revoked', now)).toBeUndefined();
  const marked = applySignInAgain(text, 'new-refresh', 'revoked', now) ?? '';
  expect(parsed('a.json', marked).login).toEqual({ kind: 'sign-in-again', reason: 'revoked', since: now });
  expect(marked).not.toContain('"refresh_token_digest": "new-refresh"');
  const edited = marked.replace('"refresh_token": "new-refresh"', '"refresh_token": "other"');
  expect(parsed('a.json', edited).login).toEqual({ kind: 'good' });
  const renewed = applyTokens(marked, 'claude', reply, {}, now);
  expect(parsed('a.json', renewed).login).toEqual({ kind: 'good' });
  expect(renewed).toBe(applyTokens(text, 'claude', reply, {}, now));
});

test('a new file has the flat shape', () => {
  const text = newAccountText('claude', reply, { email: 'me@x.example', organizationId: 'o' }, now);
  expect(JSON.parse(text)).toEqual({
    type: 'claude',
    access_token: 'new-access',
    refresh_token: 'new-refresh',
    token_type: 'Bearer',
    expiry: '2026-03-11T17:30:00Z',
    last_refresh: '2026-03-11T16:30:05Z',
    email: 'me@x.example',
    organization_id: 'o',
    attributes: {},
  });
});

test('tokens are written without losing or moving any other key', () => {
  const ours = new Set([
    ...expirySpellings,
    ...['access_token', 'refresh_token', 'id_token', 'token_type', 'scope', 'expires_in', 'timestamp'],
    ...['last_refresh', 'lastRefresh', 'last_refreshed_at', 'lastRefreshedAt', 'sign_in_again'],
  ]);
  const key = fc.oneof(fc.string(), fc.constantFrom('token', 'Token', 'attributes', 'email', ...ours));
  const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
    leaf: fc.jsonValue({ maxDepth: 1 }),
    tree: fc.oneof(fc.dictionary(key, tie('leaf'), { maxKeys: 8 }), tie('leaf')),
  }));
  const foreign = (value: unknown, depth: number): unknown =>
    isObject(value)
      ? Object.entries(value)
          .filter(([name]) => !ours.has(name))
          .map(([name, inner]) => [name, depth > 0 ? foreign(inner, depth - 1) : inner])
      : value;
  fc.assert(
    fc.property(fc.dictionary(key, tree), fc.constantFrom(undefined, 2, '\t'), (content, layout) => {
      const text = JSON.stringify(content, null, layout);
      const written = applyTokens(text, 'claude', reply, {}, now);
      expect(foreign(JSON.parse(written), 1)).toEqual(foreign(JSON.parse(text), 1));
      expect(readTokens(JSON.parse(written), readFields([])).accessToken).toBe('new-access');
    }),
  );
});
