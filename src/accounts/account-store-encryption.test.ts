import { expect, test } from 'bun:test';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEncryption } from './encryption.ts';
import { plain, reply, storeOf, temporaryStores } from './fixtures/temporary-stores.ts';

const { storeWith } = temporaryStores();

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
