/** Processes pinned to a core, and what the kernel says that they use. */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Upstream and load generator share one core, the proxy under test has the other to itself. */
export const loadCore = 0;
export const proxyCore = 1;

/** The command bound to a core; as it is where there are not two cores. */
export function pinned(core: number, command: string[]): string[] {
  return availableParallelism() < 2 ? command : ['taskset', '-c', String(core), ...command];
}

/** CPU time of all threads of a process so far, in microseconds; from the scheduler, which counts nanoseconds. */
export function cpuTime(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const schedstat = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
    nanoseconds += Number(schedstat.split(' ', 1)[0]);
  }
  return nanoseconds / 1000;
}

/** Resident memory in kilobytes, now and at its highest. */
export function memory(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Resolves when something accepts connections on the port. Throws after ten seconds, or when `process` ends first. */
export async function listening(port: number, process: Bun.Subprocess): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    if (process.exitCode !== null) break;
    const open = await Bun.connect({
      hostname: '127.0.0.1',
      port,
      socket: { data() {} },
    }).catch(() => undefined);
    if (open !== undefined) {
      open.end();
      return;
    }
    await Bun.sleep(5);
  }
  throw new Error(`nothing listens on port ${port}: the process ended or did not start within 10 s`);
}

/** The middle of the values. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
