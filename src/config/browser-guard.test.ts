import { describe, expect, test } from 'bun:test';
import { browserGuard } from './browser-guard.ts';

const guard = browserGuard({
  'allowed-hosts': ['gateway.lan', 'pi:8317'],
  cors: { origins: ['https://chat.example'] },
});
const refusal = (headers: Record<string, string>) => guard.refusal(new Headers(headers))?.code;
const local = '127.0.0.1:8317';

describe('H5: a gateway without client keys', () => {
  test.each([
    ['a program', { host: local }],
    ['a program by name', { host: 'localhost:8317' }],
    ['a program over IPv6', { host: '[::1]:8317' }],
    ['HTTP/1.0', {}],
    ['a listed name', { host: 'gateway.lan:9999' }],
    ['a listed name and port', { host: 'PI:8317' }],
    [
      'a page of the gateway itself',
      { host: local, origin: `http://${local}`, 'sec-fetch-site': 'same-origin' },
    ],
    ['the address bar', { host: local, 'sec-fetch-site': 'none' }],
    [
      'a page of a listed origin',
      { host: local, origin: 'https://chat.example', 'sec-fetch-site': 'cross-site' },
    ],
  ])('answers %s', (_, headers) => {
    expect(refusal(headers)).toBeUndefined();
  });

  test.each([
    ['a page that lets its own name point here', { host: 'evil.example:8317' }, 'host_not_allowed'],
    [
      'a name that only begins like one of this computer',
      { host: '127.0.0.1.evil.example' },
      'host_not_allowed',
    ],
    ['another port of a name listed with one', { host: 'pi:1' }, 'host_not_allowed'],
    ['a fetch of a foreign page', { host: local, origin: 'https://evil.example' }, 'origin_not_allowed'],
    ['a page from a file or a sandboxed frame', { host: local, origin: 'null' }, 'origin_not_allowed'],
    [
      'another service of this computer',
      { host: local, origin: 'http://127.0.0.1:3000' },
      'origin_not_allowed',
    ],
    ['an image of a foreign page', { host: local, 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
    ['an image of another port', { host: local, 'sec-fetch-site': 'same-site' }, 'origin_not_allowed'],
    [
      'a listed origin with another ending',
      { host: local, origin: 'https://chat.example.org' },
      'origin_not_allowed',
    ],
  ] as const)('refuses %s', (_, headers, code) => {
    expect(refusal({ ...headers })).toBe(code);
  });
});
