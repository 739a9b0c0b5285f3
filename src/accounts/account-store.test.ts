import { afterEach, expect, test } from 'bun:test';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { TokenReply } from '../oauth/grant.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import { refreshTokenDigest } from './account-file.ts';
import { type AccountStore, createAccountStore } from './account-store.ts';
import { hiddenFile } from './atomic-write.ts';
import { createEncryption, type Encryption } from './encryption.ts';
import { journalOf, writeJournal } from './reply-journal.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).toReversed()) await undo();
});

const now = Date.UTC(2026, 10, 23, 12);
const plain = createEncryption({ key: undefined });
const identity = ({ email, accountId }: AccountFacts) => accountId ?? email;

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'account-store-'));
  cleanup.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const storeOf = (directory: string, encryption: Encryption = plain): AccountStore =>
  createAccountStore({ directory, encryption, now: () => now });

/** A store whose only file is `a.json`, with refresh token `1`. */
async function storeWith(content: object = {}, encryption = plain) {
  const directory = await temporaryDirectory();
  const file = join(directory, 'a.json');
  await writeFile(
    file,
    JSON.stringify({ type: 'claude', access_token: 'access-1', refresh_token: '1', ...content }),
  );
  const json = async () => JSON.parse(await readFile(file, 'utf8'));
  return { directory, file, json, store: storeOf(directory, encryption) };
}

const reply = (number: number): TokenReply => ({
  accessToken: `access-${number}`,
  refreshToken: String(number),
  idToken: undefined,
  tokenType: 'Bearer',
  scope: undefined,
  expiresAt: now + 3_600_000,
  body: {},
});

const visible = async (directory: string) =>
  (await readdir(directory)).filter((name) => !name.startsWith('.'));

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

test('a refresh changes the tokens only, keeps a symlink, and leaves no journal', async () => {
  const { directory, file, json, store } = await storeWith({ note: 'mine', prefix: 'p' });
  await rename(file, join(directory, 'kept'));
  await symlink('kept', file);
  expect(await store.saveTokens('a.json', '1', reply(2), { plan: 'pro' })).toMatchObject({ ok: true });
  expect(await json()).toMatchObject({ refresh_token: '2', note: 'mine', prefix: 'p', plan: 'pro' });
  expect((await readdir(directory)).filter((name) => !name.endsWith('.lock')).sort()).toEqual([
    'a.json',
    'kept',
  ]);
});

test('tokens of a refresh do not replace those of a login that came in between', async () => {
  const { json, store } = await storeWith({ refresh_token: 'signed in again' });
  const saved = await store.saveTokens('a.json', '1', reply(2), {});
  expect(saved).toMatchObject({ ok: true, account: { tokens: { refreshToken: 'signed in again' } } });
  expect(await json()).toMatchObject({ refresh_token: 'signed in again' });
});

test('tokens for a file that was deleted meanwhile do not bring it back', async () => {
  const { directory, file, store } = await storeWith();
  await rm(file);
  expect(await store.saveTokens('a.json', '1', reply(2), {})).toMatchObject({ problem: { reason: 'gone' } });
  expect((await readdir(directory)).filter((name) => !name.endsWith('.lock'))).toEqual([]);
});

test('tokens for a file that is broken wait for its repair', async () => {
  const { file, json, store } = await storeWith();
  await writeFile(file, '{"type": "claude", "refr');
  expect(await store.saveTokens('a.json', '1', reply(2), {})).toMatchObject({
    problem: { reason: 'invalid' },
  });
  await writeFile(file, '{"type": "claude", "refresh_token": "1", "note": "repaired"}');
  expect(await storeOf(store.directory).recover()).toMatchObject({
    recovered: [{ tokens: { refreshToken: '2' } }],
  });
  expect(await json()).toMatchObject({ refresh_token: '2', note: 'repaired' });
});

test('tokens are also written to a file with a mistake in another field', async () => {
  const { json, store } = await storeWith({ priority: 'high' });
  expect(await store.saveTokens('a.json', '1', reply(2), {})).toMatchObject({ problem: { key: 'priority' } });
  expect(await json()).toMatchObject({ refresh_token: '2', priority: 'high' });
});

test('sign in again is written, read by others, and only for the refresh token it is about', async () => {
  const { directory, json, store } = await storeWith();
  expect(await store.markSignInAgain('a.json', 'another', 'revoked')).toMatchObject({
    account: { login: { kind: 'good' } },
  });
  expect(await store.markSignInAgain('a.json', '1', 'revoked')).toMatchObject({ ok: true });
  expect(await storeOf(directory).read('a.json')).toMatchObject({
    account: { login: { kind: 'sign-in-again', reason: 'revoked', since: now } },
  });
  await store.saveSignIn({ kind: 'claude', tokens: reply(1), facts: {}, identity: () => 'same' });
  expect((await json()).sign_in_again).toBeUndefined();
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

// The steps of a refresh: reply, journal, file, journal away. The state that a crash after each of them leaves behind.
const crashes: { after: string; journal: boolean; inFile: string; expected: string }[] = [
  { after: 'the reply', journal: false, inFile: '1', expected: '1' },
  { after: 'the journal', journal: true, inFile: '1', expected: '2' },
  { after: 'the file', journal: true, inFile: '2', expected: '2' },
  { after: 'a login that followed', journal: true, inFile: 'signed in again', expected: 'signed in again' },
];
for (const encryption of [plain, createEncryption({ key: 'the key of this test' })])
  for (const { after, journal, inFile, expected } of crashes)
    for (const when of ['at the start', 'before the next refresh'])
      test(`a crash after ${after} is made good ${when}${encryption.encrypts ? ', encrypted' : ''}`, async () => {
        const { directory, file, store } = await storeWith(
          { refresh_token: inFile, note: 'mine' },
          encryption,
        );
        const journaled = { spent: refreshTokenDigest('1'), tokens: reply(2), facts: { plan: 'pro' } };
        if (journal) await writeJournal(file, journaled, encryption);
        if (journal && encryption.encrypts)
          expect(await readFile(journalOf(file), 'utf8')).not.toContain('access-2');
        await writeFile(hiddenFile(file, '0123456789abcdef.tmp'), 'half a fi');
        if (when === 'at the start') {
          const { recovered, problems } = await store.recover();
          expect(problems).toEqual([]);
          expect(recovered.length).toBe(journal ? 1 : 0);
        }
        const read = await store.withLock('a.json', (held) => held.read());
        expect(read).toMatchObject({
          value: { account: { tokens: { refreshToken: expected }, settings: { description: 'mine' } } },
        });
        expect(await readdir(directory)).not.toContain('.a.json.journal');
      });

test('the journal and the lock of an account that was deleted go too, those of others stay', async () => {
  const { directory, file, store } = await storeWith();
  await writeFile(join(directory, 'b.json'), await readFile(file, 'utf8'));
  for (const name of ['a.json', 'b.json']) await store.withLock(name, (held) => held.read());
  await writeJournal(file, { spent: undefined, tokens: reply(2), facts: {} }, plain);
  await rm(file);
  await store.recover();
  expect((await readdir(directory)).sort()).toEqual(['.b.json.lock', 'b.json']);
});

test('edits while tokens are saved: both stay, 200 times, in place, by rename, and from an old copy', async () => {
  const { file, store } = await storeWith();
  let refreshToken = 1;
  const edits = fc.sample(
    fc.record({ ticks: fc.nat(12), readBefore: fc.boolean(), byRename: fc.boolean() }),
    { numRuns: 200, seed: 20261123 },
  );
  const edited = async (text: string, priority: number) =>
    JSON.stringify({ ...JSON.parse(text), priority, [`own_${priority % 7}`]: priority });
  for (const [round, { ticks, readBefore, byRename }] of edits.entries()) {
    const copy = readBefore ? await readFile(file, 'utf8') : undefined;
    const saving = store.saveTokens('a.json', String(refreshToken), reply(refreshToken + 1), {});
    for (let tick = 0; tick < ticks; tick++) await new Promise(setImmediate);
    const text = await edited(copy ?? (await readFile(file, 'utf8')), round);
    if (byRename) {
      await writeFile(`${file}.edit`, text);
      await rename(`${file}.edit`, file);
    } else await writeFile(file, text);
    expect(await saving).toMatchObject({ ok: true });
    refreshToken++;
    // What the watch does with a changed file, and every refresh before it begins.
    expect(await store.withLock('a.json', (held) => held.read())).toMatchObject({
      value: { account: { tokens: { refreshToken: String(refreshToken) }, settings: { priority: round } } },
    });
    expect(JSON.parse(await readFile(file, 'utf8'))[`own_${round % 7}`]).toBe(round);
  }
});

test('the whole directory is encrypted, given a new key, and decrypted again', async () => {
  const { directory, file, json, store } = await storeWith({ note: 'mine' });
  const text = await readFile(file, 'utf8');
  await writeFile(join(directory, 'broken.json'), '{');
  const first = 'the first key of this test';
  const second = 'the second key of this test';
  const steps: { keys: { key: string | undefined; oldKeys: string[] }; written: string[] }[] = [
    { keys: { key: first, oldKeys: [] }, written: ['a.json'] },
    { keys: { key: first, oldKeys: [] }, written: [] },
    { keys: { key: second, oldKeys: [first] }, written: ['a.json'] },
    { keys: { key: second, oldKeys: [first] }, written: [] },
    { keys: { key: undefined, oldKeys: [second] }, written: ['a.json'] },
  ];
  for (const { keys, written } of steps) {
    const result = await storeOf(directory, createEncryption(keys)).rewriteAll();
    expect(result.written).toEqual(written);
    expect(result.problems.map(({ message }) => message)).toEqual(['broken.json: the file is cut off']);
    expect(Object.keys(await json())[0]).toBe(keys.key ? 'encrypted' : 'type');
  }
  expect(await readFile(file, 'utf8')).toBe(text);
  expect(await store.read('a.json')).toMatchObject({ ok: true });
});

test('a change of key that was broken off can be repeated, and every file can be read meanwhile', async () => {
  const { directory } = await storeWith({}, plain);
  const first = createEncryption({ key: 'the first key of this test' });
  const rotating = createEncryption({
    key: 'the second key of this test',
    oldKeys: ['the first key of this test'],
  });
  const text = await readFile(join(directory, 'a.json'), 'utf8');
  await writeFile(join(directory, 'b.json'), await first.seal(text));
  await writeFile(join(directory, 'c.json'), await rotating.seal(text));
  const store = storeOf(directory, rotating);
  for (const name of ['a.json', 'b.json', 'c.json']) expect((await store.read(name)).ok).toBe(true);
  expect(await store.rewriteAll()).toMatchObject({
    written: ['a.json', 'b.json'],
    unchanged: ['c.json'],
    problems: [],
  });
});

test('an encrypted account is refreshed encrypted; without the key it is left alone', async () => {
  const encryption = createEncryption({ key: 'the key of this test' });
  const { directory, file, store } = await storeWith({}, encryption);
  await store.rewriteAll();
  expect(await store.saveTokens('a.json', '1', reply(2), {})).toMatchObject({ ok: true });
  const content = await readFile(file, 'utf8');
  expect(content).not.toContain('access-2');
  expect(await storeOf(directory).saveTokens('a.json', '2', reply(3), {})).toMatchObject({
    problem: { message: 'a.json: the file is encrypted, and no auth-encryption-key is set' },
  });
  expect(await readFile(file, 'utf8')).toBe(content);
});
