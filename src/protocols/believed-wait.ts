/** How long a provider may tell others to wait. */

/** Seconds of the longest quota that providers count in, a month: nothing opens later. */
export const longestWait = 31 * 24 * 3600;

/** The seconds that a provider tells, as far as they are believed: at most a month, and none where they are no time to come. */
export function believedWait(seconds: number | undefined): number | undefined {
  return seconds === undefined || !(seconds >= 0) ? undefined : Math.min(seconds, longestWait);
}
