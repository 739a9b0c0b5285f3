/** Times as people write them: a date, a moment, `today`, or how long ago. */
import { parseDuration } from '../config/quantities.ts';
import type { LocalDays } from './local-day.ts';

const dayMs = 86_400_000;
/** Smaller numbers are seconds since the epoch, larger ones milliseconds. */
const leastMilliseconds = 100_000_000_000;

/** The end of the year 9999: calendars know no time long after it. */
const latest = Date.UTC(10_000, 0) - 1;

/**
 * Ms since the epoch, whose beginning includes everything before; undefined for a text without a time. Dates, and moments
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
  // Fewer digits may be a year or a date.
  if (/^(?:0|\d{9,})$/.test(written)) {
    const number = Number(written);
    return number < leastMilliseconds ? number * 1000 : number;
  }
  const [, date, hours, minutes = '00', seconds = '0', zone] = moment.exec(written) ?? [];
  if (date !== undefined) {
    const day = dayNumber(date);
    if (day === undefined) return undefined;
    if (hours === undefined) return days.begins(day);
    const clock =
      (Number(hours) * 60 + Number(minutes)) * 60_000 + Math.round(Number(seconds.replace(',', '.')) * 1000);
    if (clock > dayMs || Number(minutes) > 59 || Number(seconds.replace(',', '.')) >= 61) return undefined;
    if (zone === undefined) return days.momentOf(day, clock);
    const offset = offsetOf(zone);
    return offset === undefined ? undefined : day * dayMs + clock - offset;
  }
  const ago = /[a-z]$/.test(written) ? parseDuration(written) : undefined;
  return ago === undefined ? undefined : now - ago;
}

/** ISO 8601: a month, a day, or a moment. A space where `+` stood is what an address makes of one that is not escaped. */
const moment =
  /^(\d{4}-\d{2}(?:-\d{2})?)(?:[t ](\d{2})(?::?(\d{2})(?::?(\d{2}(?:[.,]\d+)?))?)? ?(z|[+ -]\d{2}(?::?\d{2})?)?)?$/;

/** The day's number; undefined for one that the calendar does not have. */
function dayNumber(written: string): number | undefined {
  const date = written.length === 7 ? `${written}-01` : written;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date)
    ? midnight / dayMs
    : undefined;
}

/** Ms that a zone is ahead of UTC. */
function offsetOf(zone: string): number | undefined {
  if (zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
