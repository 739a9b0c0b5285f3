import { expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { configOf } from '../../test/gateway-harness.ts';
import { storeOf, temporaryStores } from '../accounts/fixtures/temporary-stores.ts';
import type { OAuthDeps } from '../oauth/client.ts';
import { signInSessions } from './sign-in-sessions.ts';

const { temporaryDirectory } = temporaryStores();

const broken = () => {
  throw new Error('out of order');
};

const outOfOrder: [string, (roomsAt: () => void) => OAuthDeps][] = [
  [
    'no way to the provider',
    (look) => {
      look();
      return broken();
    },
  ],
  [
    'a login that ends in an error',
    (look) => ({
      now() {
        look();
        return broken();
      },
      wait: broken,
      fetch: broken,
      userAgent: 'test',
    }),
  ],
];

test.each(outOfOrder)('%s leaves nothing of the room that was taken for its account', async (_, depsOf) => {
  const directory = join(await temporaryDirectory(), 'auth');
  const rooms: number[] = [];
  const look = () => rooms.push(readdirSync(directory).length);
  const sessions = signInSessions({
    accounts: async () => ({
      store: storeOf(directory),
      live: { list: () => [], problems: () => [], look: broken, refresh: broken },
    }),
    config: () => configOf({}),
    depsOf: () => depsOf(look),
    now: () => 0,
  });
  const wishes = { listen: false, project: undefined } as const;
  await expect(sessions.begin('kimi', wishes)).rejects.toThrow('out of order');
  expect(rooms).toEqual([1]);
  expect(() => readdirSync(directory)).toThrow('ENOENT');
});
