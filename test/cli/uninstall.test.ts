/** What is left where, in the order in which it can be taken away. */
import { expect, test } from 'bun:test';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installerOf } from '../../src/cli/update/own-executable.ts';
import { emptyDirectory, run } from './program.ts';

const project = join(import.meta.dir, '../..');

/** Path, what it is, and the command, as the list has them. */
function entries(out: string): { path: string; what: string; away: string }[] {
  return [...out.matchAll(/^(\S.*)\n {2}(.+)\n {2}(.+)$/gm)].map(([, path = '', what = '', away = '']) => ({
    ...{ path, what, away },
  }));
}

test('everything that is there is named once, with its command, and nothing is deleted', async () => {
  using here = emptyDirectory();
  const file = (name: string) => join(here.path, name);
  writeFileSync(file('config.yaml'), 'auth-dir: "./ann\'s accounts"\n');
  writeFileSync(file('.env'), 'A=b\n');
  for (const folder of ["ann's accounts", '.cli-proxy-api/connected', '.config/systemd/user'])
    mkdirSync(file(folder), { recursive: true });
  writeFileSync(file('.cli-proxy-api/connected/codex.json'), '{}');
  writeFileSync(file('.config/systemd/user/cli-proxy-api.service'), '');
  const before = readdirSync(here.path, { recursive: true, encoding: 'utf8' });
  const { out, code } = await run(['uninstall'], { cwd: here.path });
  expect(code).toBe(0);
  expect(entries(out).map(({ path, away }) => [path, away])).toEqual([
    [file('.config/systemd/user/cli-proxy-api.service'), expect.stringContaining('service uninstall')],
    [file('.cli-proxy-api/connected/codex.json'), expect.stringContaining('connect codex --undo')],
    [file('config.yaml'), `rm -r '${file('config.yaml')}'`],
    [file('.env'), `rm -r '${file('.env')}'`],
    [file("ann's accounts"), `rm -r '${file('ann')}'\\''s accounts'`],
    [file('.cli-proxy-api'), `rm -r '${file('.cli-proxy-api')}'`],
    [project, `rm -r '${project}'`],
  ]);
  expect(readdirSync(here.path, { recursive: true, encoding: 'utf8' })).toEqual(
    expect.arrayContaining(before),
  );
});

test('in a checkout that was copied, the commands leave nothing of it, and nothing else is touched', async () => {
  using home = emptyDirectory();
  const checkout = join(home.path, 'a checkout');
  mkdirSync(checkout);
  for (const name of ['bin', 'src', 'package.json', 'owner.json', 'tsconfig.json', 'sandbox'])
    cpSync(join(project, name), join(checkout, name), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(checkout, 'node_modules'));
  writeFileSync(join(home.path, 'of-somebody-else'), '');
  writeFileSync(join(checkout, 'config.yaml'), 'port: 8676\n');
  mkdirSync(join(home.path, '.cli-proxy-api'));
  const command = join(checkout, 'bin/cli-proxy-api');
  const { out } = await run(['uninstall', '--config', join(checkout, 'config.yaml')], {
    cwd: home.path,
    command,
  });
  const found = entries(out);
  expect(found.map(({ path }) => path)).toEqual([
    join(checkout, 'config.yaml'),
    join(home.path, '.cli-proxy-api'),
    checkout,
  ]);
  for (const { away } of found) expect(Bun.spawnSync(['sh', '-c', away]).exitCode).toBe(0);
  expect(readdirSync(home.path).filter((name) => name !== '.bun')).toEqual(['of-somebody-else']);
  expect(existsSync(join(project, 'node_modules/zod'))).toBe(true);
});

test.each([
  ['/usr/lib/node_modules/@cli-proxy-api/linux-x64/bin/cli-proxy-api', 'npm uninstall'],
  ['/opt/homebrew/Cellar/cli-proxy-api/1.0.0/bin/cli-proxy-api', 'brew uninstall'],
  ['C:\\Users\\ann\\scoop\\apps\\cli-proxy-api\\current\\cli-proxy-api.exe', 'scoop uninstall'],
  ['/cli-proxy-api', 'docker compose down'],
  ['/usr/bin/cli-proxy-api', 'apt remove'],
  ['/usr/local/bin/cli-proxy-api', 'rm'],
  ['/home/ann/bin/cli-proxy-api', 'rm'],
])('%s is taken away by %s', (path, command) => {
  expect(installerOf(path)?.removal ?? 'rm').toStartWith(command);
});
