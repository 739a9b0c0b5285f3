import { expect, test } from 'bun:test';
import { parseConfig } from './load.ts';
import { formatProblem } from './problem.ts';

const file = '/etc/proxy/config.yaml';

function load(text: string, env: Record<string, string> = {}) {
  return parseConfig(text, { file, env: { HOME: '/home/ann', ...env } });
}

function configOf(text: string, env?: Record<string, string>) {
  const result = load(text, env);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config;
}

function problemOf(text: string) {
  const result = load(text);
  if (result.ok) throw new Error('it loads');
  expect(result.problems.length).toBe(1);
  return result.problems[0];
}

test('a provider without overrides has none', () => {
  expect(configOf('').providers.claude).toEqual({ oauth: {}, tls: { http2: false } });
});

test('files of TLS start at the directory of the configuration', () => {
  const { tls } = configOf(
    'providers:\n  codex:\n    tls: {ca-file: ca.pem, client-certificate: ~/c.pem, client-key: /k.pem, min-version: 1.2, max-version: "1.3", http2: true}\n',
  ).providers.codex;
  expect(tls).toEqual({
    'ca-file': '/etc/proxy/ca.pem',
    'client-certificate': '/home/ann/c.pem',
    'client-key': '/k.pem',
    'min-version': '1.2',
    'max-version': '1.3',
    http2: true,
  });
});

test.each([
  ['http://localhost:9', 'http://localhost:9'],
  ['http://127.0.0.2:9/x/', 'http://127.0.0.2:9/x'],
  ['http://[::1]:9', 'http://[::1]:9'],
  ['https://mirror.example/v1', 'https://mirror.example/v1'],
])('the address %s is taken', (address, taken) => {
  expect(configOf(`providers: {xai: {base-url: "${address}"}}`).providers.xai['base-url']).toBe(taken);
});

test.each([
  ['base-url: http://mirror.example', 'base-url', 'sends tokens in the clear'],
  ['base-url: http://127.0.0.1.example.com', 'base-url', 'sends tokens in the clear'],
  ['base-url: mirror.example', 'base-url', 'expected an https address'],
  ['oauth: {token-url: "http://10.0.0.1/token"}', 'oauth.token-url', 'sends tokens in the clear'],
  ['oauth: {redirect-port: 0}', 'oauth.redirect-port', 'from 1 to 65535'],
  ['oauth: {redirect-path: callback}', 'oauth.redirect-path', 'begins with "/"'],
  ['oauth: {scopes: openid}', 'oauth.scopes', 'a list of scopes'],
  ['oauth: {client-ids: x}', 'oauth.client-ids', 'unknown key'],
  ['tls: {min-version: 1.4}', 'tls.min-version', '"1.2" or "1.3"'],
  ['tls: {min-version: 1.3, max-version: 1.2}', 'tls.min-version', 'above max-version'],
  ['tls: {client-key: k.pem}', 'tls.client-key', 'only together'],
  ['tls: {client-certificate: c.pem}', 'tls.client-certificate', 'only together'],
])('%s is a mistake with a place', (line, key, words) => {
  const problem = problemOf(`providers:\n  xai:\n    ${line}\n`);
  expect(problem).toMatchObject({ file, line: 3, key: `providers.xai.${key}` });
  expect(problem?.message).toContain(words);
});

test('a provider that does not exist is named with those that do', () => {
  expect(problemOf('providers: {gemni: {}}')).toMatchObject({
    key: 'providers.gemni',
    message: 'unknown key',
    hint: 'did you mean "gemini"?',
  });
});

const key = 'canary-key-of-32-characters-0123';

test.each([
  [`"${key}"`, {}, key],
  ['${AUTH_KEY}', { AUTH_KEY: key }, key],
  ['file:auth.key', {}, 'file:/etc/proxy/auth.key'],
  ['"file: ~/auth.key"', {}, 'file:/home/ann/auth.key'],
  ['keychain:cli-proxy-api', {}, 'keychain:cli-proxy-api'],
  ['"keychain: "', {}, 'keychain:'],
])('the key of account files may be written %s', (written, env, value) => {
  expect(configOf(`auth-encryption-key: ${written}`, env)['auth-encryption-key']).toBe(value);
});

test.each(['short', '"with spaces in the midst of it"', '"file:"', '"keychain:a b"', '[a]'])(
  'a key of account files is not %s, and is not printed',
  (written) => {
    const problem = problemOf(`port: 1\nauth-encryption-key: ${written}\n`);
    expect(problem).toMatchObject({ line: 2, key: 'auth-encryption-key' });
    expect(problem?.message).toStartWith('expected a key of 16 or more characters without spaces');
    expect(problem?.message).not.toContain('short');
    expect(problem?.message).not.toContain('midst');
  },
);
