/** Which meters the limits of a client key are counted on, and in what units. Pure. */
import type { ClientLimits } from '../../config/client-keys.ts';
import type { Ask } from '../../limits/ledger.ts';
import type { LimitName } from '../../limits/limit.ts';
import { nothingSpent, type Period } from '../../limits/spending.ts';
import type { MeterKind } from './meter.ts';

export interface LimitMeter {
  limit: LimitName;
  kind: MeterKind;
  unit: 'request' | 'place' | 'tokens' | 'usd';
  /** In units of the meter. */
  most: number;
  /** Of the meter: that of another day is another one. */
  name: string;
  /** When its period ends, in ms since the epoch; infinite for one that has none. */
  until: number;
}

/** Money is counted in nano-dollars: whole numbers add up to what they are. */
const nanoDollars = 1e9;

/** Ms that a meter is kept without a word: longer than anything in it counts. */
export const windowKept = 75_000;
/** And so much beyond its period. */
export const periodKept = 3600_000;

/** `rest`: what distinguishes the meters of one key. */
export function meterName(id: string, rest: string): string {
  return `limit:${id}:${rest}`;
}

export function metersOf(id: string, limits: ClientLimits, now: number): LimitMeter[] {
  const meters: LimitMeter[] = [];
  const add = (limit: LimitName, rest: Omit<LimitMeter, 'limit' | 'name' | 'until'>): void => {
    meters.push({ limit, ...rest, name: meterName(id, limit), until: Number.POSITIVE_INFINITY });
  };
  const { concurrency, 'requests-per-minute': requests, 'tokens-per-minute': tokens } = limits;
  if (concurrency !== undefined) add('concurrency', { kind: 'slots', unit: 'place', most: concurrency });
  if (requests !== undefined) add('requests-per-minute', { kind: 'window', unit: 'request', most: requests });
  if (tokens !== undefined) add('tokens-per-minute', { kind: 'window', unit: 'tokens', most: tokens });
  for (const period of ['day', 'month'] as const)
    for (const unit of ['tokens', 'usd'] as const) {
      const budget = limits.budget?.[period]?.[unit];
      if (budget === undefined) continue;
      const limit: LimitName = `budget.${period}.${unit}`;
      const { until } = nothingSpent(period, now);
      meters.push({
        limit,
        kind: 'total',
        unit,
        most: unitsOf(unit, budget),
        name: meterName(id, `${limit}:${dateOf(period, now)}`),
        until,
      });
    }
  return meters;
}

/** Whole units of an amount, never less than it. */
export function unitsOf(unit: LimitMeter['unit'], amount: number): number {
  return unit === 'usd' ? Math.ceil(amount * nanoDollars - 1e-6) : Math.ceil(amount);
}

export function amountOf(unit: LimitMeter['unit'], units: number): number {
  return unit === 'usd' ? units / nanoDollars : units;
}

/** What a request needs at least and at best; undefined when this meter does not concern it. */
export function needOf(
  unit: LimitMeter['unit'],
  ask: Ask | undefined,
): { least: number; wanted: number } | undefined {
  if (unit === 'request' || unit === 'place') return { least: 1, wanted: 1 };
  if (ask === undefined) return undefined;
  const input = unitsOf(unit, ask.input[unit]);
  const least = Math.max(1, input);
  return { least, wanted: Math.max(least, input + unitsOf(unit, ask.output[unit])) };
}

/** `20261129`, `202611`: in the computer's own time, in which budgets are counted; replicas are to have one time zone. */
function dateOf(period: Period, now: number): string {
  const date = new Date(now);
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = `${date.getFullYear()}${two(date.getMonth() + 1)}`;
  return period === 'month' ? month : `${month}${two(date.getDate())}`;
}

/** The part of limits that one of several replicas has when none knows of the others: all parts together are the whole. */
export function partOf(limits: ClientLimits, { rank, of }: { rank: number; of: number }): ClientLimits {
  const part = (whole: number): number => Math.floor(whole / of) + (rank < whole % of ? 1 : 0);
  const budgetPart = (amounts: { tokens?: number | undefined; usd?: number | undefined } | undefined) =>
    amounts && {
      ...(amounts.tokens !== undefined && { tokens: part(amounts.tokens) }),
      ...(amounts.usd !== undefined && { usd: amounts.usd / of }),
    };
  const { concurrency, 'requests-per-minute': requests, 'tokens-per-minute': tokens, budget } = limits;
  return {
    ...limits,
    ...(concurrency !== undefined && { concurrency: part(concurrency) }),
    ...(requests !== undefined && { 'requests-per-minute': part(requests) }),
    ...(tokens !== undefined && { 'tokens-per-minute': part(tokens) }),
    ...(budget !== undefined && { budget: { day: budgetPart(budget.day), month: budgetPart(budget.month) } }),
  };
}
