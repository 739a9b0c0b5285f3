/** Long work is done in turns, so that others are served between them. */

/** Bodies of fewer bytes are read, translated and written in a few milliseconds. */
export const workedAtOnce = 256 * 1024;

/** Resolves when the event loop has served whoever waited. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** As {@link nextTurn} where a text is long; at once for all others. */
export function turnFor(length: number): Promise<void> | undefined {
  return length > workedAtOnce ? nextTurn() : undefined;
}
