import { expect, test } from 'bun:test';
import { encryptedTexts } from './encrypted-texts.ts';

function store() {
  const kept = new Map<string, string>();
  const texts = {
    get: async (name: string) => kept.get(name) ?? null,
    put: async (name: string, text: string) => void kept.set(name, text),
    async add(name: string, text: string) {
      if (kept.has(name)) return false;
      kept.set(name, text);
      return true;
    },
    note: async () => {},
    noted: async () => [],
  };
  return { kept, texts };
}

test('a text that was not sealed with the key, for this name, is none', async () => {
  const { kept, texts } = store();
  const sealed = encryptedTexts(texts, () => 'encryption-key-of-the-tests');
  await sealed.put('a', 'text of a', 1000);
  expect([await sealed.get('a'), await sealed.add('a', 'b', 1000)]).toEqual(['text of a', false]);
  kept.set('b', kept.get('a') ?? '');
  kept.set('c', 'unspent');
  expect(kept.get('a')).not.toContain('text');
  const foreign = encryptedTexts(texts, () => 'encryption-key-of-another');
  expect([await sealed.get('b'), await sealed.get('c'), await foreign.get('a')]).toEqual([null, null, null]);
});

test('without a key that can be read nothing is shared', async () => {
  const { kept, texts } = store();
  for (const setting of [undefined, 'file:/no/such/file', 'short']) {
    const sealed = encryptedTexts(texts, () => setting);
    await sealed.put('a', 'text', 1000);
    expect([await sealed.get('a'), await sealed.add('a', 'text', 1000)]).toEqual([undefined, undefined]);
  }
  expect(kept.size).toBe(0);
});
