import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tarGz, zip } from '../../scripts/release/archive.ts';
import { releaseKey, releaseList } from '../../scripts/release/release-list.ts';
import { archiveName, targets } from '../../scripts/release/targets.ts';
import { exchange, previousOf, rollBack } from '../../src/cli/update/exchange.ts';
import { programInside } from '../../src/cli/update/program-inside.ts';
import { latestRelease, releasedProgram } from '../../src/cli/update/released.ts';
import { isSigned } from '../../src/cli/update/signature.ts';
import { installedProgram } from '../installed-program.ts';
import { emptyDirectory, run } from './program.ts';
import { signer } from './release-signer.ts';

const one = signer('one');
const two = signer('two');
const program = Buffer.from('the next program');
const archive = tarGz([
  { path: 'LICENSE', content: Buffer.alloc(700, 'l') },
  { path: 'cli-proxy-api', content: program, executable: true },
]);
const list = (changes: object = {}) =>
  Buffer.from(
    JSON.stringify({
      version: '9.0.0',
      files: { here: { url: 'archive', sha256: createHash('sha256').update(archive).digest('hex') } },
      ...changes,
    }),
  );

function releases(files: Record<string, string | Uint8Array>) {
  const server = Bun.serve({
    port: 0,
    fetch: (request) => {
      const file = files[new URL(request.url).pathname.slice(1)];
      return file === undefined ? new Response('', { status: 404 }) : new Response(Buffer.from(file));
    },
  });
  return { url: server.url.href, [Symbol.dispose]: () => void server.stop(true) };
}

async function offered(
  files: Record<string, string | Uint8Array>,
  keys = [one.key, two.key],
): Promise<Buffer> {
  using server = releases(files);
  return await releasedProgram(server.url, await latestRelease(server.url, keys), 'here');
}

test('a release that is signed with either of two keys is taken', async () => {
  for (const by of [one, two])
    expect(
      await offered({ 'latest.json': list(), 'latest.json.minisig': by.signature(list()), archive }),
    ).toEqual(program);
});

const good = { 'latest.json': list(), 'latest.json.minisig': one.signature(list()), archive };
test.each([
  { name: 'a list that was changed', files: { ...good, 'latest.json': list({ version: '9.9.9' }) } },
  { name: 'a list that was cut off', files: { ...good, 'latest.json': list().subarray(0, 40) } },
  { name: 'a program that was changed', files: { ...good, archive: 'another program' } },
  { name: 'a program that was cut off', files: { ...good, archive: archive.subarray(0, 5) } },
  { name: 'a missing signature', files: { 'latest.json': list(), archive } },
  { name: 'an empty signature', files: { ...good, 'latest.json.minisig': '' } },
  {
    name: 'a key that is not ours',
    files: { ...good, 'latest.json.minisig': signer('one').signature(list()) },
  },
])('$name is refused', async ({ files }) => {
  await expect(offered(files)).rejects.toThrow(/not signed|not what was signed|answers 404/);
});

test('a release without a program for this platform is refused by name', async () => {
  const elsewhere = list({ files: { elsewhere: { url: 'archive', sha256: '0'.repeat(64) } } });
  const files = { 'latest.json': elsewhere, 'latest.json.minisig': one.signature(elsewhere), archive };
  await expect(offered(files)).rejects.toThrow('version 9.0.0 has no program for here');
});

test('a signature of the real minisign is taken, and with another comment refused', () => {
  using here = emptyDirectory();
  const minisign = installedProgram('minisign');
  const file = (name: string) => join(here.path, name);
  writeFileSync(file('content'), program);
  for (const command of [
    [minisign, '-G', '-W', '-p', file('key.pub'), '-s', file('key')],
    [minisign, '-S', '-s', file('key'), '-m', file('content'), '-t', 'a comment'],
  ])
    expect(Bun.spawnSync(command).exitCode).toBe(0);
  const [key, signature] = [
    readFileSync(file('key.pub'), 'utf8'),
    readFileSync(file('content.minisig'), 'utf8'),
  ];
  expect(isSigned(program, signature, [key])).toBe(true);
  expect(isSigned(Buffer.from('x'), signature, [key])).toBe(false);
  expect(isSigned(program, signature.replace('a comment', 'b comment'), [key])).toBe(false);
});

test('an older version is refused, and the same one changes nothing', async () => {
  using here = emptyDirectory();
  const older = list({ version: '0.0.1' });
  using server = releases({ 'latest.json': older, 'latest.json.minisig': one.signature(older), archive });
  const asked = await run(['update', '--from', server.url, '--key', one.key], { cwd: here.path });
  expect(asked.code).toBe(1);
  expect(asked.err).toContain('older than');
});

test('update --check says that there is a newer one, and changes nothing', async () => {
  using here = emptyDirectory();
  using server = releases(good);
  const asked = await run(['update', '--check', '--from', server.url, '--key', one.key], { cwd: here.path });
  expect(asked).toMatchObject({ code: 0, out: expect.stringContaining('Version 9.0.0 is there') });
});

test('without a key that could be trusted nothing is asked for', async () => {
  using here = emptyDirectory();
  const { code, err } = await run(['update'], { cwd: here.path });
  expect(code).toBe(69);
  expect(err).toContain('no key to verify a release');
});

test('the program before is kept, and comes back', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'program');
  writeFileSync(file, 'old');
  await exchange(file, Buffer.from('new'));
  expect([readFileSync(file, 'utf8'), readFileSync(previousOf(file), 'utf8')]).toEqual(['new', 'old']);
  rollBack(file);
  expect([readFileSync(file, 'utf8'), readFileSync(previousOf(file), 'utf8')]).toEqual(['old', 'new']);
});

test('killed at any moment, there is a whole program', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'program');
  const [old, next] = [Buffer.alloc(30e6, 'o'), Buffer.alloc(30e6, 'n')];
  writeFileSync(join(here.path, 'next'), next);
  const script = `import { exchange } from '${join(import.meta.dir, '../../src/cli/update/exchange.ts')}'; await exchange('${file}', require('fs').readFileSync('${join(here.path, 'next')}')); `;
  for (const after of [40, 80, 120, 160, 200]) {
    writeFileSync(file, old);
    const child = Bun.spawn([process.execPath, '-e', script], { stderr: 'ignore' });
    await Promise.race([child.exited, Bun.sleep(after)]);
    child.kill('SIGKILL');
    await child.exited;
    const content = readFileSync(file);
    expect(content.equals(old) || content.equals(next)).toBe(true);
    expect(existsSync(file)).toBe(true);
  }
});

test('a new program that does not start changes nothing', async () => {
  using here = emptyDirectory();
  const file = join(here.path, 'program');
  writeFileSync(file, 'old');
  const refused = exchange(file, Buffer.from('new'), () => {
    throw new Error('it does not start');
  });
  await expect(refused).rejects.toThrow('it does not start');
  expect(readdirSync(here.path)).toEqual(['program']);
  expect(readFileSync(file, 'utf8')).toBe('old');
});

test('the program comes out of the archives of releases, and out of nothing else', () => {
  const beside = { path: 'README.md', content: Buffer.alloc(513, 'r') };
  const most = 1e6;
  const windows = zip([beside, { path: 'cli-proxy-api.exe', content: program, executable: true }]);
  for (const made of [archive, windows]) {
    expect(programInside(made, most)).toEqual(program);
    expect(() => programInside(made, 4)).toThrow('no archive');
    for (const end of [0, 3, 10, 25])
      expect(() => programInside(made.subarray(0, end), most)).toThrow('no archive');
  }
  for (const none of [tarGz([beside]), zip([beside]), Buffer.from('text')])
    expect(() => programInside(none, most)).toThrow('no archive');
});

test('the list of a release is signed so that minisign and this program believe it', async () => {
  using here = emptyDirectory();
  const minisign = installedProgram('minisign');
  const file = (name: string) => join(here.path, name);
  Bun.spawnSync([minisign, '-G', '-W', '-p', file('key.pub'), '-s', file('key')]);
  const key = releaseKey(readFileSync(file('key'), 'utf8'));
  expect(readFileSync(file('key.pub'), 'utf8')).toContain(key.publicKey);
  const names = targets.map((target) => archiveName(target, '9.0.0'));
  const sums = Object.fromEntries(names.map((name, index) => [name, String(index).repeat(64)]));
  const text = releaseList('9.0.0', targets, sums);
  const signature = key.signature(text, 'cli-proxy-api 9.0.0');
  expect(key.signature(text, 'cli-proxy-api 9.0.0')).toBe(signature);
  writeFileSync(file('latest.json'), text);
  writeFileSync(file('latest.json.minisig'), signature);
  expect(Bun.spawnSync([minisign, '-V', '-p', file('key.pub'), '-m', file('latest.json')]).exitCode).toBe(0);
  using server = releases({ 'latest.json': text, 'latest.json.minisig': signature });
  const { version, files } = await latestRelease(server.url, [key.publicKey]);
  expect(version).toBe('9.0.0');
  expect(Object.keys(files)).toEqual(targets.map(({ name }) => name));
});

test.each(['', 'untrusted comment: x\nRWQ=', 'no key'])('%p is no key to sign with', (text) => {
  expect(() => releaseKey(text)).toThrow('no secret key of minisign');
});
