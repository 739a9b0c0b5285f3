/** A provider is one record in one file and a line in the registry: its name stands nowhere else. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountKinds, keyLists, services } from './registry.ts';

/** Its file, the registry, and one that serves models of this name. */
const most = 3;

/**
 * Names that say more than who a provider is: protocols and their formats, products of clients, models and their makers,
 * words of the configuration and of English.
 */
const otherMeanings = new Set([
  'claude',
  'codex',
  'gemini',
  'vertex',
  // Whose prices stand for those of Qwen, and the example of the reference and of the first configuration.
  'openrouter',
  // Qwen Code, a client, too.
  'qwen',
  'together',
]);

const source = join(import.meta.dir, '..');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  // What other programs call providers in their files is those programs' word.
  .filter((name) => !name.startsWith('import/'))
  .map((name) => ({ name, text: codeOf(readFileSync(join(source, name), 'utf8')).toLowerCase() }));

/** Without comments: they name providers as the source of what is said. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(?<!:)\/\/.*$/gm, '');
}

const names = [
  ...accountKinds,
  ...keyLists.map(([name]) => name.replace('-api-key', '')),
  ...Object.keys(services),
];

test.each([...new Set(names)].filter((name) => !otherMeanings.has(name)))(
  'the name %s stands in three files of the source at most',
  (name) => {
    const word = new RegExp(`(?<![a-z_])${RegExp.escape(name)}(?![a-z])`);
    const found = files.filter(({ text }) => word.test(text)).map((file) => file.name);
    expect({ name, files: found.length <= most ? 'few enough' : found }).toEqual({
      name,
      files: 'few enough',
    });
  },
);
