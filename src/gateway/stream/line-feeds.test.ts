import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { BodyReader } from '../../http-client/body-queue.ts';
import { type SseEvent, sseReader } from '../../protocols/sse.ts';
import { withLineFeeds } from './line-feeds.ts';

/** A stream that comes in these pieces. */
function streamOf(pieces: readonly Uint8Array[]): BodyReader {
  const left = [...pieces];
  return {
    async read() {
      const value = left.shift();
      return value === undefined ? { done: true } : { done: false, value };
    },
    cancel: async () => {},
  };
}

async function readAll(reader: BodyReader): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value);
  return Buffer.concat(pieces);
}

function eventsOf(bytes: Uint8Array): SseEvent[] {
  const events: SseEvent[] = [];
  const reader = sseReader((event) => events.push(event));
  reader.push(bytes);
  reader.end();
  return events;
}

function cut(text: string, cuts: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, at) => bytes.subarray(places[at], to));
}

const line = fc.constantFrom('data: {"a":1}', 'data: é😀', 'event: x', ': note', '', 'data');

test('whatever ends its lines, and wherever it is cut, a stream says what it said', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.constantFrom('\r', '\n', '\r\n'),
      fc.array(fc.nat()),
      async (lines, end, cuts) => {
        const text = ['data: first', ...lines].map((one) => one + end).join('');
        const read = await readAll(withLineFeeds(streamOf(cut(text, cuts))));
        expect(eventsOf(read)).toEqual(eventsOf(Buffer.from(text)));
        if (end === '\r') expect(read.indexOf(13)).toBe(-1);
      },
    ),
  );
});

test('streams with line feeds pass as they are, the very same pieces', async () => {
  for (const end of ['\n', '\r\n']) {
    const pieces = cut(`data: {"a":1}${end}${end}data: 2${end}${end}`, [20, 21, 23]);
    const reader = withLineFeeds(streamOf(pieces));
    for (const piece of pieces) expect(await reader.read()).toEqual({ done: false, value: piece });
  }
});
