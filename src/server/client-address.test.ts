import { expect, test } from 'bun:test';
import { addressReader } from './client-address.ts';

const request = (forwarded?: string) => ({
  headers: new Headers(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
});
const trusted = ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'];

test.each<{
  why: string;
  socket: string | undefined;
  named?: string;
  is: string | undefined;
  list?: string[];
}>([
  { why: 'nobody is trusted', socket: '10.0.0.1', named: '8.8.8.8', is: '10.0.0.1', list: [] },
  { why: 'a stranger names another', socket: '9.9.9.9', named: '127.0.0.1', is: '9.9.9.9' },
  { why: 'a proxy names its client', socket: '10.0.0.1', named: '8.8.8.8', is: '8.8.8.8' },
  { why: 'a client names this computer', socket: '127.0.0.1', named: '127.0.0.1, 8.8.8.8', is: '8.8.8.8' },
  { why: 'two proxies', socket: '127.0.0.1', named: '127.0.0.1, 8.8.8.8, 10.1.2.3', is: '8.8.8.8' },
  { why: 'a proxy asks by itself', socket: '10.0.0.1', is: '10.0.0.1' },
  { why: 'all are proxies', socket: '127.0.0.1', named: '10.0.0.3, 10.0.0.2', is: '10.0.0.3' },
  { why: 'a word', socket: '127.0.0.1', named: 'unknown', is: undefined },
  { why: 'a word before proxies', socket: '127.0.0.1', named: 'localhost, 10.0.0.1', is: undefined },
  { why: 'nothing', socket: '127.0.0.1', named: '', is: undefined },
  { why: 'a port', socket: '127.0.0.1', named: '8.8.8.8:4711', is: '8.8.8.8' },
  { why: 'IPv6 with a port', socket: 'fd00::1', named: '[2001:db8::1]:4711', is: '2001:db8::1' },
  { why: 'IPv4 as IPv6', socket: '::ffff:10.0.0.1', named: '::ffff:8.8.8.8', is: '8.8.8.8' },
  { why: 'a socket without an address', socket: undefined, named: '8.8.8.8', is: undefined },
])('the address of a client: $why', ({ socket, named, is, list = trusted }) => {
  expect(addressReader(list)(request(named), socket)).toBe(is);
});

test('a chain of a million addresses costs no time', () => {
  const began = performance.now();
  addressReader(trusted)(request('10.0.0.1,'.repeat(100_000)), '127.0.0.1');
  expect(performance.now() - began).toBeLessThan(200);
});
