/** The process itself: what it takes, where it listens, how much room there is. Looked at when somebody asks. */

import type { Config } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { systemClock } from '../ground/clock.ts';
import { yieldToEventLoop } from '../ground/steps.ts';
import type { DiskRoom } from './disk-room.ts';
import type { SystemFacts } from './wire.ts';

export interface SystemSource {
  gateway: Pick<Gateway, 'running' | 'waiting'>;
  version: string;
  gatewayStatus: () => { url: string };
  authDir: () => string;
  metrics: () => Pick<Config['metrics'], 'enable' | 'listen'>;
  refusalCounts: () => Readonly<Record<string, number>>;
}

/** Requests that are counted while they run. */
const mostRunning = 100_000;
/** Iterations of the event loop that are measured. */
const iterations = 10;

/** `consoles`: browsers that have the event stream open. */
export async function systemFacts(
  { gateway, version, gatewayStatus, authDir, metrics, refusalCounts }: SystemSource,
  disk: DiskRoom | undefined,
  consoles: number,
): Promise<SystemFacts> {
  const { enable, listen } = metrics();
  const { url } = gatewayStatus();
  return {
    version,
    runtime: `Bun ${Bun.version}`,
    platform: `${process.platform} ${process.arch}`,
    url,
    metrics: enable ? (listen ?? `${url}/metrics`) : null,
    authDir: authDir(),
    uptime: process.uptime(),
    memory: process.memoryUsage.rss(),
    lag: await eventLoopLag(),
    disk: disk ?? null,
    consoles,
    running: gateway.running(mostRunning).length,
    waiting: gateway.waiting(),
    refusals: refusalCounts(),
  };
}

/** Ms: what waits for the event loop waits so long at most. */
async function eventLoopLag(): Promise<number> {
  let longest = 0;
  for (let done = 0; done < iterations; done += 1) {
    const from = systemClock.monotonic();
    await yieldToEventLoop();
    longest = Math.max(longest, systemClock.monotonic() - from);
  }
  return Math.round(longest * 10) / 10;
}
