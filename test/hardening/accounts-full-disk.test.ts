/** A full disk takes no login: a refresh token is spent when there is room for its successor, and what came is written. */
import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRotatingTokens } from '../accounts/rotating-tokens.ts';
import { emptyDirectory, serving } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { type SmallDisk, smallDisk } from './full-disk.ts';

const hour = 3_600_000;

/** The gateway with one account whose token has run out, on a disk of 1 MB: its store of usage takes a part of it. */
async function scene(disk: SmallDisk, tokenUrl: string, tokens: object) {
  const folder = emptyDirectory();
  const file = join(disk.path, 'ann.json');
  const account = {
    type: 'claude',
    ...tokens,
    expiry: new Date(Date.now() - hour).toISOString(),
    email: 'ann@x.example',
  };
  writeFileSync(file, JSON.stringify(account));
  writeFileSync(
    join(folder.path, 'config.yaml'),
    JSON.stringify({
      port: 0,
      'auth-dir': disk.path,
      'api-keys': ['a-client-key-of-this-test'],
      providers: { claude: { oauth: { 'token-url': tokenUrl } } },
    }),
  );
  return {
    start: () => serving(['serve'], { cwd: folder.path }),
    text: () => readFileSync(file, 'utf8'),
    generation: () => Number(/"refresh\.ann\.(\d+)"/.exec(readFileSync(file, 'utf8'))?.[1]),
    write: (text: string) => writeFileSync(file, text),
    left: () => readdirSync(disk.path).filter((name) => /journal|tmp$/.test(name)),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const probe = smallDisk();
probe?.[Symbol.dispose]();

if (probe === undefined) {
  // The same rule without a mount: a directory in which nothing can be made stands for the disk.
  test('H6: no file system can be mounted here; the rule is tested on a closed journal', async () => {
    const { createEncryption } = await import('../../src/accounts/encryption.ts');
    const { takeJournalRoom } = await import('../../src/accounts/reply-journal.ts');
    using folder = emptyDirectory();
    const taking = takeJournalRoom(
      join(folder.path, 'gone', 'ann.json'),
      createEncryption({ key: undefined }),
    );
    await expect(taking).rejects.toThrow('ENOENT');
  });
} else {
  test('H6: on a full disk no refresh token is spent; with room again it is, by itself', async () => {
    using disk = smallDisk(1024) ?? probe;
    using server = startRotatingTokens();
    using it = await scene(disk, server.url, server.signIn('ann'));
    const before = it.text();
    disk.fill();
    await using gateway = await it.start();
    await gateway.says(/no space left on device.*none is spent before there is room/i);
    expect(server.family('ann').refreshes).toBe(0);
    expect(it.text()).toBe(before);
    disk.empty();
    await eventually(() => it.generation() === 2);
    expect(server.family('ann')).toMatchObject({ refreshes: 1, revoked: false });
    expect(gateway.output().match(/none is spent/g)?.length).toBe(1);
    expect(await gateway.end('SIGTERM')).toBe(0);
    expect(it.left()).toEqual([]);
  }, 60_000);

  test('H6: a disk that fills while the token is renewed loses nothing', async () => {
    using disk = smallDisk(1024) ?? probe;
    using server = startRotatingTokens({ during: () => disk.fill() });
    using it = await scene(disk, server.url, server.signIn('ann'));
    await using gateway = await it.start();
    await eventually(() => it.generation() === 2);
    expect(await gateway.end('SIGTERM')).toBe(0);
    expect(it.left()).toEqual([]);
  }, 60_000);

  /** The file has grown while it was renewed: what was taken is room for the reply, and not for all of it. */
  const growing = (disk: SmallDisk, it: { value?: { text(): string; write(text: string): void } }) => () => {
    const content: unknown = JSON.parse(it.value?.text() ?? '{}');
    it.value?.write(JSON.stringify({ ...Object(content), note: 'x'.repeat(100_000) }));
    disk.fill();
  };

  test.each(['while it runs', 'at SIGTERM', 'after kill -9'] as const)(
    'H6: what could not be written into the file is written %s, when there is room',
    async (when) => {
      using disk = smallDisk(1024) ?? probe;
      const grown: Parameters<typeof growing>[1] = {};
      using server = startRotatingTokens({ during: growing(disk, grown) });
      using it = await scene(disk, server.url, server.signIn('ann'));
      grown.value = it;
      {
        await using gateway = await it.start();
        await gateway.says(/new tokens could not be written/);
        expect(it.generation()).toBe(1);
        expect(existsSync(join(disk.path, '.ann.json.journal'))).toBe(true);
        if (when === 'after kill -9') {
          gateway.kill('SIGKILL');
          await gateway.exited;
          // Nor does the next one, on the full disk, spend the token again.
          await using next = await it.start();
          await next.says(/no space left on device/i);
          expect(server.family('ann').refreshes).toBe(1);
          next.kill('SIGKILL');
          await next.exited;
        }
        disk.empty();
        if (when === 'at SIGTERM') expect(await gateway.end('SIGTERM')).toBe(0);
        if (when === 'while it runs') await eventually(() => it.generation() === 2 && it.left().length === 0);
      }
      if (when === 'after kill -9') {
        await using next = await it.start();
        await eventually(() => it.generation() === 2);
        expect(await next.end('SIGTERM')).toBe(0);
      }
      expect(it.generation()).toBe(2);
      expect(server.family('ann')).toMatchObject({ refreshes: 1, revoked: false });
      expect(it.left()).toEqual([]);
      expect(it.text()).toContain('xxx');
    },
    60_000,
  );
}
