/** Writes the documents that are made from the source. With `--check` writes nothing and fails if one is stale. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configurationReference } from '../src/config/reference.ts';

const DOCUMENTS: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': configurationReference,
};

const root = join(import.meta.dir, '..');
const check = process.argv.includes('--check');

for (const [name, render] of Object.entries(DOCUMENTS)) {
  const path = join(root, name);
  const wanted = render();
  const present = await readFile(path, 'utf8').catch(() => '');
  if (present === wanted) continue;
  if (check) {
    console.error(`${name} is stale: run "npm run docs"`);
    process.exitCode = 1;
  } else {
    await writeFile(path, wanted);
    console.log(`wrote ${name}`);
  }
}
