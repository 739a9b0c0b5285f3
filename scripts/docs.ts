/** Writes the documents that are made from the source. With `--check` writes nothing and fails if one is stale. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configurationReference } from '../src/config/reference.ts';
import { coverageMarks, coverageText } from '../test/translation/coverage-text.ts';
import { managementReference } from './management-reference.ts';

/** Each document as it should be; those that are written by hand in part get what they are at present. */
const DOCUMENTS: Readonly<Record<string, (present: string) => string>> = {
  'docs/configuration.md': configurationReference,
  'docs/management-api.md': managementReference,
  'docs/internals/translation-tables.md': withCoverage,
};

function withCoverage(present: string): string {
  const { begin, end } = coverageMarks;
  const before = present.slice(0, present.indexOf(begin) + begin.length);
  return `${before}\n\n${coverageText()}\n\n${present.slice(present.indexOf(end))}`;
}

const root = join(import.meta.dir, '..');
const check = process.argv.includes('--check');

for (const [name, render] of Object.entries(DOCUMENTS)) {
  const path = join(root, name);
  const present = await readFile(path, 'utf8').catch(() => '');
  const wanted = render(present);
  if (present === wanted) continue;
  if (check) {
    console.error(`${name} is stale: run "npm run docs"`);
    process.exitCode = 1;
  } else {
    await writeFile(path, wanted);
    console.log(`wrote ${name}`);
  }
}
