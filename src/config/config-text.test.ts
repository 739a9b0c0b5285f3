import { expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './load.ts';

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'config-text-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

const messagesOf = async (path: string) => {
  const result = await loadConfig(path, { env: {} });
  return result.ok ? [] : result.problems.map(({ message }) => message);
};

test('M12: a pipe in the place of the configuration is refused, and nobody waits for its writer', async () => {
  using directory = folder();
  const pipe = join(directory.path, 'config.yaml');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  expect(await messagesOf(pipe)).toEqual(['this is no regular file']);
});

test('M12: a file out of all proportion is refused unread', async () => {
  using directory = folder();
  const file = join(directory.path, 'config.yaml');
  writeFileSync(file, 'port: 1\n');
  truncateSync(file, 8 * 1024 * 1024 + 1);
  expect(await messagesOf(file)).toEqual(['the file is larger than 8 MiB']);
});

test('a directory, and nothing at all, are said to be what they are', async () => {
  using directory = folder();
  expect(await messagesOf(directory.path)).toEqual(['this is a directory']);
  expect(await messagesOf(join(directory.path, 'none.yaml'))).toEqual(['there is no such file']);
});

test('M12: bytes that are no UTF-8 are refused: no key made of them could ever open', async () => {
  using directory = folder();
  const file = join(directory.path, 'config.yaml');
  writeFileSync(file, Buffer.from('api-keys: ["\xe9\xff"]\n', 'latin1'));
  expect(await messagesOf(file)).toEqual(['the file is no text in UTF-8']);
});
