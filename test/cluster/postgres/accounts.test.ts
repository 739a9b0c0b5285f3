/** Accounts that several replicas share: one refresher at a time, nothing spent twice, nothing lost, sign-ins seen by all. */
import { afterAll, describe, expect, test } from 'bun:test';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Account } from '../../../src/accounts/account.ts';
import type { AccountChange } from '../../../src/accounts/account-watch.ts';
import { createRefresh, type Refreshed } from '../../../src/accounts/refresh.ts';
import { systemClock } from '../../../src/ground/clock.ts';
import type { TokenReply } from '../../../src/oauth/grant.ts';
import type { AccountFacts } from '../../../src/providers/account-provider.ts';
import { refreshing } from '../../accounts/account-folder.ts';
import { startRotatingTokens } from '../../accounts/rotating-tokens.ts';
import { eventually } from '../../eventually.ts';
import { startPostgres } from '../servers.ts';
import { startTcpProxy } from '../tcp-proxy.ts';
import { openReplica, type TestReplica } from './replicas.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

let databases = 0;
const fresh = () => server.database(`accounts${++databases}`);
const hour = 3_600_000;
const identity = ({ email }: AccountFacts) => email;
const reply = (name: string, generation: number, expiresAt = Date.now() + hour): TokenReply => ({
  accessToken: `access.${name}.${generation}`,
  refreshToken: `refresh.${name}.${generation}`,
  idToken: undefined,
  tokenType: 'Bearer',
  scope: undefined,
  expiresAt,
  body: {},
});

async function signIn(
  { vault }: TestReplica,
  name: string,
  generation = 1,
  expiresAt?: number,
): Promise<Account> {
  const facts = { email: `${name}@example.com` };
  const tokens = reply(name, generation, expiresAt);
  const saved = await vault.saveSignIn({ kind: 'claude', tokens, facts, identity });
  if (!saved.ok) throw new Error(saved.problem.message);
  return saved.account;
}

const accountIn = async ({ vault }: TestReplica, file: string): Promise<Account> => {
  const read = await vault.read(file);
  if (!read.ok) throw new Error(read.problem.message);
  return read.account;
};

const refresherOf = (replica: TestReplica, tokenUrl: string, warn = (_: string) => {}) =>
  createRefresh({ ...refreshing(tokenUrl), warn, store: replica.vault });

describe('accounts in Postgres', () => {
  test('a login is read by every replica, encrypted in the table, and one at a time', async () => {
    const url = await fresh();
    await using one = await openReplica(url);
    await using other = await openReplica(url);
    const saved = await Promise.all([signIn(one, 'ann'), signIn(other, 'ann')]);
    expect(new Set(saved.map(({ id }) => id)).size).toBe(1);
    const { accounts, problems } = await other.vault.list();
    expect(problems).toEqual([]);
    expect(accounts.map(({ id, tokens }) => [id, tokens.refreshToken])).toEqual([
      ['claude_oauth_ann@example.com', 'refresh.ann.1'],
    ]);
    const rows = await one.postgres.rows(z.object({ sealed: z.string() }), 'SELECT sealed FROM cpa_account');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('refresh.ann');
  });

  test('an owner edits fields while a refresh runs: both are kept', async () => {
    const url = await fresh();
    await using one = await openReplica(url);
    await using other = await openReplica(url);
    const { file } = await signIn(one, 'ann', 1, Date.now() - hour);
    using provider = startRotatingTokens({
      during: async () => {
        const changed = await other.vault.changeText(basename(file), (text) =>
          JSON.stringify({ ...JSON.parse(text), prefix: 'mine' }),
        );
        expect(changed).toMatchObject({ ok: true, written: true });
      },
    });
    provider.family('ann');
    const result = await refresherOf(one, provider.url)(await accountIn(one, file));
    expect(result).toMatchObject({ kind: 'refreshed', by: 'us', account: { settings: { prefix: 'mine' } } });
    expect(await accountIn(other, file)).toMatchObject({
      settings: { prefix: 'mine' },
      tokens: { refreshToken: 'refresh.ann.2' },
    });
  });

  test('somebody signs in during a refresh: the login stays, the old reply is dropped', async () => {
    const url = await fresh();
    await using one = await openReplica(url);
    await using other = await openReplica(url);
    const { file } = await signIn(one, 'ann', 1, Date.now() - hour);
    using provider = startRotatingTokens({ during: async () => void (await signIn(other, 'ann', 50)) });
    provider.family('ann');
    const result = await refresherOf(one, provider.url)(await accountIn(one, file));
    expect(result).toMatchObject({
      kind: 'refreshed',
      account: { tokens: { refreshToken: 'refresh.ann.50' } },
    });
    expect(await one.vault.recover()).toEqual({ recovered: [], problems: [] });
    expect((await accountIn(other, file)).tokens.refreshToken).toBe('refresh.ann.50');
  });

  test('logins, edits and removals are noticed by other replicas within a second', async () => {
    const url = await fresh();
    await using one = await openReplica(url);
    await using other = await openReplica(url);
    const changes: AccountChange[] = [];
    const watch = other.vault.watch?.({
      onChange: (change) => changes.push(change),
      onProblem: ({ message }) => {
        throw new Error(message);
      },
      rescanMs: 600_000,
      clock: systemClock,
    });
    await watch?.ready;
    // The key is derived with the first.
    await signIn(one, 'zoe');
    await eventually(() => changes.splice(0).length > 0);
    const begun = performance.now();
    const { file } = await signIn(one, 'ann');
    await eventually(() => changes.some(({ type }) => type === 'added'));
    expect(performance.now() - begun).toBeLessThan(1000);
    await one.vault.changeText(basename(file), (text) =>
      JSON.stringify({ ...JSON.parse(text), prefix: 'p' }),
    );
    await eventually(() => changes.some(({ type }) => type === 'changed'));
    await one.vault.remove(file);
    await eventually(() => changes.some(({ type }) => type === 'removed'));
    // What happened while the server was away is noticed when it is back.
    await server.kill();
    await server.start();
    await eventually(() => one.postgres.state.kind === 'up' && other.postgres.state.kind === 'up');
    await eventually(() =>
      signIn(one, 'bob').then(
        () => true,
        () => false,
      ),
    );
    await eventually(() =>
      changes.some((change) => change.type === 'added' && change.account.id.includes('bob')),
    );
    await watch?.close();
  });
});

describe('a refresh token that works once', () => {
  test('60 rounds of six replicas: spent once each, known to all', async () => {
    const url = await fresh();
    using provider = startRotatingTokens();
    provider.family('ann');
    const replicas = await Promise.all(Array.from({ length: 6 }, () => openReplica(url)));
    const { file } = await signIn(replicas[0] as TestReplica, 'ann', 1, Date.now() - hour);
    const refreshes = replicas.map((replica) => refresherOf(replica, provider.url));
    for (let round = 1; round <= 60; round++) {
      const known = await accountIn(replicas[0] as TestReplica, file);
      const results = await Promise.all(refreshes.map((refresh) => refresh(known)));
      expect(results.map(({ kind }) => kind)).toEqual(Array(6).fill('refreshed'));
      const by = results.map((result) => (result.kind === 'refreshed' ? result.by : ''));
      expect(by.filter((who) => who === 'us')).toHaveLength(1);
      expect(provider.family('ann')).toMatchObject({ refreshes: round, revoked: false });
    }
    for (const replica of replicas) await replica[Symbol.asyncDispose]();
  }, 60_000);

  test('Postgres away before the lease: nothing is spent, and it is renewed when it is back', async () => {
    const url = await fresh();
    using provider = startRotatingTokens();
    provider.family('ann');
    await using proxy = await startTcpProxy(server);
    await using one = await openReplica(proxy.through(url));
    const account = await signIn(one, 'ann', 1, Date.now() - hour);
    const refresh = refresherOf(one, provider.url);
    proxy.cut();
    expect(await refresh(account)).toMatchObject({ kind: 'failed', retryAfter: 5 });
    proxy.hold();
    expect(await refresh(account)).toMatchObject({ kind: 'failed', retryAfter: 5 });
    expect(provider.family('ann').refreshes).toBe(0);
    proxy.restore();
    await eventually(() => one.postgres.state.kind === 'up');
    expect(await refresh(account)).toMatchObject({ kind: 'refreshed', by: 'us' });
  });

  test('Postgres away, token dead, and refresh-alone: renewed, and written when it is back', async () => {
    const url = await fresh();
    using provider = startRotatingTokens();
    provider.family('ann');
    await using proxy = await startTcpProxy(server);
    await using one = await openReplica(proxy.through(url), { refreshAlone: true });
    await using other = await openReplica(url);
    const dead = await signIn(one, 'ann', 1, Date.now() - hour);
    const living = await signIn(one, 'bob');
    await one.vault.list();
    proxy.cut();
    await eventually(() => one.postgres.state.kind === 'down');
    const refresh = refresherOf(one, provider.url);
    expect(await refresh(living)).toMatchObject({ kind: 'failed' });
    expect(await refresh(dead)).toMatchObject({ kind: 'refreshed', by: 'us' });
    proxy.restore();
    await eventually(() => one.postgres.state.kind === 'up');
    expect((await one.vault.writePending()).recovered).toHaveLength(1);
    expect((await accountIn(other, dead.file)).tokens.refreshToken).toBe('refresh.ann.2');
    expect(provider.family('ann')).toMatchObject({ refreshes: 1, revoked: false });
  });

  test('Postgres dies between the spending and the journal: the reply is kept, and written later', async () => {
    const url = await fresh();
    await using proxy = await startTcpProxy(server);
    await using one = await openReplica(proxy.through(url), { times: { lease: 600, uncertain: 3000 } });
    await using other = await openReplica(url, { times: { lease: 600, uncertain: 3000 } });
    const account = await signIn(one, 'ann', 1, Date.now() - hour);
    let away = () => proxy.cut();
    using provider = startRotatingTokens({ during: () => away() });
    provider.family('ann');
    const warnings: string[] = [];
    const refresh = refresherOf(one, provider.url, (message) => warnings.push(message));
    // The token works: requests go on with it.
    expect(await refresh(account)).toMatchObject({
      kind: 'refreshed',
      account: { tokens: { accessToken: 'access.ann.2' } },
    });
    expect(warnings.join()).toContain('Postgres');
    away = () => {};
    // The other waits for the holder, for as long as the holder may still bring the reply.
    const waiting = refresherOf(other, provider.url)(account);
    proxy.restore();
    await eventually(() => one.postgres.state.kind === 'up');
    expect((await one.vault.writePending()).recovered).toHaveLength(1);
    expect(await waiting).toMatchObject({ kind: 'refreshed', by: 'another' });
    expect(provider.family('ann')).toMatchObject({ refreshes: 1, revoked: false });
  }, 20_000);

  test('a holder that was fenced out keeps its good reply: it is the only living one', async () => {
    const url = await fresh();
    await using one = await openReplica(url, { times: { lease: 300, uncertain: 0 } });
    await using other = await openReplica(url);
    const account = await signIn(one, 'ann', 1, Date.now() - hour);
    using provider = startRotatingTokens({
      // The lease runs out and is taken, as if this replica had been held up.
      during: async () => {
        await one.postgres.run("UPDATE cpa_account SET lease_until = '-infinity', fence = fence + 1");
      },
    });
    provider.family('ann');
    expect(await refresherOf(one, provider.url)(account)).toMatchObject({ kind: 'refreshed', by: 'us' });
    expect((await accountIn(other, account.file)).tokens.refreshToken).toBe('refresh.ann.2');
  });

  test('a replica that was held up before it asked does not spend the token any more', async () => {
    const url = await fresh();
    await using one = await openReplica(url, { times: { lease: 300, uncertain: 0 } });
    await using other = await openReplica(url, { times: { lease: 300, uncertain: 0 } });
    const account = await signIn(one, 'ann', 1, Date.now() - hour);
    using provider = startRotatingTokens();
    provider.family('ann');
    const held: TestReplica['vault'] = {
      ...one.vault,
      withLock: (file, action, waiting) =>
        one.vault.withLock(
          file,
          (row) =>
            action({
              ...row,
              async takeRoom() {
                const problem = await row.takeRoom();
                // Stopped for longer than the lease: nothing of this process runs, its timers neither.
                Bun.sleepSync(400);
                return problem;
              },
            }),
          waiting,
        ),
    };
    const result: Refreshed = await createRefresh({
      ...refreshing(provider.url),
      warn: () => {},
      store: held,
    })(account);
    expect(result).toMatchObject({ kind: 'failed' });
    expect(provider.family('ann').refreshes).toBe(0);
    expect(await refresherOf(other, provider.url)(account)).toMatchObject({ kind: 'refreshed', by: 'us' });
  });

  test('what cannot be kept on this computer is not spent', async () => {
    const url = await fresh();
    using provider = startRotatingTokens();
    provider.family('ann');
    await using one = await openReplica(url);
    const account = await signIn(one, 'ann', 1, Date.now() - hour);
    await Bun.write(join(one.directory, '.cluster'), 'a file in the place of the directory');
    expect(await refresherOf(one, provider.url)(account)).toMatchObject({ kind: 'failed', retryAfter: 5 });
    expect(provider.family('ann').refreshes).toBe(0);
  });
});
