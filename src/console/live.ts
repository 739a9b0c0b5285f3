/** What an open console sees live: requests as they end, and the state around them. With none open it takes nothing. */
import type { UsageRecord, UsageSink } from '../usage/record.ts';
import { endedRow } from './request-row.ts';
import type { RequestRow } from './wire.ts';

export interface Live extends UsageSink {
  /** Sees each request that ends from now on, until the given function is called. */
  watch(seen: (row: RequestRow) => void): () => void;
}

export function createLive(): Live {
  const watchers = new Set<(row: RequestRow) => void>();
  return {
    add(record: UsageRecord) {
      if (watchers.size === 0) return;
      const row = endedRow(record);
      for (const seen of watchers) seen(row);
    },
    watch(seen) {
      watchers.add(seen);
      return () => void watchers.delete(seen);
    },
  };
}
