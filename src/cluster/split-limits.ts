/**
 * Limits of replicas that have a Postgres and no Valkey: nothing that counts each request is shared, so each replica has a fixed
 * part of every limit, and all parts together are the whole.
 */

import type { SharedSlots } from '../credentials/concurrency.ts';
import type { Clock } from '../ground/clock.ts';
import type { SharedLimits } from '../limits/shared-limits.ts';
import type { MeterBookOptions } from './counters/meter-book.ts';
import { createSharedLimits } from './counters/shared-limits.ts';
import { createSharedSlots } from './counters/shared-slots.ts';
import type { Members } from './members.ts';

export interface SplitLimits {
  limits: SharedLimits;
  places: SharedSlots;
  close(): Promise<void>;
}

export function splitLimits(members: Pick<Members, 'place'>, clock: Clock): SplitLimits {
  const options: MeterBookOptions = {
    meters: { say: () => Promise.reject(new Error('there is no Valkey')) },
    replica: '',
    isUp: () => false,
    clock,
  };
  const places = createSharedSlots({ ...options, place: members.place });
  return {
    limits: createSharedLimits({ ...options, rule: 'share', place: members.place }),
    places,
    close: places.close,
  };
}
