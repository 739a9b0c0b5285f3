import { expect, test } from 'bun:test';
import { accountProviders } from '../providers/registry.ts';
import { createLog } from '../telemetry/log.ts';
import type { Account, AccountTokens } from './account.ts';
import { readSettings } from './account-settings.ts';
import { readFields } from './field-reader.ts';
import { keepAccount } from './managed-account.ts';
import type { Refreshed } from './refresh.ts';
import { decideRefreshes } from './refresh-schedule.ts';

const minute = 60_000;
const noon = Date.UTC(2026, 10, 23, 12);

function account(some: Partial<Account> = {}, tokens: Partial<AccountTokens> = {}): Account {
  return {
    id: 'claude_oauth_ann',
    file: '/accounts/claude_oauth_ann.json',
    kind: 'claude',
    tokens: {
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      idToken: undefined,
      tokenType: 'Bearer',
      expiresAt: noon + 60 * minute,
      refreshedAt: noon,
      ...tokens,
    },
    facts: {},
    settings: readSettings(readFields([])),
    login: { kind: 'good' },
    ...some,
  };
}

/** An account whose refreshes end as the list says, one after the other. */
function kept(first: Account, ...ends: Refreshed[]) {
  const written: string[] = [];
  const clock = { now: noon };
  let changes = 0;
  let refreshes = 0;
  const live = keepAccount(first, {
    refresh: async () => {
      const end = ends[refreshes];
      refreshes += 1;
      if (end === undefined) throw new Error('one refresh too many');
      return end;
    },
    provider: ({ kind }) => accountProviders[kind],
    log: createLog({ level: 'debug', format: 'json', sink: { write: (line) => written.push(line) } }),
    now: () => clock.now,
    onChange: () => {
      changes += 1;
    },
    onEnd: () => {},
  });
  const due = () =>
    decideRefreshes([{ id: 'a', timing: live.timing(), history: live.history }], clock.now).length > 0;
  return { live, clock, due, written, refreshes: () => refreshes, changes: () => changes };
}

const renewed = (generation: number, at = noon): Refreshed => ({
  kind: 'refreshed',
  by: 'us',
  account: account(
    {},
    {
      accessToken: `access-${generation}`,
      refreshToken: `refresh-${generation}`,
      expiresAt: at + 120 * minute,
      refreshedAt: at,
    },
  ),
});

test('the token in force costs nothing; one that has run out is none', () => {
  const { live, clock } = kept(account());
  expect(live.source.current()).toBe('access-1');
  clock.now = noon + 60 * minute;
  expect(live.source.current()).toBeUndefined();
});

test('a token that cannot be renewed is used until the provider refuses it', async () => {
  const { live, clock } = kept(account({}, { refreshToken: undefined }));
  clock.now = noon + 60 * minute;
  expect(live.source.current()).toBe('access-1');
  expect(await live.source.renew('access-1')).toMatchObject({ ok: false, signInAgain: true });
});

test("iFlow's key of a cookie is renewed two days before it expires, the key of a login one day before", () => {
  const hour = 60 * minute;
  const iflow = (some: Partial<Account>, tokens: Partial<AccountTokens>) =>
    kept(account({ kind: 'iflow', ...some }, { expiresAt: noon + 168 * hour, ...tokens })).live.timing();
  expect(iflow({ facts: { cookie: 'BXAuth=1;' } }, { refreshToken: undefined })).toMatchObject({
    renewable: true,
    lead: 48 * hour,
  });
  expect(iflow({}, {})).toMatchObject({ renewable: true, lead: 24 * hour });
});

test('fifty who wait for a token get that of one refresh', async () => {
  const { live, refreshes } = kept(account(), renewed(2));
  const all = await Promise.all(Array.from({ length: 50 }, () => live.source.renew('access-1')));
  expect(new Set(all.map((one) => JSON.stringify(one)))).toEqual(new Set(['{"ok":true,"token":"access-2"}']));
  expect(refreshes()).toBe(1);
});

test('who comes with a token that has been renewed meanwhile gets the new one at once', async () => {
  const { live, refreshes } = kept(account(), renewed(2));
  await live.source.renew('access-1');
  expect(await live.source.renew('access-1')).toEqual({ ok: true, token: 'access-2' });
  expect(refreshes()).toBe(1);
});

test('new tokens do not make credentials anew, new settings and facts do', async () => {
  const settings = { ...account().settings, prefix: 'work' };
  const { live, changes } = kept(account(), renewed(2));
  await live.source.renew('access-1');
  expect(changes()).toBe(0);
  live.replace(account({ settings }));
  live.replace(account({ settings, facts: { plan: 'max' } }));
  expect(changes()).toBe(2);
});

test('a refresh that failed is not tried again for every request, but after ten seconds', async () => {
  const { live, clock, refreshes } = kept(
    account(),
    { kind: 'failed', message: 'The server is ill.', retryAfter: undefined },
    renewed(2),
  );
  const failure = { ok: false, message: 'The server is ill.', signInAgain: false } as const;
  expect(await live.source.renew('access-1')).toEqual(failure);
  clock.now += 9_999;
  expect(await live.source.renew('access-1')).toEqual(failure);
  expect(refreshes()).toBe(1);
  clock.now += 1;
  expect(await live.source.renew('access-1')).toEqual({ ok: true, token: 'access-2' });
  expect(live.failure).toBeUndefined();
});

test("requests keep the server's Retry-After too", async () => {
  const failed: Refreshed = { kind: 'failed', message: 'Too many.', retryAfter: 120 };
  const { live, clock, refreshes } = kept(account(), failed, renewed(2));
  await live.source.renew('access-1');
  clock.now += 119_999;
  expect(await live.source.renew('access-1')).toMatchObject({ ok: false });
  expect(refreshes()).toBe(1);
  clock.now += 1;
  expect(await live.source.renew('access-1')).toMatchObject({ ok: true });
});

test('an account that needs a new login is left alone until its file changes', async () => {
  const login = { kind: 'sign-in-again', reason: 'It was revoked.', since: noon } as const;
  const { live, clock, due, refreshes } = kept(
    account(),
    { kind: 'sign-in-again', account: account({ login }), message: login.reason },
    renewed(3),
  );
  const refused = { ok: false, message: 'It was revoked.', signInAgain: true } as const;
  expect(await live.source.renew('access-1')).toEqual(refused);
  clock.now += 24 * 60 * minute;
  expect(due()).toBeFalse();
  expect(await live.source.renew(undefined)).toEqual(refused);
  expect(refreshes()).toBe(1);

  live.replace(account({}, { accessToken: 'access-2', refreshToken: 'refresh-2', expiresAt: noon }));
  expect(due()).toBeTrue();
  expect(await live.source.renew(undefined)).toEqual({ ok: true, token: 'access-3' });
});

test('a changed file ends the wait after a failure', async () => {
  const failed: Refreshed = { kind: 'failed', message: 'The server is ill.', retryAfter: 1800 };
  const { live, due, clock } = kept(account(), failed);
  clock.now += 30 * minute;
  await live.refresh();
  expect(due()).toBeFalse();
  live.replace(account({}, { accessToken: 'access-2', expiresAt: clock.now }));
  expect(live.failure).toBeUndefined();
  expect(due()).toBeTrue();
});

test('a file with the refresh token that was spent brings its settings, not its tokens', async () => {
  const { live } = kept(account(), renewed(2));
  await live.refresh();
  live.replace(account({ settings: { ...account().settings, prefix: 'work' } }));
  expect(live.account.settings.prefix).toBe('work');
  expect(live.account.tokens.refreshToken).toBe('refresh-2');
  expect(live.source.current()).toBe('access-2');
});

test('the same token again is no renewal', async () => {
  const { live } = kept(account(), renewed(1));
  expect(await live.source.renew('access-1')).toMatchObject({ ok: false, signInAgain: false });
});

test("iFlow's API takes the key that comes with the token", () => {
  const { live } = kept(account({ kind: 'iflow', facts: { apiKey: 'key-of-iflow' } }));
  expect(live.source.current()).toBe('key-of-iflow');
});

test('a disabled login is renewed like any other; a disabled service account needs no token', () => {
  const settings = { ...account().settings, disabled: true };
  const none = {
    accessToken: undefined,
    refreshToken: undefined,
    expiresAt: undefined,
    refreshedAt: undefined,
  };
  const service = { kind: 'vertex', facts: { serviceAccount: { type: 'service_account' } } } as const;
  expect(kept(account({ settings }, { expiresAt: noon })).due()).toBeTrue();
  expect(kept(account({ ...service, settings }, none)).due()).toBeFalse();
  expect(kept(account(service, none)).due()).toBeTrue();
});

test('the token of a service account outlives an edit of its file, not a change of its key', () => {
  const of = (key: string, prefix?: string, token?: string) =>
    account(
      {
        kind: 'vertex',
        facts: { serviceAccount: { private_key_id: key } },
        settings: { ...account().settings, prefix },
      },
      { accessToken: token, refreshToken: undefined },
    );
  const { live } = kept(of('1', undefined, 'access-1'));
  live.replace(of('1', 'work'));
  expect(live.account.settings.prefix).toBe('work');
  expect(live.source.current()).toBe('access-1');
  live.replace(of('2', 'work'));
  expect(live.source.current()).toBeUndefined();
});

test('what goes wrong is in the log with the name of the account, and no token is', async () => {
  const failed: Refreshed = { kind: 'failed', message: 'The server is ill.', retryAfter: undefined };
  const { live, written } = kept(account(), failed);
  await live.source.renew('access-1');
  expect(written.map((line) => JSON.parse(line))).toMatchObject([
    {
      level: 'warn',
      msg: 'tokens could not be renewed: The server is ill.',
      account: 'claude_oauth_ann',
      again: '2026-11-23T12:05:00.000Z',
    },
  ]);
  expect(written.join()).not.toMatch(/access-|refresh-/);
});
