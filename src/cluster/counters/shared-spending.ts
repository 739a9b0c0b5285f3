/** What credentials have come to over all replicas: counted after the fact, since what they serve is not known before. */
import type { LimitUsage } from '../../limits/limit.ts';
import type { SharedKey, SharedSpending } from '../../limits/shared-limits.ts';
import { amountOf, unitsOf } from './limit-meters.ts';
import { createMeterBook, type MeterBookOptions } from './meter-book.ts';
import type { SharedMeter } from './shared-meter.ts';

export interface SharedSpendingHalf extends SharedSpending {
  again(): void;
  close(): Promise<void>;
}

/** Ms between two questions what others have spent. */
const lookEvery = 1000;

export function createSharedSpending(options: MeterBookOptions): SharedSpendingHalf {
  const book = createMeterBook(options);
  let spenders: readonly SharedKey[] = [];
  let onChange: (id: string) => void = () => undefined;
  let endLooks: (() => void) | undefined;
  /** What was known of a meter when it was reported last. */
  const reported = new WeakMap<SharedMeter, number>();

  const meterId = (id: string): string => `credential:${id}`;
  const keyOf = ({ id, limits }: SharedKey): SharedKey => ({ id: meterId(id), limits });

  async function look(): Promise<void> {
    if (!options.isUp()) return;
    for (const spender of spenders) {
      const { all } = book.of(keyOf(spender));
      await Promise.all(all.map(({ meter }) => meter.ask(0, 0)));
      let changed = false;
      for (const { meter } of all) {
        const used = meter.lease.known?.used ?? 0;
        changed ||= reported.get(meter) !== used;
        reported.set(meter, used);
      }
      if (changed) onChange(spender.id);
    }
  }

  return {
    add(spender, spent) {
      for (const { of, meter } of book.of(keyOf(spender)).all) {
        if (of.unit !== 'tokens' && of.unit !== 'usd') continue;
        meter.settle(0, unitsOf(of.unit, spent[of.unit]));
        book.use(meter);
      }
    },
    usageOf(spender) {
      const { all } = book.of(keyOf(spender));
      if (all.some(({ meter }) => meter.lease.known === undefined)) return undefined;
      return all.map(({ of: { limit, unit, most, until }, meter: { lease } }): LimitUsage => {
        const used = (lease.known?.used ?? 0) + lease.used - lease.counted;
        return {
          limit,
          most: amountOf(unit, most),
          used: amountOf(unit, used),
          resetsAt: used === 0 ? undefined : until,
        };
      });
    },
    use(used, ledgerOf, changed) {
      spenders = used;
      onChange = changed;
      const ids = new Map(used.map(({ id }) => [meterId(id), id]));
      book.keep(used.map(keyOf), (id) => ledgerOf(ids.get(id) ?? id));
      endLooks?.();
      endLooks = used.length === 0 ? undefined : options.clock.every(lookEvery, () => void look());
    },
    again: book.again,
    async close() {
      endLooks?.();
      await book.close();
    },
  };
}
