import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { wholeEvents } from './whole-events.ts';

const decoder = new TextDecoder();
const lineEnd = fc.constantFrom('\n', '\r\n');
const event = fc
  .tuple(fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { minLength: 1, maxLength: 3 }), lineEnd)
  .map(
    ([lines, end]) => `${lines.map((line) => `data: ${line.replace(/[\r\n]/g, '')}${end}`).join('')}${end}`,
  );

test('for any split of the bytes: what was sent is what came up to its last whole event, and all of it at the end', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 6 }),
      fc.string({ maxLength: 8 }).map((rest) => rest.replace(/[\r\n]/g, '')),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
      (events, rest, sizes) => {
        const bytes = new TextEncoder().encode(events.join('') + rest);
        const holder = wholeEvents();
        let sent = '';
        const send = (chunk: Uint8Array) => {
          sent += decoder.decode(chunk, { stream: true });
        };
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          const before = sent.length;
          const whole = holder.push(bytes.subarray(at, at + size));
          if (whole !== undefined) send(whole);
          at += size;
          expect(whole !== undefined).toBe(sent.length > before);
          const come = decoder.decode(bytes.subarray(0, at));
          expect(sent).toBe(/^.*\n\r?\n/s.exec(come)?.[0] ?? '');
        }
        send(holder.rest());
        expect(sent).toBe(events.join('') + rest);
      },
    ),
  );
});

test('a chunk that ends with an event is passed on as it is', () => {
  const chunk = new TextEncoder().encode('data: 1\n\ndata: 2\n\n');
  expect(wholeEvents().push(chunk)).toBe(chunk);
});
