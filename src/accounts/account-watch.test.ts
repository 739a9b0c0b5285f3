import { afterEach, expect, test } from 'bun:test';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../test/eventually.ts';
import { systemClock } from '../ground/clock.ts';
import { createAccountStore } from './account-store.ts';
import { type AccountWatchOptions, watchAccounts } from './account-watch.ts';
import { createEncryption } from './encryption.ts';

/** The promise is under a second; half of it leaves room for a machine that does other things as well. */
const IN_TIME_MS = 1000;
const cleanup: (() => unknown)[] = [];

afterEach(async () => {
  for (const undo of cleanup.splice(0).toReversed()) await undo();
});

const account = (email: string, more: object = {}) =>
  JSON.stringify({ type: 'claude', access_token: 'a', refresh_token: 'r', email, ...more });

/** A watch of events only, unless the test asks for more, whose reports can be awaited. */
async function watching(options: Partial<AccountWatchOptions> = {}, name = 'auth') {
  const home = await mkdtemp(join(tmpdir(), 'account-watch-'));
  cleanup.push(() => rm(home, { recursive: true, force: true }));
  const directory = join(home, name);
  if (name === 'auth') await mkdir(directory);
  const encryption = createEncryption({ key: undefined });
  const store = createAccountStore({ directory, encryption, now: Date.now });
  const reports: string[] = [];
  const watch = watchAccounts(store, {
    onChange: (change) =>
      reports.push(
        change.type === 'removed'
          ? `removed ${change.id}`
          : `${change.type} ${change.account.id} ${change.account.facts.email}`,
      ),
    onProblem: ({ message }) => reports.push(message),
    rescanMs: 3_600_000,
    ...options,
  });
  cleanup.push(() => watch.close());
  await watch.ready;
  const next = async (): Promise<string> => {
    const started = Date.now();
    await eventually(() => reports.length > 0 || Date.now() - started > IN_TIME_MS);
    return reports.shift() ?? 'nothing in time';
  };
  return { home, directory, store, watch, reports, next, path: (file: string) => join(directory, file) };
}

test('an account is added, changed in place, replaced by a rename, and removed', async () => {
  const { path, next, reports } = await watching();
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('added a one');
  await writeFile(path('a.json'), account('two'));
  expect(await next()).toBe('changed a two');
  for (const email of ['three', 'four']) {
    await writeFile(path('.a.json.new'), account(email));
    await rename(path('.a.json.new'), path('a.json'));
    expect(await next()).toBe(`changed a ${email}`);
  }
  await rm(path('a.json'));
  expect(await next()).toBe('removed a');
  expect(reports).toEqual([]);
});

test('accounts that are there at the start are added before the watch is ready', async () => {
  const home = await mkdtemp(join(tmpdir(), 'account-watch-'));
  cleanup.push(() => rm(home, { recursive: true, force: true }));
  await writeFile(join(home, 'a.json'), account('one'));
  const store = createAccountStore({
    directory: home,
    encryption: createEncryption({ key: undefined }),
    now: Date.now,
  });
  const added: string[] = [];
  const watch = watchAccounts(store, { onChange: ({ type }) => added.push(type), onProblem: () => {} });
  await watch.ready;
  expect(added).toEqual(['added']);
  await watch.close();
});

test('a directory that is made after the start', async () => {
  const { directory, path, next } = await watching({}, 'later');
  await mkdir(directory);
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('added a one');
  await writeFile(path('b.json'), account('two'));
  expect(await next()).toBe('added b two');
});

test('a directory that is replaced, and a file that comes after that', async () => {
  const { home, directory, path, next } = await watching();
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('added a one');
  await mkdir(join(home, 'new'));
  await writeFile(join(home, 'new', 'a.json'), account('two'));
  await rename(directory, join(home, 'old'));
  await rename(join(home, 'new'), directory);
  expect(await next()).toBe('changed a two');
  await writeFile(path('b.json'), account('three'));
  expect(await next()).toBe('added b three');
  await rm(directory, { recursive: true });
  expect([await next(), await next()].sort()).toEqual(['removed a', 'removed b']);
  await mkdir(directory);
  await writeFile(path('c.json'), account('four'));
  expect(await next()).toBe('added c four');
});

test('a swapped link as Kubernetes does it, and an edit behind the new one', async () => {
  const { path, next } = await watching();
  for (const version of ['one', 'two']) {
    await mkdir(path(`..${version}`));
    await writeFile(path(`..${version}/a.json`), account(version));
  }
  await symlink('..one', path('..data'));
  await symlink('..data/a.json', path('a.json'));
  expect(await next()).toBe('added a one');
  await symlink('..two', path('..data_tmp'));
  await rename(path('..data_tmp'), path('..data'));
  expect(await next()).toBe('changed a two');
});

test('an edit of the file that a link points to', async () => {
  const { home, path, next } = await watching();
  await writeFile(join(home, 'kept-elsewhere'), account('one'));
  await symlink(join(home, 'kept-elsewhere'), path('a.json'));
  expect(await next()).toBe('added a one');
  await writeFile(join(home, 'kept-elsewhere'), account('two'));
  expect(await next()).toBe('changed a two');
});

test('the same content again, and hidden or other files, are no change', async () => {
  const { path, watch, next, reports } = await watching();
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('added a one');
  await writeFile(path('a.json'), account('one'));
  await writeFile(path('.b.json'), account('hidden'));
  await writeFile(path('notes.txt'), 'mine');
  await mkdir(path('deep'));
  await writeFile(path('deep/c.json'), account('deep'));
  await watch.check();
  expect(reports).toEqual([]);
});

/** What a refresh gives. */
const tokens = {
  accessToken: 'new',
  refreshToken: 'newer',
  idToken: undefined,
  tokenType: 'Bearer',
  scope: undefined,
  expiresAt: undefined,
  body: {},
};

test('what a refresh of this process wrote is not loaded again, what somebody else wrote is', async () => {
  const { path, store, watch, next, reports } = await watching();
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('added a one');
  expect(await store.saveTokens('a.json', 'r', tokens, {})).toMatchObject({ ok: true });
  await watch.check();
  expect(reports).toEqual([]);
  await writeFile(path('a.json'), account('two', { refresh_token: 'other' }));
  expect(await next()).toBe('changed a two');
});

test('an old copy that is saved after a refresh keeps its edits and gets the renewed tokens back', async () => {
  const { path, store, next } = await watching();
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('added a one');
  await store.saveTokens('a.json', 'r', tokens, {});
  await writeFile(path('a.json'), account('one', { priority: 7 }));
  expect(await next()).toBe('changed a one');
  expect(await next()).toBe('changed a one');
  expect(await store.read('a.json')).toMatchObject({
    account: { tokens: { accessToken: 'new', refreshToken: 'newer' }, settings: { priority: 7 } },
  });
});

test('a broken file is reported once by its name and leaves the last good state; its repair is taken', async () => {
  const { path, watch, next, reports } = await watching();
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('added a one');
  await writeFile(path('a.json'), account('two').slice(0, 20));
  expect(await next()).toBe('a.json: expected one JSON object; the file is cut off or is something else');
  await watch.check();
  expect(reports).toEqual([]);
  await writeFile(path('a.json'), account('one', { priority: 'x' }));
  expect(await next()).toBe('a.json: priority: expected a whole number, found another text');
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('changed a one');
  await writeFile(path('a.json'), '{}');
  await next();
  await rm(path('a.json'));
  expect(await next()).toBe('removed a');
});

test('a file written in two steps is one change and no problem', async () => {
  const { path, watch, next, reports } = await watching();
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('added a one');
  await writeFile(path('a.json'), '');
  await writeFile(path('a.json'), account('two'));
  expect(await next()).toBe('changed a two');
  await watch.check();
  expect(reports).toEqual([]);
});

test('a file that cannot be read is reported and leaves the last good state', async () => {
  const { path, next } = await watching();
  await writeFile(path('a.json'), account('one'));
  expect(await next()).toBe('added a one');
  await mkdir(path('.new'));
  await rm(path('a.json'));
  await rename(path('.new'), path('a.json'));
  expect(await next()).toBe('a.json: it is not a file');
});

test('the regular look finds changes that made no event', async () => {
  let regularLook = () => {};
  const { path, next } = await watching({
    clock: {
      ...systemClock,
      after: () => () => {}, // Events lead to nothing.
      every: (_, run) => {
        regularLook = run;
        return () => {};
      },
    },
  });
  await writeFile(path('a.json'), account('one'));
  regularLook();
  expect(await next()).toBe('added a one');
});

test('two hundred files at once are two hundred accounts, each told once', async () => {
  const { path, watch, reports } = await watching({ clock: systemClock });
  const names = Array.from({ length: 200 }, (_, index) => `account-${index}`);
  await Promise.all(names.map((name) => writeFile(path(`${name}.json`), account(name))));
  await eventually(() => reports.length === 200);
  await watch.check();
  expect(reports.sort()).toEqual(names.map((name) => `added ${name} ${name}`).sort());
});

test('a closed watch is silent', async () => {
  const { path, watch, reports } = await watching();
  await watch.close();
  await writeFile(path('a.json'), account('one'));
  await watch.check();
  expect(reports).toEqual([]);
});
