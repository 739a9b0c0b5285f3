/** A replica that is killed in the middle of a refresh, at every step of it: the token that follows is not lost, none is spent twice. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRefresh } from '../../../src/accounts/refresh.ts';
import { refreshing } from '../../accounts/account-folder.ts';
import { type RotatingTokens, startRotatingTokens } from '../../accounts/rotating-tokens.ts';
import { bundled } from '../../bundled.ts';
import { eventually } from '../../eventually.ts';
import { leaseTimes, openReplica } from '../postgres/replicas.ts';
import { startPostgres } from '../servers.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

const name = 'claude_oauth_ann.json';
const hour = 3_600_000;

/** `KILLS=60 bun test ./test/cluster/postgres/killed-refresh.test.ts` goes round more often. */
const kills = Number(process.env.KILLS ?? 0);

interface Drill extends AsyncDisposable {
  run(step: string): Promise<unknown>;
  /** What a replica that starts again on the dead one's disk does first, and another's refresh after it. */
  after(): Promise<{ kind: string; token: string | undefined }>;
}

async function drill(url: string, provider: () => RotatingTokens): Promise<Drill> {
  const program = await bundled(join(import.meta.dir, '../postgres/killed-child.ts'));
  const directory = mkdtempSync(join(tmpdir(), 'killed-replica-'));
  const other = await openReplica(url, { times: leaseTimes });
  const text = JSON.stringify({
    type: 'claude',
    ...provider().signIn('ann'),
    expiry: new Date(Date.now() - hour).toISOString(),
    email: 'ann@example.com',
  });
  // A server that has just started may be slow with its first statements.
  await eventually(async () => (await other.vault.put(name, text)) === undefined);
  return {
    async run(step) {
      let told: unknown;
      const args = [program.file, url, directory, name, provider().url, step];
      const child = Bun.spawn([process.execPath, ...args], {
        stdout: 'inherit',
        stderr: 'inherit',
        ipc: (message) => {
          told = message;
        },
      });
      running = child;
      await child.exited;
      return told;
    },
    async after() {
      const again = await openReplica(url, { directory, times: leaseTimes });
      expect((await again.vault.recover()).problems).toEqual([]);
      await again[Symbol.asyncDispose]();
      // Its tokens are due again, whatever they are.
      const read = await other.vault.read(name);
      if (!read.ok) throw new Error(read.problem.message);
      const result = await createRefresh({ ...refreshing(provider().url), store: other.vault })(read.account);
      return {
        kind: result.kind,
        token: result.kind === 'refreshed' ? result.account.tokens.refreshToken : undefined,
      };
    },
    async [Symbol.asyncDispose]() {
      await other[Symbol.asyncDispose]();
      program[Symbol.dispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

let running: Bun.Subprocess | undefined;

test('kill -9 before and after every statement of a refresh: never lost, never spent twice', async () => {
  using provider = startRotatingTokens();
  provider.family('ann');
  await using one = await drill(await server.database('statements'), () => provider);
  const whole = await one.run('never');
  expect(whole).toMatchObject({ kind: 'refreshed' });
  const statements = Number(Object(whole).statements);
  expect(statements).toBeGreaterThan(6);
  const steps = Array.from({ length: statements }, (_, at) => [`before ${at + 1}`, `after ${at + 1}`]).flat();
  for (let at = 0; at < Math.max(steps.length, kills); at++) {
    const step = steps[at % steps.length] ?? '';
    const before = provider.family('ann').generation;
    expect(await one.run(step), step).toBeUndefined();
    expect(await one.after(), step).toMatchObject({ kind: 'refreshed' });
    const { generation, revoked, forgiven } = provider.family('ann');
    expect({ revoked, forgiven }, step).toEqual({ revoked: false, forgiven: 0 });
    // By the dead one and the other, or by the other alone.
    expect(generation - before, step).toBeWithin(1, 3);
  }
}, 180_000);

test('kill -9 between the spending and the reply: one retry with the old token, which decides', async () => {
  for (const forgiving of [true, false]) {
    using provider = startRotatingTokens({ forgiving, during: () => running?.kill('SIGKILL') });
    provider.family('ann');
    await using one = await drill(await server.database(`reply_${forgiving}`), () => provider);
    expect(await one.run('never')).toBeUndefined();
    running = undefined;
    // A provider that forgives gives the same tokens anew; another takes the login for stolen, and a person signs in again.
    expect((await one.after()).kind).toBe(forgiving ? 'refreshed' : 'sign-in-again');
    expect(provider.family('ann')).toMatchObject(
      forgiving ? { revoked: false, forgiven: 1 } : { revoked: true },
    );
  }
}, 60_000);

test('SIGSTOP for longer than the lease, with the reply on its way: the holder brings it', async () => {
  let stopped = 0;
  using provider = startRotatingTokens({
    during: () => {
      if (stopped > 0) return;
      stopped += 1;
      running?.kill('SIGSTOP');
      setTimeout(() => running?.kill('SIGCONT'), 2 * leaseTimes.lease);
    },
  });
  provider.family('ann');
  await using one = await drill(await server.database('stopped'), () => provider);
  const ended = one.run('never');
  while (stopped === 0) await Bun.sleep(1);
  // Another wants the account meanwhile; it gives the holder its time.
  expect(await one.after()).toMatchObject({ kind: 'refreshed' });
  expect(await ended).toMatchObject({ kind: 'refreshed' });
  expect(provider.family('ann').revoked).toBe(false);
}, 60_000);
