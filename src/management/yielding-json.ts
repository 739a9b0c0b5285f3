/** Values as JSON, written yielding to everything else that runs: a thousand keys or an hourly series are large. */

import { isGroup } from '../config/group.ts';
import { systemClock } from '../ground/clock.ts';
import { yieldToEventLoop } from '../ground/steps.ts';

/** Milliseconds without yielding to others. */
const longestSlice = 4;
/** Entries of a list that are written without a look at the clock. */
const portion = 50;
/** Levels at which there may be much; what is deeper is written as a whole. */
const levels = 5;

/** The same text as of `JSON.stringify`. `shown`: the replacement of a part; it is called for parts that are not small, one by one. */
export async function jsonYielding(
  value: unknown,
  shown: (part: unknown) => unknown = (part) => part,
): Promise<string> {
  let since = systemClock.monotonic();
  async function pause(): Promise<void> {
    if (systemClock.monotonic() - since < longestSlice) return;
    await yieldToEventLoop();
    since = systemClock.monotonic();
  }
  async function written(part: unknown, level: number): Promise<string> {
    if (level < levels && Array.isArray(part) && part.length > portion) {
      const pieces: string[] = [];
      for (let from = 0; from < part.length; from += portion) {
        pieces.push(JSON.stringify(part.slice(from, from + portion).map(shown)).slice(1, -1));
        await pause();
      }
      return `[${pieces.join(',')}]`;
    }
    if (level < levels && isGroup(part)) {
      const members: string[] = [];
      for (const [name, member] of Object.entries(part)) {
        const text = await written(member, level + 1);
        if (text !== '') members.push(`${JSON.stringify(name)}:${text}`);
        await pause();
      }
      return `{${members.join(',')}}`;
    }
    // Nothing is written for what is not set.
    return JSON.stringify(shown(part)) ?? '';
  }
  return written(value, 0);
}
