/** The file that an update replaces, where it may. */
import { closeSync, openSync, readSync } from 'node:fs';
import { Failure } from '../failure.ts';

/** What installs programs and keeps them up: its commands. */
export interface Installer {
  pattern: RegExp;
  by: string;
  command: string;
  removal: string;
}

const kept: readonly Installer[] = [
  {
    pattern: /[\\/]node_modules[\\/]/,
    by: 'npm',
    command: 'npm install -g cli-proxy-api@latest',
    removal: 'npm uninstall -g cli-proxy-api',
  },
  {
    pattern: /[\\/](Cellar|homebrew|linuxbrew)[\\/]/,
    by: 'Homebrew',
    command: 'brew upgrade cli-proxy-api',
    removal: 'brew uninstall cli-proxy-api',
  },
  {
    pattern: /[\\/]scoop[\\/]/,
    by: 'Scoop',
    command: 'scoop update cli-proxy-api',
    removal: 'scoop uninstall cli-proxy-api',
  },
  {
    // Directories of the system's package manager, where other programs should not write.
    pattern: /^\/usr\/bin\//,
    by: "this system's packages",
    command: 'apt install ./cli-proxy-api_….deb, or dnf install or apk add with the new package',
    removal: 'apt remove cli-proxy-api, dnf remove cli-proxy-api or apk del cli-proxy-api',
  },
  {
    pattern: /^\/cli-proxy-api$/,
    by: 'its image',
    command: 'docker compose pull && docker compose up -d',
    removal: 'docker compose down --volumes --rmi local',
  },
];

/** Who keeps up the program of a path; undefined for a plain executable and a checkout. */
export function installerOf(program: string): Installer | undefined {
  return kept.find(({ pattern }) => pattern.test(program));
}

/** Whether this is an executable that has the program inside. */
export const isInside = import.meta.path.startsWith('/$bunfs/') || import.meta.path.includes('~BUN');

/** Its path. Throws a {@link Failure} with the command to use where something else keeps it up. */
export function ownExecutable(): string {
  const program = process.execPath;
  const installer = installerOf(program);
  if (!isInside)
    throw new Failure('failure', 'this runs from a checkout', 'Update it with: git pull && npm start');
  if (installer !== undefined)
    throw new Failure(
      'failure',
      `${program} is kept up by ${installer.by}`,
      `Update it with: ${installer.command}`,
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
