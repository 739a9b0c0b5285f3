/** The retry time in an error answer, within bounds. Pure. */

import type { Json, JsonObject } from './json.ts';
import { asNumber, asObject, asObjects, asString } from './json-members.ts';

/** By the first letter of a unit, whatever else of it is written; milliseconds apart. */
const millisecondsOf: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Seconds until the limit of an error opens: the Codex backend's `resets_at` and `resets_in_seconds`, `retry_after`
 * of others, OpenRouter's headers within the body, the longest of Google's details, else the message's own words. `detail` is the object that holds the
 * fields; `now` in ms since the epoch: without it, points in time cannot be read and the rest counts. Undefined where
 * nothing is stated; not yet held against what is believed ({@link believedWait}).
 */
export function statedWait(detail: JsonObject, message: string, now?: number): number | undefined {
  const seconds =
    secondsUntil(epoch(detail.resets_at), now) ??
    secondsOf(detail.resets_in_seconds) ??
    secondsOf(detail.retry_after);
  return seconds ?? waitInHeaders(detail, now) ?? waitInDetails(detail, now) ?? waitInWords(message);
}

/** `metadata.headers["X-RateLimit-Reset"]`, Unix milliseconds as text. Source: openrouter.ai/docs/api/reference/limits. */
function waitInHeaders(detail: JsonObject, now: number | undefined): number | undefined {
  const headers = asObject(asObject(detail.metadata)?.headers);
  const found = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'x-ratelimit-reset');
  const value = secondsOf(found?.[1]);
  if (value === undefined) return undefined;
  // Smaller numbers are no points in time: 1e9 s after the epoch is the year 2001.
  return value < 1e9 ? value : secondsUntil(epoch(value), now);
}

/** `RetryInfo.retryDelay`, `ErrorInfo.metadata.quotaResetDelay` or `quotaResetTimeStamp` (google.rpc.Status details). */
function waitInDetails(detail: JsonObject, now: number | undefined): number | undefined {
  let longest: number | undefined;
  for (const item of asObjects(detail.details)) {
    const metadata = asObject(item.metadata);
    const waits = [
      span(asString(item.retryDelay)),
      span(asString(metadata?.quotaResetDelay)),
      secondsUntil(epoch(metadata?.quotaResetTimeStamp), now),
    ];
    for (const wait of waits) if (wait !== undefined) longest = Math.max(longest ?? 0, wait);
  }
  return longest;
}

const amount = String.raw`\d+(?:\.\d+)?\s?(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])`;
const inWords = new RegExp(
  String.raw`(?:try again|retry|reset(?:s|ting)?) (?:in|after) (${amount}(?:,?(?: and)?\s?${amount})*)`,
  'i',
);

/** Characters of a message that are looked at: it may be as long as an answer. */
const mostLooked = 64 * 1024;

/**
 * "Please try again in 1m2.5s" of OpenAI and Groq, "Your quota will reset after 3h17m4s" of Google, "please try again after 1
 * seconds" of Moonshot and Azure, "in 3 days 2 hours" of ChatGPT, and their like. A wait of zero is ignored.
 */
function waitInWords(message: string): number | undefined {
  const found = inWords.exec(message.slice(0, mostLooked))?.[1];
  return (found && sumOfAmounts(found)) || undefined;
}

/** A number of seconds, also where it was written as text. */
function secondsOf(value: Json | undefined): number | undefined {
  const text = asString(value);
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : asNumber(value);
}

/** `1h2m3.5s`, `640ms` → seconds; undefined for other texts. */
function span(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/i.test(text)) return undefined;
  return sumOfAmounts(text);
}

/** Seconds of amounts and their units, one behind the other. */
function sumOfAmounts(text: string): number {
  let total = 0;
  for (const [, number, unit = ''] of text.toLowerCase().matchAll(/(\d+(?:\.\d+)?)\s?([a-z]+)/g))
    total += Number(number) * (/^(?:ms|milli)/.test(unit) ? 1 : (millisecondsOf[unit.charAt(0)] ?? 0));
  return total / 1000;
}

/** A point in time, in ms since the epoch: a date, or Unix seconds or milliseconds. */
function epoch(value: Json | undefined): number | undefined {
  const number = asNumber(value);
  // Numbers this large cannot be seconds: 1e12 ms is the year 2001.
  if (number !== undefined) return number >= 1e12 ? number : number * 1000;
  const date = Date.parse(asString(value) ?? '');
  return Number.isNaN(date) ? undefined : date;
}

function secondsUntil(at: number | undefined, now: number | undefined): number | undefined {
  return at === undefined || now === undefined ? undefined : Math.max(0, (at - now) / 1000);
}

/** Seconds of the longest quota that providers count in, a month: nothing opens later. */
export const longestWait = 31 * 24 * 3600;

/** The seconds that a provider states, as far as they are believed: at most a month, and none where they are no time to come. */
export function believedWait(seconds: number | undefined): number | undefined {
  return seconds === undefined || !(seconds >= 0) ? undefined : Math.min(seconds, longestWait);
}

/**
 * The same of `Retry-After` (RFC 9110 §10.2.3), which is a number of seconds or an HTTP date. `now` in ms since the epoch.
 * Undefined when absent or unreadable.
 */
export function believedRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return believedWait(Number(value));
  return believedWait(Math.max(0, Math.ceil((Date.parse(value) - now) / 1000)));
}
