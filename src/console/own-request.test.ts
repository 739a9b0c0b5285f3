import { expect, test } from 'bun:test';
import { isOwnRequest } from './own-request.ts';

const own = { host: '127.0.0.1:8317', 'x-console': '1' };
const asked = (headers: Record<string, string>, stream = false): boolean =>
  isOwnRequest(new Request('http://127.0.0.1:8317/console/api/x', { headers }), stream);

test.each([
  ['its own page', { ...own, origin: 'http://127.0.0.1:8317', 'sec-fetch-site': 'same-origin' }, true],
  ['a program that says what it is', own, true],
  ['a form or an image of another site', { host: own.host, 'sec-fetch-site': 'cross-site' }, false],
  ['a page of another site', { ...own, origin: 'https://evil.example' }, false],
  ['another port of this computer', { ...own, origin: 'http://127.0.0.1:3000' }, false],
  ['another name of the same site', { ...own, 'sec-fetch-site': 'same-site' }, false],
  ['an address typed by a person', { host: own.host, 'sec-fetch-site': 'none' }, false],
  ['an origin that is hidden', { ...own, origin: 'null' }, false],
  ['nothing said', { host: own.host }, false],
])('%s', (_name, headers, allowed) => {
  expect(asked(headers)).toBe(allowed);
});

test('the event stream sets no header: the browser must say that it is the same origin', () => {
  expect(asked({ host: own.host, 'sec-fetch-site': 'same-origin' }, true)).toBe(true);
  expect(asked({ host: own.host }, true)).toBe(false);
  expect(asked({ host: own.host, 'sec-fetch-site': 'cross-site' }, true)).toBe(false);
});
