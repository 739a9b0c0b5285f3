/** What a patch may change, and what it must not. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Json, JsonObject } from './json.ts';
import { isObject } from './json.ts';
import { patchedJson, patchingJson } from './json-patch.ts';
import { atOnce } from './steps.ts';

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A JSON text as people and programs write them: odd white space, numbers in other words, escapes, a name twice. */
interface Written {
  text: string;
}

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n  ');
const escaped = fc
  .string({ unit: 'grapheme', maxLength: 6 })
  .chain((text) =>
    fc.constantFrom(
      JSON.stringify(text),
      `"${[...text].map((_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`,
      '"\\/\\"é\\ud83d\\ude00\\\\"',
    ),
  );
const numbers = fc.constantFrom('1e2', '1.0', '-0.5e0', '0.10', '12345678901234567890', '1E+30', '-1.50e-3');
const names = fc.constantFrom('"a"', '"b"', '"\\u0061"', '"model"', '"__proto__"', '"x y"', '""', '"ü"');

const { value: written } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    numbers,
    escaped,
    fc.constantFrom('true', 'false', 'null'),
    tie('list'),
    tie('object'),
  ),
  list: fc
    .array(fc.tuple(space, tie('value'), space), { maxLength: 4 })
    .map((all) => `[${all.map((one) => one.join('')).join(',')}]`),
  object: fc
    .array(fc.tuple(space, names, space, space, tie('value'), space), { maxLength: 5 })
    .map((all) => `{${all.map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`).join(',')}}`),
}));
const objects: fc.Arbitrary<Written> = fc
  .tuple(space, fc.array(fc.tuple(names, written, space), { maxLength: 6 }), space)
  .map(([before, all, behind]) => ({
    text: `${before}{${all.map(([key, value, gap]) => `${gap}${key}${gap}:${gap}${value}`).join(`${behind},`)}${behind}}${before}`,
  }));

const patchingAtOnce = atOnce(patchingJson);
const asList = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const parsed = (text: string): JsonObject => JSON.parse(text);
const value = fc.jsonValue({ maxDepth: 2 }).map((one): Json => JSON.parse(JSON.stringify(one)));

test('any body patched to any other says what the other says', () => {
  fc.assert(
    fc.property(
      objects,
      fc.oneof(
        objects.map(({ text }) => parsed(text)),
        fc.dictionary(fc.string(), value),
      ),
      ({ text }, after) => {
        const before = parsed(text);
        const patched = decode(patchedJson(encode(text), before, after));
        expect(parsed(patched)).toEqual(parsed(JSON.stringify(after)));
        expect(decode(patchingAtOnce(encode(text), before, after))).toBe(patched);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a long list that a body gets is written in many steps', () => {
  const added = Array.from({ length: 3000 }, () => ({ role: 'user', content: 'words '.repeat(170) }));
  const before: JsonObject = { input: [{ role: 'user' }] };
  const after: JsonObject = { input: [...added, ...asList(before.input)], more: added };
  const steps = patchingJson(encode('{"input":[{"role":"user"}]}'), before, after);
  let stops = 0;
  let step = steps.next();
  for (; !step.done; step = steps.next()) stops += 1;
  expect(stops).toBeGreaterThan(30);
  expect(decode(step.value)).toBe(JSON.stringify(after));
});

test('what says the same stays byte for byte, whoever built it', () => {
  fc.assert(
    fc.property(objects, ({ text }) => {
      expect(decode(patchedJson(encode(text), parsed(text), structuredClone(parsed(text))))).toBe(text);
    }),
  );
});

/** A path to some value of a text that has each name once, with the text before and behind it. */
const spotted = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom('k', '\\u006b'), written, space), { maxLength: 3 }),
    written,
    fc.array(written, { maxLength: 3 }),
    space,
  )
  .map(([members, inner, list, gap]) => {
    const others = members.map(([key, text], i) => `"${key}${i}"${gap}:${gap}${text}`);
    const head = `{${gap}${[...others, `"messages"${gap}:[${gap}`].join(`${gap},`)}${list.map((one) => `${one}${gap},`).join('')}{"z": 1.0,"spot"${gap}:${gap}`;
    const tail = `${gap},"y":[1e2, 2 ]}${gap}${list.map((one) => `,${one}`).join('')}],"end"${gap}:0.0${gap}}`;
    return { head, inner, tail, place: list.length };
  });

const withSpot = (
  body: JsonObject,
  place: number,
  change: (holder: JsonObject) => JsonObject,
): JsonObject => {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const holder = messages[place];
  if (!isObject(holder)) throw new Error('no spot');
  return { ...body, messages: messages.with(place, change(holder)) };
};

test('every byte outside of a member that is set is what the client sent', () => {
  fc.assert(
    fc.property(spotted, value, ({ head, inner, tail, place }, wanted) => {
      const before = parsed(head + inner + tail);
      const after = withSpot(before, place, (holder) => ({ ...holder, spot: wanted }));
      const patched = decode(patchedJson(encode(head + inner + tail), before, after));
      expect(patched.startsWith(head) && patched.endsWith(tail)).toBe(true);
    }),
  );
});

test('every byte outside of a member that is removed or added is what the client sent', () => {
  fc.assert(
    fc.property(spotted, value, ({ head, inner, tail, place }, wanted) => {
      const text = head + inner + tail;
      const before = parsed(text);
      const removed = withSpot(before, place, ({ spot: _, ...others }) => others);
      const cut = head.lastIndexOf(',"spot"');
      expect(decode(patchedJson(encode(text), before, removed))).toBe(head.slice(0, cut) + tail);
      const added = withSpot(before, place, (holder) => ({ ...holder, new: wanted }));
      const [front = '', rest = ''] = [text.slice(0, head.length + inner.length), tail];
      const at = rest.indexOf(']}') + 1;
      expect(decode(patchedJson(encode(text), before, added))).toBe(
        `${front}${rest.slice(0, at)},"new":${JSON.stringify(wanted)}${rest.slice(at)}`,
      );
    }),
  );
});

test('elements that go or come leave the others of their list as they are', () => {
  const element = fc.tuple(written, fc.boolean(), space);
  fc.assert(
    fc.property(fc.array(element, { maxLength: 6 }), fc.boolean(), (all, more) => {
      const texts = all.map(([inner], i) => `{ "i":${i}.0 ,"v": ${inner}}`);
      const text = `{"list":[${texts.join(', ')}], "n":1e0}`;
      const before = parsed(text);
      const list = Array.isArray(before.list) ? before.list : [];
      const kept = list.filter((_, i) => all[i]?.[1] === true);
      const after = { ...before, list: more ? [...kept, { added: true }] : kept };
      const patched = decode(patchedJson(encode(text), before, after));
      expect(parsed(patched)).toEqual(parsed(JSON.stringify(after)));
      // As long as it was, a list is compared place by place.
      if (list.length === after.list.length) return;
      for (const [i, one] of texts.entries()) expect(patched.includes(one)).toBe(all[i]?.[1] === true);
    }),
  );
});

test.each([
  ['{"model":"a","model":"b"}', { model: 'c' }, '{"model":"c"}', 'of equal names the one that counts is set'],
  ['{"a":1,"x":1e2,"a":2}', { a: undefined }, '{"x":1e2}', 'all of equal names go'],
  ['{"a":1,"a":2, "x":1e2}', { x: 3 }, '{"a":1,"a":2, "x":3}', 'equal names that are not meant stay'],
  ['{}', { a: 1 }, '{"a":1}', 'an empty object takes a member'],
  ['{ "a" : 1 }', { a: undefined, b: [1] }, '{ "b":[1] }', 'one for another'],
])('%s: %o', (text, change, expected) => {
  const before = parsed(text);
  expect(decode(patchedJson(encode(text), before, { ...before, ...change }))).toBe(expected);
});

test('a text that is nested deeply costs what it is long', () => {
  const depth = 500;
  const text = `${'{"a":['.repeat(depth)}1${']}'.repeat(depth)}`;
  const change = (value: Json): Json =>
    Array.isArray(value)
      ? value.map(change)
      : isObject(value) && value.a !== undefined
        ? { a: change(value.a) }
        : 2;
  const before = parsed(text);
  const after = change(before);
  if (!isObject(after)) throw new Error('no object');
  expect(decode(patchedJson(encode(text), before, after))).toBe(text.replace('1', '2'));
});
