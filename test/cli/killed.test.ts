/** A gateway that is killed under load: who is cooling down is known to the next one, but for the last second. */
import { expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { eventually } from '../eventually.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { emptyDirectory, serving } from './program.ts';

const clientKey = 'sk-client-of-the-test';
const spentKeys = Array.from({ length: 5 }, (_, index) => `spent-key-${index}`);
const freshKeys = Array.from({ length: 3 }, (_, index) => `fresh-key-${index}`);

async function ask(url: string): Promise<number> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

test('kill -9 under load: the next gateway asks none of those that rest', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  const asked = new Map<string, number>();
  using upstream = startUpstream(({ key }) => {
    asked.set(key, (asked.get(key) ?? 0) + 1);
    return key.startsWith('spent')
      ? Response.json({ error: { message: 'spent' } }, { status: 429, headers: { 'retry-after': '600' } })
      : chatAnswer('fine');
  });
  const config: JsonObject = {
    port: 0,
    'auth-dir': join(cwd, 'accounts'),
    'api-keys': [clientKey],
    'openai-compatibility': [
      {
        name: 'local',
        'base-url': `${upstream.url}/v1`,
        'api-key-entries': [...spentKeys, ...freshKeys].map((key) => ({ 'api-key': key })),
        models: [{ name: 'm' }],
      },
    ],
  };
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify(config));
  const file = join(cwd, 'accounts', '.cooldowns.json');
  {
    await using first = await serving(['serve'], { cwd });
    let running = true;
    const load = Array.from({ length: 8 }, async () => {
      while (running) await ask(first.url).catch(() => 0);
    });
    await eventually(
      () => existsSync(file) && readFileSync(file, 'utf8').split('"quota"').length > spentKeys.length,
    );
    first.kill('SIGKILL');
    await first.exited;
    running = false;
    await Promise.all(load);
  }
  expect(spentKeys.map((key) => asked.get(key) ?? 0).every((count) => count > 0)).toBe(true);
  asked.clear();
  await using second = await serving(['serve'], { cwd });
  const statuses = await Promise.all(Array.from({ length: 60 }, () => ask(second.url)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect([...asked.keys()].sort()).toEqual(freshKeys);
}, 20_000);
