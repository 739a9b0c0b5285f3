import { expect, test } from 'bun:test';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refreshTokenDigest } from './account-file.ts';
import { createAccountStore } from './account-store.ts';
import { hiddenFile } from './atomic-write.ts';
import { createEncryption, type Encryption } from './encryption.ts';
import { journalOf, readJournal, takeJournalRoom, writeJournal } from './reply-journal.ts';

const plain = createEncryption({ key: undefined });
const sealing = createEncryption({ key: 'the key of this test' });

const account = (generation: number, more: object = {}) => ({
  type: 'claude',
  access_token: `access-${generation}`,
  refresh_token: `refresh-${generation}`,
  last_refresh: new Date(Date.UTC(2026, 0, generation)).toISOString(),
  email: 'ann@x.example',
  ...more,
});

const reply = (generation: number) => ({
  spent: refreshTokenDigest(`refresh-${generation - 1}`),
  tokens: {
    accessToken: `access-${generation}`,
    refreshToken: `refresh-${generation}`,
    idToken: undefined,
    tokenType: 'Bearer',
    scope: undefined,
    expiresAt: undefined,
    body: {},
  },
  facts: {},
});

interface Scene extends Disposable {
  file: string;
  write(path: string, content: object | string): Promise<void>;
  recover(): Promise<{ recovered: number; problems: string[] }>;
  refreshToken(): Promise<string | undefined>;
  left(): string[];
}

function scene(encryption: Encryption = plain): Scene {
  const directory = mkdtempSync(join(tmpdir(), 'leftovers-'));
  const file = join(directory, 'ann.json');
  const store = createAccountStore({ directory, encryption, now: Date.now });
  return {
    file,
    async write(path, content) {
      const text = typeof content === 'string' ? content : await encryption.seal(JSON.stringify(content));
      writeFileSync(path, text);
    },
    async recover() {
      const { recovered, problems } = await store.recover();
      return { recovered: recovered.length, problems: problems.map(({ message }) => message) };
    },
    async refreshToken() {
      const read = await store.read(file);
      return read.ok ? read.account.tokens.refreshToken : undefined;
    },
    left: () => readdirSync(directory).filter((name) => /journal|tmp$/.test(name)),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

const temporary = (file: string) => hiddenFile(file, '0123456789abcdef.tmp');

for (const [name, encryption] of Object.entries({ plain, sealing })) {
  test(`M9: a whole and newer temporary file of an account is recovered, ${name}`, async () => {
    using it = scene(encryption);
    await it.write(it.file, account(1, { note: 'mine' }));
    await it.write(temporary(it.file), account(2));
    expect(await it.recover()).toEqual({ recovered: 1, problems: [] });
    expect(await it.refreshToken()).toBe('refresh-2');
    if (!encryption.encrypts) expect(readFileSync(it.file, 'utf8')).toContain('"note":"mine"');
    expect(it.left()).toEqual([]);
  });

  test(`M9: a whole temporary file of a journal is recovered, ${name}`, async () => {
    using it = scene(encryption);
    await it.write(it.file, account(1));
    await it.write(temporary(journalOf(it.file)), reply(2));
    expect(await it.recover()).toEqual({ recovered: 1, problems: [] });
    expect(await it.refreshToken()).toBe('refresh-2');
    expect(it.left()).toEqual([]);
  });

  test(`M9: a login that was about to be written is finished, ${name}`, async () => {
    using it = scene(encryption);
    await it.write(temporary(it.file), account(1));
    expect(await it.recover()).toEqual({ recovered: 1, problems: [] });
    expect(await it.refreshToken()).toBe('refresh-1');
    expect(it.left()).toEqual([]);
  });
}

test.each([
  ['an older one', account(1)],
  ['a half written one', JSON.stringify(account(3)).slice(0, 60)],
  ['one of another provider', account(3, { type: 'qwen' })],
  ['an empty one', ''],
])('M9: %s changes nothing and goes', async (_, content) => {
  using it = scene();
  await it.write(it.file, account(2));
  await it.write(temporary(it.file), content);
  expect(await it.recover()).toEqual({ recovered: 0, problems: [] });
  expect(await it.refreshToken()).toBe('refresh-2');
  expect(it.left()).toEqual([]);
});

test('M9: without times in the files the later one counts', async () => {
  using it = scene();
  const timeless = { last_refresh: undefined };
  await it.write(it.file, account(1, timeless));
  await it.write(temporary(it.file), account(2, timeless));
  utimesSync(it.file, 1, 1);
  expect(await it.recover()).toEqual({ recovered: 1, problems: [] });
  expect(await it.refreshToken()).toBe('refresh-2');
});

test('M9: of a reply cut off at any byte the rest is never taken for one', async () => {
  using it = scene();
  await it.write(it.file, account(1));
  await writeJournal(it.file, reply(2), plain);
  const whole = readFileSync(journalOf(it.file));
  for (let length = 0; length < whole.length; length += 7) {
    // As it is in the room that was taken: blanks behind.
    writeFileSync(journalOf(it.file), Buffer.concat([whole.subarray(0, length), Buffer.alloc(64, ' ')]));
    expect(['none', 'damaged']).toContain((await readJournal(it.file, plain)).kind);
  }
  const { recovered, problems } = await it.recover();
  expect(recovered).toBe(0);
  expect(problems).toEqual([expect.stringContaining('its process ended while it wrote renewed tokens')]);
  // Said once; it stands in nobody's way.
  expect(await it.recover()).toEqual({ recovered: 0, problems: [] });
  expect(it.left()).toEqual([]);
});

test('H6: room that was taken and not needed goes, at once or at the next start', async () => {
  using it = scene();
  await it.write(it.file, account(1));
  const room = await takeJournalRoom(it.file, plain);
  expect(readFileSync(journalOf(it.file)).length).toBeGreaterThan(16_000);
  await room.release();
  expect(it.left()).toEqual([]);
  await takeJournalRoom(it.file, plain);
  expect(await it.recover()).toEqual({ recovered: 0, problems: [] });
  expect(it.left()).toEqual([]);
});

test.each(['a pipe', 'a directory', 'of a gigabyte'])(
  'M9: a journal that is %s holds nothing up',
  async (what) => {
    using it = scene();
    await it.write(it.file, account(1));
    const journal = journalOf(it.file);
    if (what === 'a pipe') await Bun.$`mkfifo ${journal}`;
    else if (what === 'a directory') mkdirSync(journal);
    else {
      writeFileSync(journal, '');
      truncateSync(journal, 1024 ** 3);
    }
    const { recovered, problems } = await it.recover();
    expect(recovered).toBe(0);
    expect(problems.join()).toContain('renewed tokens wait beside it: the journal');
    expect(await it.refreshToken()).toBe('refresh-1');
  },
);
