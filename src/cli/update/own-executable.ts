/** The file that an update replaces, where it may. */
import { closeSync, openSync, readSync } from 'node:fs';
import { Failure } from '../failure.ts';

/** Installations that something else keeps up, and its command. */
const kept: readonly { pattern: RegExp; by: string; command: string }[] = [
  { pattern: /[\\/]node_modules[\\/]/, by: 'npm', command: 'npm install -g cli-proxy-api@latest' },
  { pattern: /[\\/](Cellar|homebrew|linuxbrew)[\\/]/, by: 'Homebrew', command: 'brew upgrade cli-proxy-api' },
  { pattern: /[\\/]scoop[\\/]/, by: 'Scoop', command: 'scoop update cli-proxy-api' },
  { pattern: /^\/cli-proxy-api$/, by: 'its image', command: 'docker compose pull && docker compose up -d' },
];

/** Its path. Throws a {@link Failure} with the command to use where something else keeps it up. */
export function ownExecutable(): string {
  const program = process.execPath;
  const keeper = kept.find(({ pattern }) => pattern.test(program));
  const inside = import.meta.path.startsWith('/$bunfs/') || import.meta.path.includes('~BUN');
  if (!inside)
    throw new Failure('failure', 'this runs from a checkout', 'Update it with: git pull && npm start');
  if (keeper !== undefined)
    throw new Failure(
      'failure',
      `${program} is kept up by ${keeper.by}`,
      `Update it with: ${keeper.command}`,
    );
  return program;
}

/** As releases name the platform. */
export function platformName(): string {
  const musl = process.platform === 'linux' && loaderIsMusl(process.execPath);
  return [process.platform, process.arch, ...(musl ? ['musl'] : [])].join('-');
}

/** Where an ELF file names its loader: within its first page. No other program is asked, an image may have none. */
const firstPage = 4096;

function loaderIsMusl(program: string): boolean {
  const start = Buffer.alloc(firstPage);
  const file = openSync(program, 'r');
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start.includes('/ld-musl-');
}
