/** Points in time as account files write them: RFC 3339, a date and time without zone (UTC), unix seconds, milliseconds. */
import type { Json } from '../protocols/json.ts';

/** Numbers above are milliseconds: as seconds they would lie 30,000 years ahead. */
const FIRST_MILLISECONDS = 1e12;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(\.\d+)?\s?([Zz]|[+-]\d\d:?\d\d)?$/;
const NUMBER = /^\d+(\.\d+)?$/;

export type FileTime =
  /** Milliseconds since the epoch; undefined without a value: absent, null, empty, zero. */
  { ok: true; time: number | undefined } | { ok: false };

export function readTime(value: Json | undefined): FileTime {
  if (value === undefined || value === null) return { ok: true, time: undefined };
  if (typeof value === 'number') return { ok: true, time: fromNumber(value) };
  if (typeof value !== 'string') return { ok: false };
  const text = value.trim();
  if (!text) return { ok: true, time: undefined };
  if (NUMBER.test(text)) return { ok: true, time: fromNumber(Number(text)) };
  const parts = DATE_TIME.exec(text);
  if (!parts) return { ok: false };
  const [, date, minutes, seconds = ':00', fraction = '', zone = 'Z'] = parts;
  const time = Date.parse(`${date}T${minutes}${seconds}${fraction.slice(0, 4)}${zone.toUpperCase()}`);
  if (Number.isNaN(time)) return { ok: false };
  return { ok: true, time: time > 0 ? time : undefined }; // The peer writes the year 1 for "unknown".
}

function fromNumber(value: number): number | undefined {
  if (value <= 0) return undefined;
  return value > FIRST_MILLISECONDS ? Math.round(value) : Math.round(value * 1000);
}

/** RFC 3339 in UTC to the second, as new files are written. */
export function formatTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** The time in the format of the value that it replaces. */
export function formatTimeLike(previous: Json | undefined, time: number): string | number {
  const seconds = Math.floor(time / 1000);
  if (typeof previous === 'number') return previous > FIRST_MILLISECONDS ? time : seconds;
  const text = typeof previous === 'string' ? previous.trim() : '';
  if (NUMBER.test(text)) return String(Number(text) > FIRST_MILLISECONDS ? time : seconds);
  const [, , , wroteSeconds, , zone] = DATE_TIME.exec(text) ?? [];
  if (!text.includes(' ') || zone) return formatTime(time);
  return formatTime(time)
    .replace('T', ' ')
    .slice(0, wroteSeconds ? 19 : 16);
}
