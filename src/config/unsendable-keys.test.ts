import { expect, test } from 'bun:test';
import { formatProblem, parseConfig } from './load.ts';

/** What is said of a config, one line each; the first word says whether it starts. */
function saidOf(text: string, env: Record<string, string> = {}): string[] {
  const result = parseConfig(text, { file: 'config.yaml', env });
  return result.ok
    ? ['starts', ...result.warnings.map(formatProblem)]
    : ['refused', ...result.problems.map(formatProblem)];
}

/** Each place in which a secret goes into a header, with `KEY` for it, and the key as messages name it. */
const places: [text: string, key: string][] = [
  ['api-keys: [KEY]', 'api-keys[0]'],
  ['api-keys: [{key: KEY, name: ann}]', 'api-keys[0]'],
  ['api-keys: [{key: k, previous-key: KEY, previous-until: 2026-12-31}]', 'api-keys[0].previous-key'],
  ['remote-management: {secret-key: KEY}', 'remote-management.secret-key'],
  ['metrics: {token: KEY}', 'metrics.token'],
  ['claude-api-key: [{api-key: KEY}]', 'claude-api-key[0].api-key'],
  ['gemini-api-key: [{api-key: k}, {api-key: KEY}]', 'gemini-api-key[1].api-key'],
  [
    'openai-compatibility: [{name: a, base-url: "http://a/v1", api-key: KEY}]',
    'openai-compatibility[0].api-key',
  ],
  [
    'openai-compatibility: [{name: a, base-url: "http://a/v1", api-key-entries: [{api-key: KEY}]}]',
    'openai-compatibility[0].api-key-entries[0].api-key',
  ],
];
const headers: [text: string, key: string][] = [
  ['claude-api-key: [{api-key: k, headers: {x-a: KEY}}]', 'claude-api-key[0].headers.x-a'],
  [
    'openai-compatibility: [{name: a, base-url: "http://a/v1", headers: {x-a: KEY}}]',
    'openai-compatibility[0].headers.x-a',
  ],
  ['alerts: {url: "http://127.0.0.1:1", headers: {x-a: KEY}}', 'alerts.headers.x-a'],
  ['tracing: {headers: {x-a: KEY}}', 'tracing.headers.x-a'],
];

test.each(places)('%s with a letter beyond ASCII is warned of, with its place', (text, key) => {
  const [verdict, ...warnings] = saidOf(`\n${text.replace('KEY', '"canaré-\u{1F511}"')}`);
  expect(verdict).toBe('starts');
  const said = warnings.find((line) => line.includes(`  ${key}: `)) ?? '';
  expect(said).toMatch(/^config\.yaml:2:\d+ {2}.*: character 6 is U\+00E9, .*\n {4}hint: /);
  expect(said).not.toContain('canar');
});

test.each([...places, ...headers])('%s with a control character is refused, with its place', (text, key) => {
  const [verdict, ...problems] = saidOf(`\n${text.replace('KEY', '"canary\\x01"')}`);
  expect(verdict).toBe('refused');
  const said = problems.find((line) => line.includes(`  ${key}`)) ?? '';
  expect(said).toMatch(/^config\.yaml:2:\d+ {2}.*: character 7 is U\+0001: .*\n {4}hint: /);
  expect(said).not.toContain('canary');
});

test.each(places)('%s with a space in it is refused, with its place', (text, key) => {
  const [verdict, said = ''] = saidOf(text.replace('KEY', '"canary two"'));
  expect([verdict, said.includes(`  ${key}`)]).toEqual(['refused', true]);
  expect(said).toMatch(/character 7 is U\+0020: a key has neither spaces nor control characters\n {4}hint: /);
});

test.each(headers)('%s with what no header carries is warned of; Latin-1 is carried', (text, key) => {
  expect(saidOf(text.replace('KEY', '"größe"'))).not.toContainEqual(expect.stringContaining(key));
  const said = saidOf(text.replace('KEY', '"a 中"')).find((line) => line.includes(`  ${key}: `)) ?? '';
  expect(said).toContain('character 3 is U+4E2D, which no HTTP header can carry');
  expect(said).toContain('hint: ');
});

test('what was copied with a key and is not seen is warned of, too', () => {
  const warnings = saidOf('claude-api-key: [{api-key: "k\u200b"}]').join('\n');
  expect(warnings).toContain('character 2 is U+200B, and keys of providers are ASCII');
});

test('keys of the environment are held to the same', () => {
  const env = { CLI_PROXY_API_KEY: 'good, schlüssel' };
  expect(saidOf('port: 1', env).join('\n')).toContain(
    'environment  CLI_PROXY_API_KEY: character 5 is U+00FC',
  );
  expect(saidOf('claude-api-key: [{api-key: "${K}"}]', { K: 'ключ' }).join('\n')).toContain('U+043A');
  expect(saidOf('port: 1', { CLI_PROXY_API_KEY: 'a b' })[0]).toBe('refused');
});

test('keys of ASCII, their digests and hashes are fine', () => {
  const hash = `$2b$10$${'a'.repeat(53)}`;
  const text = `api-keys: ["!#$%&'*+.^_\`|~-~", "sha256:${'ab'.repeat(32)}"]\nremote-management: {secret-key: "${hash}"}\n`;
  expect(saidOf(text)).toEqual(['starts']);
});
