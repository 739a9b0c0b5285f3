/** How much log files may take. */

/** Bytes of all log files where the configuration says nothing. */
const usualBytes = 256 * 1024 * 1024;

/** The value of `logs-max-total-size-mb` in bytes; 0 is the usual bound. */
export function mostLogBytes(megabytes: number): number {
  return megabytes > 0 ? megabytes * 1024 * 1024 : usualBytes;
}
