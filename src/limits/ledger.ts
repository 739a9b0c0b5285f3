/**
 * What one client key has used and what its running requests have reserved. Pure: each function gives a new ledger.
 * A request is admitted when its input fits into every limit and something is left for an answer; it reserves its input and as
 * much of its largest answer as is left. So requests that run together cannot pass a limit that one alone would have to stop
 * at, and the last one is let finish.
 */
import type { ClientLimits } from '../config/client-keys.ts';
import type { LimitName, LimitRefusal, LimitUsage } from './limit.ts';
import { amountIn, downTo, type SlidingWindow, withAmount } from './sliding-window.ts';
import { nothingSpent, type Spending, spendingAt, withSpent } from './spending.ts';

export interface Amounts {
  readonly tokens: number;
  /** US dollars. */
  readonly usd: number;
}

export interface Ledger {
  readonly requests: SlidingWindow;
  readonly tokens: SlidingWindow;
  readonly day: Spending;
  readonly month: Spending;
  readonly running: number;
  /** By those that run. */
  readonly reserved: Amounts;
}

/** What a request may come to. */
export interface Ask {
  /** As far as that is known before it is answered. */
  input: Amounts;
  /** Of the largest answer. */
  output: Amounts;
}

export type Admission =
  | { ok: true; ledger: Ledger; reserved: Amounts }
  | { ok: false; refusal: LimitRefusal };

export function emptyLedger(now: number): Ledger {
  return {
    requests: [],
    tokens: [],
    day: nothingSpent('day', now),
    month: nothingSpent('month', now),
    running: 0,
    reserved: nothing,
  };
}

export const nothing: Amounts = { tokens: 0, usd: 0 };

/** Something must be left for an answer, be it a token or next to no money. */
const leastRoom: Amounts = { tokens: 1, usd: 1e-9 };

/** A limit of tokens or money. */
interface Meter {
  limit: LimitName;
  unit: keyof Amounts;
  most: number;
  used: number;
  /** When no more than so much of it will be used. */
  downTo: (least: number) => number | undefined;
}

function metersOf(ledger: Ledger, limits: ClientLimits, now: number): Meter[] {
  const meters: Meter[] = [];
  const perMinute = limits['tokens-per-minute'];
  if (perMinute !== undefined)
    meters.push({
      limit: 'tokens-per-minute',
      unit: 'tokens',
      most: perMinute,
      used: amountIn(ledger.tokens, now),
      downTo: (most) => downTo(ledger.tokens, most, now),
    });
  for (const period of ['day', 'month'] as const) {
    const budget = limits.budget?.[period];
    if (budget === undefined) continue;
    const spending = spendingAt(ledger[period], period, now);
    for (const unit of ['tokens', 'usd'] as const) {
      const most = budget[unit];
      if (most === undefined) continue;
      const used = spending[unit];
      meters.push({
        limit: `budget.${period}.${unit}`,
        unit,
        most,
        used,
        downTo: () => spending.until,
      });
    }
  }
  return meters;
}

/** The state of each limit, in the order of the configuration. */
export function usageOf(ledger: Ledger, limits: ClientLimits, now: number): LimitUsage[] {
  const { concurrency, 'requests-per-minute': perMinute } = limits;
  const usages: LimitUsage[] = [];
  if (concurrency !== undefined)
    usages.push({ limit: 'concurrency', most: concurrency, used: ledger.running, resetsAt: undefined });
  const requests = amountIn(ledger.requests, now);
  if (perMinute !== undefined)
    usages.push({
      limit: 'requests-per-minute',
      most: perMinute,
      used: requests,
      resetsAt: requests === 0 ? undefined : downTo(ledger.requests, 0, now),
    });
  for (const { limit, unit, most, used, downTo: resets } of metersOf(ledger, limits, now))
    usages.push({
      limit,
      most,
      used: used + ledger.reserved[unit],
      resetsAt: used === 0 ? undefined : resets(0),
    });
  return usages;
}

/** Admits a request, or returns the limit that refuses it: the one that lasts longest. `ask` undefined: it costs no tokens. */
export function admit(ledger: Ledger, limits: ClientLimits, ask: Ask | undefined, now: number): Admission {
  const refusals: LimitRefusal[] = [];
  const { concurrency, 'requests-per-minute': perMinute } = limits;
  if (concurrency !== undefined && ledger.running >= concurrency)
    refusals.push({
      limit: 'concurrency',
      most: concurrency,
      used: ledger.running,
      resetsAt: undefined,
      tooLarge: false,
    });
  const requests = amountIn(ledger.requests, now);
  if (perMinute !== undefined && requests >= perMinute)
    refusals.push({
      limit: 'requests-per-minute',
      most: perMinute,
      used: requests,
      resetsAt: downTo(ledger.requests, perMinute - 1, now),
      tooLarge: false,
    });
  let reserved = nothing;
  if (ask !== undefined) {
    const left = { tokens: Number.POSITIVE_INFINITY, usd: Number.POSITIVE_INFINITY };
    for (const meter of metersOf(ledger, limits, now)) {
      const { limit, unit, most, used } = meter;
      const input = ask.input[unit];
      const held = ledger.reserved[unit];
      const room = most - used - held;
      left[unit] = Math.min(left[unit], room);
      if (room > 0 && input <= room) continue;
      const wanted = Math.max(input, leastRoom[unit]);
      refusals.push({
        limit,
        most,
        used: used + held,
        // What others have reserved is theirs no longer than they run.
        resetsAt: used + wanted <= most ? undefined : meter.downTo(most - wanted),
        tooLarge: input > most,
      });
    }
    reserved = { tokens: reservation(ask, 'tokens', left), usd: reservation(ask, 'usd', left) };
  }
  const refusal = longest(refusals);
  if (refusal !== undefined) return { ok: false, refusal };
  return { ok: true, reserved, ledger: entered(ledger, reserved, now) };
}

/** With one more request that runs and has reserved this much. */
export function entered(ledger: Ledger, reserved: Amounts, now: number): Ledger {
  return {
    ...ledger,
    requests: withAmount(ledger.requests, 1, now),
    running: ledger.running + 1,
    reserved: plus(ledger.reserved, reserved),
  };
}

/** The input, and of the largest answer what is left. */
function reservation(ask: Ask, unit: keyof Amounts, left: { tokens: number; usd: number }): number {
  return ask.input[unit] + Math.min(ask.output[unit], left[unit] - ask.input[unit]);
}

/** The refusal that lasts longest: it is the one that is named. */
export function longest(refusals: readonly LimitRefusal[]): LimitRefusal | undefined {
  const weight = ({ tooLarge, resetsAt }: LimitRefusal): number =>
    tooLarge ? Number.POSITIVE_INFINITY : (resetsAt ?? 0);
  return refusals.toSorted((one, other) => weight(other) - weight(one))[0];
}

function plus(one: Amounts, other: Amounts): Amounts {
  return { tokens: one.tokens + other.tokens, usd: one.usd + other.usd };
}

/** Ends a request: what it reserved is free again, what it came to is used. */
export function settle(ledger: Ledger, reserved: Amounts, spent: Amounts, now: number): Ledger {
  const running = Math.max(0, ledger.running - 1);
  return {
    requests: ledger.requests,
    tokens: withAmount(ledger.tokens, spent.tokens, now),
    day: withSpent(spendingAt(ledger.day, 'day', now), spent),
    month: withSpent(spendingAt(ledger.month, 'month', now), spent),
    running,
    // Sums of fractions do not come back to zero by themselves.
    reserved:
      running === 0
        ? nothing
        : {
            tokens: ledger.reserved.tokens - reserved.tokens,
            usd: Math.max(0, ledger.reserved.usd - reserved.usd),
          },
  };
}

/** Whether nothing in it counts any more, so that it may be forgotten. */
export function isEmpty(ledger: Ledger, now: number): boolean {
  const { tokens, usd } = spendingAt(ledger.month, 'month', now);
  return (
    ledger.running === 0 &&
    tokens === 0 &&
    usd === 0 &&
    amountIn(ledger.requests, now) === 0 &&
    amountIn(ledger.tokens, now) === 0
  );
}
