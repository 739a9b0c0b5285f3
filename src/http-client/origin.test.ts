import { expect, test } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import type { Connection } from './connection.ts';
import { idleConnections, longestWait, originOf, splitUrl } from './origin.ts';

test.each([
  ['http://example.com', { hostname: 'example.com', port: 80, secure: false }, 'example.com'],
  ['https://example.com', { hostname: 'example.com', port: 443, secure: true }, 'example.com'],
  ['https://[::1]:8443', { hostname: '::1', port: 8443, secure: true }, '[::1]:8443'],
])('where %s is, and what its host is called', (base, address, host) => {
  expect(originOf(base)).toMatchObject({ route: { address }, host });
});

test('an address is split where its path begins; a name in front of the host never reaches the path', () => {
  expect(splitUrl('http://h:1/a//b?c=/d')).toEqual({ base: 'http://h:1', path: '/a//b?c=/d' });
  expect(splitUrl('https://h?a=b')).toEqual({ base: 'https://h', path: '/?a=b' });
});

test('the connection used last is taken first, and one that waits too long is closed', () => {
  const clock = fakeClock();
  const { pass } = clock;
  const idle = idleConnections(clock);
  const closed: string[] = [];
  const connection = (name: string): Connection => ({
    carry() {},
    leave() {},
    pause() {},
    resume() {},
    write() {},
    close: () => void closed.push(name),
  });
  const [one, two, three] = [connection('one'), connection('two'), connection('three')];
  idle.free(one);
  pass(longestWait / 2);
  idle.free(two);
  idle.free(three);
  expect(idle.take()).toBe(three);
  pass(longestWait / 2);
  expect(closed).toEqual(['one']);
  expect(idle.take()).toBe(two);
  idle.free(two);
  idle.closed(two);
  expect(idle.take()).toBeUndefined();
  idle.free(three);
  idle.close();
  pass(2 * longestWait);
  expect(closed).toEqual(['one', 'three']);
});

test.each([
  ['timeout=5, max=100', 4000],
  ['timeout=1', 500],
  ['timeout=0', 0],
  ['timeout=600', 50_000],
  ['max=3', longestWait],
  ['timeout=soon', longestWait],
])('a server that says "%s" finds its connection used for %d ms and not later', (keepAlive, wait) => {
  const clock = fakeClock();
  const { pass } = clock;
  const idle = idleConnections(clock);
  const connection: Connection = { carry() {}, leave() {}, pause() {}, resume() {}, write() {}, close() {} };
  idle.free(connection, keepAlive);
  pass(Math.max(0, wait - 1));
  expect(idle.take()).toBe(wait === 0 ? undefined : connection);
  idle.free(connection, keepAlive);
  pass(wait);
  expect(idle.take()).toBeUndefined();
});
