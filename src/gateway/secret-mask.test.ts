import { expect, test } from 'bun:test';
import { maskedFor } from './secret-mask.ts';

test('M5: the password of the proxy is no part of an error, nor a header that proves who asks', () => {
  const mask = maskedFor({
    secret: 'key-of-the-credential',
    headers: { authorization: 'Bearer written-by-the-owner', 'x-from-client': '$X-From-Client' },
    proxy: 'http://user:pass%2Bword%21@proxy.example:8080',
  });
  const basic = Buffer.from('user:pass+word!').toString('base64');
  expect(mask(`407 for user:pass%2Bword%21 (pass+word!, ${basic.slice(0, 4)})`)).toBe(
    `407 for user:[secret removed] ([secret removed], ${basic.slice(0, 4)})`,
  );
  expect(mask(`Proxy-Authorization: Basic ${basic}`)).not.toContain(basic.slice(8));
  expect(mask('written-by-the-owner, $X-From-Client')).toBe('[secret removed], $X-From-Client');
});

test('M5: words that are shorter than secrets stay', () => {
  const mask = maskedFor({ secret: 'short', headers: { 'x-team': 'blue' }, proxy: 'socks5://u:p@127.0.0.1' });
  expect(mask('short blue p u')).toBe('short blue p u');
});
