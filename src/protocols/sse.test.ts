import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { endsEvent, type SseEvent, type SseReader, sseReader, type TakeKnown } from './sse.ts';

/** Feeds the bytes in pieces that end at the given offsets. */
function read(bytes: Uint8Array, cuts: readonly number[] = []): SseEvent[] {
  const events: SseEvent[] = [];
  feed(
    sseReader((event) => events.push(event)),
    bytes,
    cuts,
  );
  return events;
}

function feed(reader: SseReader, bytes: Uint8Array, cuts: readonly number[]): void {
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const end = Math.min(Math.max(cut, start), bytes.length);
    reader.push(bytes.subarray(start, end));
    start = end;
  }
  reader.push(bytes.subarray(start));
  reader.end();
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

const line = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
  fc.constantFrom('event: a', ': comment', '', '', 'data', 'data:x', 'id: 1'),
);
/** Mostly whole events, some after each other of the same kind. */
const lines = fc.oneof(
  line.map((text) => [text]),
  line.map((text) => [text, '']),
  line.map((text) => ['event: a', text, '']),
);
const stream = fc
  .array(fc.tuple(lines, fc.constantFrom('\n', '\n', '\r\n', '\r')), { maxLength: 20 })
  .map((all) => encode(all.flatMap(([texts, end]) => texts.map((text) => text + end)).join('')));
const anyCuts = fc.array(fc.nat(400), { maxLength: 40 });

test('any split of the bytes gives the same events', () => {
  fc.assert(
    fc.property(stream, anyCuts, (bytes, cuts) => {
      expect(read(bytes, cuts)).toEqual(read(bytes));
    }),
  );
});

test('data that is taken where it stands is what reading it would give, of an event of the same name', () => {
  let taken = 0;
  fc.assert(
    fc.property(stream, anyCuts, fc.nat(3), (bytes, cuts, one) => {
      const events: SseEvent[] = [];
      const takeKnown: TakeKnown = (text, at) => {
        const end = text.indexOf('\n', at);
        if (!endsEvent(text, end) || end % 4 === one) return -1;
        taken += 1;
        events.push({ event: events.at(-1)?.event, data: text.slice(at, end) });
        return end;
      };
      const reader = sseReader((event) => events.push(event), takeKnown);
      feed(reader, bytes, cuts);
      expect(events).toEqual(read(bytes));
    }),
  );
  expect(taken).toBeGreaterThan(0);
});

test('an event is offered once the one before it began alike, whatever else stands between them', () => {
  const offered: string[] = [];
  const reader = sseReader(
    () => undefined,
    (text, at) => {
      offered.push(text.slice(at, text.indexOf('\n', at)));
      return -1;
    },
  );
  reader.push(encode('event: a\ndata: 1\n\nevent: a\ndata: 2\n\n: comment\n\nid: 3\nevent: a\ndata: 3\n\n'));
  reader.push(encode('event: b\ndata: 4\n\nevent: b\nda'));
  reader.push(encode('ta: 5\n\nevent: b\ndata: 6\n\n'));
  expect(offered).toEqual(['2', '3']);
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
