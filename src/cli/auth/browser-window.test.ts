import { expect, test } from 'bun:test';
import { browserCommand, tunnelCommand } from './browser-window.ts';

const ssh = { SSH_CONNECTION: '198.51.100.7 51234 203.0.113.9 22' };

test.each([
  ['darwin', {}, ['open']],
  ['darwin', ssh, undefined],
  ['win32', {}, ['rundll32', 'url.dll,FileProtocolHandler']],
  ['linux', { DISPLAY: ':0' }, ['xdg-open']],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
  ['linux', {}, undefined],
  ['linux', { ...ssh, DISPLAY: 'localhost:10.0' }, ['xdg-open']],
  ['linux', { ...ssh, BROWSER: '/usr/bin/editor-browser' }, ['/usr/bin/editor-browser']],
] as const)('on %s with %p the browser is %p', (platform, env, command) => {
  expect(browserCommand(env, platform)).toEqual(command);
});

test('the tunnel goes to the address that the SSH connection came to', () => {
  expect(tunnelCommand({ ...ssh, USER: 'ann' }, 8085)).toBe('ssh -N -L 8085:127.0.0.1:8085 ann@203.0.113.9');
  const port = { SSH_CONNECTION: '2001:db8::7 51234 2001:db8::9 2222', USER: 'ann' };
  expect(tunnelCommand(port, 1455)).toBe('ssh -N -L 1455:127.0.0.1:1455 ann@2001:db8::9 -p 2222');
});

test('there is no tunnel where nobody came by SSH', () => {
  expect(tunnelCommand({ USER: 'ann' }, 8085)).toBeUndefined();
});
