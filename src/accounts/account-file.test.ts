import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { expiresAt, jwt, now, parsed, reply } from '../../test/accounts/account-texts.ts';
import { isObject, type JsonObject } from '../protocols/json.ts';
import type { AccountKind } from '../providers/registry.ts';
import { applySignInAgain, applyTokens, newAccountText, parseAccount } from './account-file.ts';
import { readTokens } from './account-tokens.ts';
import { readFields } from './field-reader.ts';

function problem(file: string, content: JsonObject | string): string {
  const result = parseAccount(
    `/auth/${file}`,
    typeof content === 'string' ? content : JSON.stringify(content),
  );
  return result.ok ? 'no problem' : result.problem.message;
}

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
  ['the issuer of the id_token', 'a.json', { id_token: jwt({ iss: 'https://auth.openai.com' }) }, 'codex'],
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
  const text = JSON.stringify({ type: 'claude', access_token: 'a', expired: '2026-03-11T16:30:00Z' });
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
