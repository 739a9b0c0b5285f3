import { expect, test } from 'bun:test';
import { tmpdir } from 'node:os';
import { isNearlyFull, keptDiskRoom } from './disk-room.ts';

const [mega, giga] = [1e6, 1e9];

test.each([
  ['a large disk with a hundredth left', { free: 9 * giga, size: 1000 * giga }, true],
  ['a large disk with more', { free: 11 * giga, size: 1000 * giga }, false],
  ['a small disk with a hundred megabytes left', { free: 100 * mega, size: 20 * giga }, true],
  ['a tiny disk that is half empty', { free: 50 * mega, size: 100 * mega }, false],
  ['a full disk', { free: 0, size: 100 * giga }, true],
])('%s', (_, room, full) => {
  expect(isNearlyFull(room)).toBe(full);
});

test('the room is looked up twice a minute at most, and nobody knows it where there is no directory', async () => {
  let asked = 0;
  const room = keptDiskRoom(() => {
    asked += 1;
    return tmpdir();
  });
  const found = await Promise.all([room(0), room(29_999), room(30_000)]);
  expect([asked, found.every((one) => (one?.size ?? 0) >= (one?.free ?? 1))]).toEqual([2, true]);
  expect(await keptDiskRoom(() => '/there/is/no/such/directory')(0)).toBeUndefined();
});
