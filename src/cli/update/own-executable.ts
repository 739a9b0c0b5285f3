/** The file that an update replaces, where it may. */
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
  const musl =
    process.platform === 'linux' && Bun.spawnSync(['ldd', '--version']).stderr.toString().includes('musl');
  return [process.platform, process.arch, ...(musl ? ['musl'] : [])].join('-');
}
