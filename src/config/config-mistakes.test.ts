import { describe, expect, test } from 'bun:test';
import { configOf, load, onlyProblem, problemsOf } from '../../test/loaded-config.ts';
import { formatProblem } from './problem.ts';

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
