import { expect, test } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import { accountProviders } from '../providers/registry.ts';
import type { Account } from './account.ts';
import { readSettings } from './account-settings.ts';
import { createAccountStore } from './account-store.ts';
import type { AccountChange } from './account-watch.ts';
import { createEncryption } from './encryption.ts';
import { readFields } from './field-reader.ts';
import { createManagedAccounts } from './managed-accounts.ts';

const account: Account = {
  id: 'ann',
  file: '/accounts/ann.json',
  kind: 'claude',
  tokens: {
    accessToken: 'access',
    refreshToken: undefined,
    idToken: undefined,
    tokenType: 'Bearer',
    expiresAt: undefined,
    refreshedAt: undefined,
  },
  facts: {},
  settings: readSettings(readFields([])),
  login: { kind: 'good' },
};

test('16: a change that was told before it was asked about is waited for', async () => {
  const time = fakeClock();
  let change: (change: AccountChange) => void = () => {};
  let putInForce: () => void = () => {};
  const store = {
    ...createAccountStore({
      directory: '/accounts',
      encryption: createEncryption({ key: undefined }),
      now: () => 0,
    }),
    watch: ({ onChange }: { onChange: (change: AccountChange) => void }) => {
      change = onChange;
      return { ready: Promise.resolve(), check: async () => {}, look: async () => {}, close: async () => {} };
    },
  };
  const live = createManagedAccounts({
    store,
    log: { debug() {}, info() {}, warn() {} },
    clock: time,
    providerOf: (kind) => accountProviders[kind],
    depsOf: () => {
      throw new Error('no provider is asked');
    },
    onChange: () =>
      new Promise<void>((resolve) => {
        putInForce = resolve;
      }),
  });
  await live.ready;

  change({ type: 'added', account });
  // The watch was faster than whoever wrote the file.
  time.pass(1000);
  let seen = false;
  const looked = live.look(account.file).then(() => {
    seen = true;
  });
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toBe(false);
  putInForce();
  await looked;
  expect(seen).toBe(true);
});
