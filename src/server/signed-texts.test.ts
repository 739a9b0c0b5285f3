import { expect, test } from 'bun:test';
import { signedTexts } from './signed-texts.ts';

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
  };
  return { kept, texts };
}

test('a text that was written without the key, or under another name, is none', async () => {
  const { kept, texts } = store();
  const signed = signedTexts(texts, () => 'encryption-key-of-the-tests');
  await signed.put('a', 'text of a', 1000);
  expect([await signed.get('a'), await signed.add('a', 'b', 1000)]).toEqual(['text of a', false]);
  kept.set('b', kept.get('a') ?? '');
  kept.set('c', 'unspent');
  const foreign = signedTexts(texts, () => 'encryption-key-of-another');
  expect([await signed.get('b'), await signed.get('c'), await foreign.get('a')]).toEqual([null, null, null]);
});

test('without a key that can be read nothing is shared', async () => {
  const { kept, texts } = store();
  for (const setting of [undefined, 'file:/no/such/file', 'short']) {
    const signed = signedTexts(texts, () => setting);
    await signed.put('a', 'text', 1000);
    expect([await signed.get('a'), await signed.add('a', 'text', 1000)]).toEqual([undefined, undefined]);
  }
  expect(kept.size).toBe(0);
});
