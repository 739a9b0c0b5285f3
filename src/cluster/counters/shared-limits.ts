/** The limits of client keys over all replicas: out of leased units where there are any, by asking once where there are none. */
import type { ClusterConfig } from '../../config/cluster-keys.ts';
import type { Timers } from '../../ground/timers.ts';
import type { Amounts, Ask, Ledger, LimitRefusal, LimitStanding } from '../../limits/ledger.ts';
import type { SharedAdmission, SharedKey, SharedLimits } from '../../limits/shared-limits.ts';
import type { SlidingWindow } from '../../limits/sliding-window.ts';
import type { Meters } from '../valkey/meter-script.ts';
import {
  amountOf,
  type LimitMeter,
  metersOf,
  needOf,
  partOf,
  periodKept,
  unitsOf,
  windowKept,
} from './limit-meters.ts';
import { createSharedMeter, type SharedMeter } from './shared-meter.ts';

export interface SharedLimitsOptions {
  meters: Meters;
  replica: string;
  /** Whether Valkey answers. */
  isUp: () => boolean;
  rule: ClusterConfig['when-valkey-is-away'];
  /** Which of how many replicas this one is, as known last. */
  place: () => { rank: number; of: number };
  timers: Timers;
  /** Ms since the epoch. */
  now: () => number;
  /** Ms of a clock that only goes forward. */
  clock: () => number;
  /** Ms that a request waits for units; 5 by default. */
  longestWait?: number;
}

export interface SharedLimitsHalf extends SharedLimits {
  /** Everything may have been lost: says all anew. */
  again(): void;
  /** Gives back what is leased. */
  close(): Promise<void>;
}

/** Ms between two looks at meters that are in use. */
const lookEvery = 100;
/** Keys whose limits are known at most; names of keys come from the config, so this is a guard. */
const mostKeys = 100_000;
/** When the answer is late: of a limit of which so much is left, by what is known, each replica lets in its part of so much. */
const creditEdge = 0.2;
const creditShare = 0.1;

/** Ms without an answer after which nobody waits for one. */
const silence = 25;
/** Ms after which units may be free that others hold. */
const soonFree = 1000;

interface KeyMeters {
  limits: SharedKey['limits'];
  /** The earliest end of a period. */
  until: number;
  all: { of: LimitMeter; meter: SharedMeter }[];
}

export function createSharedLimits(options: SharedLimitsOptions): SharedLimitsHalf {
  const { meters, replica, isUp, rule, place, timers, now, clock, longestWait = 5 } = options;
  const keys = new Map<string, KeyMeters>();
  const active = new Set<SharedMeter>();
  let ledgerOf: (id: string) => Ledger | undefined = () => undefined;
  let endLooks: (() => void) | undefined;
  /** Since when, by the clock, a question has no answer. */
  let unanswered: number | undefined;

  function metersFor({ id, limits }: SharedKey): KeyMeters {
    const known = keys.get(id);
    const at = now();
    if (known !== undefined && known.limits === limits && at < known.until) return known;
    const before = new Map(known?.all.map(({ of, meter }) => [of.name, meter]));
    const all = metersOf(id, limits, at).map((of) => {
      const meter = before.get(of.name) ?? newMeter(id, of);
      meter.most = of.most;
      return { of, meter };
    });
    const until = all.reduce((least, { of }) => Math.min(least, of.until), Number.POSITIVE_INFINITY);
    const made = { limits, until, all };
    if (keys.size < mostKeys || known !== undefined) keys.set(id, made);
    return made;
  }

  function newMeter(id: string, { name, kind, limit, unit, most, until }: LimitMeter): SharedMeter {
    const meter: SharedMeter = createSharedMeter({
      ...{ name, kind, most, meters, replica, isUp, clock, after: timers.after },
      keep: () => (kind === 'total' ? Math.max(0, until - now()) + periodKept : windowKept),
      seedOf() {
        if (kind === 'total') return [meter.lease.known?.used ?? 0];
        const ledger = ledgerOf(id);
        return ledger === undefined ? [] : agesOf(unit === 'tokens' ? ledger.tokens : ledger.requests, now());
      },
    });
    if (kind === 'total') {
      const [, period] = limit.split('.');
      const ledger = ledgerOf(id);
      const spent = period === 'month' ? ledger?.month : ledger?.day;
      // What an earlier start has left in its file.
      if (spent !== undefined && spent.until === until && (unit === 'tokens' || unit === 'usd'))
        meter.seed(unitsOf(unit, spent[unit]));
    }
    return meter;
  }

  function use(meter: SharedMeter): void {
    active.add(meter);
    endLooks ??= timers.every(lookEvery, look);
  }

  function look(): void {
    for (const meter of active) {
      meter.look();
      if (!meter.isActive()) active.delete(meter);
    }
    if (active.size > 0) return;
    endLooks?.();
    endLooks = undefined;
  }

  function prepare(key: SharedKey, ask: Ask | undefined): Promise<void> | undefined {
    if (!isUp() || isSilent()) return undefined;
    let asked: Promise<void>[] | undefined;
    for (const { of, meter } of metersFor(key).all) {
      const need = needOf(of.unit, ask);
      if (need === undefined || need.least > of.most || meter.free() >= need.wanted) continue;
      if (meter.fullFor(need.least) !== undefined) continue;
      use(meter);
      asked ??= [];
      asked.push(meter.ask(need.least, need.wanted));
    }
    return asked && inTime(asked);
  }

  /** Whether requests have waited in vain and no answer has come since: then no further one waits. */
  const isSilent = (): boolean => unanswered !== undefined && clock() - unanswered > silence;

  /** Answers that have come when the time is up are still taken in: the process may have been busy with something else. */
  function inTime(asked: readonly Promise<void>[]): Promise<void> {
    unanswered ??= clock();
    return new Promise((resolve) => {
      const timer = setTimeout(() => setImmediate(() => setImmediate(resolve)), longestWait);
      void Promise.all(asked).then(() => {
        unanswered = undefined;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  type Verdict = 'leased' | 'credit' | 'unknown' | LimitRefusal;

  function judge(of: LimitMeter, meter: SharedMeter, least: number): Verdict {
    if (meter.free() >= least) return 'leased';
    if (least > of.most) return refusalOf(of, meter, least);
    const { known } = meter.lease;
    if (meter.fullFor(least) !== undefined) return refusalOf(of, meter, least);
    if (known === undefined) return 'unknown';
    const rest = of.most - known.used - known.held;
    const owed = Math.max(0, -meter.free());
    if (rest >= of.most * creditEdge && owed + least <= (rest * creditShare) / known.replicas)
      return 'credit';
    return meter.isFresh() || rest < of.most * creditEdge ? refusalOf(of, meter, least) : 'unknown';
  }

  /** What others hold is theirs: to who asks, it is used. */
  function refusalOf(
    { limit, unit, most, kind, until }: LimitMeter,
    meter: SharedMeter,
    least: number,
  ): LimitRefusal {
    const used = meter.lease.known?.used ?? 0;
    const held = used + least <= most;
    const soon = kind === 'window' ? now() + (meter.fullFor(least) ?? soonFree) : undefined;
    return {
      limit,
      most: amountOf(unit, most),
      used: amountOf(unit, Math.max(most, used)),
      resetsAt: kind === 'total' && !held ? until : soon,
      tooLarge: least > most,
    };
  }

  /** Used and held by all, as known last, and what was used here since. */
  function usedOf({ lease }: SharedMeter): number {
    const { known } = lease;
    return known === undefined ? lease.used - lease.counted + lease.reserved : known.used + known.held;
  }

  /** Takes what a request needs of each meter, and no more than that is there. */
  function taken(all: KeyMeters['all'], ask: Ask | undefined): (spent: Amounts) => void {
    const units: Record<'tokens' | 'usd', number> = { tokens: 0, usd: 0 };
    for (const unit of ['tokens', 'usd'] as const) {
      const need = needOf(unit, ask);
      if (need === undefined) continue;
      const own = all.filter(({ of }) => of.unit === unit);
      const free = own.reduce((least, { meter }) => Math.min(least, meter.free()), Number.POSITIVE_INFINITY);
      units[unit] = Math.max(need.least, Math.min(need.wanted, free));
    }
    const held = all.flatMap(({ of, meter }) => {
      if (of.unit !== 'request' && of.unit !== 'place' && ask === undefined) return [];
      const amount = of.unit === 'tokens' || of.unit === 'usd' ? units[of.unit] : 1;
      meter.take(amount);
      if (of.unit === 'request') meter.settle(1, 1);
      use(meter);
      return of.unit === 'request' ? [] : [{ of, meter, amount }];
    });
    return (spent) => {
      for (const { of, meter, amount } of held) {
        const used = of.unit === 'tokens' || of.unit === 'usd' ? unitsOf(of.unit, spent[of.unit]) : 0;
        meter.settle(amount, used);
        use(meter);
      }
    };
  }

  function alone(key: SharedKey, ask: Ask | undefined, limits: SharedKey['limits']): SharedAdmission {
    return { kind: 'alone', limits, admitted: () => taken(metersFor(key).all, ask) };
  }

  return {
    prepare,
    admit(key, ask) {
      if (!isUp()) {
        if (rule === 'refuse') return { kind: 'unavailable' };
        return alone(key, ask, rule === 'local' ? key.limits : partOf(key.limits, place()));
      }
      const { all } = metersFor(key);
      let unknown = false;
      const refusals: LimitRefusal[] = [];
      for (const { of, meter } of all) {
        const need = needOf(of.unit, ask);
        if (need === undefined) continue;
        const verdict = judge(of, meter, need.least);
        if (verdict === 'unknown') unknown = true;
        else if (typeof verdict === 'object') refusals.push(verdict);
      }
      const [refusal] = refusals.sort((one, other) => weight(other) - weight(one));
      if (refusal !== undefined) return { kind: 'refused', refusal };
      if (unknown) return alone(key, ask, partOf(key.limits, place()));
      return { kind: 'admitted', settle: taken(all, ask) };
    },
    standing(key) {
      const { all } = metersFor(key);
      if (all.some(({ meter }) => meter.lease.known === undefined)) return undefined;
      return all.map(({ of: { limit, unit, most, kind, until }, meter }): LimitStanding => {
        const used = Math.min(usedOf(meter), Math.max(most, meter.lease.known?.used ?? 0));
        const left = kind === 'total' ? until : kind === 'window' ? now() + windowKept : undefined;
        return {
          limit,
          most: amountOf(unit, most),
          used: amountOf(unit, used),
          resetsAt: used === 0 ? undefined : left,
        };
      });
    },
    use(used, ledgers) {
      ledgerOf = ledgers;
      const ids = new Set(used.map(({ id }) => id));
      for (const id of keys.keys()) if (!ids.has(id)) keys.delete(id);
      for (const key of used)
        for (const { meter } of metersFor(key).all)
          if (isUp() && meter.lease.known === undefined) void meter.ask(0, 0);
    },
    again() {
      for (const { all } of keys.values())
        for (const { meter } of all) if (meter.lease.used > 0) void meter.ask(0, 0);
    },
    async close() {
      endLooks?.();
      await Promise.all([...active].map((meter) => meter.end()));
    },
  };
}

/** The refusal that lasts longest is named. */
function weight({ tooLarge, resetsAt }: LimitRefusal): number {
  return tooLarge ? Number.POSITIVE_INFINITY : (resetsAt ?? 0);
}

/** A window as pairs of seconds ago and whole units. */
function agesOf(window: SlidingWindow, now: number): number[] {
  return window.flatMap(({ latest, amount }) => [
    Math.max(0, Math.floor((now - latest) / 1000)),
    Math.ceil(amount),
  ]);
}
