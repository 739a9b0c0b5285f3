/** ISO 8601. Providers may promise any time; dates end in the year 275760. */
export function isoTime(time: number): string {
  return new Date(Math.max(-8.64e15, Math.min(time, 8.64e15))).toISOString();
}
