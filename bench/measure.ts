/** One run of the load generator against one contender, and what the proxy spent on it. */
import { join } from 'node:path';
import { type Case, heldStreams } from './cases.ts';
import { type Contender, planOf } from './contenders.ts';
import { completionMark, streams } from './conversation.ts';
import type { LoadPlan, LoadResult } from './load.ts';
import { cpuTime, loadCore, memory, pinned } from './process.ts';

export interface Run extends LoadResult {
  /** CPU time of the proxy in microseconds a request; undefined without a proxy. */
  cpu: number | undefined;
  /** Resident memory after the run, in kilobytes. */
  rss: number | undefined;
}

function spawnLoad(plan: LoadPlan) {
  const script = join(import.meta.dir, 'load.ts');
  return Bun.spawn(pinned(loadCore, [process.execPath, script, JSON.stringify(plan)]), {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
}

/** Throws when an answer was wrong: figures of failures say nothing. */
export async function measure(test: Case, contender: Contender, more: Partial<LoadPlan> = {}): Promise<Run> {
  const protocol = contender.name === 'gateway' ? test.client : test.upstream;
  const plan = await planOf(test, contender, completionMark(protocol, streams(test.mode)), more);
  const { pid } = contender;
  const before = pid === undefined ? 0 : cpuTime(pid);
  const load = spawnLoad(plan);
  const output = await new Response(load.stdout).text();
  const after = pid === undefined ? 0 : cpuTime(pid);
  if ((await load.exited) !== 0)
    throw new Error(`${test.name} on ${contender.name}: the load generator failed`);
  const result: LoadResult = JSON.parse(output);
  if (result.wrong > 0) throw new Error(`${test.name} on ${contender.name}: ${result.wrong} wrong answers`);
  return {
    ...result,
    cpu: pid === undefined ? undefined : (after - before) / plan.requests,
    rss: pid === undefined ? undefined : memory(pid).now,
  };
}

/** Kilobytes of memory that each open stream takes while nothing happens on it. */
export async function memoryPerHeldStream(test: Case, contender: Contender): Promise<number> {
  if (contender.pid === undefined) return 0;
  const before = memory(contender.pid).now;
  const load = spawnLoad(await planOf(test, contender, '', { connections: heldStreams, hold: true }));
  const output = load.stdout.getReader();
  const { value } = await output.read();
  if (value === undefined) throw new Error(`${contender.name} did not open ${heldStreams} streams`);
  const after = memory(contender.pid).now;
  load.stdin.end();
  await load.exited;
  return (after - before) / heldStreams;
}
