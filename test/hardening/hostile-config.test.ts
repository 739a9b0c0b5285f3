/** Texts that are made to be slow, deep or other than they look do no harm as a configuration, from a file or over the API. */
import { expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config/load.ts';
import { emptyDirectory, started } from '../cli/program.ts';

const options = { file: 'config.yaml', env: { HOME: tmpdir() } };
const chain = (count: number, next: (at: number) => string): string =>
  ['a0: &a0 {x: 1}', ...Array.from({ length: count }, (_, at) => `a${at + 1}: &a${at + 1} ${next(at)}`)].join(
    '\n',
  );

test.each([
  ['open lists', '['.repeat(100_000), 'nested'],
  ['lists', '['.repeat(100_000) + ']'.repeat(100_000), 'nested'],
  ['maps', `${'{a: '.repeat(50_000)}1${'}'.repeat(50_000)}`, 'nested'],
  ['dashes', `${'- '.repeat(50_000)}a`, 'nested'],
  ['questions', `${'? '.repeat(50_000)}a`, 'nested'],
  ['indents', Array.from({ length: 1000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'), 'nested'],
  ['aliases', chain(200, (at) => `[${Array(9).fill(`*a${at}`).join(', ')}]`), 'aliases'],
  ['merged maps', chain(3000, (at) => `{<<: *a${at}}`), 'aliases'],
  ['anchors', `x: ${'&a '.repeat(100_000)}`, 'anchors'],
  ['tags', `x: ${'!a '.repeat(100_000)}`, 'tags'],
  ['keys', Array.from({ length: 30_000 }, (_, at) => `k${at}: 1`).join('\n'), 'too many keys'],
  [
    'keys in brackets',
    `x: {${Array.from({ length: 30_000 }, (_, at) => `k${at}: 1`).join(', ')}}`,
    'too many keys',
  ],
  ['one key', 'k: 1\n'.repeat(30_000), 'too many keys'],
  ['marks', `x: [${'1,'.repeat(300_000)}]`, 'tokens of YAML'],
  ['brackets', '}'.repeat(300_000), 'mistakes'],
  ['a value in itself', 'a: &a [*a]', 'that contains it'],
])('a text of %s is refused at once, with its line', (_, text, why) => {
  const before = process.cpuUsage();
  const result = parseConfig(text, options);
  const { user, system } = process.cpuUsage(before);
  expect(result.ok ? [] : result.problems).toMatchObject([{ message: expect.stringContaining(why) }]);
  expect((user + system) / 1000).toBeLessThan(2000);
});

test.each([
  'constructor: 1',
  '__proto__: {a: 1}',
  'toString: {a: 1}',
  'log: {constructor: 1}',
  'routing: {valueOf: 1}',
  'providers: {constructor: {a: 1}}',
  'bounds: {hasOwnProperty: 1}',
])('%s is a key that is not known, and no error of the program', (text) => {
  const result = parseConfig(text, options);
  expect(result.ok && result.warnings.map(({ message }) => message).join()).toContain('is no key');
});

test('what is no configuration changes no file over the API', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'config.yaml');
  const settings = [
    ...['host: 127.0.0.1', 'port: 0', 'auth-dir: accounts', 'debug: false # stays'],
    ...['api-keys: [client-key-of-the-tests]', 'remote-management: {secret-key: the-owner}'],
  ];
  writeFileSync(file, `${settings.join('\n')}\n`);
  await using gateway = started(['serve', '--config', file], { cwd: here.path });
  const base = (await gateway.says(/Serving +(http\S+)/))[1] ?? '';
  const ask = (method: string, where: string, body?: string): Promise<Response> =>
    fetch(`${base}${where.startsWith('/') ? where : `/v0/management/${where}`}`, {
      method,
      headers: { authorization: 'Bearer the-owner' },
      ...(body !== undefined && { body }),
    });
  const text = readFileSync(file, 'utf8');
  const deep = '{"value":'.repeat(100_000) + '1'.padEnd(100_001, '}');
  const answers = [
    await ask('PUT', 'config.yaml', '['.repeat(200_000)),
    await ask('PUT', '/v8/management/config', deep),
    await ask('PATCH', '/v8/management/config/debug', deep),
    await ask('PATCH', 'auth-files/fields', deep),
    await ask('PATCH', '/v8/management/config', '{"routing":{"__proto__":{"strategy":"x"}}}'),
    await ask('PUT', '/v8/management/config/routing/__proto__/a', '1'),
    await ask('DELETE', 'api-keys?index='),
    await ask('DELETE', 'api-keys?index=0x0'),
    await ask('DELETE', 'openai-compatibility?index='),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
  for (const word of ['constructor', 'toString', 'hasOwnProperty'])
    expect((await ask('GET', `/v8/management/config/${word}`)).status).toBe(404);
  expect(readFileSync(file, 'utf8')).toBe(text);
}, 60_000);
