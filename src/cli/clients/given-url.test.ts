import { expect, test } from 'bun:test';
import { givenUrl } from './given-url.ts';

test.each([
  ['http://127.0.0.1:8317', 'http://127.0.0.1:8317'],
  [' https://gateway.example.org/ai/ ', 'https://gateway.example.org/ai'],
  ['HTTP://LOCALHOST:8317//', 'http://localhost:8317'],
  ['http://[::1]:8317', 'http://[::1]:8317'],
])('--url %s is the address %s', (given, url) => {
  expect(givenUrl(given)).toBe(url);
});

test.each([
  'javascript:alert(1)',
  'file:///etc/passwd',
  'ftp://host/x',
  'ws://host',
  'data:text/plain,x',
  'host:8317',
  '127.0.0.1:8317',
  '/path',
  'http://',
  '',
  'http://ann:secret-word@host:1',
  'http://host:1/?key=secret-word',
  'http://host:1/#secret-word',
  'http://host:1/?',
  'http://host\n:99999999',
])('--url %j is refused, and not repeated', (given) => {
  const refused = expect(() => givenUrl(given));
  refused.toThrow('--url must');
  refused.not.toThrow('secret-word');
});
