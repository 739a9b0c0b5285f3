import { expect, test } from 'bun:test';
import type { BodyPiece } from '../../http-client/body-queue.ts';
import { behind, yieldingReader } from './yielding-reader.ts';

function readerOf(pieces: Uint8Array[]) {
  let cancelled = false;
  const left = [...pieces];
  return {
    read(): Promise<BodyPiece> {
      const value = left.shift();
      return Promise.resolve(value === undefined ? { done: true } : { done: false, value });
    },
    cancel() {
      cancelled = true;
      return Promise.resolve();
    },
    isOver: () => left.length === 0,
    passed: () => 'why',
    get cancelled() {
      return cancelled;
    },
  };
}

const long = Uint8Array.from({ length: 200_000 }, (_, at) => at & 255);

test('short pieces come as they are, long ones cut, and all bytes in their order', async () => {
  const short = Uint8Array.of(1, 2, 3);
  const reader = yieldingReader(readerOf([short, long, short]));
  expect((await reader.read()).value).toBe(short);
  const cut: Uint8Array[] = [];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) cut.push(piece.value);
  expect(Math.max(...cut.map(({ length }) => length))).toBe(64 * 1024);
  expect(Buffer.concat(cut)).toEqual(Buffer.concat([long, short]));
});

test('it is over when the rest of a long piece has been read', async () => {
  const reader = yieldingReader(readerOf([long]));
  for (let read = 0; read < 3; read++) {
    await reader.read();
    expect(reader.isOver?.()).toBe(false);
  }
  await reader.read();
  expect(reader.isOver?.()).toBe(true);
  expect((await reader.read()).done).toBe(true);
});

test.each([
  ['small pieces', 2000, 1, 1008],
  ['large pieces', 20, 16 * 1024, 4],
])('others have their turn behind so many %s', async (_, count, length, expected) => {
  const reader = yieldingReader(readerOf(Array.from({ length: count }, () => new Uint8Array(length))));
  let hadTime = false;
  setImmediate(() => {
    hadTime = true;
  });
  let read = 0;
  for (; !hadTime; read++) await reader.read();
  // The last read waited for the turn.
  expect(Math.abs(read - 1 - expected)).toBeLessThanOrEqual(1);
});

test('what is cancelled hands out nothing that was left', async () => {
  const below = readerOf([long]);
  const reader = yieldingReader(below);
  await reader.read();
  await reader.cancel();
  expect(below.cancelled).toBe(true);
  expect((await reader.read()).done).toBe(true);
  expect(reader.passed?.()).toBe('why');
});

test('a piece that was read already comes first, and goes with the rest', async () => {
  const inner = readerOf([Uint8Array.of(3)]);
  const reader = behind(Uint8Array.of(1, 2), inner);
  expect(reader.isOver?.()).toBe(false);
  expect((await reader.read()).value).toEqual(Uint8Array.of(1, 2));
  expect((await reader.read()).value).toEqual(Uint8Array.of(3));
  expect((await reader.read()).done).toBe(true);
  expect(reader.isOver?.()).toBe(true);
  expect(reader.passed?.()).toBe('why');
  await reader.cancel();
  expect(inner.cancelled).toBe(true);
});
