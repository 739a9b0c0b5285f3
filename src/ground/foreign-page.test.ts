import { expect, test } from 'bun:test';
import { foreignPageOf, nameOfHost } from './foreign-page.ts';

test.each([
  ['localhost:8317', 'localhost'],
  ['[::1]:8317', '[::1]'],
  ['gateway.lan', 'gateway.lan'],
])('the name in the Host %s is %s', (host, name) => {
  expect(nameOfHost(host)).toBe(name);
});

const host = '127.0.0.1:8317';

test.each<[what: string, headers: Record<string, string>, page: string | undefined]>([
  ['a program', { host }, undefined],
  ['its own page', { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, undefined],
  ['an address typed in', { host, 'sec-fetch-site': 'none' }, undefined],
  ['a page elsewhere', { host, origin: 'https://Evil.example' }, 'https://evil.example'],
  ['a page of another port', { host, origin: 'http://127.0.0.1:3000' }, 'http://127.0.0.1:3000'],
  ['an image in a page elsewhere', { host, 'sec-fetch-site': 'cross-site' }, 'cross-site'],
  ['a sandboxed frame', { host, origin: 'null' }, 'null'],
])('%s is recognized', (_, headers, page) => {
  expect(foreignPageOf(new Headers(headers))).toBe(page);
});

test('an allowed origin is not foreign, and * allows all', () => {
  const headers = new Headers({ host, origin: 'https://app.example', 'sec-fetch-site': 'cross-site' });
  expect(foreignPageOf(headers, new Set(['https://app.example']))).toBeUndefined();
  expect(foreignPageOf(headers, new Set(['*']))).toBeUndefined();
  expect(foreignPageOf(headers, new Set(['https://other.example']))).toBe('https://app.example');
});
