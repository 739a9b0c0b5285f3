/** What a worker and its parent say to each other. */
import type { InUse } from '../../server/in-use.ts';

/** What a worker says once, when it serves. */
export interface WorkerReady {
  url: string;
  sandbox: boolean;
  inUse: InUse;
}

/** In a worker: says that it serves. */
export function sayReady(ready: WorkerReady): void {
  process.send?.(ready);
}

/** In a worker: resolves when its parent is gone, however it ended. */
export function parentGone(): Promise<void> {
  return new Promise((resolve) => process.once('disconnect', () => resolve()));
}
