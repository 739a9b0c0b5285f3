/** Counts of attempts as the peer's lists have them. */
import { type CountedSpan, countedSpan, type RecentCounter } from '../usage/recent-counts.ts';

/**
 * Writes the counts of credentials together as members of a JSON object: `"success":…,"failed":…,"recent_requests":[…]`, the
 * oldest piece first, each with its time of day at the server: `09:50-10:00`.
 */
export function countsWriter(
  counts: Pick<RecentCounter, 'of'>,
  now: number,
): (credentials: readonly string[]) => string {
  const members = (recent: readonly CountedSpan[], times: readonly string[]): string =>
    recent
      .map(({ success, failed }, at) => `${times[at]},"success":${success},"failed":${failed}}`)
      .join(',');
  const idle = counts.of([], now);
  // The same pieces of time for all.
  const times = idle.recent.map(({ from }) => `{"time":"${clock(from)}-${clock(from + countedSpan)}"`);
  const none = `"success":0,"failed":0,"recent_requests":[${members(idle.recent, times)}]`;
  return (credentials) => {
    const { success, failed, recent } = counts.of(credentials, now);
    if (success + failed === 0) return none;
    return `"success":${success},"failed":${failed},"recent_requests":[${members(recent, times)}]`;
  };
}

function clock(time: number): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}
