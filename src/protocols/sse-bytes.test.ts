/** What is seen of events in bytes is what the reader of streams reads. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { readSse } from '../../test/codec-runs.ts';
import { behindEmptyLines, behindEvent, dataOf, eventEnd, eventOf, wholeEventBytes } from './sse-bytes.ts';

/** Events that end in the bytes. */
function countEvents(bytes: Uint8Array): number {
  let count = 0;
  for (let end = eventEnd(bytes, 0); end >= 0; end = eventEnd(bytes, behindEvent(bytes, end))) count += 1;
  return count;
}

const word = fc.string({
  unit: fc.constantFrom('a', 'é', ' ', ':', '{', '}', 'data:', 'event:', '\u2028', '\u2029', '\u0085'),
});
const line = fc.oneof(
  word.map((text) => `data: ${text}`),
  word.map((text) => `data:${text}`),
  word.map((text) => `event: ${text}`),
  word.map((text) => `: ${text}`),
  fc.constant('id: 7'),
);
const stream = fc
  .tuple(
    fc.array(fc.array(line, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
    fc.constantFrom(['\n'], ['\r\n'], ['\n', '\r\n']),
    fc.constantFrom('', '\uFEFF'),
  )
  .map(([events, ends, mark]) => {
    const written = events.map((lines, at) => [...lines, '', ''].join(ends[at % ends.length]));
    return mark + written.join('');
  });

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The events of a whole stream, each in its text. */
function eventsIn(bytes: Uint8Array): string[] {
  const events: string[] = [];
  let from = behindEmptyLines(bytes, 0);
  for (let end = eventEnd(bytes, from); end >= 0; end = eventEnd(bytes, from)) {
    events.push(Buffer.from(bytes.subarray(from, end)).toString());
    from = behindEmptyLines(bytes, behindEvent(bytes, end));
  }
  return events;
}

test('the events in bytes are those that the reader reads', () => {
  fc.assert(
    fc.property(stream, (text) => {
      const told = eventsIn(bytesOf(text)).filter((event) => dataOf(event) !== undefined);
      expect(told.map(eventOf)).toEqual(readSse(text));
    }),
  );
});

test('as many end in bytes as there are, comments among them', () => {
  fc.assert(
    fc.property(stream, (text) => {
      const bytes = bytesOf(text);
      expect(countEvents(bytes)).toBe(eventsIn(bytes).length);
    }),
  );
});

test('whole events are told from the rest wherever a stream is cut', () => {
  fc.assert(
    fc.property(stream, fc.nat(), fc.nat(), (text, first, second) => {
      const bytes = bytesOf(text);
      const [from, to] = [first % (bytes.length + 1), second % (bytes.length + 1)].sort((a, b) => a - b);
      const held = bytes.subarray(0, from);
      const chunk = bytes.subarray(from, to);
      // What is held has no whole event: that would have gone out.
      fc.pre(countEvents(held) === 0);
      const whole = wholeEventBytes(held, chunk);
      const ends = countEvents(bytes.subarray(0, to)) > 0;
      expect(whole > 0).toBe(ends);
      const rest = bytes.subarray((from ?? 0) + whole, to);
      if (ends) expect(countEvents(rest)).toBe(0);
    }),
  );
});
