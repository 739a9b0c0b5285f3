/** Programs of Debian packages that tests hold the gateway against. */
import { existsSync } from 'node:fs';

interface Wanted {
  /** The Debian package, where it is called otherwise than the program. */
  from?: string;
  /** Where the package puts it when that is not on the PATH. */
  places?: () => readonly string[];
}

/** Where a program is; installed when it is missing and may be. Throws where it cannot be. */
export function installedProgram(name: string, { from = name, places = () => [] }: Wanted = {}): string {
  const find = () => Bun.which(name) ?? places().find(existsSync) ?? null;
  const found = find();
  if (found !== null) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    // Another test may be installing: it is waited for. Run level 1: no package starts a service of its own.
    const lock = ['-o', 'DPkg::Lock::Timeout=120'];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const install = () =>
      Bun.spawnSync(['apt-get', ...lock, 'install', '-y', '--no-install-recommends', from], { env });
    if (install().exitCode !== 0) {
      Bun.spawnSync(['apt-get', ...lock, 'update'], { env });
      install();
    }
  }
  const installed = find();
  if (installed === null)
    throw new Error(`${name} is needed for this test: apt-get install ${from}, or put it on the PATH`);
  return installed;
}
