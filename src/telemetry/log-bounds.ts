/** How much log files may take. */

/** Default bound of all log files together, in bytes. */
const usualBytes = 256 * 1024 * 1024;

/** The value of `logs-max-total-size-mb` in bytes; 0 is the usual bound. */
export function mostLogBytes(megabytes: number): number {
  return megabytes > 0 ? megabytes * 1024 * 1024 : usualBytes;
}
