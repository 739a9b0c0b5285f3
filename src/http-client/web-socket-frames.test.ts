/** What a hostile server sends over a WebSocket. */
import { expect, test } from 'bun:test';
import { BeyondBound } from './bounds.ts';
import { frameReader } from './web-socket-frames.ts';

const head = (first: number, length: number): Uint8Array => {
  if (length < 126) return Uint8Array.of(first, length);
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  bytes[0] = first;
  bytes[1] = 127;
  view.setBigUint64(2, BigInt(length));
  return bytes;
};
const frame = (first: number, content: string): Uint8Array =>
  Buffer.concat([head(first, Buffer.byteLength(content)), Buffer.from(content)]);
const [text, more, last, ping] = [0x01, 0x00, 0x80, 0x89];

test('H4: a large frame in small pieces takes time in proportion to its bytes', () => {
  const reader = frameReader(64 << 20);
  const size = 32 << 20;
  const piece = new Uint8Array(4096).fill(0x61);
  const begun = performance.now();
  reader.push(head(0x81, size));
  for (let sent = piece.length; sent < size; sent += piece.length) expect(reader.push(piece)).toEqual([]);
  const [event] = reader.push(piece);
  expect(event?.kind === 'message' && event.text.length).toBe(size);
  // It takes about 50 ms; joining again at each piece copied 128 GB.
  expect(performance.now() - begun).toBeLessThan(3000);
});

test('frames are the same in whatever pieces they come', () => {
  const bytes = Buffer.concat([
    frame(text, 'be'),
    frame(ping, 'you'),
    frame(more, 'gi'),
    frame(last, 'n'),
    frame(0x81, 'x'.repeat(70_000)),
    frame(0x88, '\x03\xe8'),
  ]);
  const whole = frameReader(1 << 20).push(bytes);
  expect(whole.map(({ kind }) => kind)).toEqual(['ping', 'message', 'message', 'close']);
  for (const step of [1, 2, 3, 7, 1000]) {
    const reader = frameReader(1 << 20);
    const events = [];
    for (let at = 0; at < bytes.length; at += step)
      events.push(...reader.push(bytes.subarray(at, at + step)));
    expect(events).toEqual(whole);
  }
});

test('H4: a message of endless empty frames is too large', () => {
  const reader = frameReader(1 << 20);
  reader.push(frame(text, ''));
  const many = Buffer.concat(Array.from({ length: 1000 }, () => frame(more, '')));
  expect(() => {
    for (let at = 0; at < 100; at++) reader.push(many);
  }).toThrow(BeyondBound);
});

test.each([
  ['a ping of a megabyte', head(ping, 1 << 20)],
  ['a close of a megabyte', head(0x88, 1 << 20)],
  ['a ping in parts', head(0x09, 1)],
])('H4: %s is no frame (RFC 6455, 5.5)', (_, bytes) => {
  expect(() => frameReader(64 << 20).push(bytes)).toThrow('steers the connection');
});
