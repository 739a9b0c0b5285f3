import { expect, test } from 'bun:test';
import { formatProblem, parseConfig } from './load.ts';

function load(text: string, env: Record<string, string> = {}) {
  return parseConfig(text, { file: 'config.yaml', env: { HOME: '/home/ann', ...env } });
}

function clusterOf(text: string, env?: Record<string, string>) {
  const result = load(text, env);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.config.cluster;
}

function problemsOf(text: string, env?: Record<string, string>): string[] {
  const result = load(text, env);
  return result.ok ? [] : result.problems.map(formatProblem);
}

const key = 'auth-encryption-key: a-key-of-the-tests';
const postgres = 'postgres://gateway:secret-word@db:5432/gateway';

test('without the key there is no cluster', () => {
  expect(clusterOf('')).toBeUndefined();
  expect(clusterOf('', { CLI_PROXY_API_CLUSTER: 'a' })).toBeUndefined();
});

test('both engines make a replica, with defaults for the rest', () => {
  expect(
    clusterOf(`${key}\ncluster:\n  valkey: rediss://:secret-word@valkey:6379/2\n  postgres: ${postgres}\n`),
  ).toEqual({
    valkey: 'rediss://:secret-word@valkey:6379/2',
    postgres,
    name: 'default',
    'when-valkey-is-away': 'share',
    'refresh-alone': false,
  });
});

test('the environment stands in for what the file leaves out', () => {
  const env = {
    CLI_PROXY_API_VALKEY: 'redis://one',
    CLI_PROXY_API_POSTGRES: postgres,
    CLI_PROXY_API_CLUSTER: 'team',
    CLI_PROXY_API_ENCRYPTION_KEY: 'a-key-of-the-tests',
  };
  expect(clusterOf('', env)).toMatchObject({ valkey: 'redis://one', postgres, name: 'team' });
  expect(clusterOf('cluster: {valkey: redis://two}', env)).toMatchObject({
    valkey: 'redis://two',
    postgres,
    name: 'team',
  });
});

test.each([
  'redis+sentinel://a:26379,b:26379/limits',
  'rediss+cluster://user:pass@a:6379,b:6379',
  'valkeys://[::1]:6379',
])('%s is the address of a Valkey', (valkey) => {
  expect(clusterOf(`${key}\ncluster: {valkey: "${valkey}", postgres: "${postgres}"}`)?.valkey).toBe(valkey);
});

test.each([
  {
    what: 'a Valkey alone',
    text: 'cluster:\n  valkey: redis://one\n',
    said: 'config.yaml:2:3  cluster.valkey: a Valkey alone is not enough for a cluster',
  },
  { what: 'no engine', text: 'port: 1\ncluster: {}\n', said: 'config.yaml:2:1  cluster: has no engine' },
  {
    what: 'no key for the accounts',
    text: `cluster:\n  postgres: ${postgres}\n`,
    said: 'config.yaml:2:3  cluster.postgres: accounts go to a database',
  },
  {
    what: 'an address of something else',
    text: `${key}\ncluster:\n  postgres: mysql://root:secret-word@db/x\n`,
    said: 'config.yaml:3:13  cluster.postgres: expected an address such as postgres://',
  },
  {
    what: 'a word that is no rule',
    text: `${key}\ncluster:\n  postgres: ${postgres}\n  when-valkey-is-away: shared\n`,
    said: 'hint: did you mean "share"?',
  },
])('$what is refused, with its line and what to write', ({ text, said }) => {
  const [problem, ...others] = problemsOf(text);
  expect(others).toEqual([]);
  expect(problem).toContain(said);
  expect(problem).not.toContain('secret-word');
});

test.each([
  ['valkey', 'redis://127.0.0.1:99999'],
  ['valkey', 'redis://127.0.0.1:0'],
  ['valkey', 'redis://:p%zz@host'],
  ['valkey', 'redis://host/abc'],
  ['valkey', 'redis+sentinel://a,b:70000/limits'],
  ['valkey', 'redis+sentinel://a/limits/x'],
  ['postgres', 'postgres://u:secret-word@db:0/gw'],
  ['postgres', 'postgres://u:secret-word@db:65536/gw'],
  ['postgres', 'postgres://u:p%zz@db/gw'],
  ['postgres', 'postgres://u:secret-word@db/gw?sslmode=nonsense'],
  ['postgres', 'postgres://u:secret-word@one:1,two:2/gw'],
])('cluster.%s: %s cannot be opened, and is refused with its line', (engine, address) => {
  const other = engine === 'valkey' ? `postgres: ${postgres}` : 'valkey: redis://v';
  const [problem, ...others] = problemsOf(`${key}\ncluster:\n  ${engine}: ${address}\n  ${other}\n`);
  expect(others).toEqual([]);
  expect(problem).toContain(`config.yaml:3:`);
  expect(problem).toContain(`cluster.${engine}: expected an address such as`);
  expect(problem).toContain('65535');
  expect(problem).not.toContain('secret-word');
});

test.each([
  'postgres://u:p%25@db:65535/gw?sslmode=verify-full',
  'postgresql://u@[::1]:1/gw?sslmode=require&application_name=a',
])('%s is the address of a Postgres', (address) => {
  expect(clusterOf(`${key}\ncluster: {postgres: "${address}"}`)?.postgres).toBe(address);
});

test('a wrong address of the environment is said without showing it', () => {
  const [problem] = problemsOf(key, { CLI_PROXY_API_POSTGRES: 'db:5432', CLI_PROXY_API_VALKEY: 'redis://v' });
  expect(problem).toContain('cluster.postgres: expected an address such as postgres://');
  expect(problem).toContain('"CLI_PROXY_API_POSTGRES"');
});
