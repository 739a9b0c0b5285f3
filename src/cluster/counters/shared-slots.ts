/**
 * Places at credentials that serve only so many requests at a time, over all replicas: each has its equal part for itself, and
 * the remainder is leased on demand.
 */
import type { SharedSlots } from '../../credentials/concurrency.ts';
import type { MeterBookOptions } from './meter-book.ts';
import { createSharedMeter, type SharedMeter } from './shared-meter.ts';

export interface ClusterSlots extends SharedSlots {
  close(): Promise<void>;
}

export interface ClusterSlotsOptions extends MeterBookOptions {
  /** Which of how many replicas this one is, as known last. */
  place: () => { rank: number; of: number };
}

/** Ms between two questions for a place that somebody waits for, and between two looks at those that are leased. */
const askEvery = 50;
const lookEvery = 1000;
/** Ms that Valkey keeps a meter without a word. */
const kept = 60_000;

interface Pool {
  meter: SharedMeter;
  /** Places beyond the own part that are in use. */
  extra: number;
  asking: boolean;
}

export function createSharedSlots(options: ClusterSlotsOptions): ClusterSlots {
  const { place, isUp, clock } = options;
  const pools = new Map<string, Pool>();
  let onMore: (key: string) => void = () => undefined;

  function poolOf(key: string, most: number): Pool {
    const known = pools.get(key);
    if (known !== undefined) {
      known.meter.most = most;
      return known;
    }
    const meter = createSharedMeter({
      ...options,
      ...{ name: `places:${key}`, kind: 'slots', most },
      keep: () => kept,
      seedOf: () => [],
    });
    const pool = { meter, extra: 0, asking: false };
    pools.set(key, pool);
    return pool;
  }

  /** The own part, and the number of slots leased on demand. While Valkey is down those belong to the first replicas. */
  function partsOf(places: number): { own: number; shared: number } {
    const { rank, of } = place();
    const even = Math.floor(places / of);
    const shared = places - even * of;
    return isUp() ? { own: even, shared } : { own: even + (rank < shared ? 1 : 0), shared: 0 };
  }

  async function ask(key: string, pool: Pool): Promise<void> {
    if (pool.asking) return;
    pool.asking = true;
    await pool.meter.ask(1, 1);
    pool.asking = false;
    onMore(key);
    // The waiting request may have got a slot meanwhile: another replica may need this one.
    pool.meter.look();
  }

  function want(key: string, places: number): void {
    const { shared } = partsOf(places);
    if (shared > 0 && isUp()) void ask(key, poolOf(key, shared));
  }

  const endLooks = clock.every(lookEvery, () => {
    for (const [key, { meter, extra, asking }] of pools) {
      meter.look();
      if (extra === 0 && !asking && !meter.isActive()) pools.delete(key);
    }
  });

  return {
    allowed(key, places) {
      const { own, shared } = partsOf(places);
      const pool = pools.get(key);
      if (pool === undefined) return own;
      return own + (shared === 0 ? pool.extra : pool.extra + Math.max(0, pool.meter.free()));
    },
    want,
    wanting(key, places, isWaiting) {
      const again = (): void => {
        if (!isWaiting()) return;
        want(key, places);
        clock.after(askEvery, again);
      };
      clock.after(askEvery, again);
    },
    taken(key, places, taken) {
      const { own, shared } = partsOf(places);
      const extra = Math.max(0, taken - own);
      const pool = pools.get(key) ?? (extra > 0 ? poolOf(key, shared) : undefined);
      if (pool === undefined || pool.extra === extra) return;
      if (extra > pool.extra) pool.meter.take(extra - pool.extra);
      else pool.meter.settle(pool.extra - extra, 0);
      pool.extra = extra;
    },
    onMore(handler) {
      onMore = handler;
    },
    async close() {
      endLooks();
      await Promise.all([...pools.values()].map(({ meter }) => meter.end()));
    },
  };
}
