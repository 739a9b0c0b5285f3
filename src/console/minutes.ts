/** Requests a minute over the last hour, counted as they end: neither the store nor the traces, which hold fewer, are asked. */
import type { Overview } from './wire.ts';

const minute = 60_000;
const shown = 60;

export interface MinuteCounts {
  /** `at`: when the request came, in ms since the epoch. */
  count(at: number, failed: boolean): void;
  /** The oldest first; `now` in ms since the epoch. */
  list(now: number): Overview['minutes'];
}

export function minuteCounts(): MinuteCounts {
  const slots = Array.from({ length: shown }, () => ({ minute: -1, ok: 0, failed: 0 }));
  return {
    count(at, failed) {
      const number = Math.floor(at / minute);
      const slot = slots[number % shown];
      // A request that ran for longer than an hour is of a minute that is not shown any more.
      if (slot === undefined || number < slot.minute) return;
      if (slot.minute !== number) Object.assign(slot, { minute: number, ok: 0, failed: 0 });
      if (failed) slot.failed += 1;
      else slot.ok += 1;
    },
    list(now) {
      const first = Math.floor(now / minute) - shown + 1;
      return Array.from({ length: shown }, (_, place) => {
        const number = first + place;
        const slot = slots[number % shown];
        const { ok, failed } = slot?.minute === number ? slot : { ok: 0, failed: 0 };
        return { at: new Date(number * minute).toISOString(), ok, failed };
      });
    },
  };
}
