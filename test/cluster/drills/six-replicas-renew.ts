/** Six replicas that renew one single-use refresh token all the time, and are killed all the time: it goes on for sixty rounds. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRotatingTokens } from '../../accounts/rotating-tokens.ts';
import { bundled } from '../../bundled.ts';
import { eventually } from '../../eventually.ts';
import { openReplica } from '../postgres/replicas.ts';
import { startPostgres } from '../servers.ts';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

const name = 'claude_oauth_ann.json';
const rounds = 60;
/** Ms after a token was spent at which somebody is killed: before its answer, while it is written, and after. */
const killAfter = [0, 2, 5, 10, 20, 40];

test('sixty rounds of a rotating token with six replicas and kill -9 at every step: the login lives', async () => {
  const url = await server.database('six');
  const folders = mkdtempSync(join(tmpdir(), 'six-replicas-'));
  const program = await bundled(join(import.meta.dir, '../postgres/renewing-child.ts'));
  const outcomes: string[] = [];
  let stopping = false;
  let kills = 0;
  const start = (index: number): Bun.Subprocess => {
    const child = Bun.spawn(
      [process.execPath, program.file, url, join(folders, String(index)), name, provider.url],
      { stdout: 'inherit', stderr: 'inherit', ipc: (kind) => outcomes.push(String(kind)) },
    );
    void child.exited.then(() => {
      if (!stopping) children[index] = start(index);
    });
    return child;
  };
  // It gives the latest tokens again while nobody has used them: whoever is killed before its answer comes knows nothing of it.
  using provider = startRotatingTokens({
    forgiving: true,
    during() {
      const { refreshes } = provider.family('ann');
      if (refreshes % 3 !== 0) return;
      const victim = kills % 6;
      setTimeout(() => children[victim]?.kill('SIGKILL'), killAfter[kills % killAfter.length]);
      kills += 1;
    },
  });
  await using other = await openReplica(url);
  const text = JSON.stringify({
    ...{ type: 'claude', ...provider.signIn('ann'), email: 'ann@example.com' },
    expiry: new Date(Date.now() - 3_600_000).toISOString(),
  });
  await eventually(async () => (await other.vault.put(name, text)) === undefined);
  const children: Bun.Subprocess[] = Array.from({ length: 6 }, (_, index) => start(index));
  const family = () => provider.family('ann');
  const end = performance.now() + 150_000;
  while (family().generation <= rounds && !family().revoked && performance.now() < end) await Bun.sleep(50);
  stopping = true;
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map(({ exited }) => exited));
  program[Symbol.dispose]();
  rmSync(folders, { recursive: true, force: true });
  expect(family()).toMatchObject({ revoked: false });
  expect(family().generation).toBeGreaterThan(rounds);
  expect(kills).toBeGreaterThanOrEqual(rounds / 3);
  // Only what a kill has hidden was asked for again.
  expect(family().forgiven).toBeLessThanOrEqual(kills);
  expect(outcomes).not.toContain('sign-in-again');
}, 180_000);
