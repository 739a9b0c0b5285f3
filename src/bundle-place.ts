/** Where the program lies in few minified files, which start in less time than the sources that they were made of. */
import { readdirSync, readFileSync } from 'node:fs';

/** Besides the sources: what else decides on the content of the bundle. npm writes the lock file with every install. */
const alsoInside = [
  'package.json',
  'tsconfig.json',
  'scripts/bundle.ts',
  'scripts/console-files.ts',
  'scripts/console-inside.ts',
  'node_modules/.package-lock.json',
];

/** The folder of all bundles of a checkout; npm empties it with every `npm ci`. */
export function bundlesFolder(project: string): string {
  return `${project}/node_modules/.cache/cli-proxy-api`;
}

/**
 * The name of the folder for the bundle of exactly these sources and this runtime: what has changed by a single byte has
 * another one, so that no bundle is ever older than the sources. Throws where a file cannot be read.
 */
export function bundleName(project: string): string {
  const sources = ['src', 'sandbox', 'console'].flatMap((folder) =>
    readdirSync(`${project}/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.endsWith('.test.ts') && /\.(?:tsx?|jsonl|css|html|json)$/.test(name))
      .sort()
      .map((name) => `${folder}/${name}`),
  );
  const digest = new Bun.CryptoHasher('sha256');
  digest.update(Bun.revision);
  for (const file of [...alsoInside, ...sources]) {
    const content = readFileSync(`${project}/${file}`);
    digest.update(`\n${file} ${content.length}\n`);
    digest.update(content);
  }
  return digest.digest('hex').slice(0, 32);
}
