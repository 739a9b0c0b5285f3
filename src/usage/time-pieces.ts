/** Which table answers for which part of a span of time: whole days from the days, whole hours from the hours, the rest from requests. */
import type { LocalDays } from './local-day.ts';
import { hourMs } from './roll-up.ts';

/** `[from, to)` in ms since the epoch; may be infinite. */
export interface TimePiece {
  table: 'day' | 'hour' | 'requests';
  from: number;
  to: number;
}

export interface Kept {
  days: LocalDays;
  /** The oldest that there is of requests and hours: what is older is known by the hour or the day only, as a whole. */
  requestsFrom: number;
  hoursFrom: number;
}

/**
 * Pieces that have all of `[since, until)` once, in the order of time. `coarsest` is the largest that a step of a series takes;
 * with `requests` the rows of requests answer alone.
 */
export function timePieces(
  since: number,
  until: number,
  kept: Kept,
  coarsest: TimePiece['table'] = 'day',
): TimePiece[] {
  if (coarsest === 'requests') return piece('requests', since, until);
  const { days } = kept;
  const from = snapped(since, kept, Math.floor, 0);
  const to = snapped(until, kept, Math.ceil, 1);
  if (coarsest === 'hour') return hours(from, to);
  const first = Number.isFinite(from) ? from : undefined;
  const startsDay = first === undefined || days.begins(days.dayOf(first)) === first;
  const dayFrom = first === undefined || startsDay ? from : days.begins(days.dayOf(first) + 1);
  const dayTo = Number.isFinite(to) ? days.begins(days.dayOf(to)) : to;
  if (dayFrom >= dayTo) return hours(from, to);
  return [...hours(from, dayFrom), ...piece('day', dayFrom, dayTo), ...hours(dayTo, to)];
}

/** An end of the span, moved out to where something is known of it. */
function snapped(
  at: number,
  { days, requestsFrom, hoursFrom }: Kept,
  round: typeof Math.floor,
  up: 0 | 1,
): number {
  if (!Number.isFinite(at) || at >= requestsFrom) return at;
  if (at >= hoursFrom) return round(at / hourMs) * hourMs;
  const day = days.dayOf(at);
  return days.begins(day) === at ? at : days.begins(day + up);
}

function hours(from: number, to: number): TimePiece[] {
  const [first, last] = [Math.ceil(from / hourMs) * hourMs, Math.floor(to / hourMs) * hourMs];
  if (!(first < last)) return piece('requests', from, to);
  return [...piece('requests', from, first), ...piece('hour', first, last), ...piece('requests', last, to)];
}

function piece(table: TimePiece['table'], from: number, to: number): TimePiece[] {
  return from < to ? [{ table, from, to }] : [];
}
