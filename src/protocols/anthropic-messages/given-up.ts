/** Answers that were given up before there was anything of them. */
import type { JsonObject } from '../json.ts';

/** Whether a message looks like that. */
export function mayBeGivenUp({ content }: JsonObject): boolean {
  return Array.isArray(content) && content.length === 0;
}
