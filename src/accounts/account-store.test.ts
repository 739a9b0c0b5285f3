import { expect, test } from 'bun:test';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountFacts } from '../providers/account-provider.ts';
import { createAccountStore } from './account-store.ts';
import { now, plain, reply, storeOf, temporaryStores, visible } from './fixtures/temporary-stores.ts';

const { temporaryDirectory, storeWith } = temporaryStores();
const identity = ({ email, accountId }: AccountFacts) => accountId ?? email;

test('what no account can be is told, not read: a pipe, a file without end, one that nests without end', async () => {
  const { directory, store } = await storeWith();
  await Bun.$`mkfifo ${join(directory, 'pipe.json')}`;
  await mkdir(join(directory, 'folder.json'));
  await writeFile(join(directory, 'huge.json'), ' '.repeat(2 ** 21));
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  await writeFile(
    join(directory, 'deep.json'),
    `{"type": "claude", "access_token": "a", "organizations": ${deep}}`,
  );
  const { accounts, problems } = await store.list();
  expect(accounts.map(({ id }) => id)).toEqual(['a']);
  expect(problems.map(({ message }) => message)).toEqual([
    'deep.json: expected one JSON object; the file is cut off or is something else',
    'huge.json: it is larger than any account, 2097152 bytes',
  ]);
  expect(await store.read('pipe.json')).toMatchObject({
    problem: { message: 'pipe.json: it is not a file' },
  });
});

test('a directory that is not there has no accounts', async () => {
  const store = storeOf(join(await temporaryDirectory(), 'nowhere'));
  expect(await store.list()).toEqual({ accounts: [], problems: [] });
  expect(await store.recover()).toEqual({ recovered: [], problems: [] });
  expect(await store.read('a.json')).toMatchObject({ problem: { reason: 'gone' } });
});

test('the list has the accounts by name and says what is wrong with the other files', async () => {
  const { directory, store } = await storeWith();
  await writeFile(join(directory, 'b.json'), '{');
  await writeFile(join(directory, '.c.json'), '{');
  await writeFile(join(directory, 'notes.txt'), 'mine');
  await mkdir(join(directory, 'd.json'));
  const { accounts, problems } = await store.list();
  expect(accounts.map(({ id }) => id)).toEqual(['a']);
  expect(problems.map(({ message }) => message)).toEqual([
    'b.json: expected one JSON object; the file is cut off or is something else',
  ]);
});

test('a login makes the directory and a file that only its owner can read', async () => {
  const directory = join(await temporaryDirectory(), 'auth');
  const store = storeOf(directory);
  const saved = await store.saveSignIn({
    kind: 'claude',
    tokens: reply(1),
    facts: { email: 'me@x.example' },
    identity,
    fields: { prefix: 'work' },
  });
  expect(saved).toMatchObject({
    ok: true,
    account: { id: 'claude_oauth_me@x.example', settings: { prefix: 'work' }, tokens: { refreshedAt: now } },
  });
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect((await stat(join(directory, 'claude_oauth_me@x.example.json'))).mode & 0o777).toBe(0o600);
});

test("another login of the account updates its file, the peer's too, and keeps the owner's fields", async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, 'claude-me@x.example.json');
  const before = {
    type: 'claude',
    access_token: 'old',
    refresh_token: 'old',
    email: 'me@x.example',
    expired: '',
  };
  const own = { prefix: 'work', priority: '3', proxy_url: 'direct', label: 'Mine', mine: [1] };
  await writeFile(file, JSON.stringify({ ...before, ...own }));
  const facts = { email: 'me@x.example', accountId: 'uuid-1' };
  const saved = await storeOf(directory).saveSignIn({ kind: 'claude', tokens: reply(1), facts, identity });
  expect(saved).toMatchObject({ ok: true, account: { file, settings: { prefix: 'work', priority: 3 } } });
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    ...own,
    access_token: 'access-1',
    account_id: 'uuid-1',
  });
  expect(await visible(directory)).toEqual(['claude-me@x.example.json']);
});

test('two workspaces of one e-mail are two files', async () => {
  const directory = await temporaryDirectory();
  const store = storeOf(directory);
  for (const accountId of ['one', 'two', 'one'])
    await store.saveSignIn({
      kind: 'codex',
      tokens: reply(1),
      facts: { email: 'me@x.example', accountId },
      identity,
    });
  expect((await visible(directory)).sort()).toEqual(['codex_oauth_one.json', 'codex_oauth_two.json']);
});

test('a login never overwrites a file that cannot be read', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'claude_oauth_me.json'), 'broken by hand');
  await storeOf(directory).saveSignIn({ kind: 'claude', tokens: reply(1), facts: { email: 'me' }, identity });
  expect((await visible(directory)).sort()).toEqual(['claude_oauth_me-2.json', 'claude_oauth_me.json']);
  expect(await readFile(join(directory, 'claude_oauth_me.json'), 'utf8')).toBe('broken by hand');
});

test('ten logins of one new account at once are one file', async () => {
  const directory = await temporaryDirectory();
  const logins = Array.from({ length: 10 }, (_, number) =>
    storeOf(directory).saveSignIn({
      kind: 'claude',
      tokens: reply(number),
      facts: { email: 'me' },
      identity,
    }),
  );
  expect((await Promise.all(logins)).every(({ ok }) => ok)).toBe(true);
  expect(await visible(directory)).toEqual(['claude_oauth_me.json']);
  expect(await readdir(directory)).not.toContain('.sign-in.lock');
});

test('a service account is a file without tokens', async () => {
  const serviceAccount = { client_email: 'bot@p.example', private_key: 'PEM', project_id: 'p' };
  const store = storeOf(await temporaryDirectory());
  const facts = { email: 'bot@p.example', projects: ['p'], location: 'global', serviceAccount };
  const saved = await store.saveSignIn({ kind: 'vertex', tokens: undefined, facts, identity });
  expect(saved).toMatchObject({
    ok: true,
    account: { kind: 'vertex', facts, tokens: { accessToken: undefined } },
  });
});

test('a removed account is gone with everything that belonged to it', async () => {
  const { directory, store } = await storeWith();
  await store.saveTokens('a.json', '1', reply(2), {});
  expect(await store.remove('a.json')).toBeUndefined();
  expect(await readdir(directory)).toEqual([]);
  expect(await store.remove('a.json')).toMatchObject({
    reason: 'gone',
    message: 'a.json: there is no such file',
  });
});

test('who does not get the lock in time is told so', async () => {
  const { directory, store } = await storeWith();
  let time = now;
  const other = createAccountStore({
    directory,
    encryption: plain,
    now: () => time,
    wait: async (milliseconds) => {
      time += milliseconds;
    },
  });
  await store.withLock('a.json', async () => {
    const locked = await other.withLock('a.json', async () => 'never', { timeout: 5_000 });
    expect(locked).toMatchObject({ problem: { reason: 'busy' } });
    expect(time - now).toBeGreaterThanOrEqual(5_000);
  });
  expect(await other.withLock('a.json', async () => 'mine')).toEqual({ ok: true, value: 'mine' });
});

test('an action that throws lets go of the lock', async () => {
  const { store } = await storeWith();
  const failing = store.withLock('a.json', () => Promise.reject(new Error('mine')));
  await expect(failing).rejects.toThrow('mine');
  expect(await store.withLock('a.json', async () => 'next')).toEqual({ ok: true, value: 'next' });
});
