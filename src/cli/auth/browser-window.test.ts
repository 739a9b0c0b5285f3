import { expect, test } from 'bun:test';
import { browserCommands, openBrowser, tunnelCommand } from './browser-window.ts';

const ssh = { SSH_CONNECTION: '198.51.100.7 51234 203.0.113.9 22' };

test.each([
  ['darwin', {}, ['open']],
  ['darwin', ssh, undefined],
  ['win32', {}, ['rundll32', 'url.dll,FileProtocolHandler']],
  ['linux', { DISPLAY: ':0' }, ['xdg-open']],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
  ['linux', {}, undefined],
  ['linux', { WSL_DISTRO_NAME: 'Debian' }, ['wslview']],
  ['linux', { ...ssh, DISPLAY: 'localhost:10.0' }, ['xdg-open']],
  ['linux', { ...ssh, BROWSER: '/usr/bin/editor-browser' }, ['/usr/bin/editor-browser']],
] as const)('on %s with %p the browser is %p', (platform, env, command) => {
  expect(browserCommands(env, platform)[0]).toEqual(command);
});

test('where the usual way to a browser is missing the next one is taken', () => {
  const commands = browserCommands({ BROWSER: '/nowhere/browser', DISPLAY: ':0' }, 'linux').map(
    ([name]) => name,
  );
  expect(commands.slice(0, 3)).toEqual(['/nowhere/browser', 'xdg-open', 'gio']);
  expect(commands).toContain('firefox');
  expect(openBrowser([['/nowhere/browser'], ['true']], 'http://localhost')).toBeTrue();
  expect(openBrowser([['/nowhere/browser']], 'http://localhost')).toBeFalse();
  expect(openBrowser([], 'http://localhost')).toBeFalse();
});

test('the tunnel leads from where the browser is sent to where the login listens, by the address of the SSH connection', () => {
  expect(tunnelCommand({ ...ssh, USER: 'ann' }, { redirect: 8085, listener: 8085 })).toBe(
    'ssh -N -L 8085:127.0.0.1:8085 ann@203.0.113.9',
  );
  const other = { SSH_CONNECTION: '2001:db8::7 51234 2001:db8::9 2222', USER: 'ann' };
  expect(tunnelCommand(other, { redirect: 1455, listener: 9000 })).toBe(
    'ssh -N -L 1455:127.0.0.1:9000 ann@2001:db8::9 -p 2222',
  );
});

test('there is no tunnel where nobody came by SSH', () => {
  expect(tunnelCommand({ USER: 'ann' }, { redirect: 8085, listener: 8085 })).toBeUndefined();
});
