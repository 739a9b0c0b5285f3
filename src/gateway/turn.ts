/** Long work is done in turns, so that others are served between them. */
import { nextTurn } from '../ground/steps.ts';

/** Bodies of fewer bytes are read, translated and written in a few milliseconds. */
export const workedAtOnce = 256 * 1024;

/** A turn of the event loop for others where a text is long; at once for all others. */
export function turnFor(length: number): Promise<void> | undefined {
  return length > workedAtOnce ? nextTurn() : undefined;
}
