import { expect, test } from 'bun:test';
import { z } from 'zod';
import { BadInput } from './bad-input.ts';
import { jsonBody } from './body.ts';

const { read } = jsonBody(z.record(z.string(), z.unknown()));
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

test.each(['{"__proto__":["x"]}', '{"a":{"__proto__":{"b":1}}}', '{"a":[{"\\u005f_pr\\u006fto__":1}]}'])(
  '16: %s is refused: what stands under that name would be lost',
  (text) => {
    expect(() => read(bytes(text), 'application/json')).toThrow(BadInput);
  },
);

test('16: a value that says it, and other names in escapes, are taken', () => {
  expect(read(bytes('{"\\u006eote":"__proto__"}'), 'application/json')).toEqual({ note: '__proto__' });
});

test.each(['{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', '{"list":[{"x":1,"\\u0078":2}]}', '{"a":"b:c","a":"d"}'])(
  '13: %s is refused: of two of a name one would be lost',
  (text) => {
    expect(() => read(bytes(text), 'application/json')).toThrow(BadInput);
  },
);

test.each(['{"a":1e999}', '{"a":-1e400}', '{"a":12345678901234567890}', '{"a":[{"b":9007199254740993}]}'])(
  '13: %s is refused: it would be another number',
  (text) => {
    expect(() => read(bytes(text), 'application/json')).toThrow(BadInput);
  },
);

test.each([
  '{"a":9007199254740991,"c":0.30000000000000004,"d":-0}',
  '{"a":"1e999","b":"12345678901234567890","c":{"a":1},"d":[{"a":1},{"a":2}]}',
  '{"a:b":"c","c":"{\\"a\\":1,\\"a\\":2}"}',
])('13: %s is taken', (text) => {
  expect(read(bytes(text), 'application/json')).toEqual(JSON.parse(text));
});
