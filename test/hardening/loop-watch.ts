/**
 * Loaded before a program (`--preload`): measures its event loop. At the Unix socket that LOOP_WATCH names it answers each byte with, as JSON, for
 * how many milliseconds others had to wait at most since the byte before, and by how many bytes the process grew.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Milliseconds between two looks at the clock. */
const beat = 5;

export interface LoopReport {
  /** Milliseconds for which the thread of the event loop has worked at once. What other processes of the machine have taken is not in it. */
  worked: number;
  /** The same by the clock, without the time for which that thread stood ready and had no processor: with what it waited for. */
  held: number;
  /** Bytes that the process grew by. */
  grew: number;
}

let seenAt = 0;
let thread = threadTimes();
let worked = 0;
let held = 0;
let before = 0;
let most = 0;

function look(): void {
  const now = performance.now();
  const times = threadTimes();
  const late = now - seenAt - beat;
  worked = Math.max(worked, Math.min(late, times.worked - thread.worked));
  held = Math.max(held, late - (times.waited - thread.waited));
  seenAt = now;
  thread = times;
  most = Math.max(most, process.memoryUsage.rss());
}

function begin(): void {
  worked = 0;
  held = 0;
  forgetPeak();
  before = process.memoryUsage.rss();
  most = before;
  seenAt = performance.now();
  thread = threadTimes();
}

const socket = process.env.LOOP_WATCH;
if (socket !== undefined) {
  begin();
  setInterval(look, beat).unref();
  Bun.listen({
    unix: socket,
    socket: {
      data(client) {
        look();
        const report: LoopReport = { worked, held, grew: Math.max(most, peak()) - before };
        Bun.gc(true);
        begin();
        client.write(`${JSON.stringify(report)}\n`);
      },
    },
  }).unref();
}

/** Milliseconds for which this thread has had a processor, and has waited for one; where the system does not say that, those of the process. */
function threadTimes(): { worked: number; waited: number } {
  try {
    const [worked, waited] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ');
    return { worked: Number(worked) / 1e6, waited: Number(waited) / 1e6 };
  } catch {
    const { user, system } = process.cpuUsage();
    return { worked: (user + system) / 1000, waited: 0 };
  }
}

/** The most bytes that were resident, where the system says it. */
function peak(): number {
  try {
    const [, kilobytes] = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then it is what is seen between two turns.
  }
}
