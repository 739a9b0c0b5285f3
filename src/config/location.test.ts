import { expect, test } from 'bun:test';
import { configLocation, homeDirectory } from './location.ts';

const found = (option: string | undefined, env: Record<string, string>, ...files: string[]) =>
  configLocation(option, { HOME: '/home/ada', ...env }, (path) => files.includes(path)).file;

const home = '/home/ada/.cli-proxy-api/config.yaml';
const checkout = ['bin/cli-proxy-api', 'src/main.ts'];

test('first-hour 9: --config wins over everything', () => {
  expect(found('a.yaml', { CLI_PROXY_API_CONFIG: 'b.yaml' }, 'config.yaml', home)).toBe('a.yaml');
});

test('first-hour 9: then CLI_PROXY_API_CONFIG, ./config.yaml and the home in this order', () => {
  expect(found(undefined, { CLI_PROXY_API_CONFIG: 'b.yaml' }, 'config.yaml', home)).toBe('b.yaml');
  expect(found(undefined, { CLI_PROXY_API_CONFIG: '' }, 'config.yaml', home)).toBe('config.yaml');
  expect(found(undefined, {}, home)).toBe(home);
  expect(found(undefined, { CLI_PROXY_API_HOME: '/data' }, '/data/config.yaml', home)).toBe(
    '/data/config.yaml',
  );
});

test('first-hour 9: a first start writes into the home, in a checkout beside the program', () => {
  expect(found(undefined, {})).toBe(home);
  expect(found(undefined, {}, ...checkout)).toBe('config.yaml');
  expect(found(undefined, {}, ...checkout, home)).toBe(home);
});

test('a file that somebody named must be there, one that was looked for need not', () => {
  const missing = (option?: string, env = {}) => configLocation(option, env, () => false);
  expect(missing('a.yaml')).toMatchObject({ named: true, exists: false });
  expect(missing(undefined, { CLI_PROXY_API_CONFIG: 'b.yaml' })).toMatchObject({ named: true });
  expect(missing()).toMatchObject({ named: false, exists: false });
});

test('the home is CLI_PROXY_API_HOME, else ~/.cli-proxy-api', () => {
  expect(homeDirectory({ HOME: '/home/ada' })).toBe('/home/ada/.cli-proxy-api');
  expect(homeDirectory({ HOME: '/home/ada', CLI_PROXY_API_HOME: '/data' })).toBe('/data');
});
