import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { tarGz } from '../../scripts/release/archive.ts';
import { emptyDirectory, run, serving } from './program.ts';

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

test('a database of a later version comes back, and is said to be of no use here', async () => {
  using here = emptyDirectory();
  using there = emptyDirectory();
  const database = kept(here.path);
  for (const pragma of ['application_id = 0x43504175', 'user_version = 99']) database.run(`PRAGMA ${pragma}`);
  database.close();
  const file = join(here.path, 'all.tar.gz');
  expect((await run(['backup', file], { cwd: here.path })).code).toBe(0);
  const { err, code } = await run(['restore', file], { cwd: there.path });
  expect([code, err]).toEqual([0, expect.stringContaining('was written by a later version of this program')]);
  expect(existsSync(join(there.path, '.cli-proxy-api/accounts/.usage.sqlite'))).toBe(true);
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

test('accounts behind links, and a config whose variables are in its .env, come back elsewhere', async () => {
  using here = emptyDirectory();
  using there = emptyDirectory();
  kept(here.path).close();
  const config = 'auth-dir: ${PLACE}\nport: ${NUMBER}\nauth-encryption-key: file:./the-key\n';
  writeFileSync(join(here.path, 'config.yaml'), config);
  writeFileSync(join(here.path, '.env'), 'PLACE=./accounts\nNUMBER=8675\n');
  writeFileSync(join(here.path, 'the-key'), 'an-encryption-key-of-tests', { mode: 0o600 });
  writeFileSync(join(here.path, 'elsewhere.json'), '{"type":"claude"}');
  symlinkSync('../elsewhere.json', join(here.path, 'accounts/linked.json'));
  symlinkSync('../nowhere.json', join(here.path, 'accounts/gone.json'));
  const file = join(here.path, 'all.tar.gz');
  const backup = await run(['backup', file], { cwd: here.path });
  expect(backup.code).toBe(0);
  expect(backup.err).toContain(`keep ${join(here.path, 'the-key')} somewhere else`);
  const restored = await run(['restore', file, '--config', './config.yaml'], { cwd: there.path });
  expect(restored).toMatchObject({ err: '', code: 0 });
  expect(readFileSync(join(there.path, 'config.yaml'), 'utf8')).toBe(config);
  expect(statSync(join(there.path, '.env')).mode & 0o777).toBe(0o600);
  expect(lstatSync(join(there.path, 'accounts/linked.json')).isFile()).toBe(true);
  expect(readFileSync(join(there.path, 'accounts/linked.json'), 'utf8')).toBe('{"type":"claude"}');
});

test('a config that has problems is kept and comes back, with its accounts, and both times it is said', async () => {
  using here = emptyDirectory();
  using there = emptyDirectory();
  kept(here.path).close();
  const broken = 'auth-dir: ./accounts\nport: many\nhost: [\n';
  writeFileSync(join(here.path, 'config.yaml'), broken);
  const file = join(here.path, 'all.tar.gz');
  const backup = await run(['backup', file], { cwd: here.path });
  expect([backup.code, backup.err]).toEqual([0, expect.stringContaining('has a problem')]);
  const restored = await run(['restore', file, '--config', './config.yaml'], { cwd: there.path });
  expect([restored.code, restored.err]).toEqual([0, expect.stringContaining('comes back with it')]);
  expect(readFileSync(join(there.path, 'config.yaml'), 'utf8')).toBe(broken);
  expect(readdirSync(join(there.path, 'accounts'))).toContain('codex.json');
});

test('restore changes nothing beside a gateway that runs, with the old config or the new one', async () => {
  using here = emptyDirectory();
  using other = emptyDirectory();
  kept(other.path).close();
  const file = join(other.path, 'all.tar.gz');
  expect((await run(['backup', file], { cwd: other.path })).code).toBe(0);
  const config = 'port: 0\nauth-dir: ./mine\nsandbox: true\n';
  writeFileSync(join(here.path, 'config.yaml'), config);
  await using gateway = await serving(['serve'], { cwd: here.path });
  const refused = await run(['restore', file, '--force'], { cwd: here.path });
  expect([refused.code, refused.err]).toEqual([75, expect.stringContaining('Stop it first')]);
  expect(readFileSync(join(here.path, 'config.yaml'), 'utf8')).toBe(config);
  await gateway.end('SIGTERM');
  expect((await run(['restore', file, '--force'], { cwd: here.path })).code).toBe(0);
});

test.each([
  ['a directory', '.'],
  ['a file that is none', 'config.yaml'],
  ['a packed file that is no archive', 'text.gz'],
])('%s is no backup, and nothing is changed', async (_, name) => {
  using here = emptyDirectory();
  kept(here.path).close();
  await run(['backup', join(here.path, 'all.tar.gz')], { cwd: here.path });
  writeFileSync(join(here.path, 'text.gz'), Bun.gzipSync(Buffer.from('no archive at all\n'.repeat(60))));
  const before = readFileSync(join(here.path, 'config.yaml'), 'utf8');
  const { code, err } = await run(['restore', join(here.path, name), '--force'], { cwd: here.path });
  expect([code, err]).toEqual([1, expect.stringContaining('is no backup')]);
  expect(err).not.toContain('defect');
  expect(readFileSync(join(here.path, 'config.yaml'), 'utf8')).toBe(before);
});

const flipped = (bytes: Buffer<ArrayBuffer>, at: number): Buffer<ArrayBuffer> => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
};

test.each([
  [
    'cut before its first file',
    (whole: Buffer<ArrayBuffer>) => whole.subarray(0, 40),
    'before its first file',
  ],
  [
    'cut in the middle',
    (whole: Buffer<ArrayBuffer>) => whole.subarray(0, whole.length >> 1),
    /after \d+ bytes, (in|behind) \S+/,
  ],
  ['cut by its last bytes', (whole: Buffer<ArrayBuffer>) => whole.subarray(0, -4), 'it ends too early'],
  [
    'changed in its checksum',
    (whole: Buffer<ArrayBuffer>) => flipped(whole, whole.length - 6),
    'its checksum is that of other',
  ],
  [
    'changed in the middle',
    (whole: Buffer<ArrayBuffer>) => flipped(whole, whole.length >> 1),
    /its (bytes|checksum)/,
  ],
  [
    'packed anew from half an archive',
    (whole: Buffer<ArrayBuffer>) => Buffer.from(Bun.gzipSync(Bun.gunzipSync(whole).subarray(0, 700))),
    /it ends too early, (in|behind) \S+/,
  ],
])('a backup that is %s is damaged, where is said, and nothing is changed', async (_, damaged, where) => {
  using here = emptyDirectory();
  kept(here.path).close();
  await run(['backup', join(here.path, 'all.tar.gz')], { cwd: here.path });
  const file = join(here.path, 'damaged.tar.gz');
  writeFileSync(file, damaged(readFileSync(join(here.path, 'all.tar.gz'))));
  const there = () =>
    readdirSync(here.path, { recursive: true }).filter((name) => !`${name}`.startsWith('.bun'));
  const before = there();
  const { code, err } = await run(['restore', file, '--force'], { cwd: here.path });
  expect([code, err]).toEqual([1, expect.stringContaining('damaged.tar.gz is damaged: ')]);
  expect(err).toMatch(where);
  expect(err).not.toContain('defect');
  expect(there()).toEqual(before);
});

test.each([
  'accounts//etc/passwd',
  '/etc/passwd',
  '../config.yaml',
  'accounts/x/../../../outside',
  './config.yaml/../../outside',
  'accounts/..',
  'config.yaml/x',
])('a backup does not write to %s', async (name) => {
  using here = emptyDirectory();
  const file = join(here.path, 'evil.tar');
  // By hand: the runtime's own archives make such names harmless.
  await Bun.write(file, tarGz([{ path: name, content: Buffer.from('x') }]));
  const { code } = await run(['restore', file], { cwd: here.path });
  expect(code).toBe(1);
  expect(readdirSync(here.path).filter((one) => one !== '.bun')).toEqual(['evil.tar']);
});

test.each(['/etc', '../elsewhere', '~/.ssh', '.', './.config/autostart', './full', './full/../../x'])(
  'a backup puts no accounts into %s unless its owner says so',
  async (place) => {
    using here = emptyDirectory();
    mkdirSync(join(here.path, 'full'));
    mkdirSync(join(here.path, '.ssh'));
    writeFileSync(join(here.path, 'full/mine.json'), '{}');
    const file = join(here.path, 'evil.tar.gz');
    const content = { 'config.yaml': `auth-dir: "${place}"\n`, 'accounts/authorized_keys': 'x' };
    await Bun.write(file, await new Bun.Archive(content, { compress: 'gzip' }).bytes());
    const { code, err } = await run(['restore', file, '--force', '--config', './config.yaml'], {
      cwd: here.path,
    });
    expect([code, err]).toEqual([1, expect.stringContaining('--accounts-to /')]);
    expect(
      readdirSync(here.path)
        .filter((one) => one !== '.bun')
        .sort(),
    ).toEqual(['.ssh', 'evil.tar.gz', 'full']);
    expect(readdirSync(join(here.path, '.ssh'))).toEqual([]);
  },
);

test('a backup whose accounts were elsewhere comes back there once its owner says so', async () => {
  using here = emptyDirectory();
  using there = emptyDirectory();
  const file = join(here.path, 'all.tar.gz');
  const place = join(there.path, 'accounts');
  const content = { 'config.yaml': `auth-dir: "${place}"\n`, 'accounts/codex.json': '{"type":"codex"}' };
  await Bun.write(file, await new Bun.Archive(content, { compress: 'gzip' }).bytes());
  const restore = ['restore', file, '--config', './config.yaml'];
  const other = await run([...restore, '--accounts-to', there.path], { cwd: here.path });
  expect([other.code, readdirSync(there.path)]).toEqual([1, []]);
  const restored = await run([...restore, '--accounts-to', place], { cwd: here.path });
  expect([restored.code, restored.err]).toEqual([0, '']);
  expect(readdirSync(place)).toEqual(['codex.json']);
  // From now on it is the place in use.
  expect((await run([...restore, '--force'], { cwd: here.path })).code).toBe(0);
});

test('links in an archive lead nowhere', async () => {
  using here = emptyDirectory();
  using victim = emptyDirectory();
  mkdirSync(join(here.path, 'accounts'));
  symlinkSync(victim.path, join(here.path, 'accounts/link'));
  writeFileSync(join(here.path, 'config.yaml'), 'auth-dir: ./accounts\n');
  const file = join(here.path, 'evil.tar');
  Bun.spawnSync(['tar', '-cf', file, 'config.yaml', 'accounts/link'], { cwd: here.path });
  rmSync(join(here.path, 'accounts'), { recursive: true });
  mkdirSync(join(here.path, 'more/accounts/link'), { recursive: true });
  writeFileSync(join(here.path, 'more/accounts/link/planted'), 'x');
  Bun.spawnSync(['tar', '-rf', file, '-C', join(here.path, 'more'), 'accounts/link/planted']);
  await run(['restore', file, '--force'], { cwd: here.path });
  expect(readdirSync(victim.path)).toEqual([]);
});
