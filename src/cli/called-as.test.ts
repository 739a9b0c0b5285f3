import { expect, test } from 'bun:test';
import { calledAs, commandWords, withCalledName } from './called-as.ts';
import { commands } from './commands.ts';

const called = (
  typed: string | undefined,
  { path = null as string | null, cwd = '/home/ada' } = {},
  env = {},
) => calledAs({ env: { CLI_PROXY_API_CALLED_AS: typed, ...env }, cwd, which: () => path });

test('first-hour 3: a hint names the program as it was typed', () => {
  expect(called('bin/cli-proxy-api')).toBe('bin/cli-proxy-api');
  expect(called('cli-proxy-api')).toBe('cli-proxy-api');
  expect(called('../x/bin/cli-proxy-api')).toBe('../x/bin/cli-proxy-api');
  expect(called(undefined)).toBe('cli-proxy-api');
});

test('first-hour 3: by its bare name where PATH finds it, else by the shorter path', () => {
  expect(called('/usr/bin/cli-proxy-api', { path: '/usr/bin/cli-proxy-api' })).toBe('cli-proxy-api');
  expect(called('/home/ada/gw/bin/cli-proxy-api')).toBe('gw/bin/cli-proxy-api');
  expect(called('/opt/gw/bin/cli-proxy-api')).toBe('/opt/gw/bin/cli-proxy-api');
  expect(called('/opt/my gw/cli-proxy-api')).toBe("'/opt/my gw/cli-proxy-api'");
});

test('first-hour 3: npx is called by npx', () => {
  expect(called('/x/node_modules/.bin/cli-proxy-api', {}, { npm_command: 'exec' })).toBe('npx cli-proxy-api');
});

test('first-hour 3: commands in a text are replaced, the name of the program is not', () => {
  const shown = (text: string) => withCalledName(text, () => 'bin/cli-proxy-api');
  expect(shown('run "cli-proxy-api auth claude" first')).toBe('run "bin/cli-proxy-api auth claude" first');
  expect(shown('cli-proxy-api is ready.')).toBe('cli-proxy-api is ready.');
  expect(shown('cli-proxy-api helps')).toBe('cli-proxy-api helps');
  expect(shown('~/.cli-proxy-api auth')).toBe('~/.cli-proxy-api auth');
  expect(shown('bin/cli-proxy-api auth')).toBe('bin/cli-proxy-api auth');
});

test("JSON for scripts and usage lines keep the program's name", () => {
  for (const text of ['{"command":"cli-proxy-api auth claude"}', 'Usage: cli-proxy-api auth [OPTIONS]'])
    expect(withCalledName(text, () => 'bin/cli-proxy-api')).toBe(text);
});

test('every command is one whose hints are replaced', () => {
  const missing = commands.filter(({ name }) => !commandWords.includes(name.split(' ')[0] ?? ''));
  expect(missing.map(({ name }) => name)).toEqual([]);
});
