import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { type SseEvent, sseReader } from './sse.ts';

/** Feeds the bytes in pieces that end at the given offsets. */
function read(bytes: Uint8Array, cuts: readonly number[] = []): SseEvent[] {
  const events: SseEvent[] = [];
  const reader = sseReader((event) => events.push(event));
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const end = Math.min(Math.max(cut, start), bytes.length);
    reader.push(bytes.subarray(start, end));
    start = end;
  }
  reader.push(bytes.subarray(start));
  reader.end();
  return events;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each<[string, string, SseEvent[]]>([
  ['one event', 'event: a\ndata: 1\n\n', [{ event: 'a', data: '1' }]],
  [
    'CRLF',
    'event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n',
    [
      { event: 'a', data: '1' },
      { event: undefined, data: '2' },
    ],
  ],
  [
    'CR alone',
    'data: 1\r\rdata: 2\r\r',
    [
      { event: undefined, data: '1' },
      { event: undefined, data: '2' },
    ],
  ],
  ['comments', ': keep-alive\n\ndata: 1\n: more\n\n', [{ event: undefined, data: '1' }]],
  ['data of several lines', 'data: 1\ndata: 2\ndata\n\n', [{ event: undefined, data: '1\n2\n' }]],
  ['no space behind the colon', 'data:1\n\n', [{ event: undefined, data: '1' }]],
  ['only the first space is taken', 'data:  1\n\n', [{ event: undefined, data: ' 1' }]],
  [
    'a missing last blank line',
    'data: 1\n\ndata: 2',
    [
      { event: undefined, data: '1' },
      { event: undefined, data: '2' },
    ],
  ],
  ['a byte-order mark', '\ufeffdata: 1\n\n', [{ event: undefined, data: '1' }]],
  ['an event without data is none', 'event: ping\n\ndata: 1\n\n', [{ event: undefined, data: '1' }]],
  ['unknown fields', 'id: 7\nretry: 10\nfoo: x\ndata: 1\n\n', [{ event: undefined, data: '1' }]],
])('%s', (_, text, events) => {
  expect(read(encode(text))).toEqual(events);
});

test('any split of the bytes gives the same events', () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
    fc.constantFrom('event: a', ': comment', '', 'data', 'id: 1'),
  );
  const stream = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 30 })
    .map((lines) => encode(lines.map(([text, end]) => text + end).join('')));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(400), { maxLength: 40 }), (bytes, cuts) => {
      expect(read(bytes, cuts)).toEqual(read(bytes));
    }),
  );
});

test('a line of 8 MB in pieces of 1 KB is read whole', () => {
  const events: SseEvent[] = [];
  const reader = sseReader((event) => events.push(event));
  reader.push(encode('data: '));
  const piece = encode('x'.repeat(1024));
  for (let i = 0; i < 8192; i++) reader.push(piece);
  reader.push(encode('\n\n'));
  expect(events).toHaveLength(1);
  expect(events[0]?.data.length).toBe(8 * 1024 * 1024);
});
