/** The meters of everything that is limited or spends: made when they are first needed, and looked at while they are in use. */
import type { Clock } from '../../ground/clock.ts';
import type { Ledger } from '../../limits/ledger.ts';
import type { SharedKey } from '../../limits/shared-limits.ts';
import type { SlidingWindow } from '../../limits/sliding-window.ts';
import type { Meters } from '../valkey/meter-script.ts';
import { type LimitMeter, meterName, metersOf, periodKept, unitsOf, windowKept } from './limit-meters.ts';
import { createSharedMeter, type SharedMeter } from './shared-meter.ts';

export interface MeterBookOptions {
  meters: Meters;
  replica: string;
  /** Whether Valkey answers. */
  isUp: () => boolean;
  clock: Clock;
  /** Where budgets outlast Valkey; undefined where nothing does. */
  kept?: KeptTotals | undefined;
}

/** What was spent of budgets, where it lasts. Totals only grow, so to write one twice, or late, does no harm. */
export interface KeptTotals {
  /** By the meter's name; those that are not known are left out. Rejects where they cannot be read. */
  read(meters: readonly string[]): Promise<ReadonlyMap<string, number>>;
  write(totals: readonly KeptTotal[]): Promise<void>;
}

export interface KeptTotal {
  meter: string;
  /** In units of the meter. */
  used: number;
  /** When its period ends, in ms since the epoch. */
  until: number;
}

export interface MeterBook {
  of(key: SharedKey): KeyMeters;
  /** A meter is in use: what changes in it is reported, until nothing does. */
  use(meter: SharedMeter): void;
  /** Only these keys are limited now; `ledgerOf`: what this replica alone has counted of one. */
  keep(keys: readonly SharedKey[], ledgerOf: (id: string) => Ledger | undefined): void;
  /** Everything may have been lost: sends all again. */
  again(): void;
  /** Gives back what is leased. */
  close(): Promise<void>;
}

/** Ms between two looks at meters that are in use: what was used is known to the server within 100 ms, its way there included. */
const lookEvery = 80;
/** Ms between two writes of what was spent. */
const writeEvery = 5000;
/** Keys whose limits are known at most; names of keys come from the config, so this is a guard. */
const mostKeys = 100_000;

export interface KeyMeters {
  limits: SharedKey['limits'];
  /** The earliest end of a period. */
  until: number;
  all: { of: LimitMeter; meter: SharedMeter }[];
}

export function createMeterBook(options: MeterBookOptions): MeterBook {
  const { isUp, clock, kept } = options;
  const keys = new Map<string, KeyMeters>();
  const active = new Set<SharedMeter>();
  let ledgerOf: (id: string) => Ledger | undefined = () => undefined;
  /** Whose a meter is, where that is another key than it was made for; and the key before each. */
  const ownerOf = new WeakMap<SharedMeter, string>();
  let befores: ReadonlyMap<string, string> = new Map();
  let endLooks: (() => void) | undefined;

  function metersFor({ id, limits }: SharedKey): KeyMeters {
    const known = keys.get(id);
    const at = clock.now();
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
      ...options,
      ...{ name, kind, most, clock },
      keep: () => (kind === 'total' ? Math.max(0, until - clock.now()) + periodKept : windowKept),
      seedOf() {
        if (kind === 'total') return [meter.lease.known?.used ?? 0];
        const ledger = ledgerOf(ownerOf.get(meter) ?? id);
        return ledger === undefined
          ? []
          : agesOf(unit === 'tokens' ? ledger.tokens : ledger.requests, clock.now());
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

  /** The meters of a key that was replaced are those of the key in its place: with what runs, is leased and was used. */
  function takeOver({ id, before }: SharedKey): void {
    const known = before === undefined ? undefined : keys.get(before);
    if (before === undefined || known === undefined || keys.has(id)) return;
    keys.delete(before);
    const all = known.all.map(({ of, meter }) => {
      const name = renamed(of.name, before, id);
      meter.rename(name);
      ownerOf.set(meter, id);
      use(meter);
      if (isUp()) void meter.ask(0, 0);
      return { of: { ...of, name }, meter };
    });
    keys.set(id, { ...known, all });
  }

  function use(meter: SharedMeter): void {
    active.add(meter);
    endLooks ??= clock.every(lookEvery, look);
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

  /** What was written of a meter last. */
  const written = new WeakMap<SharedMeter, number>();

  /** Each with the names under which it may have been kept. */
  const totals = (): { of: LimitMeter; meter: SharedMeter; names: string[] }[] =>
    [...keys].flatMap(([id, { all }]) => {
      const before = befores.get(id);
      return all
        .filter(({ of }) => of.kind === 'total')
        .map((one) => {
          const names = before === undefined ? [] : [renamed(one.of.name, id, before)];
          return { ...one, names: [one.of.name, ...names] };
        });
    });

  async function write(): Promise<void> {
    const changed = totals().flatMap(({ of: { name, until }, meter }) => {
      const used = meter.lease.known?.used ?? 0;
      return used > (written.get(meter) ?? 0) ? [{ meter, total: { meter: name, used, until } }] : [];
    });
    if (kept === undefined || changed.length === 0) return;
    try {
      // In one order everywhere: replicas that write the same rows do not wait for each other in a circle.
      await kept.write(changed.map(({ total }) => total).sort((a, b) => (a.meter < b.meter ? -1 : 1)));
      for (const { meter, total } of changed) written.set(meter, total.used);
    } catch {
      // It is written with the next.
    }
  }

  /** Learns what was spent before, from what lasts, and reports it to a server that may have lost it. */
  async function recall(): Promise<void> {
    const all = totals();
    if (kept === undefined || all.length === 0) return;
    try {
      const known = await kept.read(all.flatMap(({ names }) => names));
      for (const { names, meter } of all) {
        meter.seed(Math.max(...names.map((name) => known.get(name) ?? 0)));
        if (isUp()) void meter.ask(0, 0);
      }
    } catch {
      // What this replica knows itself is reported all the same.
    }
  }

  const endWrites = kept === undefined ? undefined : clock.every(writeEvery, () => void write());

  return {
    of: metersFor,
    use,
    keep(used, ledgers) {
      ledgerOf = ledgers;
      befores = new Map(
        used.flatMap(({ id, before }) => (before === undefined ? [] : [[id, before] as const])),
      );
      for (const key of used) takeOver(key);
      const ids = new Set(used.map(({ id }) => id));
      for (const id of keys.keys()) if (!ids.has(id)) keys.delete(id);
      for (const key of used)
        for (const { meter } of metersFor(key).all)
          if (isUp() && meter.lease.known === undefined) void meter.ask(0, 0);
      void recall();
    },
    again() {
      for (const { all } of keys.values())
        for (const { meter } of all) if (meter.lease.used > 0) void meter.ask(0, 0);
      void recall();
    },
    async close() {
      endLooks?.();
      endWrites?.();
      await Promise.all([...active].map((meter) => meter.end()));
      await write();
    },
  };
}

/** The name of a meter of one key as that of another. */
function renamed(name: string, from: string, to: string): string {
  return meterName(to, name.slice(meterName(from, '').length));
}

/** A window as pairs of seconds ago and whole units. */
function agesOf(window: SlidingWindow, now: number): number[] {
  return window.flatMap(({ latest, amount }) => [
    Math.max(0, Math.floor((now - latest) / 1000)),
    Math.ceil(amount),
  ]);
}
