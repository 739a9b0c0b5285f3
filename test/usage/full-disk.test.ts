/**
 * A disk that is full, and one that breaks and is mounted read-only while the history is open: it is said in words, requests go on, and all of
 * them are in the history when it can be written again. Real file systems: a tmpfs of a megabyte, and ext4 in a file, which is told that it is broken.
 */
import { expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run, serving } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { smallDisk } from '../hardening/full-disk.ts';

const clientKey = 'sk-client-of-the-full-disk-test';
const managementKey = 'management-key-of-the-tests';

/** A gateway whose history lies there. */
async function gatewayAt(authDir: string) {
  const folder = emptyDirectory();
  const upstream = startUpstream(() => chatAnswer('fine'));
  writeFileSync(
    join(folder.path, 'config.yaml'),
    JSON.stringify({
      ...{ port: 0, 'auth-dir': authDir, 'api-keys': [clientKey] },
      'remote-management': { 'secret-key': managementKey },
      'openai-compatibility': [
        {
          ...{ name: 'local', 'base-url': `${upstream.url}/v1`, models: [{ name: 'm' }] },
          'api-key-entries': [{ 'api-key': 'upstream-key' }],
        },
      ],
    }),
  );
  const gateway = await serving(['serve'], { cwd: folder.path });
  return {
    gateway,
    async ask(count: number): Promise<void> {
      for (let at = 0; at < count; at++) {
        const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] }),
        });
        expect([at, answer.status, await answer.text()]).toEqual([at, 200, expect.stringContaining('fine')]);
      }
    },
    /** What the history has, all that could be written included. */
    async kept(): Promise<number | undefined> {
      const headers = { 'x-management-key': managementKey };
      const answer = await fetch(`${gateway.url}/v0/management/usage/summary`, { headers });
      return answer.ok ? JSON.parse(await answer.text()).total.requests : undefined;
    },
    says: (part: string): string[] =>
      gateway
        .output()
        .split('\n')
        .filter((line) => line.includes(part)),
    requests: async (): Promise<number> =>
      JSON.parse((await run(['usage', 'all', '--json'], { cwd: folder.path })).out).total.requests,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      upstream[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

const probe = smallDisk();
probe?.[Symbol.dispose]();

test.skipIf(probe === undefined)(
  '15: on a full disk requests go on, and with room again all of them are in the history',
  async () => {
    using disk = smallDisk(1024);
    if (disk === undefined) throw new Error('nothing can be mounted any more');
    await using here = await gatewayAt(disk.path);
    await here.ask(5);
    expect(await here.kept()).toBe(5);
    disk.fill();
    await here.ask(100);
    await eventually(() => here.says('usage cannot be written').length > 0);
    expect(here.says('usage cannot be written').join()).toContain('database or disk is full');
    await here.ask(100);
    // A full disk stays full: that is said once.
    expect(await here.kept()).toBe(5);
    expect(here.says('usage cannot be written')).toHaveLength(1);
    disk.empty();
    await eventually(() => here.says('usage is written again').length > 0);
    expect(await here.kept()).toBe(205);
    here.gateway.kill('SIGTERM');
    await here.gateway.exited;
    expect(await here.requests()).toBe(205);
  },
  60_000,
);

const sh = (...words: string[]): boolean => Bun.spawnSync(words).exitCode === 0;

/** An ext4 of 8 MB in a file, mounted; undefined where that cannot be done here. */
function breakableDisk() {
  const folder = emptyDirectory();
  const image = join(folder.path, 'image');
  const path = join(folder.path, 'accounts');
  mkdirSync(path);
  const mount = (file: string): boolean => sh('mount', '-o', 'loop,errors=remount-ro', file, path);
  const made = sh('truncate', '-s', '8M', image) && sh('mkfs.ext4', '-q', image) && mount(image);
  if (!made) {
    folder[Symbol.dispose]();
    return undefined;
  }
  chmodSync(path, 0o700);
  const device = Bun.spawnSync(['findmnt', '-no', 'SOURCE', path]).stdout.toString().trim();
  const trigger = join('/sys/fs/ext4', device.replace('/dev/', ''), 'trigger_fs_error');
  return {
    path,
    // Of this one alone: every ext4 of the computer has such a file.
    canBreak: /^\/dev\/loop\d+$/.test(device) && existsSync(trigger),
    break(): void {
      // What was not written back by then is lost as in a crash.
      sh('sync', '-f', path);
      writeFileSync(trigger, '1');
    },
    /** On another device, as its owner does it: what is open on this one keeps it busy. */
    repair(): void {
      const copy = `${image}-copy`;
      sh('cp', image, copy);
      sh('umount', '-l', path);
      // It ends with 1 where it has corrected something.
      Bun.spawnSync(['e2fsck', '-fy', copy]);
      if (!mount(copy)) throw new Error('the repaired file system cannot be mounted');
    },
    [Symbol.dispose]() {
      sh('umount', '-l', path);
      folder[Symbol.dispose]();
    },
  };
}

const broken = breakableDisk();
const canBreak = broken?.canBreak === true;
broken?.[Symbol.dispose]();

test.skipIf(!canBreak)(
  '15: a file system that turns read-only under the history ends no request, and repaired it has all of them',
  async () => {
    using disk = breakableDisk();
    if (disk === undefined) throw new Error('nothing can be mounted any more');
    await using here = await gatewayAt(disk.path);
    await here.ask(5);
    expect(await here.kept()).toBe(5);
    disk.break();
    await here.ask(100);
    await eventually(() => here.says('usage cannot be written').length > 0);
    expect(() => writeFileSync(join(disk.path, 'new'), '')).toThrow('read-only');
    await here.ask(100);
    expect(here.says('usage cannot be written')).toHaveLength(1);
    disk.repair();
    expect(readdirSync(disk.path)).toContain('.usage.sqlite');
    await eventually(() => here.says('not the one that was opened').length > 0);
    await eventually(async () => (await here.kept()) === 205);
    await here.ask(5);
    here.gateway.kill('SIGTERM');
    await here.gateway.exited;
    expect(await here.requests()).toBe(210);
  },
  60_000,
);
