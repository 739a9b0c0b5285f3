/** What a quota window has been told to be over time, kept small: the newest in full, the older the sparser. Pure. */

/** What was left at one time. */
export interface QuotaPoint {
  /** Milliseconds since the epoch. */
  at: number;
  /** The share that was left, 0 to 1. */
  left: number;
}

/** What the history of a window is made from. */
interface Told {
  left: number;
  resetsAt: number | undefined;
  toldAt: number;
  past?: readonly QuotaPoint[] | undefined;
}

/** Points that a window keeps at most; every second one goes when there are more. */
export const keptPoints = 64;
/** Milliseconds between two points at least: answers come by the dozen, and shares are told in whole percents. */
const spacing = 15_000;
/** Answers that overtake each other tell a little more than was left before; a window that begins anew tells much more. */
const overtaking = 0.02;

/** The window as it is told now, with what it was before. A window that has begun anew starts without a past. */
export function continued<Window extends Told>(before: Window | undefined, told: Window): Window {
  if (before === undefined || beganAnew(before, told)) return told;
  const { past = [] } = before;
  const last = past.at(-1);
  if (last !== undefined && before.toldAt - last.at < spacing) return { ...told, past };
  const points = [...past, { at: before.toldAt, left: before.left }];
  return { ...told, past: points.length > keptPoints ? points.filter((_, at) => at % 2 === 0) : points };
}

function beganAnew(before: Told, told: Told): boolean {
  if (before.resetsAt !== undefined && told.toldAt >= before.resetsAt) return true;
  return told.left > before.left + overtaking;
}

/** All that is known of a window since it began, oldest first, the newest included. */
export function pointsOf({ past = [], left, toldAt }: Told): QuotaPoint[] {
  return [...past, { at: toldAt, left }];
}
