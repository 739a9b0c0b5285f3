import { expect, test } from 'bun:test';
import { secretsIn, withCookie } from './cookie.ts';

const set = (url: string, headers: Record<string, string>): string | null =>
  withCookie(new Response(), 'secret', new Request(url, { headers }), 60).headers.get('set-cookie');

test.each([
  ['http://x/', { host: '127.0.0.1:8317' }, 'cli_proxy_api_console_8317=secret'],
  ['http://x/', { host: '[::1]:8318' }, 'cli_proxy_api_console_8318=secret'],
  ['http://x/', { host: 'gateway.example' }, 'cli_proxy_api_console=secret'],
  ['http://x/', {}, 'cli_proxy_api_console=secret'],
] as const)('its name has the port that the browser sees: %s %j', (url, headers, begin) => {
  expect(set(url, headers)).toBe(`${begin}; HttpOnly; SameSite=Strict; Max-Age=60`);
});

test('over TLS, here or at a proxy, it goes over TLS alone', () => {
  expect(set('https://x/', { host: 'x' })).toEndWith('; Secure');
  expect(set('http://x/', { host: 'x', 'x-forwarded-proto': 'https' })).toEndWith('; Secure');
});

test('all cookies of the console are read, and no other', () => {
  const cookie =
    'a=1; cli_proxy_api_console=one; cli_proxy_api_console_8317=two=2; cli_proxy_api_console_x=no; xcli_proxy_api_console=no; cli_proxy_api_console=; cli_proxy_api_console=one';
  expect(secretsIn(new Headers({ cookie }))).toEqual(['one', 'two']);
  expect(secretsIn(new Headers())).toEqual([]);
});

test('a page that sets a thousand of them makes no more than a few be looked up', () => {
  const cookie = Array.from({ length: 1000 }, (_, at) => `cli_proxy_api_console_${at}=${at}`).join('; ');
  expect(secretsIn(new Headers({ cookie }))).toHaveLength(8);
});
