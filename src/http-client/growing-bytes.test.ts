import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { bodyQueue } from './body-queue.ts';
import { growingBytes } from './growing-bytes.ts';

const pieces = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 20 });

test('what has come is what was pushed, and taking it begins anew', () => {
  fc.assert(
    fc.property(pieces, pieces, (first, second) => {
      const grown = growingBytes();
      for (const piece of first) grown.push(piece);
      expect(grown.length).toBe(Buffer.concat(first).length);
      const taken = grown.take();
      for (const piece of second) grown.push(piece);
      expect(Buffer.from(taken)).toEqual(Buffer.concat(first));
      expect(Buffer.from(grown.bytes())).toEqual(Buffer.concat(second));
    }),
  );
});

test('a body has the same bytes in whatever pieces it comes and is read', async () => {
  const source = { pause() {}, resume() {}, cancel() {} };
  await fc.assert(
    fc.asyncProperty(pieces, fc.boolean(), fc.nat(5), async (all, wholly, readBetween) => {
      const queue = bodyQueue(source);
      const read: Uint8Array[] = [];
      for (const [at, piece] of all.entries()) {
        queue.push(piece);
        if (at % 6 === readBetween && !wholly) {
          const { value } = await queue.read();
          if (value !== undefined) read.push(value);
        }
      }
      queue.end();
      if (wholly) read.push(await queue.whole(1e9));
      else for (let one = await queue.read(); !one.done; one = await queue.read()) read.push(one.value);
      expect(Buffer.concat(read)).toEqual(Buffer.concat(all));
    }),
  );
});

test('single bytes that wait are one piece', async () => {
  const queue = bodyQueue({ pause() {}, resume() {}, cancel() {} });
  for (let at = 0; at < 1000; at++) queue.push(Uint8Array.of(at & 255));
  expect((await queue.read()).value?.length).toBe(1);
  expect((await queue.read()).value?.length).toBe(999);
});
