import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryStores } from './fixtures/temporary-stores.ts';
import { takeSignInRoom } from './sign-in-room.ts';

const { temporaryDirectory } = temporaryStores();

test('room that is given back is gone with its directory; given back again, it takes nobody else’s', async () => {
  const directory = join(await temporaryDirectory(), 'auth');
  const room = await takeSignInRoom(directory);
  if (!room.ok) throw new Error(room.problem.message);
  const [file = ''] = readdirSync(directory);
  const { size, mode } = statSync(join(directory, file));
  expect([size, mode & 0o777]).toEqual([64 * 1024, 0o600]);
  await room.release();
  expect(existsSync(directory)).toBe(false);
  mkdirSync(directory);
  await room.release();
  expect(existsSync(directory)).toBe(true);
});
