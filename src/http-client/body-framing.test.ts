import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { answerHead } from './answer-head.ts';
import { type BodyFraming, framingOf } from './body-framing.ts';

function framing(...headers: string[]): BodyFraming {
  const head = answerHead(`HTTP/1.1 200 OK\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`);
  if (head === undefined) throw new Error('no head');
  return framingOf(head);
}

/** What comes out when the bytes come in pieces of these sizes, again and again. */
function read(body: BodyFraming, bytes: Uint8Array, sizes: readonly number[]): Buffer {
  const out: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    // A copy: the framing may move bytes about.
    const content = body.push(new Uint8Array(bytes.subarray(at, at + size)), 0);
    if (content !== undefined) out.push(new Uint8Array(content));
    at += size;
    if (body.ended) break;
  }
  return Buffer.concat(out);
}

const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 });
const splits = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 });
const extension = fc.constantFrom('', ';a=b', ' ; name="x\ty"');
const trailers = fc.constantFrom('', 'Expires: never\r\n', 'a: b\r\nc: d\r\n');
const lineEnd = fc.constantFrom('\r\n', '\n');

test('a chunked body comes out as it went in, however it is cut into chunks and pieces', () => {
  fc.assert(
    fc.property(
      pieces,
      splits,
      extension,
      trailers,
      lineEnd,
      fc.boolean(),
      (parts, sizes, more, behind, end, upper) => {
        const wire: Uint8Array[] = [];
        for (const part of parts) {
          const size = part.length.toString(16);
          wire.push(Buffer.from(`${upper ? size.toUpperCase() : size}${more}${end}`), part, Buffer.from(end));
        }
        wire.push(Buffer.from(`0${end}${behind}${end}`));
        const body = framing('Transfer-Encoding: chunked');
        expect(read(body, Buffer.concat(wire), sizes)).toEqual(Buffer.concat(parts));
        expect([body.ended, body.excess]).toEqual([true, 0]);
      },
    ),
  );
});

test('a body of a known length ends there, and what follows is told', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), splits, fc.nat({ max: 50 }), (content, sizes, more) => {
      const body = framing(`Content-Length: ${content.length}`);
      const wire = Buffer.concat([content, Buffer.alloc(more)]);
      expect(read(body, wire, [wire.length || 1])).toEqual(Buffer.from(content));
      if (content.length > 0) expect([body.ended, body.excess]).toEqual([true, more]);
      expect(read(framing(`Content-Length: ${content.length}`), content, sizes)).toEqual(
        Buffer.from(content),
      );
    }),
  );
});

test('a body that was announced to be empty has ended at once; one without a length never ends by itself', () => {
  expect(framing('Content-Length: 0').ended).toBe(true);
  const body = framing('Content-Type: text/plain');
  expect(read(body, Buffer.from('some bytes'), [3])).toEqual(Buffer.from('some bytes'));
  expect([body.ended, body.untilClose]).toEqual([false, true]);
});

test('chunked wins over a length (RFC 9112 §6.3); equal lengths are one', () => {
  const body = framing('Content-Length: 3', 'Transfer-Encoding: chunked');
  expect(read(body, Buffer.from('5\r\nhello\r\n0\r\n\r\n'), [4]).toString()).toBe('hello');
  expect(read(framing('Content-Length: 5', 'Content-Length: 5'), Buffer.from('hello'), [9]).toString()).toBe(
    'hello',
  );
});

test.each([
  ['a size that is no number', 'x\r\nhello\r\n'],
  ['a chunk longer than its size', '3\r\nhello\r\n0\r\n\r\n'],
  ['a size without end', 'fffffffffffff\r\n'],
  ['words without end', `5;${'a'.repeat(70_000)}`],
])('a body that contradicts itself is an error: %s', (_, text) => {
  expect(() => read(framing('Transfer-Encoding: chunked'), Buffer.from(text), [text.length])).toThrow();
});

test.each([
  ['Content-Length: 5, 6'],
  ['Content-Length: -1'],
  ['Content-Length: 1e3'],
  ['Transfer-Encoding: gzip'],
])('a head that does not say how its body is sent is an error: %s', (line) => {
  expect(() => framing(line)).toThrow();
});
