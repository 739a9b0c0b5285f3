/** When to come back, as the body of an error answer says it. Pure. */
import { asNumber, asObject, asObjects, asString, type Json, type JsonObject } from './json.ts';

const millisecondsOf: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Seconds until an error says that its limit opens: the Codex backend's `resets_at` and `resets_in_seconds`, `retry_after`
 * of others, the longest of Google's details, else the message's own words. `detail` is the object that holds the
 * fields; `now` in ms since the epoch: without it, points in time cannot be read and the rest counts. Undefined where
 * nothing is told; not yet held against what is believed (believed-wait.ts).
 */
export function toldWait(detail: JsonObject, message: string, now?: number): number | undefined {
  const seconds =
    secondsUntil(epoch(detail.resets_at), now) ??
    secondsOf(detail.resets_in_seconds) ??
    secondsOf(detail.retry_after);
  return seconds ?? waitInDetails(detail, now) ?? waitInWords(message);
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

/**
 * "Please try again in 1m2.5s" of OpenAI and Groq, "Your quota will reset after 3h17m4s" of Google, and their like. A wait
 * of no time says nothing.
 */
function waitInWords(message: string): number | undefined {
  const found = /(?:try again|retry|reset(?:s|ting)?) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)/i.exec(
    message,
  );
  return span(found?.[1]) || undefined;
}

/** A number of seconds, also where it was written as text. */
function secondsOf(value: Json | undefined): number | undefined {
  const text = asString(value);
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : asNumber(value);
}

/** `1h2m3.5s`, `640ms` → seconds; undefined for other texts. */
function span(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/i.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of text.toLowerCase().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(amount) * (millisecondsOf[unit] ?? 0);
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
