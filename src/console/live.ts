/** What an open console sees live: requests as they end, and how many there were. With none open it only counts. */
import type { UsageRecord, UsageSink } from '../usage/record.ts';
import { minuteCounts } from './minutes.ts';
import { endedRow } from './request-row.ts';
import type { Overview, RequestRow } from './wire.ts';

export interface Live extends UsageSink {
  /** Sees each request that ends from now on, until the given function is called. */
  watch(seen: (row: RequestRow) => void): () => void;
  /** Requests that have ended, and those of them that failed, since the start. */
  readonly ended: { all: number; failed: number };
  /** `now` is in ms since the epoch. */
  minutes(now: number): Overview['minutes'];
}

export function createLive(): Live {
  const watchers = new Set<(row: RequestRow) => void>();
  const minutes = minuteCounts();
  const ended = { all: 0, failed: 0 };
  return {
    ended,
    minutes: minutes.list,
    add(record: UsageRecord) {
      const failed = record.error !== undefined || record.status >= 400;
      ended.all += 1;
      if (failed) ended.failed += 1;
      minutes.count(record.at, failed);
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
