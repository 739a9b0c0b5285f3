import { afterEach, expect, test } from 'bun:test';
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../test/eventually.ts';
import { type Clock, systemClock } from '../ground/clock.ts';
import { type ConfigResult, loadConfig } from './load.ts';
import { type ConfigWatch, type WatchOptions, watchConfig } from './watch.ts';

const DEADLINE_MS = 5000;
const cleanup: (() => unknown)[] = [];

afterEach(async () => {
  for (const undo of cleanup.splice(0).toReversed()) await undo();
});

async function directoryWith(text: string): Promise<{ directory: string; path: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'config-watch-'));
  cleanup.push(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'config.yaml');
  await writeFile(path, text);
  return { directory, path };
}

/** A watch whose reports can be awaited one by one; events only, unless the test asks for more. */
async function watching(path: string, options: WatchOptions = {}) {
  const reports: ConfigResult[] = [];
  let arrived = () => {};
  const watch: ConfigWatch = watchConfig(
    path,
    (result) => {
      reports.push(result);
      arrived();
    },
    { env: {}, debounceMs: 30, rescanMs: 3_600_000, ...options },
  );
  cleanup.push(() => watch.close());
  await watch.check();
  const next = async (): Promise<string> => {
    const deadline = Date.now() + DEADLINE_MS;
    while (reports.length === 0) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => reject(new Error('no report')), deadline - Date.now());
      arrived = resolve;
      await promise.finally(() => clearTimeout(timer));
    }
    const result = reports.shift();
    if (!result) return 'nothing';
    return result.ok
      ? `port ${result.config.port}`
      : result.problems.map(({ message }) => message).join('; ');
  };
  return { watch, next, reports };
}

test('an edit in place', async () => {
  const { path } = await directoryWith('port: 1\n');
  const { next } = await watching(path);
  await writeFile(path, 'port: 2\n');
  expect(await next()).toBe('port 2');
  await writeFile(path, 'port: 3\n');
  expect(await next()).toBe('port 3');
});

test('an atomic rename, twice', async () => {
  const { directory, path } = await directoryWith('port: 1\n');
  const { next } = await watching(path);
  for (const port of [2, 3]) {
    await writeFile(join(directory, 'new'), `port: ${port}\n`);
    await rename(join(directory, 'new'), path);
    expect(await next()).toBe(`port ${port}`);
  }
});

test('a swapped directory link as Kubernetes does it, and an edit behind the new one', async () => {
  const { directory } = await directoryWith('port: 0\n');
  const versions = join(directory, 'mounted');
  for (const [index, version] of ['one', 'two'].entries()) {
    await mkdir(join(versions, version), { recursive: true });
    await writeFile(join(versions, version, 'config.yaml'), `port: ${index + 1}\n`);
  }
  await symlink('one', join(versions, '..data'));
  await symlink('..data/config.yaml', join(versions, 'config.yaml'));
  const { next } = await watching(join(versions, 'config.yaml'));

  await symlink('two', join(versions, '..data_tmp'));
  await rename(join(versions, '..data_tmp'), join(versions, '..data'));
  expect(await next()).toBe('port 2');
  await writeFile(join(versions, 'two', 'config.yaml'), 'port: 3\n');
  expect(await next()).toBe('port 3');
});

test('an edit of the file that a link in another directory points to', async () => {
  const { path } = await directoryWith('port: 1\n');
  const { directory } = await directoryWith('');
  await symlink(path, join(directory, 'linked.yaml'));
  const { next } = await watching(join(directory, 'linked.yaml'));
  await writeFile(path, 'port: 2\n');
  expect(await next()).toBe('port 2');
});

/** A clock that counts how often a look was asked for. */
function countedLooks() {
  const looks = { asked: 0 };
  const clock: Clock = {
    ...systemClock,
    after(ms, run) {
      looks.asked += 1;
      return systemClock.after(ms, run);
    },
  };
  return { looks, clock };
}

/** Two logs, by turns: the system tells equal events of the same file once. */
async function writeLogs(directory: string): Promise<void> {
  for (let line = 0; line < 100; line++) await appendFile(join(directory, `${line % 2}.log`), 'a line\n');
}

test('logs that are written beside it cost no look, and put none off', async () => {
  const { directory, path } = await directoryWith('port: 1\n');
  const { looks, clock } = countedLooks();
  const { next } = await watching(path, { clock });
  await writeLogs(directory);
  await writeFile(join(directory, 'new'), 'port: 2\n');
  await rename(join(directory, 'new'), path);
  await writeLogs(directory);
  expect(await next()).toBe('port 2');
  expect(looks.asked).toBe(1);
});

test('logs beside a link and beside what it leads to cost no look; a swap of a link in the middle costs one', async () => {
  const { directory } = await directoryWith('');
  const { directory: versions } = await directoryWith('');
  for (const port of [1, 2]) {
    await mkdir(join(versions, `${port}`));
    await writeFile(join(versions, `${port}`, 'config.yaml'), `port: ${port}\n`);
  }
  await symlink('1', join(versions, 'current'));
  await symlink(join(versions, 'current/config.yaml'), join(versions, 'own.yaml'));
  await symlink(join(versions, 'own.yaml'), join(directory, 'linked.yaml'));
  const { looks, clock } = countedLooks();
  const { next } = await watching(join(directory, 'linked.yaml'), { clock });
  for (const place of [directory, versions, join(versions, '1')]) await writeLogs(place);
  await symlink('2', join(versions, 'new'));
  await rename(join(versions, 'new'), join(versions, 'current'));
  expect(await next()).toBe('port 2');
  expect(looks.asked).toBe(1);
});

test('a broken edit says what is wrong, and its repair is taken', async () => {
  const { path } = await directoryWith('port: 1\n');
  const { next } = await watching(path);
  await writeFile(path, 'port: x\n');
  expect(await next()).toStartWith('expected a whole number');
  await writeFile(path, 'port: 2\n');
  expect(await next()).toBe('port 2');
});

test('the same content again is no change', async () => {
  const { path } = await directoryWith('port: 1\n');
  const { watch, next, reports } = await watching(path);
  await writeFile(path, 'port: 1\n');
  await watch.check();
  expect(reports).toEqual([]);
  await writeFile(path, 'port: 2\n');
  expect(await next()).toBe('port 2');
  expect(reports).toEqual([]);
});

test('a file that is gone or empty is reported by the regular look, once', async () => {
  const { path } = await directoryWith('port: 1\n');
  const { watch, next, reports } = await watching(path);
  await rm(path);
  await watch.check();
  await watch.check();
  expect(await next()).toBe('there is no such file');
  expect(reports).toEqual([]);
  await writeFile(path, 'port: 2\n');
  expect(await next()).toBe('port 2');
});

test.each([
  ['emptied', (path: string) => writeFile(path, '')],
  ['made of nothing but white space', (path: string) => writeFile(path, ' \n\n')],
  ['deleted', (path: string) => rm(path)],
])('a file that is %s is reported soon, without the regular look', async (_, harm) => {
  const { path } = await directoryWith('port: 1\n');
  const { next } = await watching(path);
  await harm(path);
  expect(await next()).not.toBe('port 1');
  await writeFile(path, 'port: 2\n');
  expect(await next()).toBe('port 2');
});

test('a file that is empty only between two steps of a writer is not reported', async () => {
  const { path } = await directoryWith('port: 1\n');
  const due: (() => void)[] = [];
  const clock: Clock = {
    ...systemClock,
    after(ms, run) {
      due.push(run);
      return systemClock.after(ms === 300 ? 3_600_000 : ms, run);
    },
  };
  const { next, reports } = await watching(path, { clock });
  await writeFile(path, '');
  await eventually(() => due.length === 2);
  expect(reports).toEqual([]);
  await writeFile(path, 'port: 2\n');
  expect(await next()).toBe('port 2');
});

test('the regular look finds a change that made no event', async () => {
  const { path } = await directoryWith('port: 1\n');
  let regularLook = () => {};
  const { next } = await watching(path, {
    clock: {
      ...systemClock,
      after: () => () => {}, // events lead to nothing
      every: (_, run) => {
        regularLook = run;
        return () => {};
      },
    },
  });
  await writeFile(path, 'port: 2\n');
  regularLook();
  expect(await next()).toBe('port 2');
});

test('a change between loading and watching is reported', async () => {
  const { path } = await directoryWith('port: 1\n');
  const { digest } = await loadConfig(path, { env: {} });
  await writeFile(path, 'port: 2\n');
  const { next } = await watching(path, { digest });
  expect(await next()).toBe('port 2');
});

test('a closed watch is silent', async () => {
  const { path } = await directoryWith('port: 1\n');
  const { watch, reports } = await watching(path);
  watch.close();
  await writeFile(path, 'port: 2\n');
  await watch.check();
  expect(reports).toEqual([]);
});

test('first-hour 12: a new value in .env is a change where the file names it', async () => {
  const { directory, path } = await directoryWith('port: ${PORT:-1}\n');
  const { next, reports, watch } = await watching(path);
  await writeFile(join(directory, '.env'), 'PORT=2\n');
  expect(await next()).toBe('port 2');
  await writeFile(join(directory, '.env'), 'PORT=2\nOTHER=3\n');
  await watch.check();
  expect(reports).toEqual([]);
  await rm(join(directory, '.env'));
  expect(await next()).toBe('port 1');
});

test('first-hour 12: a value that has changed since the start is seen at once', async () => {
  const { directory, path } = await directoryWith('port: ${PORT:-1}\n');
  const loaded = await loadConfig(path, { env: {} });
  if (!loaded.ok) throw new Error('it does not load');
  await writeFile(join(directory, '.env'), 'PORT=2\n');
  const { next } = await watching(path, { digest: loaded.digest, variables: loaded.variables });
  expect(await next()).toBe('port 2');
});
