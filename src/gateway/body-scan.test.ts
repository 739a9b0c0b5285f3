import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { replaceSpan, scanEnvelope, scanObject } from './body-scan.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test('the scan sees what JSON.parse sees, whatever else the body holds', () => {
  const body = fc.record(
    {
      messages: fc.jsonValue(),
      model: fc.oneof(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
      'a "quoted\\" key': fc.jsonValue(),
      stream: fc.oneof(fc.boolean(), fc.jsonValue()),
      tools: fc.array(fc.record({ model: fc.string(), stream: fc.boolean() })),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(body, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
      const found = scanEnvelope(encode(JSON.stringify(value, null, indent)));
      expect(found?.model).toBe(typeof value.model === 'string' ? value.model : undefined);
      expect(found?.stream).toBe(value.stream === true);
    }),
  );
});

test('replacing the model changes nothing else', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      (rest, model, wanted) => {
        const bytes = encode(JSON.stringify({ before: rest, model, after: rest }));
        const span = scanEnvelope(bytes)?.modelSpan;
        if (span === undefined) throw new Error('no span');
        const replaced = new TextDecoder().decode(replaceSpan(bytes, span, JSON.stringify(wanted)));
        expect(replaced).toBe(JSON.stringify({ before: rest, model: wanted, after: rest }));
      },
    ),
  );
});

test.each([
  ['{"model":"a","model":"b"}', 'b', 'the last of equal names counts'],
  ['{"mod\\u0065l":"a"}', 'a', 'escaped names are read'],
  ['{"model":"\\u0061\\"b"}', 'a"b', 'escaped values are read'],
  ['  {"model" : "a" }  ', 'a', 'white space does not matter'],
])('%s names the model %s: %s', (text, model) => {
  expect(scanEnvelope(encode(text))?.model).toBe(model);
});

test.each([
  '',
  '[]',
  '"model"',
  '{',
  '{"model"',
  '{"model":"a"',
  '{"a":1 "model":"b"}',
  '{model:"a"}',
  'null',
  '{"model":"a"} {"model":"b"}',
  '{"model":"a"};base64,',
  '{"model":"a"}}',
])('%p is not a JSON object', (text) => {
  expect(scanEnvelope(encode(text))).toBeUndefined();
});

test.each([
  ['{"Model":"a"}', 'Model'],
  ['{"model":"a","MODEL":"b"}', 'MODEL'],
  ['{"\\u004dodel":"a"}', 'Model'],
  ['{"x":{"Model":"b"},"model":"a","models":1,"node1":2}', undefined],
])('%s has a key that looks like the model: %s', (text, lookalike) => {
  expect(scanEnvelope(encode(text))?.lookalike).toBe(lookalike);
});

test.each([
  ['{"model":"a","model":"b"}', 'model'],
  ['{"mod\\u0065l":1,"model":"b"}', 'model'],
  ['{"stream":true,"model":"b","str\\u0065am":false}', 'stream'],
  ['{"messages":[],"messages":[]}', 'messages'],
  ['{"":1,"":2}', ''],
  ['{"\\\\":1,"\\u005c":2}', '\\'],
  ['{"a":{"b":1},"b":{"b":1,"c":[{"a":1}]}}', undefined],
])('%s says twice: %s', (text, doubled) => {
  expect(scanEnvelope(encode(text))?.doubled).toBe(doubled);
  expect(scanObject(encode(text), 16)?.doubled).toBe(doubled);
});

test('a name is doubled exactly where JSON.parse loses a member, however many there are', () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('a'.repeat(64), `${'a'.repeat(64)}b`),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 80 }), (names) => {
      const text = `{${names.map((each) => `${JSON.stringify(each)}:0`).join()}}`;
      const isDoubled = new Set(names).size < names.length;
      expect(scanObject(encode(text), 16)?.doubled !== undefined).toBe(isDoubled);
    }),
  );
});
