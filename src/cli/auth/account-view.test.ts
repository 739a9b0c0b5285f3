import { expect, test } from 'bun:test';
import type { Account } from '../../accounts/account.ts';
import { accountProviders } from '../../providers/registry.ts';
import { distance, viewOf } from './account-view.ts';

const now = Date.UTC(2026, 2, 11, 12);
const hour = 3_600_000;

const account: Account = {
  id: 'claude_oauth_ann',
  file: '/home/ann/.cli-proxy-api/claude_oauth_ann.json',
  kind: 'claude',
  tokens: {
    accessToken: 'the-access-token',
    refreshToken: 'the-refresh-token',
    idToken: 'the-id-token',
    tokenType: 'Bearer',
    expiresAt: now + hour,
    refreshedAt: now - hour,
  },
  facts: { email: 'ann@example.com', apiKey: 'the-api-key', organizationName: 'Ann’s' },
  settings: {
    priority: 7,
    weight: 1,
    websockets: false,
    description: 'at home',
    prefix: undefined,
    proxyUrl: 'http://ann:the-password@proxy:3128',
    disabled: false,
    excludedModels: [],
    modelAliases: [],
    headers: { authorization: 'the-header' },
    disableCooling: undefined,
    requestRetry: undefined,
    refreshInterval: undefined,
  },
  login: { kind: 'good' },
};
const view = (changes: Partial<Account>) => viewOf({ ...account, ...changes }, accountProviders.claude, now);

test('a view tells everything but secrets', () => {
  const seen = view({});
  expect(seen).toMatchObject({
    id: 'claude_oauth_ann',
    state: 'ready',
    email: 'ann@example.com',
    organization: 'Ann’s',
    expires: '2026-03-11T13:00:00.000Z',
    priority: 7,
    proxy: true,
    description: 'at home',
  });
  expect(JSON.stringify(seen)).not.toMatch(/the-/);
});

const { tokens, settings } = account;
test.each<[string, Partial<Account>, string]>([
  ['a token that is good', {}, 'ready'],
  ['a token that has run out', { tokens: { ...tokens, expiresAt: now } }, 'expired'],
  [
    'no token yet, but a refresh token',
    { facts: {}, tokens: { ...tokens, accessToken: undefined } },
    'expired',
  ],
  [
    'a token that has run out, and nothing to renew it with',
    { tokens: { ...tokens, expiresAt: now, refreshToken: undefined } },
    'sign-in-again',
  ],
  [
    'a key of iFlow, whose file the peer wrote without a token',
    { kind: 'iflow', tokens: { ...tokens, accessToken: undefined, refreshToken: undefined } },
    'ready',
  ],
  ['a token of unknown expiry', { tokens: { ...tokens, expiresAt: undefined } }, 'ready'],
  ['an owner who turned it off', { settings: { ...settings, disabled: true } }, 'disabled'],
  [
    'a provider that ended the login',
    { login: { kind: 'sign-in-again', reason: 'revoked', since: now } },
    'sign-in-again',
  ],
  [
    'a service account, which has no token in its file',
    { facts: { serviceAccount: {} }, tokens: { ...tokens, accessToken: undefined, refreshToken: undefined } },
    'ready',
  ],
])('%s', (_, changes, state) => {
  const seen = view(changes);
  expect<string>(seen.state).toBe(state);
  expect(seen.command).toBe(state === 'sign-in-again' ? 'cli-proxy-api auth claude' : undefined);
});

test.each([
  [now + 59_000, 'in 59 s'],
  [now + 5 * 60_000, 'in 5 min'],
  [now - 3 * hour, '3 h ago'],
  [now + 10 * 24 * hour, 'in 10 days'],
])('%d is %s', (moment, said) => {
  expect(distance(moment, now)).toBe(said);
});
