import { expect, test } from 'bun:test';
import { createEncryption } from './encryption.ts';
import { type KeySources, readEncryptionKey } from './encryption-key.ts';

const text = '{"access_token":"secret-token"}\n';
const one = createEncryption({ key: 'the first key of this test' });

test('what is sealed can be opened with the same key, by another process too', async () => {
  const sealed = await one.seal(text);
  expect(sealed).not.toContain('secret');
  expect(Object.keys(JSON.parse(sealed))).toEqual(['encrypted']);
  expect(await one.open(sealed)).toEqual({ ok: true, text, current: true });
  const again = createEncryption({ key: 'the first key of this test' });
  expect(await again.open(sealed)).toEqual({ ok: true, text, current: true });
});

test('sealing twice gives two contents: no two files share a nonce', async () => {
  expect(await one.seal(text)).not.toBe(await one.seal(text));
});

test('plain content is still read', async () => {
  expect(await one.open(text)).toEqual({ ok: true, text, current: false });
  expect(await createEncryption({ key: undefined }).open(text)).toEqual({ ok: true, text, current: true });
});

test('without a key nothing is encrypted', async () => {
  expect(await createEncryption({ key: undefined }).seal(text)).toBe(text);
});

test('both keys are tried while the key changes; only the new one is current', async () => {
  const rotating = createEncryption({
    key: 'the second key of this test',
    oldKeys: ['the first key of this test'],
  });
  expect(await rotating.open(await one.seal(text))).toEqual({ ok: true, text, current: false });
  expect(await rotating.open(await rotating.seal(text))).toEqual({ ok: true, text, current: true });
});

test('a wrong key, no key and damaged content are told in words', async () => {
  const sealed = await one.seal(text);
  const refusals: [string, string | undefined, string][] = [
    [
      sealed,
      'another key than the first',
      'the file is encrypted with another key than the auth-encryption-key',
    ],
    [sealed, undefined, 'the file is encrypted, and no auth-encryption-key is set'],
    ['{"encrypted":"x.y"}', 'the first key of this test', 'the encrypted content is damaged'],
    [
      sealed.replace(/.{5}(?="\n)/, 'AAAAA'),
      'the first key of this test',
      'the file is encrypted with another key than the auth-encryption-key',
    ],
  ];
  for (const [content, key, message] of refusals)
    expect(await createEncryption({ key }).open(content)).toEqual({ ok: false, message });
});

const sources: KeySources = {
  readFile: async (path) => {
    if (path === '/run/secrets/key') return 'a key out of a file\n';
    throw new Error('no such file');
  },
  run: async (command) => {
    if (command.includes('missing')) throw new Error('not found');
    return `${command.join(' ')}\n`;
  },
  platform: 'linux',
};
const settings: [setting: string, platform: string, expected: string][] = [
  ['a key that is written here', 'linux', 'a key that is written here'],
  ['file:/run/secrets/key', 'linux', 'a key out of a file'],
  ['keychain:', 'linux', 'secret-tool lookup service cli-proxy-api'],
  ['keychain:mine', 'darwin', 'security find-generic-password -s mine -w'],
  ['keychain:missing', 'linux', '`secret-tool lookup service missing` gave no key: not found'],
  ['keychain:', 'win32', 'keychain: is not supported on win32; use file:'],
  ['file:/nowhere', 'linux', 'cannot read /nowhere: no such file'],
  ['short', 'linux', 'expected 16 characters or more, found 5'],
];
for (const [setting, platform, expected] of settings)
  test(`the key of "${setting}" on ${platform}`, async () => {
    const found = await readEncryptionKey(setting, { ...sources, platform });
    expect(found.ok ? found.key : found.message).toBe(expected);
  });
