/**
 * What management clients ask providers for again and again: how much of an account is left. While that is known well enough
 * no call goes to the provider, which would count five polling programs.
 */

import type { QuotaWindow } from '../credentials/quota.ts';
import type { Clock } from '../ground/clock.ts';
import { tokenHostsOf } from '../providers/registry.ts';

export interface CallAnswer {
  status_code: number;
  header: Record<string, string[]>;
  body: string;
}

/** Milliseconds for which a provider's own answer, and what its headers have reported, is new enough. */
const fresh = 60_000;
/** Answers that are remembered. */
const mostRemembered = 1024;

interface Question {
  method: string;
  path: RegExp;
  /** The answer from windows that are known; undefined where they do not make a whole one. */
  fromWindows?: (windows: readonly QuotaWindow[]) => unknown;
}

/** Of hosts that take the account's token. Source: what the peer's panel 1.22 asks. */
const questions: readonly Question[] = [
  {
    method: 'GET',
    path: /^\/api\/oauth\/usage$/,
    fromWindows: (windows) => {
      const [fiveHours, sevenDays] = [windowNamed(windows, '5h'), windowNamed(windows, '7d')];
      if (fiveHours === undefined || sevenDays === undefined) return undefined;
      return { five_hour: claudeWindow(fiveHours), seven_day: claudeWindow(sevenDays) };
    },
  },
  { method: 'GET', path: /^\/api\/oauth\/profile$/ },
  {
    method: 'GET',
    path: /^\/backend-api\/wham\/usage$/,
    fromWindows: (windows) => {
      const [primary, secondary] = [windowNamed(windows, 'primary'), windowNamed(windows, 'secondary')];
      if (primary === undefined || secondary === undefined) return undefined;
      return {
        rate_limit: {
          allowed: !primary.closed && !secondary.closed,
          limit_reached: primary.closed || secondary.closed,
          primary_window: codexWindow(primary),
          secondary_window: codexWindow(secondary),
        },
      };
    },
  },
  { method: 'GET', path: /^\/backend-api\/wham\/rate-limit-reset-credits$/ },
  {
    method: 'POST',
    path: /^\/v1internal:(retrieveUserQuotaSummary|retrieveUserQuota|fetchAvailableModels|loadCodeAssist)$/,
  },
  { method: 'GET', path: /^\/coding\/v1\/usages$/ },
  { method: 'GET', path: /^\/v1\/billing/ },
];

const windowNamed = (windows: readonly QuotaWindow[], name: string): QuotaWindow | undefined =>
  windows.find((window) => window.name === name);

const usedPercent = ({ left }: QuotaWindow): number => Math.round((1 - left) * 1000) / 10;

function claudeWindow(window: QuotaWindow) {
  return {
    utilization: usedPercent(window),
    resets_at: window.resetsAt === undefined ? null : new Date(window.resetsAt).toISOString(),
  };
}

function codexWindow(window: QuotaWindow) {
  return {
    used_percent: usedPercent(window),
    reset_at: window.resetsAt === undefined ? null : Math.round(window.resetsAt / 1000),
    ...(window.length !== undefined && { limit_window_seconds: Math.round(window.length / 1000) }),
  };
}

export interface AskedQuestion {
  /** The account's index, and what its provider is called. */
  index: string;
  provider: string;
  method: string;
  url: URL;
  data: string;
}

export interface QuotaQuestions {
  /** What is known of it; undefined where the provider has to be asked. `windows`: those of the account. */
  known(asked: AskedQuestion, windows: readonly QuotaWindow[]): CallAnswer | undefined;
  /** What the provider has answered. */
  answered(asked: AskedQuestion, answer: CallAnswer): void;
}

/** `now`: ms since the epoch. */
export function quotaQuestions(now: Clock['now']): QuotaQuestions {
  const remembered = new Map<string, { at: number; answer: CallAnswer }>();
  const keyOf = ({ index, method, url, data }: AskedQuestion): string =>
    `${index}\n${method} ${url.href}\n${data}`;
  return {
    known(asked, windows) {
      const question = questionOf(asked);
      if (question === undefined) return undefined;
      const at = now();
      const found = remembered.get(keyOf(asked));
      if (found !== undefined && at - found.at < fresh) return found.answer;
      const recent = windows.filter(({ reportedAt }) => at - reportedAt < fresh);
      const body = question.fromWindows?.(recent);
      if (body === undefined) return undefined;
      return {
        status_code: 200,
        header: { 'Content-Type': ['application/json'], 'X-Answered-By': ['cli-proxy-api'] },
        body: JSON.stringify(body),
      };
    },
    answered(asked, answer) {
      if (answer.status_code !== 200 || questionOf(asked) === undefined) return;
      const key = keyOf(asked);
      remembered.delete(key);
      remembered.set(key, { at: now(), answer });
      const [oldest] = remembered.keys();
      if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
    },
  };
}

function questionOf({ method, url, provider }: AskedQuestion): Question | undefined {
  if (!tokenHostsOf(provider).includes(url.host)) return undefined;
  return questions.find(({ method: wanted, path }) => wanted === method && path.test(url.pathname));
}
