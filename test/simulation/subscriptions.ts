/** A week of twenty subscriptions: each with a five-hour window, which its first request begins, inside a weekly one. */
import type { Candidate } from '../../src/credentials/catalog.ts';
import { defaultRules } from '../../src/credentials/cooldown-table.ts';
import { createPool } from '../../src/credentials/pool.ts';
import type { QuotaWindow } from '../../src/credentials/quota.ts';
import type { StrategyName } from '../../src/credentials/strategy.ts';
import { randomOf, testCredential, testRoute } from './accounts.ts';

const second = 1000;
const hour = 3_600_000;
const week = 168 * hour;
const fiveHours = 5 * hour;

interface Subscription {
  id: string;
  /** Units that its five hours and its week hold: a request takes about one. */
  short: number;
  long: number;
  usedShort: number;
  usedLong: number;
  shortEnds: number;
  longEnds: number;
}

export interface Week {
  requests: number;
  served: number;
  /** 429s of the provider that the gateway met. */
  refusals: number;
  /** Units of weekly windows that were left when they began anew. */
  lost: number;
  /** Seconds in which nobody could serve a request that came. */
  dry: number;
}

/** Plans differ: small, middle and large ones; weekly windows begin anew at times spread over the week. */
function subscriptions(count: number, start: number, random: () => number): Subscription[] {
  return Array.from({ length: count }, (_, index) => {
    const short = [150, 300, 750][index % 3] ?? 150;
    const long = short * 8;
    return {
      id: `subscription-${index}`,
      short,
      long,
      usedShort: 0,
      usedLong: Math.floor(long * random() * 0.8),
      shortEnds: 0,
      longEnds: start + Math.floor(random() * week),
    };
  });
}

/**
 * Requests of a week, more of them by day than by night. `load` is what they come to, as a share of all that the weekly windows
 * hold. Each tries one subscription after the other until one serves it; answers take no time.
 */
export function simulateWeek(strategy: StrategyName, seed: number, load: number, count = 20): Week {
  const random = randomOf(seed);
  const start = Date.UTC(2026, 10, 23);
  const all = subscriptions(count, start, random);
  const pool = createPool({ random: randomOf(seed + 1) });
  const credentials = all.map(({ id }) => testCredential(id));
  pool.configure(credentials, { strategy, rulesOf: () => defaultRules, quotaOfAccount: false });
  const route = testRoute(credentials);
  const byId = new Map(all.map((one) => [one.id, one]));
  const result: Week = { requests: 0, served: 0, refusals: 0, lost: 0, dry: 0 };
  const perSecond = (load * all.reduce((sum, { long }) => sum + long, 0)) / (week / second);
  const tried = new Set<string>();
  const passOver = ({ credential }: Candidate): boolean => tried.has(credential.id);
  const step = 20 * second;
  let due = 0;
  for (let now = start; now < start + week; now += step) {
    for (const one of all) renew(one, now, result);
    // By day three times as many as by night.
    due += perSecond * (step / second) * (1 - 0.5 * Math.cos(((now - start) / (24 * hour)) * 2 * Math.PI));
    let wasDry = false;
    for (; due >= 1; due -= 1) {
      result.requests += 1;
      const cost = 0.5 + random();
      tried.clear();
      let served = false;
      while (!served) {
        const choice = pool.choose(route, { passOver }, now);
        if (choice.kind === 'none') break;
        const { lease } = choice;
        const one = byId.get(lease.candidate.credential.id);
        if (one === undefined) throw new Error('unknown subscription');
        tried.add(one.id);
        served = ask(one, cost, now);
        pool.reportQuota(lease.candidate, windowsOf(one, now), now);
        if (served) {
          pool.succeed(lease, now);
          pool.end(lease, now);
        } else {
          result.refusals += 1;
          const ends = one.usedLong >= one.long ? one.longEnds : one.shortEnds;
          const failure = { kind: 'quota', model: undefined, reason: 'limit reached' } as const;
          pool.fail(lease, { ...failure, retryAfter: (ends - now) / second }, now);
        }
      }
      if (served) result.served += 1;
      else wasDry = true;
    }
    if (wasDry) result.dry += step / second;
  }
  return result;
}

function renew(one: Subscription, now: number, result: Week): void {
  if (now >= one.longEnds) {
    result.lost += Math.max(0, one.long - one.usedLong);
    one.usedLong = 0;
    one.longEnds += week;
  }
  if (now >= one.shortEnds) one.usedShort = 0;
}

function ask(one: Subscription, cost: number, now: number): boolean {
  if (one.usedShort >= one.short || one.usedLong >= one.long) return false;
  if (one.usedShort === 0) one.shortEnds = now + fiveHours;
  one.usedShort += cost;
  one.usedLong += cost;
  return true;
}

/** As headers tell them: in whole percents. */
function windowsOf(one: Subscription, now: number): QuotaWindow[] {
  const window = (name: string, used: number, most: number, resetsAt: number): QuotaWindow => ({
    name,
    ofModel: false,
    left: Math.max(0, 1 - Math.floor((used / most) * 100) / 100),
    closed: used >= most,
    resetsAt,
    length: name === '5h' ? fiveHours : week,
    reportedAt: now,
  });
  return [
    window('5h', one.usedShort, one.short, one.shortEnds),
    window('7d', one.usedLong, one.long, one.longEnds),
  ];
}
