/** The real Prometheus and its promtool: what a page, a rule and a query are judged by. */
import { existsSync } from 'node:fs';

/** Where a program of the Debian package `prometheus` is; installed when it is missing and may be. Throws where it cannot be. */
export function prometheusTool(name: 'promtool' | 'prometheus'): string {
  const found = Bun.which(name);
  if (found !== null) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const install = ['apt-get', 'install', '-y', '--no-install-recommends', 'prometheus'];
    if (Bun.spawnSync(install).exitCode !== 0) {
      Bun.spawnSync(['apt-get', 'update']);
      Bun.spawnSync(install);
    }
  }
  const installed = Bun.which(name);
  if (installed === null)
    throw new Error(`${name} is needed for this test: apt-get install prometheus, or put it on the PATH`);
  return installed;
}

/** What promtool says of this; `complaints` is empty where it finds nothing wrong. */
export function promtool(command: readonly string[], input = ''): { ok: boolean; complaints: string } {
  const ran = Bun.spawnSync([prometheusTool('promtool'), ...command], { stdin: Buffer.from(input) });
  return { ok: ran.exitCode === 0, complaints: `${ran.stdout}${ran.stderr}`.trim() };
}
