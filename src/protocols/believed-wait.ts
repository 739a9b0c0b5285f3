/** How long a provider may let others wait. */

/** Seconds of the longest quota that providers count in, a month: nothing opens later. */
export const longestWait = 31 * 24 * 3600;

/** The seconds that a provider states, as far as they are believed: at most a month, and none where they are no time to come. */
export function believedWait(seconds: number | undefined): number | undefined {
  return seconds === undefined || !(seconds >= 0) ? undefined : Math.min(seconds, longestWait);
}

/**
 * The same of `Retry-After` (RFC 9110 §10.2.3), which is a number of seconds or an HTTP date. `now` in ms since the epoch.
 * Undefined when absent or unreadable.
 */
export function believedRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return believedWait(Number(value));
  return believedWait(Math.max(0, Math.ceil((Date.parse(value) - now) / 1000)));
}
