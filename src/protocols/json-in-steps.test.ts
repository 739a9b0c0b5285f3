import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Json, parseJson } from './json.ts';
import { parsingJson } from './json-in-steps.ts';

function stepwise(text: string, step: number): { value: Json | undefined; steps: number } {
  const reading = parsingJson(text, step);
  for (let steps = 0; ; steps++) {
    let next: IteratorResult<void, Json>;
    try {
      next = reading.next();
    } catch {
      return { value: undefined, steps };
    }
    if (next.done) return { value: next.value, steps };
  }
}

/** JSON with white space wherever that may stand. */
const written = fc
  .record({
    value: fc.oneof(fc.jsonValue({ maxDepth: 6 }), fc.array(fc.jsonValue(), { maxLength: 40 })),
    space: fc.constantFrom('', ' ', '\n', '\t', 2),
  })
  .map(({ value, space }) => JSON.stringify(value, undefined, space));
const steps = fc.integer({ min: 0, max: 60 });

describe('JSON in steps', () => {
  test('is what JSON.parse makes of it, wherever it is cut', () => {
    fc.assert(
      fc.property(written, steps, (text, step) => {
        const { value } = stepwise(text, step);
        expect(value).toEqual(parseJson(text));
        expect(JSON.stringify(value)).toBe(JSON.stringify(parseJson(text)));
      }),
      { numRuns: 400 },
    );
  });

  test('is refused where JSON.parse refuses it', () => {
    const spoilt = fc
      .record({
        text: written,
        at: fc.nat(),
        cut: fc.nat({ max: 2 }),
        put: fc.constantFrom(
          '',
          '\u00a0',
          ',',
          '[',
          ']',
          '{',
          '}',
          '"',
          ':',
          '1',
          ' ',
          '\\',
          ',,',
          '":1',
          'x',
          '\0',
        ),
      })
      .map(({ text, at, cut, put }) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + put + text.slice(from + cut);
      });
    fc.assert(
      fc.property(spoilt, steps, (text, step) => {
        expect(stepwise(text, step).value).toEqual(parseJson(text));
      }),
      { numRuns: 800 },
    );
  });

  const piece = fc.constantFrom(
    '\\\\',
    '\\"',
    '\\n',
    '\\ud83d',
    '\\ude00',
    '\\u00e9',
    'u',
    'd83d',
    '😀',
    '\ud83d',
    '\\u12',
  );
  const long = fc.array(piece, { maxLength: 60 }).map((pieces) => `"${pieces.join('')}"`);
  const around = fc.constantFrom(
    (text: string) => text,
    (text: string) => `[1,${text},{"a":${text}}]`,
    (text: string) => `{"x":[1],"a" : ${text} ,"b":${text},"a":2}`,
    (text: string) => `{${text}:1,"__proto__":${text}}`,
    (text: string) => `[[],[${text}]${text}]`,
    (text: string) => `[${text}x]`,
    (text: string) => `{"a":1${text}}`,
    (text: string) => `{"a":${text}${text}}`,
  );

  test('is the same where a string of many escapes is read in pieces', () => {
    fc.assert(
      fc.property(long, around, fc.integer({ min: 0, max: 100 }), (text, put, step) => {
        const { value } = stepwise(put(text), step);
        expect(value).toEqual(parseJson(put(text)));
        expect(JSON.stringify(value)).toBe(JSON.stringify(parseJson(put(text))));
      }),
      { numRuns: 3000 },
    );
  });

  test('a text of nothing but quotes is read in many steps', () => {
    const text = `{"a":{"b":["${'\\"'.repeat(1_000_000)}"]}}`;
    const { value, steps } = stepwise(text, 128 * 1024);
    expect(value).toEqual({ a: { b: ['"'.repeat(1_000_000)] } });
    expect(steps).toBeGreaterThan(15);
  });

  test.each([
    ['[1,2,]', 0],
    ['[{"a":1[null,0]}]', 0],
    ['[,1]', 0],
    ['[[1,2]3,4]', 0],
    ['[3[1,2],4]', 0],
    ['{"a":[1,2]"b":1,"c":2}', 0],
    ['{"a":[1,2],}', 0],
    ['{[1,2],"c":2}', 0],
    ['[{"a":1,"b":2},]', 0],
    ['[1,2]]', 0],
    ['[1,2]x', 0],
    ['[1,2', 0],
    ['{"a":1,"b":[1,2}', 0],
    ['', 0],
    ['\\[1,2]', 0],
    ['[1] [2,3]', 0],
    ['{"a":1[2,3]}', 0],
    ['{"a":-{"b":1,"c":2}}', 0],
    ['{"a":1.5e[2,3]}', 0],
    ['[1,2]\u00a0', 0],
    ['\ufeff[1,2]', 0],
  ])('%s is no JSON', (text, step) => {
    expect(stepwise(text, step).value).toBeUndefined();
    expect(parseJson(text)).toBeUndefined();
  });

  test('the last of equal names counts, in the place of the first, and __proto__ is a name', () => {
    const text =
      '{"a":[1,2,3],"b":1,"a":{"x":1,"y":2},"__proto__":{"z":1,"q":2},"__proto__":{"w":1,"v":[1,2]}}';
    for (let step = 0; step < text.length; step++) {
      const { value } = stepwise(text, step);
      expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
  });

  test('is read in so many pieces that none is long', () => {
    const text = JSON.stringify({ a: [{ b: Array.from({ length: 50_000 }, (_, at) => ({ at })) }], c: 1 });
    expect(stepwise(text, 10_000).steps).toBeGreaterThan(text.length / 11_000);
    expect(stepwise('[1,2]', 10_000).steps).toBe(0);
  });
});
