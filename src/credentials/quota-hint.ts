/** The used-up quota in a refusal: from its headers, and from its message. Pure. */
import type { JsonObject } from '../protocols/json.ts';
import { asObject, asString } from '../protocols/json-members.ts';
import { believedRetryAfter, believedWait, statedWait } from '../protocols/stated-wait.ts';
import type { QuotaWindow } from './quota.ts';
import { activeLimit, clockAhead, limitOf, numberIn, quotaWindows } from './quota-headers.ts';

/** The retry time in a refusal, and the affected credential. */
export interface QuotaHint {
  /** Seconds. */
  retryAfter: number | undefined;
  /** The whole account is used up, not only the model that was asked for. */
  account: boolean;
  /** The limit of one family of models is used up, and the plan's is not. */
  ofFamily: boolean;
}

/**
 * Reads a refusal's headers and body. A window that the provider calls closed counts before `Retry-After`, since with
 * several closed windows only the last to open matters; then `Retry-After`, then the body's own words.
 */
export function quotaHint(headers: Headers, body: JsonObject | undefined, now: number): QuotaHint {
  const windows = quotaWindows(headers, now);
  const theirs = now - clockAhead(headers.get('date'), now);
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
    retryAfter:
      believedWait(seconds) ?? headerSeconds(headers, theirs) ?? believedWait(bodySeconds(body, theirs)),
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
  return error && statedWait(error, asString(error.message) ?? '', now);
}
