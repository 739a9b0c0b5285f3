import { expect, test } from 'bun:test';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createManagedAccounts } from '../../src/accounts/managed-accounts.ts';
import { createRefresh } from '../../src/accounts/refresh.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { bundled } from '../bundled.ts';
import { fakeClock } from '../fake-clock.ts';
import { randomOf } from '../simulation/accounts.ts';
import { accountFolder, refreshing, storeOf } from './account-folder.ts';
import { startRotatingTokens } from './rotating-tokens.ts';

const rounds = 200;
/** `KILLS=1000 bun test ./test/accounts/refresh-races.test.ts -t M9` takes some minutes. */
const kills = Number(process.env.KILLS ?? 100);
const hour = 3_600_000;
const name = 'claude_oauth_org-1';

/** What an account file holds after a login. */
const login = (tokens: object, expiry: number, owner = 'ann') => ({
  type: 'claude',
  ...tokens,
  expiry: new Date(expiry).toISOString(),
  email: `${owner}@example.com`,
});

test(`fifty requests meet an expired token: one refresh, ${rounds} times`, async () => {
  using folder = accountFolder();
  using server = startRotatingTokens();
  let now = Date.now();
  folder.write(name, login(server.signIn('ann'), now + hour));
  const live = createManagedAccounts({
    ...refreshing(server.url, () => now),
    store: storeOf(folder.path, () => now),
    log: createLog({ level: 'silent', format: 'json' }),
    clock: { ...fakeClock(), now: () => now },
    onChange: () => {},
  });
  await live.ready;
  const source = live.list()[0]?.source;
  for (let round = 1; round <= rounds; round++) {
    now += 2 * hour;
    expect(source?.current()).toBeUndefined();
    const all = await Promise.all(Array.from({ length: 50 }, () => source?.renew(undefined)));
    for (const one of all) expect(one).toEqual({ ok: true, token: `access.ann.${round + 1}` });
    expect(server.family('ann').refreshes).toBe(round);
  }
  await live.close();
  expect(folder.read(name)).toMatchObject(server.signIn('ann'));
}, 30_000);

interface Told {
  kind: string;
  by: string | undefined;
  token: string | undefined;
  message: string | undefined;
}

/** A process that refreshes when it is told the time. */
async function startChild(args: readonly string[]) {
  let resolve: (message: unknown) => void = () => {};
  const next = () =>
    new Promise<unknown>((done) => {
      resolve = done;
    });
  const ready = next();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'refresh-child.ts'), ...args], {
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: (message) => resolve(message),
  });
  await ready;
  return {
    refresh(now: number): Promise<unknown> {
      const told = next();
      child.send(now);
      return told;
    },
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  };
}

const isTold = (message: unknown): message is Told =>
  typeof message === 'object' && message !== null && 'kind' in message;

test(`two processes renew one rotating token at the same moment, ${rounds} times: it is spent once each`, async () => {
  using folder = accountFolder();
  using server = startRotatingTokens();
  let now = Date.now();
  folder.write(name, login(server.signIn('ann'), now - hour));
  const args = [folder.path, folder.file(name), server.url, String(now)];
  using one = await startChild(args);
  using other = await startChild(args);
  for (let round = 1; round <= rounds; round++) {
    now += 2 * hour;
    const told = (await Promise.all([one.refresh(now), other.refresh(now)])).filter(isTold);
    expect(told.map(({ kind, message }) => message ?? kind)).toEqual(['refreshed', 'refreshed']);
    expect(told.map(({ by }) => by).sort()).toEqual(['another', 'us']);
    expect(told.map(({ token }) => token)).toEqual([`access.ann.${round + 1}`, `access.ann.${round + 1}`]);
  }
  expect(server.family('ann')).toMatchObject({ refreshes: rounds, revoked: false });
}, 60_000);

test(`an edit of the file during a refresh and the new tokens are both kept, ${rounds} times`, async () => {
  using folder = accountFolder();
  let round = 0;
  using server = startRotatingTokens({
    during() {
      // As editors save: a new file in the place of the old one, or the old one written anew.
      const edited = { ...folder.read(name), prefix: `prefix-${round}`, mine: { round } };
      if (round % 2 === 0) return folder.write(name, edited);
      writeFileSync(`${folder.file(name)}.edit`, JSON.stringify(edited));
      renameSync(`${folder.file(name)}.edit`, folder.file(name));
    },
  });
  const store = storeOf(folder.path);
  const refresh = createRefresh({ ...refreshing(server.url), store });
  folder.write(name, login(server.signIn('ann'), Date.now() - hour));
  for (round = 1; round <= rounds; round++) {
    const before = await store.read(folder.file(name));
    if (!before.ok) throw new Error(before.problem.message);
    const result = await refresh(before.account);
    expect(result).toMatchObject({
      kind: 'refreshed',
      by: 'us',
      account: { settings: { prefix: `prefix-${round}` } },
    });
    const { access_token, refresh_token } = server.signIn('ann');
    expect(folder.read(name)).toMatchObject({
      access_token,
      refresh_token,
      prefix: `prefix-${round}`,
      mine: { round },
    });
  }
  expect(server.family('ann')).toMatchObject({ refreshes: rounds, revoked: false });
}, 30_000);

test(
  `M9: kill -9 at any moment of a refresh, ${kills} times: valid files, nothing on the disk is lost`,
  async () => {
    // An answer that was on its way when the process died is lost for everybody; servers that rotate forgive that.
    using server = startRotatingTokens({ forgiving: true });
    using program = await bundled(join(import.meta.dir, 'killed-child.ts'));
    const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
    let killed = 0;
    let rescued = 0;
    let unseen = 0;

    /** Some accounts, each at its own step of a refresh whenever the process that refreshes them all is killed. */
    async function lane(owners: readonly string[], random: () => number): Promise<void> {
      using folder = accountFolder();
      for (const owner of owners) folder.write(owner, login(server.signIn(owner), Date.now() - hour, owner));
      while (killed < kills) {
        killed += owners.length;
        const safe = await killAtRandom([program.file, folder.path, server.url], random);
        const store = storeOf(folder.path);
        const files = owners.map((owner) => folder.read(owner));
        const onDisk = new Map(owners.map((owner) => [owner, newestOnDisk(folder.path, owner)]));
        for (const owner of owners)
          if ((onDisk.get(owner) ?? 0) < server.family(owner).generation) unseen += 1;
        rescued += (await store.recover()).recovered.length;
        const { accounts, problems } = await store.list();
        expect(problems).toEqual([]);
        const refresh = createRefresh({ ...refreshing(server.url), store });
        for (const [at, account] of accounts.entries()) {
          const inFile = generationOf(account.tokens.refreshToken);
          const told = `seed ${seed}, ${account.id}, kill ${killed}`;
          // Valid, and no older than what was reported as safe.
          expect(generationOf(files[at]?.access_token), told).toBeGreaterThanOrEqual(
            safe.get(account.id) ?? 0,
          );
          // Whatever the dead process had handed to the disk is in the file now.
          expect(inFile, told).toBe(onDisk.get(account.id) ?? 0);
          // Usable: the next refresh succeeds.
          expect(await refresh(account), told).toMatchObject({ kind: 'refreshed' });
        }
      }
      // Journals and half-written files of the dead are cleared away, these once nobody can be writing them any more.
      await storeOf(folder.path, () => Date.now() + 120_000).recover();
      const left = readdirSync(folder.path).filter((file) => !file.endsWith('lock'));
      expect(left.sort()).toEqual(owners.map((owner) => `${owner}.json`));
      for (const owner of owners) expect(server.family(owner).revoked).toBeFalse();
    }
    const lanes = [
      ['ann', 'bob', 'cleo', 'dan', 'eve'],
      ['finn', 'gus', 'hal', 'ida', 'joe'],
    ];
    await Promise.all(lanes.map((owners, at) => lane(owners, randomOf(seed + at))));
    const lost = lanes.flat().reduce((sum, owner) => sum + server.family(owner).forgiven, 0);
    expect(rescued).toBeGreaterThan(0);
    console.info(
      `kill -9 during refresh: of ${killed}, ${rescued} answers saved from journals and temporary files, ${unseen} killed before they reached the process's disk write, ${lost} lost on their way (seed ${seed})`,
    );
  },
  60_000 + kills * 1000,
);

/** The newest refresh token of an owner that stands whole in any file of the directory, hidden ones too. */
function newestOnDisk(directory: string, owner: string): number {
  const found = readdirSync(directory).flatMap((name) =>
    name.endsWith('lock')
      ? []
      : [...readFileSync(join(directory, name), 'utf8').matchAll(/"refresh\.(\w+)\.(\d+)"/g)],
  );
  return Math.max(
    ...found.filter(([, whose]) => whose === owner).map(([, , generation]) => Number(generation)),
  );
}

function generationOf(token: unknown): number {
  return Number(String(token).split('.')[2]);
}

/** Runs a process that refreshes without end and kills it; the last generation that it reported as safe, by owner. */
async function killAtRandom(
  command: readonly string[],
  random: () => number,
): Promise<ReadonlyMap<string, number>> {
  const safe = new Map<string, number>();
  const first = Promise.withResolvers<void>();
  const child = Bun.spawn([process.execPath, ...command], {
    stdout: 'inherit',
    stderr: 'inherit',
    ipc(message) {
      safe.set(String(message).split('.')[1] ?? '', generationOf(message));
      first.resolve();
    },
  });
  await Promise.race([first.promise, child.exited]);
  // The moment of death, anywhere in the few milliseconds that a refresh takes.
  await Bun.sleep(random() * 12);
  child.kill('SIGKILL');
  await child.exited;
  expect(safe.size).toBeGreaterThan(0);
  return safe;
}
