/** Long work yields to the event loop now and then, so that others are served meanwhile. */
import { yieldToEventLoop } from '../ground/steps.ts';

/** Bodies of fewer bytes are read, translated and written in a few milliseconds. */
export const workedAtOnce = 256 * 1024;

/** Yields to the event loop where a text is long; undefined for all others. */
export function yieldFor(length: number): Promise<void> | undefined {
  return length > workedAtOnce ? yieldToEventLoop() : undefined;
}
