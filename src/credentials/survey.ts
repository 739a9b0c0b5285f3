/** The state of a route's candidates, for reports and for waiting requests. */
import type { Candidate } from './catalog.ts';
import type { Cooldown } from './cooldown.ts';
import { availabilityOf } from './credential-state.ts';
import type { Entry, Tier } from './entry.ts';
import { type RoutePool, wake } from './route-pool.ts';

/** Why a candidate is passed over. */
export interface Passed {
  candidate: Candidate;
  /** The cooldown that ends last; undefined when the credential is reserved because its quota is nearly used up. */
  cooldown: Cooldown | undefined;
  until: number;
}

export interface Survey {
  candidates: number;
  ready: number;
  coolingDown: number;
  reserved: number;
  /** When the first of those that are cooling down is back, in ms since the epoch; undefined when none is cooling down. */
  soonest: number | undefined;
  /** The first few of those that are cooling down or are reserved. */
  passed: readonly Passed[];
}

/** The candidates that a request may use at all; undefined for all of them. */
export type MayServe = ((candidate: Candidate) => boolean) | undefined;

/** Names at most `most` of those that are passed over. Looks at all candidates only where `may` is given. */
export function surveyOf(pool: RoutePool, most: number, now: number, may: MayServe): Survey {
  const { byQuota } = pool.strategy;
  for (const tier of pool.tiers) wake(tier, pool.strategy, now);
  // Nearly always: this is on every request's way.
  if (may === undefined && pool.tiers.every(allReady)) {
    const { length } = pool.entries;
    return { candidates: length, ready: length, coolingDown: 0, reserved: 0, soonest: undefined, passed: [] };
  }
  const theirs = (entries: readonly Entry[]): readonly Entry[] =>
    may === undefined ? entries : entries.filter(({ candidate }) => may(candidate));
  const survey = { candidates: theirs(pool.entries).length, ready: 0, coolingDown: 0, reserved: 0 };
  const passed: Passed[] = [];
  for (const tier of pool.tiers) {
    if (may === undefined) survey.ready += tier.ready.size;
    for (const place of ['cooling-down', 'last-resort', 'reserved'] as const) {
      const { items } = tier[place];
      const entries = theirs(items);
      survey[place === 'reserved' ? place : 'coolingDown'] += entries.length;
      for (const { candidate, state, until } of entries.slice(0, Math.max(0, most - passed.length))) {
        const availability = availabilityOf(state, candidate.model, byQuota, now);
        passed.push({
          candidate,
          until,
          cooldown: 'cooldown' in availability ? availability.cooldown : undefined,
        });
      }
    }
  }
  if (may !== undefined) survey.ready = theirs(pool.entries).filter(({ where }) => where === 'ready').length;
  return {
    ...survey,
    soonest: soonestBack(pool, may),
    passed: passed.sort((one, other) => one.until - other.until),
  };
}

/** The first few that may serve now, in the order of their tiers and places. Looks at all candidates: for people who ask. */
export function readyOf(pool: RoutePool, most: number, now: number): Candidate[] {
  for (const tier of pool.tiers) wake(tier, pool.strategy, now);
  return pool.entries
    .filter(({ where }) => where === 'ready')
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

function allReady(tier: Tier): boolean {
  return (
    tier['cooling-down'].items.length === 0 &&
    tier['last-resort'].items.length === 0 &&
    tier.reserved.items.length === 0
  );
}

/** When the first of those that are cooling down is back, in ms since the epoch; undefined when none is cooling down. */
export function soonestBack({ tiers }: RoutePool, may: MayServe): number | undefined {
  let soonest = Number.POSITIVE_INFINITY;
  for (const tier of tiers)
    for (const heap of [tier['cooling-down'], tier['last-resort']]) {
      const entries = may === undefined ? heap.items.slice(0, 1) : heap.items;
      for (const { candidate, until } of entries)
        if (until < soonest && may?.(candidate) !== false) soonest = until;
    }
  return soonest === Number.POSITIVE_INFINITY ? undefined : soonest;
}
