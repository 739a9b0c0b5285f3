import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run } from './program.ts';

/** A place with a config, an account and a database that is open while it is copied. */
function kept(path: string): Database {
  writeFileSync(join(path, 'config.yaml'), 'auth-dir: ./accounts\nport: 8675\n', { mode: 0o600 });
  mkdirSync(join(path, 'accounts'), { mode: 0o700 });
  writeFileSync(join(path, 'accounts/codex.json'), '{"type":"codex"}', { mode: 0o600 });
  writeFileSync(join(path, 'accounts/.codex.json.lock'), '');
  const database = new Database(join(path, 'accounts/.usage.sqlite'));
  database.run('PRAGMA journal_mode = WAL');
  database.run('CREATE TABLE t (x INTEGER)');
  database.run('INSERT INTO t VALUES (42)');
  return database;
}

test('what was backed up comes back elsewhere, the open database included', async () => {
  using here = emptyDirectory();
  using there = emptyDirectory();
  const database = kept(here.path);
  const file = join(here.path, 'all.tar.gz');
  const backup = await run(['backup', file], { cwd: here.path });
  expect(backup).toMatchObject({ err: '', code: 0 });
  expect(statSync(file).mode & 0o077).toBe(0);
  database.close();

  const empty = join(there.path, 'config.yaml');
  expect(await run(['restore', file, '--config', empty], { cwd: there.path })).toMatchObject({
    err: '',
    code: 0,
  });
  expect(readFileSync(empty, 'utf8')).toContain('port: 8675');
  expect(readdirSync(join(there.path, 'accounts')).sort()).toEqual(['.usage.sqlite', 'codex.json']);
  expect(statSync(join(there.path, 'accounts/codex.json')).mode & 0o777).toBe(0o600);
  const restored = new Database(join(there.path, 'accounts/.usage.sqlite'));
  expect(restored.query('SELECT x FROM t').all()).toEqual([{ x: 42 }]);
  restored.close();
});

test('a backup into a directory that is not there says so', async () => {
  using here = emptyDirectory();
  kept(here.path).close();
  const { err, code } = await run(['backup', join(here.path, 'nowhere/all.tar.gz')], { cwd: here.path });
  expect(code).not.toBe(0);
  expect(err).toContain('cannot be written');
  expect(err).not.toContain('defect');
});

test('restore replaces nothing without --force', async () => {
  using here = emptyDirectory();
  kept(here.path).close();
  const file = join(here.path, 'all.tar.gz');
  await run(['backup', file], { cwd: here.path });
  writeFileSync(join(here.path, 'accounts/codex.json'), '{"type":"codex","newer":true}');
  const refused = await run(['restore', file], { cwd: here.path });
  expect(refused.code).toBe(1);
  expect(readFileSync(join(here.path, 'accounts/codex.json'), 'utf8')).toContain('newer');
  expect((await run(['restore', file, '--force'], { cwd: here.path })).code).toBe(0);
  expect(readFileSync(join(here.path, 'accounts/codex.json'), 'utf8')).not.toContain('newer');
});

test('an archive that would write elsewhere is no backup', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'evil.tar.gz');
  for (const name of ['accounts/../../outside', 'other/file']) {
    await Bun.write(file, await new Bun.Archive({ [name]: 'x' }, { compress: 'gzip' }).bytes());
    const { code } = await run(['restore', file], { cwd: here.path });
    expect(code).toBe(1);
    expect(readdirSync(here.path).filter((one) => one !== '.bun')).toEqual(['evil.tar.gz']);
  }
});

test('uninstall names the config and the accounts, and deletes nothing', async () => {
  using here = emptyDirectory();
  kept(here.path).close();
  const { out, code } = await run(['uninstall'], { cwd: here.path });
  expect(code).toBe(0);
  expect(out).toContain(join(here.path, 'config.yaml'));
  expect(out).toContain(join(here.path, 'accounts'));
  expect(readdirSync(join(here.path, 'accounts')).length).toBeGreaterThan(2);
});
