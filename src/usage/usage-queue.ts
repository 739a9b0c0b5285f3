/**
 * Finished requests for programs that keep usage of their own and ask for what is new: in memory only, bounded in number,
 * bytes and age. Each reader has a position; anonymous readers share one.
 */
import type { Config } from '../config/schema.ts';
import type { Clock } from '../ground/clock.ts';
import type { ObservedRequest, UsageRecord, UsageSink } from './record.ts';

export interface QueuedRequest {
  record: UsageRecord;
  observed: ObservedRequest | undefined;
}

export interface UsageQueue extends UsageSink {
  /** Whether anything is recorded: where it is not, requests are not looked at for it. */
  readonly recording: boolean;
  configure(config: Pick<Config, 'usage-statistics-enabled' | 'redis-usage-queue-retention-seconds'>): void;
  /** Up to so many that this reader has not got yet, the oldest first; they are his no more. */
  take(reader: string, count: number): QueuedRequest[];
}

/** Requests that are kept, and their bytes as far as those are known. */
const mostRequests = 20_000;
const mostBytes = 16 * 1024 * 1024;
/** Bytes of a record without what was observed of it. */
const recordBytes = 1536;
/** Readers whose positions are remembered; the one that came longest ago is forgotten first. */
const mostReaders = 64;

/** `now`: ms since the epoch. */
export function createUsageQueue(now: Clock['now']): UsageQueue {
  let recording = false;
  let keepFor = 0;
  let queued: (QueuedRequest & { at: number; bytes: number })[] = [];
  /** Of the oldest in the list: how many are gone before it. */
  let first = 0;
  /** Places in {@link queued} that are empty already: moving the list at each would cost more. */
  let gone = 0;
  let bytes = 0;
  /** How many each reader has got or missed; the one that came last is last. */
  const readers = new Map<string, number>();

  function dropOldest(): void {
    bytes -= queued[gone]?.bytes ?? 0;
    gone += 1;
    if (gone < 1024 && gone < queued.length) return;
    queued = queued.slice(gone);
    first += gone;
    gone = 0;
  }

  function trim(): void {
    const oldest = now() - keepFor;
    for (let head = queued[gone]; head !== undefined; head = queued[gone]) {
      if (head.at > oldest && bytes <= mostBytes && queued.length - gone <= mostRequests) return;
      dropOldest();
    }
  }

  return {
    get recording() {
      return recording;
    },

    configure(config) {
      recording = config['usage-statistics-enabled'];
      keepFor = config['redis-usage-queue-retention-seconds'] * 1000;
      if (recording) return;
      first += queued.length;
      queued = [];
      gone = 0;
      bytes = 0;
    },

    add(record) {
      // Requests without an attempt have used nothing.
      if (!recording || record.served === undefined) return;
      const observed = record.passing?.observed;
      const entry = { record, observed, at: now(), bytes: recordBytes + observedBytes(observed) };
      queued.push(entry);
      bytes += entry.bytes;
      trim();
    },

    take(reader, count) {
      trim();
      const from = Math.max(readers.get(reader) ?? 0, first + gone);
      const taken = queued.slice(from - first, from - first + count);
      readers.delete(reader);
      readers.set(reader, from + taken.length);
      const [longest] = readers.keys();
      if (readers.size > mostReaders && longest !== undefined) readers.delete(longest);
      return taken.map(({ record, observed }) => ({ record, observed }));
    },
  };
}

function observedBytes(observed: ObservedRequest | undefined): number {
  if (observed === undefined) return 0;
  const { userAgent, forwardedFor, error = '', responseHeaders = {} } = observed;
  let length = userAgent.length + forwardedFor.length + error.length;
  for (const [name, value] of Object.entries(responseHeaders)) length += name.length + value.length;
  return 2 * length;
}
