import { expect, test } from 'bun:test';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { version } from '../../package.json';
import { emptyDirectory, program, run } from './program.ts';

test('version says name and version, and JSON for scripts', async () => {
  using here = emptyDirectory();
  expect(await run(['version'], { cwd: here.path })).toEqual({
    out: `cli-proxy-api ${version}\n`,
    err: '',
    code: 0,
  });
  const { out } = await run(['version', '--json'], { cwd: here.path });
  expect(JSON.parse(out)).toMatchObject({ name: 'cli-proxy-api', version });
});

test.each(['serve', 'config check', 'models', 'translate', 'sandbox', 'version', 'help'])(
  'help of %s ends with 0 and shows how to use it',
  async (name) => {
    using here = emptyDirectory();
    const { out, err, code } = await run([...name.split(' '), '--help'], { cwd: here.path });
    expect({ err, code }).toEqual({ err: '', code: 0 });
    expect(out).toContain(`Usage: cli-proxy-api ${name}`);
  },
);

test('an unknown command ends with 2 and names the nearest one', async () => {
  using here = emptyDirectory();
  expect(await run(['sevre'], { cwd: here.path })).toEqual({
    out: '',
    err: `cli-proxy-api: unknown command "sevre"\nDid you mean "${program} serve"?\n`,
    code: 2,
  });
});

test('an unknown option ends with 2, names the nearest one, and writes nothing', async () => {
  using here = emptyDirectory();
  expect(await run(['--prot', '80'], { cwd: here.path })).toEqual({
    out: '',
    err: 'cli-proxy-api: unknown option --prot\nDid you mean --port?\n',
    code: 2,
  });
});

test('works through symbolic links, from another directory', async () => {
  using here = emptyDirectory();
  const absolute = join(here.path, 'absolute-link');
  symlinkSync(program, absolute);
  symlinkSync(relative(here.path, absolute), join(here.path, 'link to a link'));
  const { out, code } = await run(['version'], { cwd: '/', command: join(here.path, 'link to a link') });
  expect({ out, code }).toEqual({ out: `cli-proxy-api ${version}\n`, code: 0 });
});

test("a bunfig.toml in the caller's directory is not read", async () => {
  using here = emptyDirectory();
  writeFileSync(join(here.path, 'bunfig.toml'), 'preload = ["./other-project.ts"]\n');
  writeFileSync(join(here.path, 'other-project.ts'), 'console.log("loaded");\n');
  expect((await run(['version'], { cwd: here.path })).out).toBe(`cli-proxy-api ${version}\n`);
});

test('a reader that has seen enough is no failure', async () => {
  using here = emptyDirectory();
  const shell = Bun.spawn(['sh', '-c', '"$1" help | head -n 1; "$1" help | true', 'sh', program], {
    cwd: here.path,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err] = await Promise.all([shell.stdout.text(), shell.stderr.text()]);
  expect(out).toStartWith(`cli-proxy-api ${version}`);
  expect(err).toBe('');
});

test.each([
  ['login', 'auth'],
  ['status', 'auth list'],
  ['logs', 'explain'],
  ['stats', 'usage'],
  ['start', 'serve'],
  ['codex', 'run codex'],
])('first-hour 13: %s of other programs is %s here', async (typed, meant) => {
  using here = emptyDirectory();
  const { err, code } = await run([typed], { cwd: here.path });
  expect({ err, code }).toEqual({
    err: `cli-proxy-api: unknown command "${typed}"\nDid you mean "${program} ${meant}"?\n`,
    code: 2,
  });
});

test('first-hour 3: a hint names the program by the path it was called by', async () => {
  using here = emptyDirectory();
  const link = join(here.path, 'gateway');
  symlinkSync(program, link);
  const { err } = await run(['login'], { cwd: here.path, command: './gateway' });
  expect(err).toContain('Did you mean "./gateway auth"?');
});
