/** How much there was in the last minute. Pure: a window is a value, time comes in as an argument. */

/** What was counted within one second. */
export interface Slot {
  /** When the last of it was counted, in ms since the epoch. */
  readonly latest: number;
  readonly amount: number;
}

/** The slots of the last minute, the oldest first. */
export type SlidingWindow = readonly Slot[];

/** Milliseconds that an amount counts. */
export const windowSpan = 60_000;

/** Amounts of the same second are kept as one: a window has at most 61 slots, however much there is. */
const slotSpan = 1000;

/** What still counts. Slots of a future that a clock put right has taken back are dropped like those of the past. */
function living(window: SlidingWindow, now: number): SlidingWindow {
  const live = (slot: Slot) => Math.abs(now - slot.latest) < windowSpan;
  return window.every(live) ? window : window.filter(live);
}

/** The amount of the minute up to now. */
export function amountIn(window: SlidingWindow, now: number): number {
  let amount = 0;
  for (const slot of living(window, now)) amount += slot.amount;
  return amount;
}

/** The window with an amount more. It counts until a minute after the last amount of the same second, never shorter. */
export function withAmount(window: SlidingWindow, amount: number, now: number): SlidingWindow {
  const slots = living(window, now);
  if (amount === 0) return slots;
  const last = slots.at(-1);
  // Time does not run backwards within a window.
  const at = last === undefined ? now : Math.max(now, last.latest);
  const joins = last !== undefined && Math.floor(last.latest / slotSpan) === Math.floor(at / slotSpan);
  return joins
    ? [...slots.slice(0, -1), { latest: at, amount: last.amount + amount }]
    : [...slots, { latest: at, amount }];
}

/** When no more than `most` will be in the window if nothing is added, in ms since the epoch; undefined if never. */
export function downTo(window: SlidingWindow, most: number, now: number): number | undefined {
  if (most < 0) return undefined;
  let left = amountIn(window, now);
  if (left <= most) return now;
  for (const slot of living(window, now)) {
    left -= slot.amount;
    if (left <= most) return slot.latest + windowSpan;
  }
  return undefined;
}
