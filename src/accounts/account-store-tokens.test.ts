import { expect, test } from 'bun:test';
import { readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { refreshTokenDigest } from './account-file.ts';
import { hiddenFile } from './atomic-write.ts';
import { createEncryption } from './encryption.ts';
import { now, plain, reply, storeOf, temporaryStores } from './fixtures/temporary-stores.ts';
import { journalOf, writeJournal } from './reply-journal.ts';

const { storeWith } = temporaryStores();

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
