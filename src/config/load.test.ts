import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INERT_KEYS } from './inert-keys.ts';
import { loadConfig, parseConfig } from './load.ts';
import { type ConfigProblem, formatProblem } from './problem.ts';
import type { Config } from './schema.ts';

type Env = Record<string, string>;

function load(text: string, env: Env = {}) {
  return parseConfig(text, { file: '/etc/proxy/config.yaml', env: { HOME: '/home/ann', ...env } });
}

function configOf(text: string, env?: Env): Config {
  const result = load(text, env);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config;
}

function problemsOf(text: string, env?: Env): ConfigProblem[] {
  const result = load(text, env);
  return result.ok ? [] : result.problems;
}

function onlyProblem(text: string, env?: Env): ConfigProblem {
  const problems = problemsOf(text, env);
  const [problem] = problems;
  if (!problem || problems.length > 1)
    throw new Error(`expected one problem, found ${problems.map(formatProblem).join('\n')}`);
  return problem;
}

describe('files that load', () => {
  test('an empty file is a server on this computer with nothing behind it', () => {
    for (const text of ['', '# nothing yet\n', '{}', '\uFEFF'])
      expect(configOf(text)).toMatchObject({
        host: '127.0.0.1',
        port: 8317,
        'api-keys': [],
        'auth-dir': '/home/ann/.cli-proxy-api',
        'request-retry': 0,
        bounds: { 'request-body': 67_108_864, 'model-name': 256, 'answer-items': 4096 },
        'shutdown-grace': 30_000,
        routing: { strategy: 'round-robin', 'session-affinity-ttl': 3_600_000 },
        log: { format: 'auto' },
        'gemini-api-key': [],
      });
  });

  // Authentication overview, the samples from "Client Authentication" to "Quota & Cooldown".
  test.each([
    'api-keys:\n  - "sk-your-api-key-1"\n  - "sk-your-api-key-2"\n  - "sk-your-api-key-3"\n',
    'routing:\n  strategy: "round-robin"\n',
    'routing:\n  strategy: "fill-first"\n',
    'gemini-api-key:\n  - api-key: "AIzaSyPersonal..."\n    prefix: "personal"\n  - api-key: "AIzaSyWork..."\n    prefix: "work"\n',
    'gemini-api-key:\n  - api-key: "AIzaSy..."\n    prefix: "personal"  # Optional\n    base-url: "https://generativelanguage.googleapis.com"\n    models:\n      - name: "gemini-2.5-flash"\n        alias: "gemini-flash"\n    excluded-models:\n      - "gemini-2.5-pro"\n      - "*-preview"\n',
    'claude-api-key:\n  - api-key: "sk-ant-api03-..."\n    prefix: "official"\n    models:\n      - name: "claude-3-5-sonnet-20241022"\n        alias: "claude-sonnet-latest"\n',
    'openai-compatibility:\n  - name: "openrouter"\n    prefix: "router"\n    base-url: "https://openrouter.ai/api/v1"\n    api-key-entries:\n      - api-key: "sk-or-v1-..."\n    models:\n      - name: "anthropic/claude-3.5-sonnet"\n        alias: "claude-sonnet"\n',
    'quota-exceeded:\n  switch-project: true         # Try other credentials\n  switch-preview-model: true   # Try preview models\n\nmax-retry-credentials: 3       # Max credentials to try\nmax-retry-interval: 30         # Max wait time (seconds)\n',
    'remote-management:\n  allow-remote: false    # Only allow localhost by default\n  secret-key: "..."      # Required for all management access\n',
  ])('sample %# of the authentication overview', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  test('a file with every key of the peer loads, and names each key that changes nothing once', () => {
    const text = readFileSync(join(import.meta.dir, '../../test/fixtures/config/peer.yaml'), 'utf8');
    const result = load(text);
    if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
    const named = result.warnings.map(({ key }) => key);
    expect(named.toSorted()).toEqual(INERT_KEYS.map(({ key }) => key).toSorted());
    expect(
      result.keys.flatMap((note) => (note.state === 'translated' ? [`${note.key} → ${note.as}`] : [])),
    ).toEqual([
      'interactions-api-key[].api-key → gemini-api-key[].api-key',
      'openai-compatibility[].api-keys → openai-compatibility[].api-key-entries[].api-key',
      'generative-language-api-key → gemini-api-key[].api-key',
    ]);
    expect(result.warnings.map(formatProblem)).toContain(
      '/etc/proxy/config.yaml:17:1  commercial-mode: not supported yet, so it changes nothing',
    );
    expect(result.warnings.find(({ key }) => key === 'claude-api-key[].cloak')?.message).toContain(
      'by design',
    );

    expect(result.config).toMatchObject({
      host: '0.0.0.0',
      'api-keys': [{ key: 'client-one' }, { key: '20251231' }],
      debug: false,
      'max-retry-interval': 30_000,
      routing: { strategy: 'weighted-round-robin', 'session-affinity-ttl': 5_400_000 },
    });
    expect(result.config['proxy-url']).toBeUndefined();
    expect(result.config['gemini-api-key']).toMatchObject([
      {
        'api-key': 'AIzaSy-one',
        priority: 10,
        prefix: 'personal',
        'base-url': 'https://generativelanguage.googleapis.com',
        headers: { 'X-Custom': 'one', 'X-Copied': '$X-Client' },
        models: [{ name: 'gemini-2.5-flash', alias: 'flash' }],
        'request-retry': undefined,
      },
      { 'api-key': 'AIzaSy-two', headers: {}, models: [] },
      { 'api-key': 'old' },
      { 'api-key': 'AIzaSy' },
    ]);
    expect(result.config['codex-api-key'][0]?.['proxy-url']).toBe('direct');
    expect(result.config['vertex-api-key'][0]?.['base-url']).toBe('https://aiplatform.googleapis.com');
    expect(result.config['openai-compatibility'][0]).toMatchObject({
      protocol: 'chat',
      'api-key-entries': [
        { 'api-key': 'sk-or-one', weight: 3, 'proxy-url': 'direct' },
        { 'api-key': '' },
        { 'api-key': 'old' },
      ],
    });
  });

  test('a key that is not used yet is not named when it says what happens anyway', () => {
    const result = load('routing: {strategy: round-robin, session-affinity: false}\nmax-retry-interval: 0\n');
    expect(result).toMatchObject({ ok: true, warnings: [] });
  });

  test('a client key may carry a name, and a key of digits is what is written', () => {
    expect(configOf('api-keys:\n  - 0012\n  - {key: k, name: ann}\n  - api-key: j\n')['api-keys']).toEqual([
      { key: '0012', name: undefined },
      { key: 'k', name: 'ann' },
      { key: 'j', name: undefined },
    ]);
  });

  test.each([
    ['max-request-bytes: 64MiB', 'max-request-bytes', 67_108_864],
    ['max-request-bytes: 1 MB', 'max-request-bytes', 1_000_000],
    ['max-request-bytes: 2048', 'max-request-bytes', 2048],
    ['shutdown-grace: 5m', 'shutdown-grace', 300_000],
    ['shutdown-grace: 1h30m', 'shutdown-grace', 5_400_000],
    ['shutdown-grace: 250ms', 'shutdown-grace', 250],
    ['shutdown-grace: 10', 'shutdown-grace', 10_000],
    ['host: "[::1]"', 'host', '::1'],
    ['proxy-url: none', 'proxy-url', 'direct'],
    ['proxy-url: socks5h://u:p@h:1', 'proxy-url', 'socks5h://u:p@h:1'],
    ['auth-dir: ~', 'auth-dir', '/home/ann/.cli-proxy-api'], // YAML's null
    ['auth-dir: ~/x', 'auth-dir', '/home/ann/x'],
    ['auth-dir: auths', 'auth-dir', '/etc/proxy/auths'],
  ] as const)('%s', (text, key, value) => {
    expect(configOf(text)[key]).toBe(value);
  });

  test('merged and repeated parts of YAML count as written out', () => {
    const config = configOf(
      'gemini-api-key:\n  - &one {api-key: a, priority: 3}\n  - <<: *one\n    api-key: b\n',
    );
    expect(config['gemini-api-key'].map((entry) => [entry['api-key'], entry.priority])).toEqual([
      ['a', 3],
      ['b', 3],
    ]);
  });
});

describe('the environment', () => {
  test.each([
    ['a variable', 'api-keys: ["${A}"]', { A: 'one' }, 'one'],
    ['a variable inside a text', 'api-keys: ["x-${A}-y"]', { A: 'one' }, 'x-one-y'],
    ['a default for an unset variable', 'api-keys: ["${A:-two}"]', {}, 'two'],
    ['a default for an empty variable', 'api-keys: ["${A:-two}"]', { A: '' }, 'two'],
    ['a literal', 'api-keys: ["$${A}"]', { A: 'one' }, '${A}'],
    ['a value that looks like a number', 'api-keys:\n  - ${A}', { A: '0042' }, '0042'],
    ['what a value holds is not expanded again', 'api-keys: ["${A}"]', { A: '${B}', B: 'b' }, '${B}'],
  ])('%s', (_, text, env: Env, key) => {
    expect(configOf(text, env)['api-keys'][0]?.key).toBe(key);
  });

  test('numbers and flags may come from it where they stand without quotes', () => {
    const text = 'port: ${PORT:-9000}\ndebug: ${DEBUG}\nmax-request-bytes: ${MAX}\n';
    expect(configOf(text, { DEBUG: 'true', MAX: '1MiB' })).toMatchObject({
      port: 9000,
      debug: true,
      'max-request-bytes': 1_048_576,
    });
  });

  test('an unset variable is named with its place', () => {
    expect(onlyProblem('gemini-api-key:\n  - api-key: ${GEMINI}\n')).toMatchObject({
      line: 2,
      column: 14,
      key: 'gemini-api-key[0].api-key',
      message: 'the environment variable GEMINI is not set',
    });
  });

  test('a reference that is none is explained', () => {
    expect(onlyProblem('api-keys: ["${A B}"]').hint).toContain('${NAME}');
    expect(onlyProblem('api-keys: ["${A"]').hint).toContain('$${');
  });

  test('a value from it is not printed', () => {
    const problem = onlyProblem('port: ${PORT}', { PORT: 'hunter2' });
    expect(problem.found).toBe('what the environment gives for "${PORT}"');
    expect(formatProblem(problem)).not.toContain('hunter2');
  });

  test('a header that copies one of the client is left alone', () => {
    const text = 'claude-api-key: [{api-key: k, headers: {X-A: $Authorization}}]';
    expect(configOf(text)['claude-api-key'][0]?.headers).toEqual({ 'X-A': '$Authorization' });
  });

  test('CLI_PROXY_API_KEY adds client keys, each once', () => {
    expect(configOf('api-keys: [a]', { CLI_PROXY_API_KEY: 'b, a ,c,' })['api-keys']).toEqual([
      { key: 'a', name: undefined },
      { key: 'b', name: 'CLI_PROXY_API_KEY' },
      { key: 'c', name: 'CLI_PROXY_API_KEY' },
    ]);
    expect(onlyProblem('', { CLI_PROXY_API_KEY: 'your-api-key-1' })).toMatchObject({
      file: 'environment',
      key: 'CLI_PROXY_API_KEY',
    });
  });
});

describe('mistakes', () => {
  // [text, line, column, key, found, expected (part), hint (part)]
  test.each([
    ['port: 83x7', 1, 7, 'port', '"83x7"', 'from 0 to 65535', ''],
    ['port: 70000', 1, 7, 'port', '70000', 'from 0 to 65535', ''],
    ['port: 1.5', 1, 7, 'port', '1.5', 'a whole number', ''],
    ['debug: true\nport: "8317"', 2, 7, 'port', '"8317"', 'a whole number', 'port: 8317'],
    ['debug: "true"', 1, 8, 'debug', '"true"', 'true or false', 'debug: true'],
    ['host: 127.0.0.1:80', 1, 7, 'host', '"127.0.0.1:80"', 'without a port', ''],
    [
      'routing:\n  strategy: fill-fist',
      2,
      13,
      'routing.strategy',
      '"fill-fist"',
      '"fill-first"',
      'fill-first',
    ],
    ['shutdown-grace: soon', 1, 17, 'shutdown-grace', '"soon"', '30s', ''],
    ['max-request-bytes: 0', 1, 20, 'max-request-bytes', '0', '64MiB', ''],
    ['proxy-url: ftp://u:pw@h', 1, 12, 'proxy-url', '"ftp://…@h"', 'socks5://', ''],
    [
      'gemini-api-key: {api-key: a}',
      1,
      17,
      'gemini-api-key',
      'keys with values',
      'a list',
      'begin each entry',
    ],
    ['tls: true', 1, 6, 'tls', 'true', 'keys with values', ''],
    [
      'gemini-api-key:\n- api-key: a\n  models:\n  - name: m\n  - alias: n',
      5,
      5,
      'gemini-api-key[0].models[1].name',
      'nothing',
      'name of the model',
      '',
    ],
    [
      'gemini-api-key:\n- api-key: a\n  prefix: a/b',
      3,
      11,
      'gemini-api-key[0].prefix',
      '"a/b"',
      'without a slash',
      '',
    ],
    [
      'gemini-api-key:\n- api-key: a\n  base-url: example.com/v1',
      3,
      13,
      'gemini-api-key[0].base-url',
      '"example.com/v1"',
      'https://',
      '"https://" in front',
    ],
    [
      'gemini-api-key:\n- api-key: a\n  headers: {"X y": z}',
      3,
      13,
      'gemini-api-key[0].headers.X y',
      '"X y"',
      'a header name',
      '',
    ],
    ['api-keys:\n- [a]', 2, 3, 'api-keys[0]', 'a list', 'a key, or {key, name}', ''],
    ['hello', 1, 1, '', '"hello"', 'keys with values', ''],
    ['port:8317', 1, 1, '', '"port:8317"', 'keys with values', 'a space after'],
  ])('%s', (text, line, column, key, found, expected, hint) => {
    const problem = onlyProblem(text);
    expect(problem).toMatchObject({ file: '/etc/proxy/config.yaml', line, column, key, found });
    expect(problem.expected).toContain(expected);
    expect(problem.hint ?? '').toContain(hint);
  });

  test.each([
    ['prot: 1', 'prot', 'did you mean "port"?'],
    ['api_keys: [a]', 'api_keys', 'did you mean "api-keys"?'],
    ['apiKeys: [a]', 'apiKeys', 'did you mean "api-keys"?'],
    ['request-logs: true', 'request-logs', 'did you mean "request-log"?'],
    ['gemini-api-key: [{api-key: a, modles: []}]', 'gemini-api-key[0].modles', 'did you mean "models"?'],
    ['poxry-url: a', 'poxry-url', 'did you mean "proxy-url"?'],
    ['routing: {stratgey: rr}', 'routing.stratgey', 'did you mean "strategy"?'],
    ['oauth-model-aliases: {}', 'oauth-model-aliases', 'did you mean "oauth-model-alias"?'],
  ])('a typo of a known key: %s', (text, key, hint) => {
    const problem = onlyProblem(text);
    expect(problem).toMatchObject({ key, message: 'unknown key', line: 1 });
    expect(problem.hint).toStartWith(hint);
    expect(problem.expected).toStartWith('one of ');
  });

  test.each([
    ['your-api-key-1', 'example key'],
    ['your-api-key-3', 'example key'],
  ])('the example key %s is refused', (key, words) => {
    expect(onlyProblem(`api-keys:\n  - ${key}\n`)).toMatchObject({ line: 2, column: 5, key: 'api-keys[0]' });
    expect(onlyProblem(`api-keys: [{key: ${key}}]`).message).toContain(words);
  });

  test('a key copied from the documentation is pointed out', () => {
    expect(load('api-keys: [sk-your-api-key-1]')).toMatchObject({
      ok: true,
      warnings: [{ key: 'api-keys' }],
    });
  });

  test('TLS without its files names both', () => {
    expect(problemsOf('tls:\n  enable: true\n').map(({ key }) => key)).toEqual(['tls.cert', 'tls.key']);
  });

  test('everything is reported at once, in the order of the file', () => {
    const text =
      'port: x\nprot: 1\ngemini-api-key:\n  - prefix: a/b\n    api-key: ${NO}\n  - base-url: y\n    api-key: k\n';
    expect(problemsOf(text).map(({ line, key }) => `${line} ${key}`)).toEqual([
      '1 port',
      '2 prot',
      '4 gemini-api-key[0].prefix',
      '5 gemini-api-key[0].api-key',
      '6 gemini-api-key[1].base-url',
    ]);
  });

  test('it reads like the output of a compiler', () => {
    expect(formatProblem(onlyProblem('debug: true\nport: "8317"\n'))).toBe(
      '/etc/proxy/config.yaml:2:7  port: expected a whole number from 0 to 65535, found "8317"\n' +
        '    hint: take the quotes away: port: 8317',
    );
  });
});

describe('what is not YAML', () => {
  test.each([
    ['tls:\n\tenable: true', 2, 'tab', 'two spaces'],
    ['tls:\n  enable: true\n cert: x', 3, 'indented', 'same column'],
    ['host: "abc\nport: 1', 1, 'never closed', 'close the quote'],
    ['host: a: b', 1, 'key: value', 'quotes'],
    ['host: a\nport:8317\ndebug: true', 2, 'key: value', '":"'],
    ['host: @x', 1, 'quotes', 'quotes'],
    ['auth-dir: "C:\\Users"', 1, 'backslash', 'single quotes'],
    ["auth-dir: 'it's'", 1, 'left over', 'quotes'],
    ['gemini-api-key:\n- api-key: a\n  excluded-models:\n  - *-preview', 4, '"*"', '"*-preview"'],
    ['host: !x', 1, '"!"', 'quotes'],
    ['port: 1\n---\nport: 2', 2, 'second document', '---'],
    ['gemini-api-key: [{api-key: ${A}}]', 1, 'left over', 'quotes'],
  ])('%s', (text, line, message, hint) => {
    const problem = onlyProblem(text, { A: 'a' });
    expect(problem.line).toBe(line);
    expect(problem.message).toContain(message);
    expect(problem.hint).toContain(hint);
  });

  test('a key that is set twice names both lines', () => {
    expect(onlyProblem('tls:\n  cert: a\n  key: b\n  cert: c\n')).toMatchObject({
      line: 4,
      column: 3,
      key: 'tls.cert',
      message: 'the key is set twice; the first time is on line 2',
    });
  });

  test('aliases that multiply are refused', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++)
      lines.push(
        `${'abcdefghi'[level]}: &${'abcdefghi'[level]} [${`*${'abcdefghi'[level - 1]},`.repeat(10)}]`,
      );
    expect(onlyProblem(lines.join('\n'))).toMatchObject({
      line: 2,
      message: expect.stringContaining('cannot be read'),
      hint: expect.stringContaining('write the values out'),
    });
  });
});

test('no credential is printed, whatever is wrong with the file', () => {
  const secrets = ['sk-canary-one', 'AIzaCanaryTwo', 'canary three four', 'hunter2-canary'];
  const texts = secrets.flatMap((secret) => [
    `api-keys: ["${secret}", [x]]\nport: x`,
    `api-keys: "${secret}"`,
    `api-keys: {"${secret}": x}`,
    `api-keys: [{name: ["${secret}"], key: "${secret}"}]`,
    `claude-api-key: "${secret}"`,
    `claude-api-key: [{api-key: ["${secret}"]}]`,
    `claude-api-key: [{api-key: "${secret} "}]`,
    `claude-api-key: [{api-key: "${secret}`,
    `claude-api-key: [{api-key: a, headers: "${secret}"}]`,
    `claude-api-key: [{api-key: a, headers: {Authorization: ["${secret}"]}}]`,
    `claude-api-key: [{api-key: a, headers: {Authorization: "${secret}\\n"}}]`,
    `remote-management: {secret-key: ["${secret}"]}`,
    `remote-management: {secret-key: "${secret} x"}`,
    `openai-compatibility: [{name: a, base-url: b, api-key-entries: ["${secret}"]}]`,
    `proxy-url: "ftp://user:${secret}@host"`,
  ]);
  for (const text of texts) {
    const printed = problemsOf(text).map(formatProblem).join('\n') + JSON.stringify(problemsOf(text));
    expect(problemsOf(text)).not.toEqual([]);
    for (const secret of secrets) expect(`${text} → ${printed.includes(secret)}`).toBe(`${text} → false`);
  }
});

test('a file that is not there is a problem like any other', async () => {
  const result = await loadConfig('/nowhere/config.yaml', { env: {} });
  expect(result).toMatchObject({
    ok: false,
    problems: [{ file: '/nowhere/config.yaml', line: 0, message: 'there is no such file' }],
  });
});

test('a kind of account that there is not is told, with the likeliest meaning', () => {
  const result = load(
    'oauth-excluded-models:\n  gemini-cli: [a]\n  elsewhere: [b]\noauth-model-alias: {calude: []}\n',
  );
  const warnings = result.ok ? result.warnings.map(({ line, key, message }) => ({ line, key, message })) : [];
  expect(warnings).toEqual([
    {
      line: 3,
      key: 'oauth-excluded-models.elsewhere',
      message: expect.stringContaining('the kinds are gemini, gemini-cli, claude, codex'),
    },
    {
      line: 4,
      key: 'oauth-model-alias.calude',
      message: 'is no kind of account, so it changes nothing; did you mean "claude"?',
    },
  ]);
});

test('first-hour 9: without auth-dir the accounts are in CLI_PROXY_API_HOME', () => {
  const directory = (text: string, env: Record<string, string>) => {
    const result = parseConfig(text, { file: '/srv/config.yaml', env: { HOME: '/home/ada', ...env } });
    return result.ok && result.config['auth-dir'];
  };
  expect(directory('', { CLI_PROXY_API_HOME: '/data' })).toBe('/data');
  expect(directory('auth-dir: ~/mine', { CLI_PROXY_API_HOME: '/data' })).toBe('/home/ada/mine');
  expect(directory('', {})).toBe('/home/ada/.cli-proxy-api');
});

describe('slips of the pen', () => {
  test('digits that are no address are no host', () => {
    for (const host of ['300.1.1.1', '1.2.3', '8317', '1:2:3'])
      expect(onlyProblem(`host: "${host}"\napi-keys: [a]\n`).message).toContain(
        'expected an address such as 127.0.0.1',
      );
    for (const host of ['127.0.0.1', '::1', '[::1]', 'fe80::1%eth0', 'localhost', 'my-host.lan', ''])
      expect(configOf(`host: "${host}"\napi-keys: [a]\n`).host).toBe(
        host === '' ? '0.0.0.0' : host.replace(/[[\]]/g, ''),
      );
  });

  test('client keys are counted as in the file, also where one is left out', () => {
    expect(onlyProblem('api-keys: [1, null, {key: ""}]\n')).toMatchObject({
      key: 'api-keys[2].key',
      message: 'this client key has no "key"',
    });
  });

  test('a negative number of rounds is refused, but for the -1 of other programs', () => {
    expect(onlyProblem('request-retry: -5\n').message).toBe('expected a whole number, 0 or more, found -5');
    expect(configOf('request-retry: -1\n')['request-retry']).toBe(0);
  });

  test('a rule with a word that it does not know says which it does', () => {
    const rules = 'model-routes:\n  smart:\n    rules:\n      - {when: zzz, model: a}\n';
    expect(onlyProblem(rules).message).toContain('images, web-search, thinking');
  });
});
