import { afterEach, expect, test } from 'bun:test';
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  directoryProblem,
  fileBehind,
  hiddenFile,
  isStrangersLink,
  makePrivateDirectory,
  removeLeftovers,
  writeAtomically,
} from './atomic-write.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).toReversed()) await undo();
});

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'atomic-write-'));
  cleanup.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('a file is made with mode 0600, and one that was open to others is closed', async () => {
  const file = join(await temporaryDirectory(), 'a.json');
  await writeAtomically(file, 'one');
  expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['one', 0o600]);
  await chmod(file, 0o644);
  await writeAtomically(file, 'two');
  expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['two', 0o600]);
});

test('a symlink stays one, and what it links to is written, there or not', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'kept'));
  await symlink('kept/b', join(directory, 'middle'));
  await symlink('middle', join(directory, 'a.json'));
  for (const text of ['one', 'two']) {
    await writeAtomically(join(directory, 'a.json'), text);
    expect(await readFile(join(directory, 'kept/b'), 'utf8')).toBe(text);
  }
  expect(await readlink(join(directory, 'a.json'))).toBe('middle');
  expect(await fileBehind(join(directory, 'a.json'))).toBe(join(directory, 'kept/b'));
});

test('a write that is given up, or fails, leaves the old content and nothing else', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, 'a.json');
  await writeAtomically(file, 'one');
  expect(await writeAtomically(file, 'two', { unless: () => true })).toBe(false);
  await mkdir(join(directory, 'b.json'));
  await expect(writeAtomically(join(directory, 'b.json'), 'x')).rejects.toThrow();
  expect((await readdir(directory)).sort()).toEqual(['a.json', 'b.json']);
  expect(await readFile(file, 'utf8')).toBe('one');
});

test('what writers who died left behind is cleared away, what is being written is not', async () => {
  const directory = await temporaryDirectory();
  const old = hiddenFile(join(directory, 'a.json'), '0123456789abcdef.tmp');
  const young = hiddenFile(join(directory, 'a.json'), 'fedcba9876543210.tmp');
  const others = [join(directory, '.mine.tmp'), join(directory, '.a.json.lock')];
  for (const file of [old, young, ...others]) await writeFile(file, 'x');
  const now = Date.now();
  for (const file of [old, ...others]) await utimes(file, now / 1000 - 3600, now / 1000 - 3600);
  await removeLeftovers(directory, now);
  expect((await readdir(directory)).sort()).toEqual(
    [young, ...others].map((file) => file.slice(directory.length + 1)).sort(),
  );
});

test('M8: a directory is made for its owner only; one that is there keeps its mode, and is named', async () => {
  const directory = join(await temporaryDirectory(), 'deep', 'auth');
  await makePrivateDirectory(directory);
  expect(await modeOf(directory)).toBe(0o700);
  await chmod(directory, 0o755);
  await makePrivateDirectory(directory);
  expect(await modeOf(directory)).toBe(0o755);
  expect(await directoryProblem(directory)).toContain(
    'has the mode 0755: other users of this computer may look into it',
  );
  await chmod(directory, 0o777);
  expect(await directoryProblem(directory)).toContain('may change what is in it');
  await chmod(directory, 0o700);
  expect(await directoryProblem(directory)).toBeUndefined();
});

test('an auth-dir that is a file is named as one, whatever its mode', async () => {
  const file = join(await temporaryDirectory(), 'auth');
  for (const mode of [0o644, 0o600]) {
    await writeFile(file, 'x', { mode });
    expect(await directoryProblem(file)).toContain(`auth-dir ${file} is a file, not a directory`);
  }
});

test('hidden files of a file with the longest name still have a possible name', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, `${'x'.repeat(250)}.json`);
  await writeAtomically(file, 'one');
  expect((await lstat(file)).isFile()).toBe(true);
});

test('Low: a link is followed where this user, the administrator, or the owner of what it leads to made it', async () => {
  const directory = await temporaryDirectory();
  const [target, link] = [join(directory, 'kept'), join(directory, 'a.json')];
  await writeFile(target, 'x');
  await symlink(target, link);
  expect(await isStrangersLink(link)).toBe(false);
  // Only root can make a link that another user owns.
  if (process.getuid?.() !== 0) return;
  await lchown(link, 65_534, 65_534);
  expect(await isStrangersLink(link)).toBe(true);
  await chown(target, 65_534, 65_534);
  expect(await isStrangersLink(link)).toBe(false);
  expect(await isStrangersLink(target)).toBe(false);
  expect(await isStrangersLink(join(directory, 'nothing'))).toBe(false);
});

test('Low: what is written in the place of a link leaves alone what it leads to', async () => {
  const directory = await temporaryDirectory();
  const [target, link] = [join(directory, 'kept'), join(directory, '.state.json')];
  await writeFile(target, 'mine');
  await symlink(target, link);
  await writeAtomically(link, 'state', { links: 'replace' });
  expect(await readFile(target, 'utf8')).toBe('mine');
  expect(await readFile(link, 'utf8')).toBe('state');
  expect((await lstat(link)).isFile()).toBe(true);
});
