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
