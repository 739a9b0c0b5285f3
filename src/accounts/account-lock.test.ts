import { afterEach, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lock, lockFile, removeLockFile } from './account-lock.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).toReversed()) await undo();
});

async function accountFile(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'account-lock-'));
  cleanup.push(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'a.json');
}

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const lock = (file: string, timeout = 10_000) => lockFile(file, { timeout, now: Date.now, wait });

function held(lock: Lock): () => void {
  if (!lock.ok) throw new Error(`no lock: ${lock.reason}`);
  return lock.release;
}

test('a lock is an empty hidden file that only its owner can read', async () => {
  const file = await accountFile();
  const release = held(await lock(file));
  expect(await readdir(join(file, '..'))).toEqual(['.a.json.lock']);
  const { mode, size } = await stat(join(file, '..', '.a.json.lock'));
  expect([mode & 0o777, size]).toEqual([0o600, 0]);
  release();
});

test('two locks of one file exclude each other, also inside one process', async () => {
  const file = await accountFile();
  const release = held(await lock(file));
  expect(await lock(file, 0)).toEqual({ ok: false, reason: 'busy' });
  release();
  held(await lock(file, 0))();
});

test('waiting ends when it is called off', async () => {
  const file = await accountFile();
  const release = held(await lock(file));
  const controller = new AbortController();
  const waiting = lockFile(file, {
    timeout: 3_600_000,
    now: Date.now,
    wait: async () => controller.abort(),
    signal: controller.signal,
  });
  expect(await waiting).toEqual({ ok: false, reason: 'busy' });
  release();
});

test.each([
  ['of fifty who want it, one has it at a time and all get it', async () => {}],
  ['a lock file that its holder deletes is not held by two who waited for it', removeLockFile],
])('%s', async (_, beforeRelease) => {
  const file = await accountFile();
  let inside = 0;
  let most = 0;
  const wanting = Array.from({ length: 50 }, async () => {
    const release = held(await lock(file));
    most = Math.max(most, ++inside);
    await new Promise(setImmediate);
    inside--;
    await beforeRelease(file);
    release();
  });
  await Promise.all(wanting);
  expect(most).toBe(1);
});

test('the lock of a process that was killed is free at once, for one of those who wait', async () => {
  const file = await accountFile();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'fixtures', 'lock-holder.ts'), file], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  cleanup.push(() => child.kill('SIGKILL'));
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe('held\n');
  expect(await lock(file, 0)).toEqual({ ok: false, reason: 'busy' });
  child.kill('SIGKILL');
  await child.exited;
  const taken = await Promise.all([lock(file, 0), lock(file, 0)]);
  expect(taken.filter(({ ok }) => ok).length).toBe(1);
  for (const result of taken) if (result.ok) result.release();
});

test('where no file can be made there is no lock', async () => {
  expect(await lock('/proc/nowhere/a.json')).toMatchObject({ ok: false, reason: 'unwritable' });
});
