/**
 * A gateway in a process of its own that measures itself: for each line on its input it writes, as JSON, for how many
 * milliseconds others had to wait at most since the line before, and by how many bytes it grew.
 */
import { startTested } from '../gateway-harness.ts';

/** Milliseconds between two looks at the clock. */
const beat = 5;

await using gateway = await startTested(JSON.parse(process.argv[2] ?? '{}'));
let seenAt = performance.now();
let late = 0;
let worked = process.cpuUsage();
const resident = (): number => process.memoryUsage.rss();
let before = resident();
let most = before;
setInterval(() => {
  const now = performance.now();
  // What other processes of the machine have taken is not held by this one.
  const { user, system } = process.cpuUsage(worked);
  late = Math.max(late, Math.min(now - seenAt - beat, (user + system) / 1000));
  seenAt = now;
  worked = process.cpuUsage();
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
  worked = process.cpuUsage();
}
process.exit(0);
