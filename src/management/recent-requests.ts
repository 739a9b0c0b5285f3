/** Counts of attempts as the peer's lists have them. */
import type { RecentCounts } from '../usage/recent-counts.ts';

export interface ShownCounts {
  success: number;
  failed: number;
  /** Ten minutes each, oldest first, in the server's local time: `09:50-10:00`. */
  recent_requests: { time: string; success: number; failed: number }[];
}

const span = 10 * 60_000;

export function shownCounts({ success, failed, recent }: RecentCounts): ShownCounts {
  return {
    success,
    failed,
    recent_requests: recent.map((one) => ({
      time: `${clock(one.from)}-${clock(one.from + span)}`,
      success: one.success,
      failed: one.failed,
    })),
  };
}

function clock(time: number): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}
