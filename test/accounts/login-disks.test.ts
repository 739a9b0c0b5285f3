/** H6 at the login: nobody signs in at a provider whose tokens could not be kept, and a disk that fills meanwhile takes no login. */
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { smallDisk } from '../hardening/full-disk.ts';
import { type Household, household } from './household.ts';
import { signIn } from './sign-in.ts';

const issued = ({ sandbox }: Household): number =>
  sandbox.accounts.logins.reduce((sum, login) => sum + login.issued, 0);

/** Demands that the command ends without an address to open, and says why. */
async function refused(directory: string, why: RegExp): Promise<void> {
  await using home = await household({ 'auth-dir': directory });
  const { code, out, err } = await home.run('auth', 'claude', '--no-browser');
  expect(code).toBe(1);
  expect(out + err).toMatch(why);
  expect(out + err).toContain('Claude was not asked for anything yet.');
  expect(out + err).not.toContain('Open this address');
  expect(issued(home)).toBe(0);
}

test.each(['a file', 'a symbolic link to a file', 'a symbolic link to nothing'])(
  'H6: an auth-dir that is %s is no place for a login, and stays as it is',
  async (what) => {
    using here = emptyDirectory();
    const [path, other] = [join(here.path, 'auth'), join(here.path, 'other')];
    if (what === 'a file') writeFileSync(path, 'mine');
    else symlinkSync(other, path);
    if (what === 'a symbolic link to a file') writeFileSync(other, 'mine');
    await refused(path, /it is a file, or a symbolic link that leads to no directory/);
    if (existsSync(path)) expect(readFileSync(path, 'utf8')).toBe('mine');
  },
);

test('an auth-dir that is a symbolic link to a directory is that directory', async () => {
  using here = emptyDirectory();
  mkdirSync(join(here.path, 'real'));
  symlinkSync(join(here.path, 'real'), join(here.path, 'auth'));
  await using home = await household({ 'auth-dir': join(here.path, 'auth') });
  expect((await signIn(home, 'claude')).code).toBe(0);
  expect(readdirSync(join(here.path, 'real'))).toEqual([expect.stringMatching(/^claude_oauth_.*\.json$/)]);
});

const probe = smallDisk();
probe?.[Symbol.dispose]();

describe.skipIf(probe === undefined)('on a disk of its own', () => {
  test('H6: a full disk is told before anybody signs in', async () => {
    using disk = smallDisk() ?? probe;
    disk?.fill();
    await refused(disk?.path ?? '', /no account can be saved there: ENOSPC/);
    expect(readdirSync(disk?.path ?? '')).toEqual(['filler']);
  });

  test('H6: so is one that is read-only', async () => {
    using disk = smallDisk() ?? probe;
    Bun.spawnSync(['mount', '-o', 'remount,ro', disk?.path ?? '']);
    await refused(disk?.path ?? '', /no account can be saved there: EROFS/);
  });

  test.each(['claude', 'kimi'] as const)(
    'H6: a disk that fills while %s waits takes no login',
    async (name) => {
      using disk = smallDisk() ?? probe;
      const path = disk?.path ?? '';
      await using home = await household({ 'auth-dir': path });
      const ended = signIn(
        {
          ...home,
          start: (args, env) => {
            const login = home.start(args, env);
            // Before the person does anything, and behind the room.
            return {
              ...login,
              says: async (pattern) => {
                const said = await login.says(pattern);
                disk?.fill();
                return said;
              },
            };
          },
        },
        name,
      );
      expect((await ended).code).toBe(0);
      expect(readdirSync(path).filter((file) => file !== 'filler')).toEqual([
        expect.stringMatching(new RegExp(`^${name}_oauth_.*\\.json$`)),
      ]);
    },
  );

  test('H6: the management begins no login that could not be kept', async () => {
    using disk = smallDisk(2048) ?? probe;
    const key = 'management-key-of-this-test';
    await using home = await household({
      'auth-dir': disk?.path ?? '',
      'remote-management': { 'secret-key': key },
      usage: { enable: false },
    });
    await using gateway = await home.serve();
    const begin = async () => {
      const answer = await fetch(`${gateway.url}/v0/management/kimi-auth-url`, {
        headers: { authorization: `Bearer ${key}` },
      });
      return { status: answer.status, text: await answer.text() };
    };
    disk?.fill();
    const told = await begin();
    expect(told.status).toBe(500);
    expect(told.text).toContain('no account can be saved there: ENOSPC');
    disk?.empty();
    expect((await begin()).status).toBe(200);
    await eventually(() => readdirSync(disk?.path ?? '').some((name) => name.startsWith('.sign-in.')));
  });
});
