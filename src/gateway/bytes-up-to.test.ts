import { afterEach, expect, spyOn, test } from 'bun:test';
import { bytesUpTo } from './bytes-up-to.ts';

const turns = spyOn(globalThis, 'setImmediate');
afterEach(() => void turns.mockClear());

function bodyOf(pieces: Iterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

const oneByOne = (bytes: Uint8Array): Uint8Array<ArrayBuffer>[] =>
  Array.from(bytes, (byte) => Uint8Array.of(byte));
const counted = Uint8Array.from({ length: 10_000 }, (_, at) => at % 251);

test('a body in pieces of a byte leaves turns to others, twice as many for twice as much', async () => {
  expect(await bytesUpTo(bodyOf(oneByOne(counted)), 10_000)).toEqual(counted);
  const once = turns.mock.calls.length;
  expect(once).toBeGreaterThan(100);
  await bytesUpTo(bodyOf([...oneByOne(counted), ...oneByOne(counted)]), 20_000);
  expect(turns.mock.calls.length - once).toBeGreaterThan(2 * once - 10);
});

test('a body in few pieces waits for nobody', async () => {
  const pieces = [counted.slice(0, 10), counted.slice(10, 5000), counted.slice(5000)];
  expect(await bytesUpTo(bodyOf(pieces), 10_000)).toEqual(counted);
  expect(turns).not.toHaveBeenCalled();
});

test('small and large pieces stay in their order, and the bytes have a buffer of their own', async () => {
  const pieces = [
    ...oneByOne(counted.subarray(0, 100)),
    counted.slice(100, 4000),
    ...oneByOne(counted.subarray(4000, 4200)),
    counted.slice(4200),
  ];
  expect(await bytesUpTo(bodyOf(pieces), 10_000)).toEqual(counted);
  const small = await bytesUpTo(bodyOf(oneByOne(counted.subarray(0, 10))), 10);
  expect(small?.buffer.byteLength).toBe(10);
});

test('of more bytes than are taken nothing is read further, and nothing given', async () => {
  let cancelled = false;
  let asked = 0;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        asked += 1;
        controller.enqueue(new Uint8Array(100));
      },
      cancel() {
        cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  expect(await bytesUpTo(endless, 1000)).toBeUndefined();
  expect(cancelled).toBe(true);
  expect(asked).toBe(11);
});

test('no body is no bytes', async () => {
  expect(await bytesUpTo(null, 10)).toEqual(new Uint8Array());
});
