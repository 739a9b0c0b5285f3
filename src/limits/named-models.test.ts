import { expect, test } from 'bun:test';
import { askedInBody } from './asked-in-body.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ['{"model":"a","models":["b","c"]}', ['b', 'c']],
  ['{"model":"a","fallbacks":[{"model":"b","max_tokens":5},"c"]}', ['b', 'c']],
  ['{"model":"a","fall\\u0062acks":[{"mod\\u0065l":"b"}]}', ['b']],
  ['{"model":"a","fallbacks":[{"model":"b","model":"c"}]}', ['b', 'c']],
  ['{"model":"a","tools":[{"type":"advisor_20260301","model":"b"},{"type":"function"}]}', ['b']],
  ['{"model":"a","providerOptions":{"gateway":{"models":["b"]}}}', ['b']],
  ['{"model":"a","messages":[{"models":["b"]}],"constructor":["c"],"__proto__":["d"]}', []],
  ['{"model":"a","models":null,"fallbacks":{},"tools":"x","providerOptions":[1]}', []],
  ['no JSON', []],
  ['', []],
])('M2: %s names %p beside its model', (body, names) => {
  expect(askedInBody(bytes(body), { models: true, answer: false }).models).toEqual(names);
});
