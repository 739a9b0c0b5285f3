/** Times as people write them: a date, a moment, `today`, or how long ago. */
import { parseDuration } from '../config/quantities.ts';
import type { LocalDays } from './local-day.ts';

const dayMs = 86_400_000;
/** Smaller numbers are seconds since the epoch, larger ones milliseconds. */
const leastMilliseconds = 100_000_000_000;

/** The end of the year 9999: calendars know no time long after it. */
const latest = Date.UTC(10_000, 0) - 1;

/**
 * Ms since the epoch, whose beginning stands for all that was before; undefined for what says no time. Dates, and moments
 * without a zone, are those of the owner's zone.
 */
export function readTime(text: string, now: number, days: LocalDays): number | undefined {
  const time = timeOf(text, now, days);
  return time === undefined || time > latest ? undefined : Math.max(0, time);
}

function timeOf(text: string, now: number, days: LocalDays): number | undefined {
  const written = text.trim().toLowerCase();
  if (written === 'now') return now;
  if (written === 'today') return days.begins(days.dayOf(now));
  if (written === 'yesterday') return days.begins(days.dayOf(now) - 1);
  if (/^\d{9,}$/.test(written)) {
    const number = Number(written);
    return number < leastMilliseconds ? number * 1000 : number;
  }
  const [, date, rest] =
    /^(\d{4}-\d{2}-\d{2})(?:[t ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?$/.exec(written) ?? [];
  if (date !== undefined) {
    const midnight = Date.parse(`${date}T00:00:00Z`);
    if (Number.isNaN(midnight)) return undefined;
    const begins = days.begins(midnight / dayMs);
    if (rest === undefined) return begins;
    const moment = Date.parse(`${date}T${rest}Z`);
    return Number.isNaN(moment) ? undefined : begins + (moment - midnight);
  }
  if (/^\d{4}-/.test(written)) {
    const moment = Date.parse(text.trim());
    return Number.isNaN(moment) ? undefined : moment;
  }
  const ago = /[a-z]$/.test(written) ? parseDuration(written) : undefined;
  return ago === undefined ? undefined : now - ago;
}
