/** `scripts/install.mjs` where it cannot do its work. */
import { expect, test } from 'bun:test';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory } from './program.ts';

const project = join(import.meta.dir, '../..');

test('first-hour 14: without a network the installation ends soon, and says why', async () => {
  using here = emptyDirectory();
  mkdirSync(join(here.path, 'scripts'));
  for (const file of ['package.json', 'package-lock.json', 'scripts/install.mjs'])
    cpSync(join(project, file), join(here.path, file));
  const started = performance.now();
  const child = Bun.spawn(['node', 'scripts/install.mjs'], {
    cwd: here.path,
    env: {
      PATH: process.env.PATH,
      HOME: here.path,
      // Nothing listens at port 9, and nothing is in the cache.
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_replace_registry_host: 'always',
    },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [err, code] = await Promise.all([child.stderr.text(), child.exited]);
  expect(code).toBe(69);
  expect(err).toContain('The package registry cannot be reached: check the network');
  // npm's own patience is over a minute.
  expect(performance.now() - started).toBeLessThan(45_000);
}, 60_000);
