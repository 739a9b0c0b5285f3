import { afterAll, expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { createManagedAccounts, type ManagedAccounts } from '../../src/accounts/managed-accounts.ts';
import { refreshNumbers } from '../../src/accounts/refresh-schedule.ts';
import { systemClock } from '../../src/ground/clock.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { eventually } from '../eventually.ts';
import { type AccountFolder, accountFolder, refreshing, storeOf } from './account-folder.ts';
import { startRotatingTokens } from './rotating-tokens.ts';

const hour = 3_600_000;
/** The clock stands: what a file says of an expiry does not depend on how long the test takes. */
const noon = Date.now();
const now = (): number => noon;

/** How many are refreshing, and what they wait for. */
const crowd = { now: 0, most: 0, gate: Promise.withResolvers<void>() };
const server = startRotatingTokens({
  async during() {
    crowd.now += 1;
    crowd.most = Math.max(crowd.most, crowd.now);
    await crowd.gate.promise;
    crowd.now -= 1;
  },
});
afterAll(() => server[Symbol.dispose]());

interface Running extends AsyncDisposable {
  live: ManagedAccounts;
  /** Lets the time between two looks at the schedule pass. */
  look(): void;
  lines: string[];
  changes(): number;
}

async function run(folder: AccountFolder): Promise<Running> {
  let look = (): void => {};
  let changes = 0;
  const lines: string[] = [];
  const live = createManagedAccounts({
    ...refreshing(server.url, now),
    store: storeOf(folder.path, now),
    log: createLog({ level: 'debug', format: 'json', sink: { write: (line) => lines.push(line) } }),
    clock: {
      ...systemClock,
      now,
      every(ms, passed) {
        if (ms === refreshNumbers.checkInterval) look = passed;
        return () => {};
      },
    },
    onChange: () => {
      changes += 1;
    },
  });
  await live.ready;
  return {
    live,
    lines,
    look: () => look(),
    changes: () => changes,
    [Symbol.asyncDispose]: () => live.close(),
  };
}

function put(folder: AccountFolder, owner: string, expiry: number, more: object = {}): void {
  folder.write(`claude_oauth_${owner}`, {
    type: 'claude',
    ...server.signIn(owner),
    expiry: new Date(expiry).toISOString(),
    ...more,
  });
}

const owners = (count: number) => Array.from({ length: count }, (_, at) => `owner${at}`);

test('forty accounts with tokens out of date are renewed, sixteen at once', async () => {
  using folder = accountFolder();
  for (const owner of owners(40)) put(folder, owner, noon - hour);
  await using running = await run(folder);
  await eventually(() => crowd.now === 16);
  running.look();
  crowd.gate.resolve();
  await eventually(() => running.live.list().every(({ source }) => source.current() !== undefined));
  expect(crowd.most).toBe(16);
  expect(running.changes()).toBe(0);
  for (const owner of owners(40))
    expect(folder.read(`claude_oauth_${owner}`)).toMatchObject(server.signIn(owner));
  expect(running.lines.join('')).not.toMatch(/access\.|refresh\./);
});

test('a disabled account, and one that comes later, are renewed when it is time', async () => {
  using folder = accountFolder();
  put(folder, 'idle', noon + hour, { disabled: true });
  await using running = await run(folder);
  await eventually(() => server.family('idle').refreshes === 1);

  put(folder, 'late', noon + hour);
  await eventually(() => running.live.list().length === 2);
  running.look();
  await eventually(() => server.family('late').refreshes === 1);
});

test('many files that come at once are told once or twice, not for each', async () => {
  using folder = accountFolder();
  await using running = await run(folder);
  for (const owner of owners(30)) put(folder, `new${owner}`, noon + 9 * hour);
  await eventually(() => running.live.list().length === 30);
  await eventually(() => running.changes() > 0);
  expect(running.changes()).toBeLessThan(10);
});

test('closing waits for the refresh that runs: what it spends is kept', async () => {
  using folder = accountFolder();
  crowd.gate = Promise.withResolvers();
  put(folder, 'leaving', noon - hour);
  const running = await run(folder);
  await eventually(() => crowd.now === 1);
  const closed = running.live.close();
  crowd.gate.resolve();
  await closed;
  expect(folder.read('claude_oauth_leaving')).toMatchObject(server.signIn('leaving'));
});

test('an account that is deleted while it is renewed does not come back', async () => {
  using folder = accountFolder();
  crowd.gate = Promise.withResolvers();
  put(folder, 'gone', noon - hour);
  await using running = await run(folder);
  await eventually(() => crowd.now === 1);
  const [account] = running.live.list();
  rmSync(folder.file('claude_oauth_gone'));
  await eventually(() => running.live.list().length === 0);
  crowd.gate.resolve();
  await eventually(() => account?.history.running === false);
  expect(running.live.list()).toEqual([]);
  expect(await Bun.file(folder.file('claude_oauth_gone')).exists()).toBeFalse();
});
