/** Real shells: what a completion script is judged by. */
import { existsSync } from 'node:fs';

/** Where a program of the Debian package of the same name is; installed when it is missing and may be. Throws where it cannot be. */
export function installedProgram(name: string): string {
  const found = Bun.which(name);
  if (found !== null) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const install = ['apt-get', 'install', '-y', '--no-install-recommends', name];
    if (Bun.spawnSync(install).exitCode !== 0) {
      Bun.spawnSync(['apt-get', 'update']);
      Bun.spawnSync(install);
    }
  }
  const installed = Bun.which(name);
  if (installed === null) throw new Error(`${name} is needed for this test: apt-get install ${name}`);
  return installed;
}
