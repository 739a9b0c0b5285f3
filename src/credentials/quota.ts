/** What providers tell of an account's quota: in the headers of every answer, and in the words of a refusal. Pure. */

import { parseDuration } from '../config/quantities.ts';
import { believedRetryAfter, believedWait, longestWait } from '../protocols/believed-wait.ts';
import { asNumber, asObject, asObjects, asString, type JsonObject, lookUp } from '../protocols/json.ts';
import { continued, type QuotaPoint } from './quota-history.ts';

/** One limit of an account as the provider told it last. */
export interface QuotaWindow {
  /** The provider's name for it: `requests`, `tokens`, `5h`, `7d`, `primary`. */
  name: string;
  /** It holds for one model only; otherwise for all that the account serves. */
  ofModel: boolean;
  /** That model, in lower case, where it is not the one that was asked for. */
  model?: string;
  /** The share that is left, 0 to 1. */
  left: number;
  /** The provider refuses requests on account of this window. */
  closed: boolean;
  /** When it begins anew, in ms since the epoch; undefined when the provider does not say. */
  resetsAt: number | undefined;
  /** From its beginning to its reset, in ms; undefined where neither its name nor the provider says. */
  length?: number | undefined;
  /** When it was told, in ms since the epoch. */
  toldAt: number;
  /** What was left before that, since the window began; oldest first. */
  past?: readonly QuotaPoint[] | undefined;
}

/** Headers of which one is there whenever a provider tells of quotas. Asking for these is cheaper than going through all. */
const telling = [
  'anthropic-ratelimit-unified-status',
  'anthropic-ratelimit-requests-remaining',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-remaining',
  'x-codex-primary-used-percent',
];

/** Whether headers tell of quotas. */
export function tellsQuota(headers: Headers): boolean {
  return telling.some((name) => headers.has(name));
}

/** The windows that the headers of an answer tell of; an empty list for providers that tell nothing. */
export function quotaWindows(headers: Headers, now: number): QuotaWindow[] {
  const found: QuotaWindow[] = [];
  const told = new Map<string, Told>();
  for (const [name, value] of headers) {
    const place = placeOf(name);
    if (place === undefined) continue;
    const key = `${place.family.key} ${place.window}`;
    const entry = told.get(key) ?? { family: place.family, window: place.window, fields: {} };
    told.set(key, entry);
    entry.fields[place.field] = value;
  }
  for (const { family, window, fields } of told.values()) {
    const read = readWindow(fields, now);
    if (read === undefined) continue;
    const length = lengthOf(window, fields);
    const told = {
      ...read,
      name: window,
      ofModel: family.ofModel(window),
      toldAt: now,
      ...(length !== undefined && { length }),
    };
    if (family.key !== 'codex' || !told.ofModel) {
      found.push(told);
      continue;
    }
    const limit = limitOf(window);
    const model = headers.get(`x-codex-${limit}-limit-name`)?.trim().toLowerCase();
    if (model) found.push({ ...told, model });
    else if (limit === activeLimit(headers)) found.push(told);
  }
  return found;
}

interface Told {
  family: Family;
  window: string;
  fields: Partial<Record<Field, string>>;
}

type Field = 'limit' | 'remaining' | 'reset' | 'used' | 'used-percent' | 'status' | 'minutes';

interface Family {
  key: string;
  prefix: string;
  /** Which part of the rest of the header's name is the window, and which the field. */
  split: (rest: string) => { window: string; field: Field } | undefined;
  ofModel: (window: string) => boolean;
}

const unifiedFields: Readonly<Record<string, Field>> = {
  status: 'status',
  reset: 'reset',
  utilization: 'used',
};
const codexFields: Readonly<Record<string, Field>> = {
  'used-percent': 'used-percent',
  'window-minutes': 'minutes',
  'reset-after-seconds': 'reset',
  'reset-at': 'reset',
};

/** The first whose prefix fits. Sources: platform.claude.com/docs/en/api/rate-limits, platform.openai.com/docs/guides/rate-limits; unified and Codex windows as seen on the wire. */
const families: readonly Family[] = [
  {
    // Subscriptions: `anthropic-ratelimit-unified-5h-utilization`, `…-7d-reset`; 5h and 7d are the account's, `7d_oi` and the like one model's.
    key: 'unified',
    prefix: 'anthropic-ratelimit-unified-',
    split: (rest) => {
      const cut = rest.lastIndexOf('-');
      const field = lookUp(unifiedFields, rest.slice(cut + 1));
      return cut > 0 && field !== undefined ? { window: rest.slice(0, cut), field } : undefined;
    },
    ofModel: (window) => !/^\d+[a-z]$/.test(window),
  },
  {
    key: 'anthropic',
    prefix: 'anthropic-ratelimit-',
    split: (rest) => {
      const cut = rest.lastIndexOf('-');
      const field = countField(rest.slice(cut + 1));
      return cut > 0 && field !== undefined ? { window: rest.slice(0, cut), field } : undefined;
    },
    ofModel: () => true,
  },
  {
    key: 'codex',
    prefix: 'x-codex-',
    split: (rest) => {
      const window = /^(?:[a-z0-9-]+?-)?(?:primary|secondary)(?=-)/.exec(rest)?.[0];
      const field = window === undefined ? undefined : lookUp(codexFields, rest.slice(window.length + 1));
      return window !== undefined && field !== undefined ? { window, field } : undefined;
    },
    // `x-codex-primary-…` is the plan's; `x-codex-bengalfox-primary-…` that of one family of models, named by its `limit-name`.
    ofModel: (window) => window !== 'primary' && window !== 'secondary',
  },
  {
    // `x-ratelimit-remaining-requests`, and without a window at its end at OpenRouter and others.
    key: 'ratelimit',
    prefix: 'x-ratelimit-',
    split: (rest) => {
      const cut = rest.indexOf('-');
      const field = countField(cut < 0 ? rest : rest.slice(0, cut));
      return field === undefined ? undefined : { window: cut < 0 ? 'requests' : rest.slice(cut + 1), field };
    },
    ofModel: () => true,
  },
];

/** `bengalfox-primary` is a window of the limit `bengalfox`. */
function limitOf(window: string): string {
  return window.replace(/-(?:primary|secondary)$/, '');
}

/**
 * The limit of one family of Codex models that an answer counts towards, as it stands in headers; undefined for the plan's own.
 * Source: codex-rs/codex-api/src/rate_limits.rs (`x-codex-active-limit`, `x-<limit id>-…`).
 */
function activeLimit(headers: Headers): string | undefined {
  const named = headers.get('x-codex-active-limit')?.trim().toLowerCase().replaceAll('_', '-');
  const limit = named?.replace(/^codex-/, '');
  if (limit === undefined || !/^[a-z0-9-]+$/.test(limit)) return undefined;
  const told = ['limit-name', 'primary-used-percent', 'secondary-used-percent'];
  return told.some((field) => headers.has(`x-codex-${limit}-${field}`)) ? limit : undefined;
}

function countField(name: string): Field | undefined {
  return name === 'limit' || name === 'remaining' || name === 'reset' ? name : undefined;
}

function placeOf(name: string): { family: Family; window: string; field: Field } | undefined {
  for (const family of families) {
    if (!name.startsWith(family.prefix)) continue;
    const found = family.split(name.slice(family.prefix.length));
    return found === undefined ? undefined : { family, ...found };
  }
  return undefined;
}

function readWindow(
  fields: Told['fields'],
  now: number,
): Pick<QuotaWindow, 'left' | 'closed' | 'resetsAt'> | undefined {
  const told = instant(fields.reset, now);
  // What is past stays: the window is open again.
  const resetsAt = told === undefined ? undefined : Math.min(told, now + longestWait * 1000);
  const closed = fields.status === 'rejected';
  const left = shareLeft(fields);
  if (left === undefined && !closed) return undefined;
  return { left: closed ? 0 : (left ?? 1), closed, resetsAt };
}

/** `5h` and `7d` say it in their names, Codex in minutes. */
function lengthOf(window: string, { minutes }: Told['fields']): number | undefined {
  const told = numberIn(minutes);
  if (told !== undefined && told > 0) return told * 60_000;
  return /^\d+[mhd]$/.test(window) ? parseDuration(window) : undefined;
}

function shareLeft(fields: Told['fields']): number | undefined {
  const used = numberIn(fields.used) ?? percent(numberIn(fields['used-percent']));
  if (used !== undefined) return between(1 - used);
  const limit = numberIn(fields.limit);
  const remaining = numberIn(fields.remaining);
  if (remaining === undefined || limit === undefined || limit <= 0) return undefined;
  return between(remaining / limit);
}

const percent = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value / 100;
const between = (share: number): number => Math.min(1, Math.max(0, share));

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * The instant that a reset field names, in ms since the epoch: a date, Unix seconds or milliseconds, a span such as
 * `6m0s`, `20ms` or `59.5` (seconds). Undefined for anything else.
 */
export function instant(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const value = numberIn(text);
  if (value !== undefined) {
    // Numbers this large cannot be spans: 1e12 ms and 1e9 s since the epoch are both the year 2001.
    if (value >= 1e12) return Math.round(value);
    if (value >= 1e9) return Math.round(value * 1000);
    return value < 0 ? undefined : Math.round(now + value * 1000);
  }
  const span = parseDuration(text);
  if (span !== undefined) return now + span;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}

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

// ---------------------------------------------------------------- what an account has left

/** The windows of one credential, as told last. */
export interface Quota {
  ofAccount: readonly QuotaWindow[];
  ofModels: ReadonlyMap<string, readonly QuotaWindow[]>;
}

export const unknownQuota: Quota = { ofAccount: [], ofModels: new Map() };

/** The quota after an answer for `model`: windows told anew replace the old ones of the same name. */
export function withWindows(quota: Quota, model: string, told: readonly QuotaWindow[]): Quota {
  if (told.length === 0) return quota;
  const ofModel = told.filter((window) => window.ofModel);
  return {
    ofAccount: merged(
      quota.ofAccount,
      told.filter((window) => !window.ofModel),
    ),
    ofModels: ofModel.length === 0 ? quota.ofModels : withModels(quota.ofModels, model, ofModel),
  };
}

function withModels(
  known: Quota['ofModels'],
  asked: string,
  told: readonly QuotaWindow[],
): Quota['ofModels'] {
  const models = new Map(known);
  for (const [model, windows] of Map.groupBy(told, (window) => window.model ?? asked))
    models.set(model, merged(models.get(model) ?? [], windows));
  return models;
}

function merged(old: readonly QuotaWindow[], told: readonly QuotaWindow[]): readonly QuotaWindow[] {
  if (told.length === 0) return old;
  return [
    ...old.filter(({ name }) => !told.some((window) => window.name === name)),
    ...told.map((window) =>
      continued(
        old.find(({ name }) => name === window.name),
        window,
      ),
    ),
  ];
}

/** A share of a window that is left alone, so that requests already under way do not run into the wall. */
export const quotaReserve = 0.05;
/** A window that does not say when it begins anew is believed this long, in ms. */
const silentWindow = 60_000;

/**
 * The share of a window's length in which all of it can be spent: a weekly window is used up in a few days, since a
 * shorter one bounds what goes into it at a time. Of the shares that were tried, half serves most in
 * three simulated weeks of test/simulation; in three others it is as good as any.
 */
const fullSpend = 0.5;

export interface QuotaStanding {
  /** When the longest window that holds now begins anew; infinite when none is known. */
  resetsAt: number;
  /** When spending what is left of that window must begin, so that nothing of it is lost; infinite like `resetsAt`. */
  dueAt: number;
  /** Until when the credential is better spared; undefined when every window has room. */
  sparedUntil: number | undefined;
}

/** What the quota says about serving `model` now. */
export function quotaStanding(quota: Quota, model: string, now: number): QuotaStanding {
  let longest: number | undefined;
  let room = 0;
  let longestLength = 0;
  let sparedUntil: number | undefined;
  for (const windows of [quota.ofAccount, quota.ofModels.get(model) ?? []]) {
    for (const { resetsAt, toldAt, left, closed, length = 0 } of windows) {
      const ends = resetsAt ?? toldAt + silentWindow;
      if (ends <= now) continue;
      // By its length, where that is known: the week holds also in its last hours.
      if (longest === undefined || length > longestLength || (length === longestLength && ends > longest)) {
        longest = ends;
        room = left;
        longestLength = length;
      }
      if (closed || left <= quotaReserve) sparedUntil = Math.max(sparedUntil ?? 0, ends);
    }
  }
  return {
    resetsAt: longest ?? Number.POSITIVE_INFINITY,
    dueAt: longest === undefined ? Number.POSITIVE_INFINITY : longest - room * longestLength * fullSpend,
    sparedUntil,
  };
}
