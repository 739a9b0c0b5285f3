/** What providers report of an account's quota in the headers of every answer. Pure. */
import { parseDuration } from '../config/quantities.ts';
import { longestWait } from '../protocols/stated-wait.ts';
import { lookUp } from '../protocols/word-table.ts';
import type { QuotaWindow } from './quota.ts';

/** Headers of which one is there whenever a provider reports quotas. Asking for these is cheaper than going through all. */
const quotaHeaderNames = [
  'anthropic-ratelimit-unified-status',
  'anthropic-ratelimit-requests-remaining',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-remaining',
  // Of Mistral and Cerebras, which name the time of each limit.
  'x-ratelimit-remaining-tokens-minute',
  'x-codex-primary-used-percent',
];

/** Whether headers report quotas. */
export function hasQuotaHeaders(headers: Headers): boolean {
  return quotaHeaderNames.some((name) => headers.has(name));
}

/** The windows that the headers of an answer report; an empty list for providers that report none. */
export function quotaWindows(headers: Headers, now: number): QuotaWindow[] {
  const ahead = clockAhead(headers.get('date'), now);
  const found: QuotaWindow[] = [];
  const reported = new Map<string, ReportedWindow>();
  for (const [name, value] of headers) {
    const place = placeOf(name);
    if (place === undefined) continue;
    const key = `${place.family.key} ${place.window}`;
    const entry = reported.get(key) ?? { family: place.family, window: place.window, fields: {} };
    reported.set(key, entry);
    entry.fields[place.field] = value;
  }
  for (const { family, window, fields } of reported.values()) {
    const read = readWindow(fields, now, ahead);
    if (read === undefined) continue;
    const length = lengthOf(window, fields);
    const reported = {
      ...read,
      name: window,
      ofModel: family.ofModel(window),
      reportedAt: now,
      ...(length !== undefined && { length }),
    };
    if (family.key !== 'codex' || !reported.ofModel) {
      found.push(reported);
      continue;
    }
    const limit = limitOf(window);
    const model = headers.get(`x-codex-${limit}-limit-name`)?.trim().toLowerCase();
    if (model) found.push({ ...reported, model });
    else if (limit === activeLimit(headers)) found.push(reported);
  }
  return found;
}

interface ReportedWindow {
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
      const window = rest.slice(0, Math.max(0, cut));
      // Whether use beyond the plan is allowed is no window of it: most plans say `rejected` with every answer.
      return window !== '' && window !== 'overage' && field !== undefined ? { window, field } : undefined;
    },
    ofModel: (window) => !/^\d+[a-z]$/.test(window),
  },
  counted('anthropic-ratelimit-', ''),
  // Those of the priority tier and of fast answers, beside the usual ones.
  counted('anthropic-priority-', 'priority-'),
  counted('anthropic-fast-', 'fast-'),
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

/** `…-input-tokens-remaining`: what is counted, then the field. `before` precedes the window's name. */
function counted(prefix: string, before: string): Family {
  return {
    key: prefix,
    prefix,
    split: (rest) => {
      const cut = rest.lastIndexOf('-');
      const field = countField(rest.slice(cut + 1));
      return cut > 0 && field !== undefined ? { window: before + rest.slice(0, cut), field } : undefined;
    },
    ofModel: () => true,
  };
}

/** `bengalfox-primary` is a window of the limit `bengalfox`. */
export function limitOf(window: string): string {
  return window.replace(/-(?:primary|secondary)$/, '');
}

/**
 * The limit of one family of Codex models that an answer counts towards, as in its headers; undefined for the plan's own.
 * Source: codex-rs/codex-api/src/rate_limits.rs (`x-codex-active-limit`, `x-<limit id>-…`).
 */
export function activeLimit(headers: Headers): string | undefined {
  const named = headers.get('x-codex-active-limit')?.trim().toLowerCase().replaceAll('_', '-');
  const limit = named?.replace(/^codex-/, '');
  if (limit === undefined || !/^[a-z0-9-]+$/.test(limit)) return undefined;
  const limitHeaders = ['limit-name', 'primary-used-percent', 'secondary-used-percent'];
  return limitHeaders.some((field) => headers.has(`x-codex-${limit}-${field}`)) ? limit : undefined;
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
  fields: ReportedWindow['fields'],
  now: number,
  ahead: number,
): Pick<QuotaWindow, 'left' | 'closed' | 'resetsAt'> | undefined {
  const theirs = instant(fields.reset, now - ahead);
  const reported = theirs === undefined ? undefined : theirs + ahead;
  // What is past stays: the window is open again.
  const resetsAt = reported === undefined ? undefined : Math.min(reported, now + longestWait * 1000);
  const closed = fields.status === 'rejected';
  const left = shareLeft(fields);
  if (left === undefined && !closed) return undefined;
  return { left: closed ? 0 : (left ?? 1), closed, resetsAt };
}

/** `5h`, `requests-1h` and `tokens-minute` say it in their names, Codex in minutes. */
function lengthOf(window: string, { minutes }: ReportedWindow['fields']): number | undefined {
  const reported = numberIn(minutes);
  if (reported !== undefined && reported > 0) return reported * 60_000;
  const last = window.slice(window.lastIndexOf('-') + 1);
  return /^\d+[mhd]$/.test(last) ? parseDuration(last) : lookUp(namedLengths, last);
}

const namedLengths: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
};

function shareLeft(fields: ReportedWindow['fields']): number | undefined {
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

export function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** A difference of clocks that is none: `Date` has whole seconds, and answers are under way for a while. */
const leastSkew = 10_000;
/** A larger difference is not a wrong clock: the answer was cached, or has no valid time. */
const mostSkew = 24 * 3_600_000;

/**
 * Milliseconds that this computer's clock is ahead of the one that an answer's `Date` is of (RFC 9110 §6.6.1): points in time
 * that the answer contains are of that clock.
 */
export function clockAhead(date: string | null, now: number): number {
  const ahead = date === null ? 0 : now - Date.parse(date);
  return Math.abs(ahead) >= leastSkew && Math.abs(ahead) <= mostSkew ? ahead : 0;
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
