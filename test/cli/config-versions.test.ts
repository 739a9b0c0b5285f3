import { expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfigFile } from '../../src/config-file/config-file.ts';
import { emptyDirectory, run } from './program.ts';

const first = '# mine\nport: 0\napi-keys: [the-key]\nauth-dir: accounts\n';

/** A file in this directory that the management API has changed. */
async function changedFile(directory: string): Promise<string> {
  const path = join(directory, 'config.yaml');
  writeFileSync(path, first);
  const file = createConfigFile({
    file: path,
    env: {},
    authDir: () => join(directory, 'accounts'),
    now: Date.now,
  });
  await file.edit((contents) => ({ ...contents, debug: true }), { who: 'management API', what: 'debug' });
  return path;
}

test('config history and restore: what changed, by whom, and back again', async () => {
  using here = emptyDirectory();
  const path = await changedFile(here.path);

  const { out, code } = await run(['config', 'history', '--json'], { cwd: here.path });
  expect(code).toBe(0);
  expect(JSON.parse(out).versions).toMatchObject([
    { who: 'management API', what: 'debug', current: true },
    { who: 'an editor', current: false },
  ]);
  expect((await run(['config', 'history'], { cwd: here.path })).out).toMatch(
    /management API +debug \(the file now\)/,
  );

  expect(await run(['config', 'restore'], { cwd: here.path })).toMatchObject({ code: 0, err: '' });
  expect(readFileSync(path, 'utf8')).toBe(first);
});

test('config restore: a file that was broken by hand is whole again', async () => {
  using here = emptyDirectory();
  const path = await changedFile(here.path);
  writeFileSync(path, `${first}debug: [\n`);
  expect((await run(['config', 'restore'], { cwd: here.path })).code).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(`${first}debug: true\n`);
});

test('config restore: a version that is not kept is no version', async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'config.yaml'), first);
  const { err, code } = await run(['config', 'restore', 'yesterday'], { cwd: here.path });
  expect(code).toBe(1);
  expect(err).toContain('No version "yesterday" of the file is kept.');
});
