/** A real program at work that cannot leave this computer, in a home of its own. */

/** Milliseconds: longer than any of them takes on a slow machine; then something hangs. */
export const runLimit = 120_000;

export interface SealedRun {
  out: string;
  code: number;
  /** It had not ended in time. */
  stopped: boolean;
  /** What it printed last, for a message. */
  printed: string;
}

export async function sealedRun(
  command: string[],
  cwd: string,
  env: Record<string, string | undefined>,
): Promise<SealedRun> {
  // Port 9 is closed: whatever wants to leave this computer fails at once.
  const nowhere = 'http://127.0.0.1:9';
  const local = '127.0.0.1,localhost';
  const child = Bun.spawn(command, {
    cwd,
    env: {
      NO_COLOR: '1',
      CI: '1',
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
      NO_PROXY: local,
      http_proxy: nowhere,
      https_proxy: nowhere,
      no_proxy: local,
      ...env,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: runLimit,
    killSignal: 'SIGKILL',
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const printed = `\n  stdout: ${out.slice(-1500)}\n  stderr: ${err.slice(-1500)}`;
  return { out, code, stopped: child.signalCode === 'SIGKILL', printed };
}
