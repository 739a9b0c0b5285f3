import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { eventLength } from './event-length.ts';

/** The first piece at which something is too long, and what. */
function firstBeyond(pieces: readonly string[], most: number): [number, string] | undefined {
  const length = eventLength(most);
  for (const [at, piece] of pieces.entries()) {
    const what = length.beyond(new TextEncoder().encode(piece));
    if (what !== undefined) return [at, what];
  }
  return undefined;
}

const many = (piece: string, count = 100): string[] => Array.from({ length: count }, () => piece);

test.each([
  ['a line without end', many('xxxxxxxxxx'), 'a line of the stream'],
  ['an event of comments', many(': nothing\n'), 'an event of the stream'],
  ['an event of lines of data', many('data: x\r\n'), 'an event of the stream'],
  ['an event of lines that end with CR', many('data: x\r'), 'an event of the stream'],
])('%s is too long, in however many pieces it comes', (_, pieces, what) => {
  expect(firstBeyond(pieces, 200)?.[1]).toBe(what);
  expect(firstBeyond([pieces.join('')], 200)?.[1]).toBe(what);
});

test.each(['\n\n', '\r\n\r\n', '\r\r'])(
  'events that end with %j are counted one by one, however they are cut',
  (end) => {
    const stream = many(`data: {"a":1}${end}`, 60).join('');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1 }), (sizes) => {
        const pieces: string[] = [];
        for (let at = 0, n = 0; at < stream.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          pieces.push(stream.slice(at, at + size));
          at += size;
        }
        expect(firstBeyond(pieces, 30)).toBeUndefined();
      }),
    );
  },
);
