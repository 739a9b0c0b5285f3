/** Long reads in short slices: each is one query over a part of the time, and others go on in between. */
import { systemClock } from '../ground/clock.ts';
import { yieldToEventLoop } from '../ground/steps.ts';

/** Milliseconds that a slice should take; with twice as much the next is over half of the time. */
const wanted = 5;

export interface Portion {
  /** The first portion's length, in the unit of the places. */
  first: number;
  smallest: number;
}

/** Calls `read` for parts of `[from, to)`, as long as it gives true; backwards they come from the end. */
export async function readSlices(
  from: number,
  to: number,
  portion: Portion,
  read: (from: number, to: number) => boolean,
  backwards = false,
): Promise<void> {
  let length = portion.first;
  for (let [low, high] = [from, to]; low < high; ) {
    const began = systemClock.monotonic();
    const part: [number, number] = backwards
      ? [Math.max(low, high - length), high]
      : [low, Math.min(high, low + length)];
    if (!read(...part)) return;
    if (backwards) high = part[0];
    else low = part[1];
    if (low >= high) return;
    const took = systemClock.monotonic() - began;
    if (took < wanted) length *= took < wanted / 8 ? 8 : 2;
    else if (took > 2 * wanted) length = Math.max(portion.smallest, Math.floor(length / 4));
    await yieldToEventLoop();
  }
}
