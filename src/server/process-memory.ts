import type { Clock } from '../ground/clock.ts';
import { type MemoryUpkeep, memoryUpkeep } from './memory-upkeep.ts';

/** The upkeep of this process's memory; `running`: requests that run. */
export function processMemory(running: () => number, { every }: Pick<Clock, 'every'>): MemoryUpkeep {
  return memoryUpkeep({
    collect: () => Bun.gc(true),
    shrink() {
      Bun.shrink();
      void import('./program-pages.ts').then(({ releaseProgramPages }) => releaseProgramPages());
    },
    resident: process.memoryUsage.rss,
    running,
    every,
  });
}
