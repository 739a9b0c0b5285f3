/** Times in tables for people: those of a time zone, which may be left out for that of this computer. */

/** `2026-11-29 17:46:43`. `time`: ms since the epoch, or ISO 8601. */
export function timeText(time: number | string, timeZone?: string): string {
  // Swedes write dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(
    new Date(time),
  );
}
