import { expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fakeClock } from '../../test/fake-clock.ts';
import { parseConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { takeProxies } from '../gateway/upstream/proxy.ts';
import { createHttpClient } from '../http-client/client.ts';
import { createLog } from '../telemetry/log.ts';
import { type AccountsInUse, createAccountsInUse } from './accounts.ts';

/** A start that finds no account in the `auth-dir`: nobody has signed in before. */
async function started() {
  const directory = await mkdtemp(join(tmpdir(), 'accounts-in-use-'));
  const clock = fakeClock();
  const accounts = createAccountsInUse(
    {
      log: createLog({ level: 'silent', format: 'json' }),
      http: createHttpClient(),
      proxies: takeProxies({}),
      userAgent: 'cli-proxy-api/test',
      onChange: () => {},
    },
    clock,
  );
  const config = (more = ''): Config => {
    const read = parseConfig(`auth-dir: ${directory}\n${more}`, { file: 'config.yaml', env: {} });
    if (!read.ok) throw new Error('the config does not load');
    return read.config;
  };
  await accounts.configure(config());
  return {
    ...{ directory, clock, accounts, config },
    async [Symbol.asyncDispose]() {
      await accounts.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function opened(accounts: AccountsInUse) {
  const managed = await accounts.opened();
  if (managed === undefined) throw new Error('the accounts cannot be opened');
  return managed;
}

/** Writes an account as a sign-in does. */
async function signIn(directory: string): Promise<string> {
  const file = join(directory, 'claude-ada.json');
  await writeFile(
    file,
    JSON.stringify({ type: 'claude', access_token: 'a', refresh_token: 'r', email: 'ada@x.y' }),
  );
  return file;
}

const names = ({ live }: Awaited<ReturnType<typeof opened>>) =>
  live.list().map(({ account }) => basename(account.file));

test('a sign-in while the directory waits to be looked at is listed when it ends', async () => {
  await using start = await started();
  const { accounts, clock, directory } = start;
  const waiting = await opened(accounts);
  clock.pass(1000);
  await accounts.opened();
  await waiting.live.look(await signIn(directory));
  expect(names(await opened(accounts))).toEqual(['claude-ada.json']);
});

test('a sign-in goes on over a config that opens the directory again', async () => {
  await using start = await started();
  const { accounts, config, directory } = start;
  const waiting = await opened(accounts);
  await accounts.configure(config('auth-encryption-key: a-key-of-sixteen-letters\n'));
  await waiting.live.look(await signIn(directory));
  expect(names(await opened(accounts))).toEqual(['claude-ada.json']);
});
