/** The real Prometheus and its promtool: what a page, a rule and a query are judged by. */
import { installedProgram } from '../installed-program.ts';

export function prometheusTool(name: 'promtool' | 'prometheus'): string {
  return installedProgram(name, { from: 'prometheus' });
}

/** What promtool says of this; `complaints` is empty where it finds nothing wrong. */
export function promtool(command: readonly string[], input = ''): { ok: boolean; complaints: string } {
  const ran = Bun.spawnSync([prometheusTool('promtool'), ...command], { stdin: Buffer.from(input) });
  return { ok: ran.exitCode === 0, complaints: `${ran.stdout}${ran.stderr}`.trim() };
}
