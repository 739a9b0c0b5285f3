/** Files as users of CLIProxyAPI have them, and what each comes to. */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from './load.ts';
import { formatProblem } from './problem.ts';

const folder = join(import.meta.dir, '../../test/fixtures/config/peer-files');

function load(text: string) {
  const result = parseConfig(text, { file: 'config.yaml', env: { HOME: '/home/ann' } });
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result;
}

test.each(readdirSync(folder))('C: the file %s of a user of the peer loads', (name) => {
  expect(() => load(readFileSync(join(folder, name), 'utf8'))).not.toThrow();
});

describe('C: foreign keys', () => {
  // A fork's, a guide's, an older or newer version's: none is a slip of the pen.
  test.each([
    ['tui: true', 'tui'],
    ['home: {address: x}', 'home'],
    ['kiro: [{token-file: x}]', 'kiro'],
    ['kiro-preferred-endpoint: x', 'kiro-preferred-endpoint'],
    ['incognito-browser: true', 'incognito-browser'],
    ['management-key: x', 'management-key'],
    ['show-provider-prefixes: true', 'show-provider-prefixes'],
    ['request-timeout: 60', 'request-timeout'],
    ['gemini-web: {context: true}', 'gemini-web'],
    ['allow-localhost-unauthenticated: true', 'allow-localhost-unauthenticated'],
    ['amp-whatever: x', 'amp-whatever'],
    ['openai-api-key: []', 'openai-api-key'],
    ['strategy: x', 'strategy'],
    ['frobnicate: 1', 'frobnicate'],
    ['tls: {port: 1}', 'tls.port'],
    ['codex: {model-level-cooling: true}', 'codex.model-level-cooling'],
    ['antigravity: {connection-pool: {enabled: true}}', 'antigravity.connection-pool'],
    ['routing: {session-affinity-subagents: true}', 'routing.session-affinity-subagents'],
    ['remote-management: {foo: 1}', 'remote-management.foo'],
    ['timeouts: {providers: {somebody: {}}}', 'timeouts.providers.somebody'],
    ['claude-api-key: [{api-key: a, retries-of-mine: 1}]', 'claude-api-key[].retries-of-mine'],
    ['gemini-api-key: [{api-key: a, models: [{name: m, colour: c}]}]', 'gemini-api-key[].models[].colour'],
  ])('%s is a warning', (text, key) => {
    const { warnings, keys } = load(text);
    expect(warnings.map((warning) => warning.key)).toEqual([key]);
    expect(keys).toContainEqual(expect.objectContaining({ state: 'ignored', key }));
  });

  test('one that is ours elsewhere, or called otherwise here, comes with the hint', () => {
    expect(load('strategy: x').warnings[0]?.hint).toBe('did you mean "routing.strategy"?');
    expect(load('openai-api-key: []').warnings[0]?.hint).toBe('did you mean "codex-api-key"?');
  });

  test('is named once, however many entries have it', () => {
    const { warnings } = load('claude-api-key: [{api-key: a, foo: 1}, {api-key: b, foo: 2}]');
    expect(warnings.map(({ key }) => key)).toEqual(['claude-api-key[].foo']);
  });

  test('x-… keys hold anchors, and merge keys take them over', () => {
    const { config, warnings } = load(
      'x-shared: &shared\n  priority: 4\n  prefix: team\nclaude-api-key:\n  - <<: *shared\n    api-key: a\n  - <<: [*shared, {weight: 2}]\n    api-key: b\n    prefix: own\n',
    );
    expect(config['claude-api-key']).toMatchObject([
      { 'api-key': 'a', priority: 4, prefix: 'team' },
      { 'api-key': 'b', priority: 4, prefix: 'own', weight: 2 },
    ]);
    expect(warnings).toEqual([]);
  });

  test('a long key of several words is named', () => {
    const { keys } = load('codex: {optimize-multi-agent-v2: true}');
    expect(keys.map(({ key }) => key)).toContain('codex.optimize-multi-agent-v2');
  });

  test('a credential that was pasted as a key is not printed', () => {
    const { warnings, keys } = load('sk-canary-0123456789abcdef: x');
    expect(JSON.stringify([warnings, keys])).not.toContain('canary');
  });
});

test('C: payload rules that come to nothing are named', () => {
  const { warnings } = load(
    'payload:\n  override-raw:\n    - models: [{name: a}]\n      params: {x: "{broken"}\n  filter:\n    - params: [y]\n',
  );
  expect(warnings.map(({ line, key }) => `${line} ${key}`)).toEqual([
    '4 payload.override-raw[0].params.x',
    '6 payload.filter[0].models',
  ]);
});

describe('C: renamed keys', () => {
  test('openai-compatibility[].api-keys are its keys', () => {
    const { config, keys } = load(
      'openai-compatibility:\n  - name: a\n    base-url: https://a.example/v1\n    api-key-entries: [{api-key: one}]\n    api-keys: [two, 3003]\n',
    );
    expect(config['openai-compatibility'][0]?.['api-key-entries']).toMatchObject([
      { 'api-key': 'one' },
      { 'api-key': 'two' },
      { 'api-key': '3003' },
    ]);
    expect(keys).toContainEqual(
      expect.objectContaining({
        state: 'translated',
        key: 'openai-compatibility[].api-keys',
        as: 'openai-compatibility[].api-key-entries[].api-key',
        line: 5,
      }),
    );
  });

  test('generative-language-api-key are Gemini keys beside the others', () => {
    const { config } = load('gemini-api-key: [{api-key: a}]\ngenerative-language-api-key: [b, c]\n');
    expect(config['gemini-api-key'].map((entry) => entry['api-key'])).toEqual(['a', 'b', 'c']);
  });

  test('interactions-api-key are Gemini keys with all their fields', () => {
    const { config } = load('interactions-api-key: [{api-key: a, prefix: i, priority: 2}]');
    expect(config['gemini-api-key']).toMatchObject([{ 'api-key': 'a', prefix: 'i', priority: 2 }]);
  });

  test('oauth-model-mappings are aliases', () => {
    const { config } = load(
      'oauth-model-mappings: {codex: [{name: gpt-5, alias: five}]}\noauth-model-alias: {codex: [{name: gpt-5.5, alias: g}]}\n',
    );
    expect(config['oauth-model-alias'].codex?.map(({ alias }) => alias)).toEqual(['g', 'five']);
  });

  test('auth.providers with keys in the file are client keys', () => {
    const { config, warnings, keys } = load(
      'api-keys: [zero]\nauth:\n  providers:\n    - {name: default, type: config-api-key, api-keys: [one, two]}\n',
    );
    expect(config['api-keys'].map(({ key }) => key)).toEqual(['zero', 'one', 'two']);
    expect(warnings).toEqual([]);
    expect(keys).toMatchObject([
      { state: 'taken', key: 'api-keys', line: 1 },
      { state: 'translated', key: 'auth.providers[].api-keys', as: 'api-keys', line: 4 },
    ]);
  });

  test('a mistake in a renamed key is shown where it stands', () => {
    const text = 'port: 1\noauth-model-mappings:\n  codex:\n    - {name: [], alias: x}\n';
    const result = parseConfig(text, { file: 'config.yaml', env: {} });
    expect(result.ok ? [] : result.problems).toMatchObject([{ line: 4 }]);
  });
});

describe('C: values of the peer', () => {
  test.each([
    ['rr', 'round-robin'],
    ['roundrobin', 'round-robin'],
    ['ROUND-ROBIN', 'round-robin'],
    ['wrr', 'weighted-round-robin'],
    ['ff', 'fill-first'],
    ['fillfirst', 'fill-first'],
  ])('strategy %s', (written, strategy) => {
    expect(load(`routing: {strategy: ${written}}`).config.routing.strategy).toBe(strategy as 'fill-first');
  });

  test('-1 is none where the peer takes it', () => {
    const { config, warnings } = load(
      'streaming: {keepalive-seconds: -1}\nnonstream-keepalive-interval: -1\nmax-retry-interval: -1\nrequest-retry: -1\nmax-retry-credentials: -1\n',
    );
    expect(config).toMatchObject({
      streaming: { 'keepalive-seconds': 0 },
      'nonstream-keepalive-interval': 0,
      'max-retry-interval': 0,
      'request-retry': 0,
      'max-retry-credentials': 0,
    });
    expect(warnings).toEqual([]);
  });

  test.each(['gemini', 'claude', 'codex', 'vertex'] as const)(
    'an entry of %s without a key is left out with a warning, others keep their places',
    (kind) => {
      const list = `${kind}-api-key` as const;
      const { config, warnings } = load(
        `${list}:\n  - api-key: ""\n  - {prefix: x}\n  - api-key: one\n  - api-key:\n  - {api-key: two, prefix: y}\n`,
      );
      expect(config[list].map((entry) => entry['api-key'])).toEqual(['one', 'two']);
      expect(warnings.map(({ line, key }) => `${line} ${key}`)).toEqual([
        `2 ${list}[0]`,
        `3 ${list}[1]`,
        `5 ${list}[3]`,
      ]);
    },
  );

  test('a mistake behind an entry that is left out is shown at its own line', () => {
    const text = 'gemini-api-key:\n  - api-key: ""\n  - {api-key: a, prefix: a/b}\n';
    const result = parseConfig(text, { file: 'config.yaml', env: {} });
    expect(result.ok ? [] : result.problems).toMatchObject([{ line: 3 }]);
  });

  test('a compatible service may have no key, no name and no models', () => {
    const { config, warnings } = load(
      'openai-compatibility:\n  - base-url: http://127.0.0.1:11434/v1\n    api-key-entries: [{api-key: ""}]\n    models: []\n  - {name: nowhere, base-url: ""}\n',
    );
    expect(config['openai-compatibility']).toMatchObject([
      { name: '127.0.0.1', 'api-key-entries': [{ 'api-key': '' }], models: [] },
    ]);
    expect(warnings).toMatchObject([{ line: 5, message: 'has no base-url, so the entry is left out' }]);
  });
});

describe('C: the layout of version 8', () => {
  const text = `config-version: 8
server: {host: 127.0.0.1, port: 9000, tls: {enable: false}, trusted-proxies: []}
management: {allow-remote: true, secret-key: management-secret}
access:
  api-keys: [client-one]
api-keys:
  gemini:
    - name: work
      prefix: work
      models: [{name: gemini-2.5-pro}]
      keys:
        - api-key: AIza-one
        - {api-key: AIza-two, prefix: own, priority: 3, proxy-url: null}
  claude:
    - {name: ours, base-url: https://claude.example, keys: [sk-a]}
  openai-compatibility:
    - name: router
      base-url: https://router.example/v1
      keys: [{api-key: sk-or, weight: 2}]
      models: [{name: m}]
routing:
  strategy: ff
  session-affinity: true
  force-model-prefix: true
  retry: {request-retry: 2, max-retry-interval: 30}
  cooldown: {disable-cooling: true, transient-error-cooldown-seconds: 5}
requests:
  proxy-url: direct
  streaming: {keepalive-seconds: 20}
oauth:
  auth-dir: /srv/accounts
  model-alias: {codex: [{name: gpt-5.5, alias: g}]}
  excluded-models: {codex: [gpt-5]}
  providers: {codex: {identity-confuse: true}}
observability:
  logs: {debug: true}
quota-exceeded: {switch-project: false}
`;

  test('is the older one with other names', () => {
    const { config } = load(text);
    expect(config).toMatchObject({
      port: 9000,
      'remote-management': { 'allow-remote': true, 'secret-key': 'management-secret' },
      'api-keys': [{ key: 'client-one' }],
      'gemini-api-key': [
        { 'api-key': 'AIza-one', prefix: 'work', models: [{ name: 'gemini-2.5-pro' }] },
        { 'api-key': 'AIza-two', prefix: 'own', priority: 3, models: [{ name: 'gemini-2.5-pro' }] },
      ],
      // Of a group with one key the name is that of the entry.
      'claude-api-key': [{ name: 'ours', 'api-key': 'sk-a', 'base-url': 'https://claude.example' }],
      'openai-compatibility': [
        { name: 'router', 'api-key-entries': [{ 'api-key': 'sk-or', weight: 2 }], models: [{ name: 'm' }] },
      ],
      routing: { strategy: 'fill-first', 'session-affinity': true },
      'force-model-prefix': true,
      'request-retry': 2,
      'max-retry-interval': 30_000,
      'disable-cooling': true,
      'transient-error-cooldown-seconds': 5,
      'proxy-url': 'direct',
      streaming: { 'keepalive-seconds': 20_000 },
      'auth-dir': '/srv/accounts',
      'oauth-model-alias': { codex: [{ name: 'gpt-5.5', alias: 'g' }] },
      'oauth-excluded-models': { codex: ['gpt-5'] },
      debug: true,
      'quota-exceeded': { 'switch-project': false },
    });
  });

  test('each key is named as it is written, with its line', () => {
    const { keys } = load(text);
    const named = keys.map(
      (note) => `${note.line} ${note.key}${note.state === 'translated' ? ` → ${note.as}` : ''}`,
    );
    expect(named).toContain('2 server.port → port');
    expect(named).toContain('12 api-keys.gemini[].keys[].api-key → gemini-api-key[].api-key');
    expect(named).toContain('25 routing.retry.request-retry → request-retry');
    expect(named).toContain('23 routing.session-affinity');
  });

  test('where both names are there, the newer one counts', () => {
    const both =
      'config-version: 8\nport: 1\nserver: {port: 2}\ngemini-api-key: [{api-key: old}]\napi-keys: {gemini: [{keys: [{api-key: new}]}]}\n';
    const { config } = load(both);
    expect(config.port).toBe(2);
    expect(config['gemini-api-key'].map((entry) => entry['api-key'])).toEqual(['new']);
  });

  test('what changes nothing is named as the file has it', () => {
    const ignored = load(
      'config-version: 8\nserver:\n  commercial-mode: true\napi-keys:\n  meta: [{keys: [{api-key: m}]}]\noauth:\n  providers: {codex: {header-defaults: {user-agent: q}}}\n',
    );
    expect(ignored.keys.filter(({ state }) => state === 'ignored')).toMatchObject([
      { key: 'server.commercial-mode', line: 3 },
      { key: 'api-keys.meta', line: 5 },
      { key: 'oauth.providers.codex.header-defaults', line: 7 },
    ]);
  });

  test('a mistake is shown at its own line', () => {
    const result = parseConfig('config-version: 8\nserver:\n  port: x\n', { file: 'config.yaml', env: {} });
    expect(result.ok ? [] : result.problems).toMatchObject([{ line: 3, column: 9 }]);
  });
});
