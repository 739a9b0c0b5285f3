import { expect, test } from 'bun:test';
import { isHeaderName, isHeaderValue } from './header-text.ts';

const bytes = Array.from({ length: 0x102 }, (_, code) => String.fromCharCode(code));

test('a name of a header is a token of RFC 9110: letters, digits and fifteen signs', () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  expect(bytes.filter(isHeaderName)).toEqual([..."!#$%&'*+-.^_`|~", ...letters].sort());
  for (const text of ['', 'a b', 'a:', 'a\n', 'é', '\u212a', 'ſ']) expect(isHeaderName(text)).toBe(false);
});

test('a value of a header holds no control character but the tab, and nothing beyond a byte', () => {
  const wrong = bytes.filter((text) => !isHeaderValue(`a${text}b`)).map((text) => text.charCodeAt(0));
  const controls = Array.from({ length: 0x20 }, (_, code) => code).filter((code) => code !== 9);
  expect(wrong).toEqual([...controls, 0x7f, 0x100, 0x101]);
  expect(isHeaderValue('')).toBe(true);
  expect(isHeaderValue('a\n')).toBe(false);
});
