import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createSecretMask } from './secret-mask.ts';

const mask = createSecretMask();
const secrets = [
  'sk-client-0123456789abcdef',
  'AIzaSyTheKeyOfGemini0123456789',
  '0123456789abcdef0123456789abcdef',
  'short1',
  'pass-of-the-proxy',
  'the-signing-secret',
  'Basic dXNlcjpwYXNz',
  'commented-out-key-1234',
  '$2a$10$abcdefghijklmnopqrstuv',
];
const file = `# keys, the old one: sk-client-0123456789abcdef
api-keys:
  - sk-client-0123456789abcdef   # of ann
  - {key: "short1", name: ann}
  - key: \${CLIENT_KEY}
  # - commented-out-key-1234
gemini-api-key:
  - api-key: 'AIzaSyTheKeyOfGemini0123456789'
    headers: {Authorization: Basic dXNlcjpwYXNz}
    models: [{name: gemini-2.5-flash-preview-09-2025, alias: flash}]
openai-compatibility:
  - name: x
    base-url: https://api.example.com/v1
    api-key-entries: [{api-key: 0123456789abcdef0123456789abcdef}]
proxy-url: http://user:pass-of-the-proxy@proxy:3128
alerts: {secret: >-
    the-signing-secret}
tls: {enable: true, cert: cert.pem, key: key.pem}
remote-management: {secret-key: $2a$10$abcdefghijklmnopqrstuv}
auth-encryption-key: file:./key
`.replace('{secret: >-\n    the-signing-secret}', '\n  secret: >-\n    the-signing-secret');

test('no secret leaves, in any layout, quotes, flow, block or comment; all else does', async () => {
  const masked = await mask.masked(file);
  for (const secret of secrets) expect([secret, masked.includes(secret)]).toEqual([secret, false]);
  for (const plain of [
    '${CLIENT_KEY}',
    'gemini-2.5-flash-preview-09-2025',
    'key: key.pem',
    'file:./key',
    'name: ann',
  ])
    expect([plain, masked.includes(plain)]).toEqual([plain, true]);
  expect(masked.split('\n').length).toBe(file.split('\n').length);
});

test('the address of a hook is a secret, in the file, a comment and a text that is no YAML', async () => {
  const hook = 'https://hooks.example.com/services/T000/B000/of-the-hook';
  for (const text of [
    `alerts:\n  url: ${hook}\n`,
    `alerts: {on: [login-needed], url: "${hook}"}\n`,
    `# alerts: {url: ${hook}}\nport: 1\n`,
    `alerts:\n  #url: ${hook}\n`,
    `webhook_url: ${hook}\n`,
    `alerts:\n  url: ${hook}\n x: [\n`,
  ]) {
    const masked = await mask.masked(text);
    expect([text, masked.includes('of-the-hook')]).toEqual([text, false]);
    expect(await mask.unmasked(masked, text)).toEqual({ text, unknown: [] });
  }
  const address = 'openai-compatibility: [{name: x, base-url: https://api.example.com/v1}]\n';
  expect(await mask.masked(address)).toBe(address);
});

test('what was masked comes back to the byte, wherever it was moved to', async () => {
  expect(await mask.unmasked(await mask.masked(file), file)).toEqual({ text: file, unknown: [] });
  const [first = ''] = (await mask.masked('api-keys: [sk-client-0123456789abcdef]')).match(/•.*(?=\])/) ?? [];
  const moved = await mask.unmasked(`a: 1\napi-keys:\n  - ${first}\n`, file);
  expect(moved).toEqual({ text: 'a: 1\napi-keys:\n  - sk-client-0123456789abcdef\n', unknown: [] });
});

test('a stand-in of no secret of the file is named by its line', async () => {
  const masked = await mask.masked('api-keys: [sk-of-another-file-12345]');
  expect((await mask.unmasked(`port: 1\n${masked}`, file)).unknown).toEqual([2]);
  const other = await createSecretMask().masked(file);
  expect((await mask.unmasked(other, file)).unknown.length).toBeGreaterThan(5);
});

test('a text that is no YAML any more hides them all the same', async () => {
  for (const broken of [`${file}port: [1\n`, file.replace('port', '\tport'), `"${file}`]) {
    const masked = await mask.masked(broken);
    for (const secret of secrets.filter((one) => one !== 'the-signing-secret'))
      expect([secret, masked.includes(secret)]).toEqual([secret, false]);
    expect((await mask.unmasked(masked, broken)).text).toBe(broken);
  }
});

test('law: any text comes back as it was', async () => {
  const line = fc.oneof(
    fc.constantFrom(...file.split('\n')),
    fc.string({ maxLength: 30 }).filter((text) => !text.includes('•')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
      const text = lines.join('\n');
      expect((await mask.unmasked(await mask.masked(text), text)).text).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test('the peer’s newer layout hides its keys, too', async () => {
  const newer =
    'config-version: 8\napi-keys:\n  gemini:\n    - keys: [{api-key: key-of-gemini-1}, key-of-gemini-2]\naccess: {api-keys: [key-of-client-1]}\nmanagement: {secret-key: key-of-owner-1}\n';
  expect(await mask.masked(newer)).not.toMatch(/key-of/);
});
