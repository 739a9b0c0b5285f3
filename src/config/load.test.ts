import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configOf, type Env, load, onlyProblem, problemsOf } from '../../test/loaded-config.ts';
import { INERT_KEYS } from './inert-keys.ts';
import { loadConfig, parseConfig } from './load.ts';
import { formatProblem } from './problem.ts';

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
