/** The limits of client keys over all replicas: out of leased units where there are any, by asking once where there are none. */
import type { ClusterConfig } from '../../config/cluster-keys.ts';
import { type Amounts, type Ask, longest } from '../../limits/ledger.ts';
import type { LimitRefusal, LimitUsage } from '../../limits/limit.ts';
import type { SharedAdmission, SharedKey, SharedLimits } from '../../limits/shared-limits.ts';
import { amountOf, type LimitMeter, needOf, partOf, unitsOf, windowKept } from './limit-meters.ts';
import { createMeterBook, type KeyMeters, type MeterBookOptions } from './meter-book.ts';
import type { SharedMeter } from './shared-meter.ts';

export interface SharedLimitsOptions extends MeterBookOptions {
  rule: ClusterConfig['when-valkey-is-away'];
  /** Which of how many replicas this one is, as known last. */
  place: () => { rank: number; of: number };
  /** Ms that a request waits for units; 5 by default. */
  longestWait?: number;
}

export interface SharedLimitsHalf extends SharedLimits {
  /** Everything may have been lost: sends all again. */
  again(): void;
  /** Gives back what is leased. */
  close(): Promise<void>;
}

/** When the answer is late: of a limit of which so much is left, by what is known, each replica lets in its part of so much. */
const creditEdge = 0.2;
const creditShare = 0.1;

/** Ms without an answer after which requests no longer wait for one. */
const silence = 25;
/** Ms after which units may be free that others hold. */
const soonFree = 1000;

export function createSharedLimits(options: SharedLimitsOptions): SharedLimitsHalf {
  const { isUp, rule, place, clock, longestWait = 5 } = options;
  const book = createMeterBook(options);
  /** Since when, by the clock, a question has no answer. */
  let unanswered: number | undefined;

  function prepare(key: SharedKey, ask: Ask | undefined): Promise<void> | undefined {
    if (!isUp() || isSilent()) return undefined;
    let asked: Promise<void>[] | undefined;
    for (const { of, meter } of book.of(key).all) {
      const need = needOf(of.unit, ask);
      if (need === undefined || need.least > of.most || meter.free() >= need.wanted) continue;
      if (meter.fullFor(need.least) !== undefined) continue;
      book.use(meter);
      asked ??= [];
      asked.push(meter.ask(need.least, need.wanted));
    }
    return asked && inTime(asked);
  }

  /** Whether requests have waited in vain and no answer has come since: then no further one waits. */
  const isSilent = (): boolean => unanswered !== undefined && clock.monotonic() - unanswered > silence;

  /** Answers that have come when the time is up are still taken in: the process may have been busy with something else. */
  function inTime(asked: readonly Promise<void>[]): Promise<void> {
    unanswered ??= clock.monotonic();
    return new Promise((resolve) => {
      const callOff = clock.after(longestWait, () => setImmediate(() => setImmediate(resolve)));
      void Promise.all(asked).then(() => {
        unanswered = undefined;
        callOff();
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

  /** What others hold is theirs, be it used or not. */
  function refusalOf(
    { limit, unit, most, kind, until }: LimitMeter,
    meter: SharedMeter,
    least: number,
  ): LimitRefusal {
    const used = meter.lease.known?.used ?? 0;
    const held = used + least <= most;
    const heldElsewhere = held && kind !== 'slots';
    const soon = kind === 'window' ? clock.now() + (meter.fullFor(least) ?? soonFree) : undefined;
    return {
      limit,
      most: amountOf(unit, most),
      used: amountOf(unit, heldElsewhere ? used : Math.max(most, used)),
      ...(heldElsewhere && { heldElsewhere }),
      resetsAt: kind === 'total' && !held ? until : soon,
      tooLarge: least > most,
    };
  }

  /** Used by all, as last known, plus the use here since; leases for future requests do not count. */
  function usedOf(kind: LimitMeter['kind'], { lease }: SharedMeter): number {
    const { known, used, counted, reserved } = lease;
    return kind === 'slots' ? (known?.held ?? reserved) : (known?.used ?? 0) + used - counted + reserved;
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
      book.use(meter);
      return of.unit === 'request' ? [] : [{ of, meter, amount }];
    });
    return (spent) => {
      for (const { of, meter, amount } of held) {
        const used = of.unit === 'tokens' || of.unit === 'usd' ? unitsOf(of.unit, spent[of.unit]) : 0;
        meter.settle(amount, used);
        book.use(meter);
      }
    };
  }

  function alone(key: SharedKey, ask: Ask | undefined, limits: SharedKey['limits']): SharedAdmission {
    return { kind: 'alone', limits, admitted: () => taken(book.of(key).all, ask) };
  }

  function refresh(key: SharedKey): Promise<void> | undefined {
    if (!isUp() || isSilent()) return undefined;
    const stale = book.of(key).all.filter(({ meter }) => !meter.isFresh());
    return stale.length === 0 ? undefined : inTime(stale.map(({ meter }) => meter.ask(0, 0)));
  }

  return {
    prepare,
    refresh,
    admit(key, ask) {
      if (!isUp()) {
        if (rule === 'refuse') return { kind: 'unavailable' };
        return alone(key, ask, rule === 'local' ? key.limits : partOf(key.limits, place()));
      }
      const { all } = book.of(key);
      let unknown = false;
      const refusals: LimitRefusal[] = [];
      for (const { of, meter } of all) {
        const need = needOf(of.unit, ask);
        if (need === undefined) continue;
        const verdict = judge(of, meter, need.least);
        if (verdict === 'unknown') unknown = true;
        else if (typeof verdict === 'object') refusals.push(verdict);
      }
      const refusal = longest(refusals);
      if (refusal !== undefined) return { kind: 'refused', refusal };
      if (unknown) return alone(key, ask, partOf(key.limits, place()));
      return { kind: 'admitted', settle: taken(all, ask) };
    },
    usageOf(key) {
      const { all } = book.of(key);
      // Who looks again sees what others have done meanwhile.
      void refresh(key);
      if (all.some(({ meter }) => meter.lease.known === undefined)) return undefined;
      return all.map(({ of: { limit, unit, most, kind, until }, meter }): LimitUsage => {
        const used = Math.min(usedOf(kind, meter), Math.max(most, meter.lease.known?.used ?? 0));
        const left = kind === 'total' ? until : kind === 'window' ? clock.now() + windowKept : undefined;
        return {
          limit,
          most: amountOf(unit, most),
          used: amountOf(unit, used),
          resetsAt: used === 0 ? undefined : left,
        };
      });
    },
    use: book.keep,
    again: book.again,
    close: book.close,
  };
}
