/** Addresses at which providers report to their own programs what an account has left of its quota. */

import type { Json, JsonObject } from '../protocols/json.ts';
import { asNumber, asObject, asString } from '../protocols/json-members.ts';

/** One window of an account's quota. */
export interface ReportedWindow {
  /** As in the headers of answers, where these have it too. */
  name: string;
  /** The model it holds for; otherwise it is that of the whole account. */
  model?: string | undefined;
  /** The share that is left, 0 to 1. */
  left: number;
  /** When it begins anew, in ms since the epoch. */
  resetsAt: number | undefined;
  /** From its beginning to its reset, in ms. */
  length?: number | undefined;
}

export interface QuotaReport {
  url: (baseUrl: string) => string;
  /** It is asked by POST with this body; by GET without. */
  body?: JsonObject;
  /** The windows of an answer; what cannot be read is left out. */
  windows: (answer: Json) => readonly ReportedWindow[];
}

/** The share that is left where so many of a hundred are used; undefined for what is no number. */
export function leftOfPercent(used: Json | undefined): number | undefined {
  const percent = asNumber(used);
  return percent === undefined ? undefined : share(1 - percent / 100);
}

/** A number between 0 and 1. */
export function share(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** A time in ISO 8601 as ms since the epoch. */
export function timeOf(value: Json | undefined): number | undefined {
  const time = Date.parse(asString(value) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** A number, also as a text. */
export function countOf(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : asNumber(value);
  return number === undefined || !Number.isFinite(number) ? undefined : number;
}

/** The windows of those that could be read. */
export function readWindows(
  windows: readonly (Omit<ReportedWindow, 'left'> & { left: number | undefined })[],
): ReportedWindow[] {
  return windows.flatMap(({ left, ...window }) => (left === undefined ? [] : [{ ...window, left }]));
}

/** `{remainingFraction, resetTime}` of Google's; a fraction that is not there is 0, as in all of its JSON. */
export function googleWindow(
  name: string,
  model: string,
  value: Json | undefined,
): ReportedWindow | undefined {
  const { remainingFraction, resetTime } = asObject(value) ?? {};
  const resetsAt = timeOf(resetTime);
  if (remainingFraction === undefined && resetsAt === undefined) return undefined;
  return { name, model: model.toLowerCase(), left: share(asNumber(remainingFraction) ?? 0), resetsAt };
}
