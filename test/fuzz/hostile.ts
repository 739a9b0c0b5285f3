/** Inputs that somebody makes who means harm, or whose program is broken: grown from real ones, so that they get far. */
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/protocols/json.ts';

/** Names that are more than names to a careless program, and the words of the protocols. */
const words = fc.constantFrom(
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', ''],
  ...['type', 'role', 'content', 'text', 'index', 'id', 'name', 'input', 'arguments', 'parts', 'tool_calls'],
  ...['system', 'user', 'assistant', 'tool', 'function', 'message', 'delta', 'thinking', 'image', 'null'],
);

const texts = fc.oneof(
  words,
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '\ud83d',
    '\ude00',
    'a\ud800b',
    '\u0000',
    '\r\n\r\n',
    'data: [DONE]\n\n',
    '\u2028',
    '\ufeff',
  ),
  fc.constantFrom(
    '[DONE]',
    '{',
    '"',
    '\\',
    '\\u',
    '{"a":',
    '[[[[[[',
    '%ff',
    '../../etc/passwd',
    '-1',
    '1e999',
  ),
  fc.constantFrom(
    'data:;base64,',
    'data:image/png;base64,AAAA',
    'http://[::1',
    'javascript:alert(1)',
    'file:///',
  ),
  fc.constantFrom('x'.repeat(300), '=?'.repeat(2000), ';base64,'.repeat(500), '$.a[4000000]', '$.a.4000000'),
);

const numbers = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 0.5, 4_294_967_295, 4_000_000, 2 ** 53, -(2 ** 53), 1e308, 1e-320, 1e21),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** `depth` levels of one kind around a value. */
function nested(depth: number, list: boolean): Json {
  let value: Json = 'deep';
  for (let level = 0; level < depth; level++) value = list ? [value] : { content: value };
  return value;
}

/** A value that no protocol asks for where it stands. */
const values: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: texts },
  { weight: 3, arbitrary: numbers },
  { weight: 3, arbitrary: fc.constantFrom<Json>(true, false, null, [], {}, [[]], [null], '') },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(3, 40, 400), fc.boolean()).map((of) => nested(...of)) },
  {
    weight: 2,
    arbitrary: fc.dictionary(words, fc.oneof(texts, numbers), { maxKeys: 3 }).map((made) => own(made)),
  },
);

/** As `JSON.parse` makes it: `__proto__` is a member like any other. */
function own(made: object): Json {
  return JSON.parse(JSON.stringify(made));
}

/** What is done to the place that `at` counts out, of all places in the value. */
type Change = { at: number } & (
  | { kind: 'put'; value: Json }
  | { kind: 'remove' }
  | { kind: 'repeat'; times: number }
  | { kind: 'rename'; name: string }
  | { kind: 'add'; name: string; value: Json }
  | { kind: 'move'; from: number }
);

const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ at: fc.nat(), kind: fc.constant('put' as const), value: values }) },
  { weight: 2, arbitrary: fc.record({ at: fc.nat(), kind: fc.constant('remove' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ at: fc.nat(), kind: fc.constant('repeat' as const), times: fc.nat(20) }),
  },
  { weight: 1, arbitrary: fc.record({ at: fc.nat(), kind: fc.constant('rename' as const), name: words }) },
  {
    weight: 2,
    arbitrary: fc.record({ at: fc.nat(), kind: fc.constant('add' as const), name: words, value: values }),
  },
  { weight: 2, arbitrary: fc.record({ at: fc.nat(), kind: fc.constant('move' as const), from: fc.nat() }) },
);

interface Place {
  holder: Json[] | JsonObject;
  key: string | number;
}

function placesIn(value: Json | undefined, places: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return places;
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  for (const key of keys) {
    places.push({ holder: value, key });
    placesIn(valueAt({ holder: value, key }), places);
  }
  return places;
}

function valueAt({ holder, key }: Place): Json | undefined {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

/** A member of its own even where it is called `__proto__`. */
function put(holder: object, key: string | number, value: Json | undefined): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function changed(original: Json, changes: readonly Change[]): Json {
  // A holder around it, so that all of it can be put aside too.
  const root: Json[] = [structuredClone(original)];
  for (const change of changes) {
    const places = placesIn(root);
    const place = places[change.at % places.length];
    if (place === undefined) continue;
    const { holder, key } = place;
    const value = valueAt(place);
    switch (change.kind) {
      case 'put':
        put(holder, key, structuredClone(change.value));
        break;
      case 'remove':
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
        break;
      case 'repeat':
        if (!Array.isArray(holder))
          put(
            holder,
            key,
            Array.from({ length: change.times }, () => clone(value)),
          );
        else holder.splice(Number(key), 0, ...Array.from({ length: change.times }, () => clone(value)));
        break;
      case 'rename':
        if (!Array.isArray(holder)) delete holder[key];
        put(Array.isArray(holder) ? {} : holder, change.name, value);
        break;
      case 'add':
        if (typeof value === 'object' && value !== null && !Array.isArray(value))
          put(value, change.name, structuredClone(change.value));
        else put(holder, key, [value ?? null, structuredClone(change.value)]);
        break;
      case 'move': {
        const from = places[change.from % places.length];
        if (from !== undefined) put(holder, key, clone(valueAt(from)));
      }
    }
    if (root.length === 0) root.push(null);
  }
  return root[0] ?? null;
}

function clone(value: Json | undefined): Json {
  return structuredClone(value ?? null);
}

/** One of these values with some of it changed; now and then as it is. */
export function mutated(originals: readonly Json[]): fc.Arbitrary<Json> {
  return fc
    .tuple(fc.nat(originals.length - 1), fc.array(changes, { maxLength: 5 }))
    .map(([which, made]) => changed(originals[which] ?? null, made));
}

/** A cut, a copy or something foreign in the middle of a text. */
type Edit = { at: number; length: number; text: string };

const edits = fc.record({
  at: fc.nat(),
  length: fc.oneof(fc.nat(3), fc.nat(200)),
  text: fc.oneof(
    texts,
    fc.constantFrom(
      '\n',
      '\r',
      '\t',
      ' ',
      ':',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '#',
      '&a',
      '*a',
      '!x ',
      '<<: ',
    ),
    fc.constantFrom('\n\n', ',', '\r\n', '%', '|', '>', '---\n', '${HOME}', '${', 'a: b\n', '0x', '1_000'),
  ),
});

/** One of these texts with some of it cut out and something else put there. */
export function mutatedText(originals: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(originals.length - 1), fc.array(edits, { maxLength: 5 }))
    .map(([which, made]) => made.reduce(edited, originals[which] ?? ''));
}

function edited(text: string, { at, length, text: inserted }: Edit): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + inserted + text.slice(start + length);
}

/** Bytes in pieces of any size, in the order in which they stand. */
export function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other);
  return [0, ...places].map((start, index) => bytes.slice(start, places[index] ?? bytes.length));
}

export const arbitraryCuts = fc.array(fc.nat(), { maxLength: 8 });
export { texts as hostileText, words as hostileWord };
