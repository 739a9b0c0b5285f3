/** One login in two files, before the start and while it runs: its token is spent once, and the second file is named. */
import { expect, test } from 'bun:test';
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRotatingTokens } from '../accounts/rotating-tokens.ts';
import { emptyDirectory, run, serving } from '../cli/program.ts';
import { eventually } from '../eventually.ts';

const hour = 3_600_000;

function scene(tokenUrl: string) {
  const folder = emptyDirectory();
  const cwd = folder.path;
  const directory = join(cwd, 'accounts');
  const file = (name: string) => join(directory, `${name}.json`);
  Bun.spawnSync(['mkdir', '-m', '700', directory]);
  const config = {
    port: 0,
    'auth-dir': directory,
    'api-keys': ['a-client-key-of-this-test'],
    providers: { claude: { oauth: { 'token-url': tokenUrl } } },
  };
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify(config));
  return {
    cwd,
    file,
    start: () => serving(['serve'], { cwd }),
    write(name: string, tokens: object, more: object = {}) {
      const expiry = new Date(Date.now() - hour).toISOString();
      writeFileSync(file(name), JSON.stringify({ type: 'claude', ...tokens, expiry, ...more }));
    },
    token: (name: string) => /"refresh\.\w+\.(\d+)"/.exec(readFileSync(file(name), 'utf8'))?.[1],
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test('M11: a login in two files is renewed once, in both, and the second is named everywhere', async () => {
  using server = startRotatingTokens();
  using it = scene(server.url);
  // Nothing is known of whom it belongs to; the second file is a peer's, with other spellings.
  it.write('ann', server.signIn('ann'));
  it.write('ann-of-peer', server.signIn('ann'), {
    expired: '2026-01-01T00:00:00Z',
    last_refresh: '2026-01-01T00:00:00Z',
  });
  await using gateway = await it.start();
  await gateway.says(/is the same login as/);
  await eventually(() => it.token('ann') === '2' && it.token('ann-of-peer') === '2');
  for (const command of [['list'], ['list', '--json'], ['status'], ['refresh', '--all']]) {
    const { out, err } = await run(['auth', ...command], { cwd: it.cwd });
    expect(`${out}${err}`).toContain('is the same login as');
  }
  // The command has renewed it once more, beside the gateway.
  await eventually(() => it.token('ann') === '3' && it.token('ann-of-peer') === '3');
  expect(server.family('ann')).toMatchObject({ refreshes: 2, revoked: false });
}, 60_000);

test('M11: copied, renamed and deleted while it runs: the newest token stays in use', async () => {
  using server = startRotatingTokens();
  using it = scene(server.url);
  it.write('ann', server.signIn('ann'), { email: 'ann@x.example' });
  const old = readFileSync(it.file('ann'), 'utf8');
  await using gateway = await it.start();
  await eventually(() => it.token('ann') === '2');
  // An old copy, whose token is spent.
  writeFileSync(it.file('old'), old);
  await gateway.says(/old\.json: it is the same login as ann\.json/);
  copyFileSync(it.file('ann'), it.file('copy'));
  await gateway.says(/copy\.json: it is the same login as ann\.json/);
  rmSync(it.file('old'));
  rmSync(it.file('copy'));
  renameSync(it.file('ann'), it.file('renamed'));
  await eventually(() => gateway.output().includes('account removed') && existsSync(it.file('renamed')));
  const refreshed = await run(['auth', 'refresh', 'renamed'], { cwd: it.cwd });
  expect(refreshed.code).toBe(0);
  expect(it.token('renamed')).toBe('3');
  expect(server.family('ann')).toMatchObject({ refreshes: 2, revoked: false });
}, 60_000);

test('M11: a file that is renamed while its token is being spent gets the new one', async () => {
  let rename = () => {};
  using server = startRotatingTokens({
    async during() {
      rename();
      // Long enough for the gateway to notice the file of the new name.
      await Bun.sleep(700);
    },
  });
  using it = scene(server.url);
  it.write('ann', server.signIn('ann'));
  rename = () => {
    if (existsSync(it.file('ann'))) renameSync(it.file('ann'), it.file('renamed'));
  };
  await using gateway = await it.start();
  await eventually(() => existsSync(it.file('renamed')) && it.token('renamed') === '2');
  expect(await gateway.end('SIGTERM')).toBe(0);
  expect(server.family('ann')).toMatchObject({ refreshes: 1, revoked: false });
}, 60_000);
