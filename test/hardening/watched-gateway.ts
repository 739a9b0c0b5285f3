/**
 * A gateway in a process of its own that measures itself: for each line on its input it writes, as JSON, for how many
 * milliseconds others had to wait at most since the line before, and by how many bytes it grew.
 */
import { readFileSync } from 'node:fs';
import { startTested } from '../gateway-harness.ts';

/** Milliseconds between two looks at the clock. */
const beat = 5;

await using gateway = await startTested(JSON.parse(process.argv[2] ?? '{}'));
let seenAt = performance.now();
let late = 0;
let worked = workOf();
const resident = (): number => process.memoryUsage.rss();
let before = resident();
let most = before;
setInterval(() => {
  const now = performance.now();
  // What other processes of the machine have taken is not held by this one.
  const work = workOf();
  late = Math.max(late, Math.min(now - seenAt - beat, work - worked));
  seenAt = now;
  worked = work;
  most = Math.max(most, resident());
}, beat);
process.stdout.write(`${JSON.stringify({ url: gateway.url })}\n`);
for await (const _ of console) {
  process.stdout.write(`${JSON.stringify({ late, grew: most - before })}\n`);
  Bun.gc(true);
  late = 0;
  before = resident();
  most = before;
  seenAt = performance.now();
  worked = workOf();
}
process.exit(0);

/** Milliseconds that the thread of the event loop has worked; where the system does not say that, those of the process. */
function workOf(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}
