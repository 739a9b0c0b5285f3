import { expect, test } from 'bun:test';
import { printable, printableJson, printableOutput } from './printable.ts';

test('M6: control characters of texts from outside are shown, not obeyed', () => {
  expect(printable('a\x1b[2J\x07\r\nb\x9b2J\u202eü')).toBe(
    'a\\u001b[2J\\u0007\\u000d\\u000ab\\u009b2J\\u202eü',
  );
});

test('M6: of what a command writes, lines and colours stay', () => {
  expect(printableOutput('\x1b[31mred\x1b[39m\ta\n\x1b]0;title\x07\x1b[2J\x9b')).toBe(
    '\x1b[31mred\x1b[39m\ta\n\\u001b]0;title\\u0007\\u001b[2J\\u009b',
  );
  expect(printableOutput('\r\x1b[2K1:00 left')).toBe('\r\x1b[2K1:00 left');
});

test('lines that begin like the end of a colour stay lines', () => {
  const toml = 'a = 1\n\n[model_providers.b]\n\t[m]\n[1;2m\r\n[m';
  expect(printableOutput(toml)).toBe(toml);
});

test('M6: JSON stays the same value, without a raw control character', () => {
  const value = { model: 'a\u009b2J\u202e\n\u001b[2J\u007f' };
  const json = printableJson(JSON.stringify(value));
  expect(JSON.parse(json)).toEqual(value);
  expect(printable(json)).toBe(json);
});
