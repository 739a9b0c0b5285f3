import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { mayHoldInexact, parseExactly, parseJsonWithin } from './exact-numbers.ts';
import { parseJson } from './json.ts';

const rewritten = (text: string): string => JSON.stringify(parseExactly(text));

test.each([
  '12345678901234567890',
  '-9223372036854775808',
  '1e999',
  '-1E+400',
  '-0',
  '-0.0',
  '1e-999',
  `${'9'.repeat(400)}`,
  '0.12345678901234567891',
  `1${'0'.repeat(40)}1`,
])('a number that JavaScript cannot hold stays as it is written: %s', (number) => {
  for (const text of [`[${number}]`, `{"a":${number}}`, `{"a":[1,${number},2]}`])
    expect(rewritten(text)).toBe(text);
  expect(rewritten(`[ ${number} ]`)).toBe(`[${number}]`);
});

test('whatever else JSON says is what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\n'), (value, space) => {
      const text = JSON.stringify(value, undefined, space);
      expect(rewritten(text)).toBe(JSON.stringify(JSON.parse(text)));
      expect(parseJsonWithin(text, new Set(['a']))).toEqual(parseJson(text));
    }),
  );
});

test('numbers stay as they are written below the given names alone', () => {
  const text = '{"a":{"b":[1e999,{"a":-0}]},"c":[1e999,12345678901234567890,{"a":1e999}],"d":-0.0}';
  const value = parseJsonWithin(text, new Set(['a']));
  expect(JSON.stringify(value)).toBe(
    '{"a":{"b":[1e999,{"a":-0}]},"c":[null,12345678901234567000,{"a":1e999}],"d":0}',
  );
});

test('a text without any of the names is read as every other, whatever its numbers', () => {
  const names = new Set(['args', 'response']);
  const chunk = '{"candidates":[{"avgLogprobs":-0.0032768437637973484,"note":"an args"}]}';
  expect(mayHoldInexact(chunk, names)).toBe(false);
  expect(mayHoldInexact(chunk.replace('"an args"', '{"args":[1]}'), names)).toBe(true);
  // What is text already holds no number.
  expect(mayHoldInexact(chunk.replace('note', 'args'), names)).toBe(false);
});

test('a name is found in whatever letters it is written', () => {
  for (const name of ['args', '\\u0061rgs', '\\u0061\\u0072\\u0067\\u0073', 'arg\\u0073']) {
    const value = parseJsonWithin(`{"${name}":{"id":12345678901234567890}}`, new Set(['args']));
    expect(JSON.stringify(value)).toBe('{"args":{"id":12345678901234567890}}');
  }
});

test('what is no JSON is refused', () => {
  for (const text of ['', '[1e999', '{"a":-00}', '[12345678901234567890x]'])
    expect(parseJsonWithin(text, new Set(['a']))).toBeUndefined();
});
