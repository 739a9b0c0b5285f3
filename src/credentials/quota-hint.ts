/** What a refusal tells of the quota that is used up: in its headers, and in the words of its body. Pure. */
import { parseDuration } from '../config/quantities.ts';
import { believedRetryAfter, believedWait } from '../protocols/believed-wait.ts';
import { asNumber, asObject, asObjects, asString, type JsonObject } from '../protocols/json.ts';
import type { QuotaWindow } from './quota.ts';
import { activeLimit, instant, limitOf, numberIn, quotaWindows } from './quota-headers.ts';

/** What a refusal tells of when to come back, and whom it is about. */
export interface QuotaHint {
  /** Seconds. */
  retryAfter: number | undefined;
  /** The whole account is used up, not only the model that was asked for. */
  account: boolean;
  /** It says that the limit of one family of models is used up, and the plan's is not. */
  ofFamily: boolean;
}

/**
 * Reads a refusal's headers and body. A window that the provider calls closed counts before `Retry-After`, since with
 * several closed windows only the last to open matters; then `Retry-After`, then the body's own words.
 */
export function quotaHint(headers: Headers, body: JsonObject | undefined, now: number): QuotaHint {
  const windows = quotaWindows(headers, now);
  const family = usedUpFamily(headers, windows);
  const closed = windows.filter(
    (window) =>
      window.closed ||
      (window.left <= 0 && (family === undefined ? !window.ofModel : limitOf(window.name) === family)),
  );
  const account = family === undefined && (closed.some(({ ofModel }) => !ofModel) || saysAccount(body));
  const opens = Math.max(...closed.map(({ resetsAt }) => resetsAt ?? 0));
  const seconds = opens > now ? (opens - now) / 1000 : undefined;
  return {
    retryAfter: believedWait(seconds) ?? headerSeconds(headers, now) ?? believedWait(bodySeconds(body, now)),
    account,
    ofFamily: family !== undefined,
  };
}

/** The limit of one family of models that a refusal is about: the active one, or the only kind that is used up. */
function usedUpFamily(headers: Headers, windows: readonly QuotaWindow[]): string | undefined {
  const active = activeLimit(headers);
  if (active !== undefined || headers.has('x-codex-active-limit')) return active;
  const plans = windows.filter(({ name }) => name === 'primary' || name === 'secondary');
  if (plans.length === 0 || plans.some(({ left }) => left <= 0)) return undefined;
  const used = windows.find(({ name, left }) => left <= 0 && /-(?:primary|secondary)$/.test(name));
  return used && limitOf(used.name);
}

function headerSeconds(headers: Headers, now: number): number | undefined {
  const milliseconds = numberIn(headers.get('retry-after-ms') ?? undefined);
  const wait = milliseconds === undefined ? undefined : believedWait(milliseconds / 1000);
  return wait ?? believedRetryAfter(headers, now);
}

/** ChatGPT plans: `usage_limit_reached` holds for every model of the plan. */
function saysAccount(body: JsonObject | undefined): boolean {
  const error = asObject(body?.error) ?? body;
  return [error?.type, error?.code].some((word) => word === 'usage_limit_reached');
}

function bodySeconds(body: JsonObject | undefined, now: number): number | undefined {
  const error = asObject(body?.error) ?? body;
  if (error === undefined) return undefined;
  const at = asNumber(error.resets_at);
  if (at !== undefined) return secondsUntil(instant(String(at), now), now);
  const seconds = asNumber(error.resets_in_seconds) ?? asNumber(error.retry_after);
  if (seconds !== undefined) return seconds;
  return googleSeconds(error, now) ?? wordsSeconds(asString(error.message) ?? '');
}

/** `RetryInfo.retryDelay`, `ErrorInfo.metadata.quotaResetDelay` or `quotaResetTimeStamp` (google.rpc.Status details). */
function googleSeconds(error: JsonObject, now: number): number | undefined {
  let longest: number | undefined;
  for (const detail of asObjects(error.details)) {
    const metadata = asObject(detail.metadata);
    for (const delay of [asString(detail.retryDelay), asString(metadata?.quotaResetDelay)]) {
      const span = delay === undefined ? undefined : parseDuration(delay);
      if (span !== undefined) longest = Math.max(longest ?? 0, span / 1000);
    }
    const stamp = secondsUntil(instant(asString(metadata?.quotaResetTimeStamp), now), now);
    if (stamp !== undefined) longest = Math.max(longest ?? 0, stamp);
  }
  return longest;
}

function secondsUntil(at: number | undefined, now: number): number | undefined {
  return at === undefined ? undefined : Math.max(0, (at - now) / 1000);
}

/** "Please try again in 1m2.5s", "Your quota will reset after 3h17m4s". */
function wordsSeconds(message: string): number | undefined {
  const found = /(?:try again|retry|reset\w*) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)/i.exec(message);
  const span = found?.[1] === undefined ? undefined : parseDuration(found[1]);
  return span === undefined ? undefined : span / 1000;
}
