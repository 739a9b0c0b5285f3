import { expect, test } from 'bun:test';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstConfig, writeFirstConfig } from './first-run.ts';
import { loadConfig, parseConfig } from './load.ts';

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'config-first-run-'));
  try {
    await run(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('the first configuration loads, holds a fresh key and is for its owner only', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'new', 'config.yaml');
    const key = await writeFirstConfig(path);
    expect(key).toMatch(/^sk-[\w-]{43}$/);
    expect(await loadConfig(path, { env: {} })).toMatchObject({
      ok: true,
      warnings: [],
      config: { host: '127.0.0.1', port: 8317, 'api-keys': [{ key }] },
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(directory, 'new'))).toEqual(['config.yaml']);
  }));

test('an existing file stays as it is', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'config.yaml');
    await writeFile(path, 'port: 1\n');
    await expect(writeFirstConfig(path)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(path, 'utf8')).toBe('port: 1\n');
    expect(await readdir(directory)).toEqual(['config.yaml']);
  }));

test('its examples work once their "# " is taken away', () => {
  const text = firstConfig('sk-a').replace(/^# (?=[a-z-]+:$| {2})/gm, '');
  const env = Object.fromEntries(
    ['GEMINI', 'ANTHROPIC', 'OPENAI', 'VERTEX', 'OPENROUTER'].map((name) => [`${name}_API_KEY`, 'k']),
  );
  const result = parseConfig(text, { file: 'config.yaml', env });
  expect(result).toMatchObject({ ok: true, warnings: [] });
  if (!result.ok) return;
  const lists = [
    'gemini-api-key',
    'claude-api-key',
    'codex-api-key',
    'vertex-api-key',
    'openai-compatibility',
  ] as const;
  expect(lists.map((list) => result.config[list].length)).toEqual([1, 1, 1, 1, 2]);
});

test('a home of its own is named as the place of the accounts', () => {
  expect(firstConfig('sk-a', '/data')).toContain('\nauth-dir: /data\n');
  expect(firstConfig('sk-a', '/my data#1')).toContain('\nauth-dir: "/my data#1"\n');
});
