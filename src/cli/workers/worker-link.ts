/** The messages between a worker and its parent. */
import type { InUse } from '../../server/in-use.ts';

/** The message of a worker when it serves, sent once. */
export interface WorkerReady {
  url: string;
  sandbox: boolean;
  inUse: InUse;
}

/** In a worker: reports that it serves. */
export function sayReady(ready: WorkerReady): void {
  process.send?.(ready);
}

/** In a worker: resolves when its parent is gone, however it ended. */
export function parentGone(): Promise<void> {
  return new Promise((resolve) => process.once('disconnect', () => resolve()));
}
