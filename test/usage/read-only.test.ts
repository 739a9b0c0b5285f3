/**
 * A history where nothing can be written: commands read it, after a clean end and after a kill; `doctor` takes the sound file for
 * one, and the gateway, whose socket for commands cannot be made, for a gateway. Needs root, whose file systems can be mounted.
 */
import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { emptyDirectory, run, serving } from '../cli/program.ts';
import { freePort } from '../free-port.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';

const clientKey = 'sk-client-of-the-read-only-test';
const mount = (...words: string[]): boolean => Bun.spawnSync(['mount', ...words]).exitCode === 0;

async function ask(url: string): Promise<number> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

interface Check {
  id: string;
  state: string;
  message: string;
  fix?: string;
}

test.skipIf(process.getuid?.() !== 0).each(['SIGTERM', 'SIGKILL'] as const)(
  '15: after %s the history is read on a read-only file system, and nobody calls it broken',
  async (signal) => {
    using folder = emptyDirectory();
    using upstream = startUpstream(() => chatAnswer('fine'));
    const authDir = join(folder.path, 'accounts');
    mkdirSync(authDir);
    expect(mount('-t', 'tmpfs', '-o', 'size=16m,mode=0700', 'tmpfs', authDir)).toBe(true);
    using _ = { [Symbol.dispose]: () => Bun.spawnSync(['umount', '-l', authDir]) };
    const port = freePort();
    const write = (more: JsonObject): void =>
      writeFileSync(
        join(folder.path, 'config.yaml'),
        JSON.stringify({
          ...{ port, 'auth-dir': authDir, 'api-keys': [clientKey] },
          'openai-compatibility': [
            {
              ...{ name: 'local', 'base-url': `${upstream.url}/v1`, models: [{ name: 'm' }] },
              'api-key-entries': [{ 'api-key': 'upstream-key' }],
            },
          ],
          ...more,
        }),
      );
    write({});
    const { path: cwd } = folder;
    const requests = async (): Promise<number> => {
      const { out, err, code } = await run(['usage', 'all', '--json'], { cwd });
      expect([code, err]).toEqual([0, '']);
      return JSON.parse(out).total.requests;
    };
    {
      await using gateway = await serving(['serve'], { cwd });
      for (let at = 0; at < 5; at++) expect(await ask(gateway.url)).toBe(200);
      // All that has ended is in the store once it is asked for.
      expect(await requests()).toBe(5);
      gateway.kill(signal);
      await gateway.exited;
    }
    expect(mount('-o', 'remount,ro', authDir)).toBe(true);
    expect(await requests()).toBe(5);
    const { out: exported } = await run(['usage', 'export', '--csv'], { cwd });
    expect(exported.trim().split('\n').length).toBe(6);

    await using gateway = await serving(['serve'], { cwd });
    expect(await ask(gateway.url)).toBe(200);
    const { out } = await run(['doctor', '--json'], { cwd });
    const { checks }: { checks: Check[] } = JSON.parse(out);
    const of = (id: string): Check[] => checks.filter((check) => check.id === id);
    expect(of('store.integrity').map(({ state }) => state)).not.toContain('fail');
    expect(JSON.stringify(checks)).not.toContain('.broken');
    expect(of('network.port')).toMatchObject([
      { state: 'warn', message: expect.stringContaining(`A gateway serves at port ${port}`) },
    ]);
    write({ prices: { m: { input: 3, output: 15 } } });
    const recomputed = await run(['usage', 'recompute'], { cwd });
    expect([recomputed.code, recomputed.err]).toEqual([1, expect.stringContaining('readonly database')]);
  },
  120_000,
);
