/** What has been reported of a quota window over time, kept small: the newest in full, the older the sparser. Pure. */

/** What was left at one time. */
export interface QuotaPoint {
  /** Milliseconds since the epoch. */
  at: number;
  /** The share that was left, 0 to 1. */
  left: number;
}

/** What the history of a window is made from. */
interface ReportedWindow {
  left: number;
  resetsAt: number | undefined;
  reportedAt: number;
  past?: readonly QuotaPoint[] | undefined;
}

/** Points that a window keeps at most; every second one goes when there are more. */
export const keptPoints = 64;
/** Milliseconds between two points at least: answers come by the dozen, and shares are reported in whole percents. */
const spacing = 15_000;
/** Answers that overtake each other report a little more than was left before; a window that begins anew reports much more. */
const overtaking = 0.02;

/** The window as it is reported now, with what it was before. A window that has begun anew starts without a past. */
export function continued<Window extends ReportedWindow>(
  before: Window | undefined,
  reported: Window,
): Window {
  if (before === undefined || beganAnew(before, reported)) return reported;
  const { past = [] } = before;
  const last = past.at(-1);
  if (last !== undefined && before.reportedAt - last.at < spacing) return { ...reported, past };
  const points = [...past, { at: before.reportedAt, left: before.left }];
  return { ...reported, past: points.length > keptPoints ? points.filter((_, at) => at % 2 === 0) : points };
}

function beganAnew(before: ReportedWindow, reported: ReportedWindow): boolean {
  if (before.resetsAt !== undefined && reported.reportedAt >= before.resetsAt) return true;
  return reported.left > before.left + overtaking;
}

/** All that is known of a window since it began, oldest first, the newest included. */
export function pointsOf({ past = [], left, reportedAt }: ReportedWindow): QuotaPoint[] {
  return [...past, { at: reportedAt, left }];
}
