/**
 * Finished requests on their way to a collector: a bounded list, sent off in batches by a timer. A request only puts itself
 * into the list; the exporter is loaded when there is something to send, and a collector that is away costs traces, nothing else.
 */
import type { BatchSizes } from './otel-variables.ts';
import type { Span } from './spans.ts';

/** Sends spans; resolves with whether the collector has taken them. Never rejects. */
export type SendSpans = (spans: Span[]) => Promise<boolean>;

export interface SpanQueue<Item> {
  add(item: Item): void;
  /** Spans that were taken, and those that were given up. */
  counts(): { exported: number; dropped: number };
  /** Sends what is there, for at most two seconds; what is left then is given up. */
  close(): Promise<void>;
}

export interface QueueDeps<Item> {
  spansOf: (item: Item) => Span[];
  /** How many spans that will be. */
  sizeOf: (item: Item) => number;
  send: SendSpans;
  sizes: BatchSizes;
  /** Runs once after so many milliseconds; the result calls it off. */
  after: (milliseconds: number, run: () => void) => () => void;
  /** The collector has stopped taking spans, or takes them again. */
  onChange: (takes: boolean) => void;
}

/** Milliseconds that a stop waits for the collector. */
const longestStop = 2000;

export function spanQueue<Item>(deps: QueueDeps<Item>): SpanQueue<Item> {
  const { spansOf, sizeOf, send, sizes, after, onChange } = deps;
  let waiting: Item[] = [];
  /** Spans of those that wait, and of those that are under way. */
  let waitingSpans = 0;
  let sent = 0;
  let sending: Promise<void> | undefined;
  let callOff: (() => void) | undefined;
  let exported = 0;
  let dropped = 0;
  let takes = true;
  let closed = false;
  /** All spans have been counted: what is still under way changes nothing any more. */
  let over = false;

  /** So many spans from the beginning of the list, the oldest first; at least those of one request. */
  function taken(most: number): Item[] {
    let spans = 0;
    let count = 0;
    for (const item of waiting) {
      const size = sizeOf(item);
      if (count > 0 && spans + size > most) break;
      spans += size;
      count += 1;
    }
    waitingSpans -= spans;
    const items = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return items;
  }

  function giveUpOldest(): void {
    const oldest = waiting.shift();
    if (oldest === undefined) return;
    const size = sizeOf(oldest);
    waitingSpans -= size;
    dropped += size;
  }

  function schedule(delay: number): void {
    if (closed || sending !== undefined) return;
    callOff?.();
    callOff = after(delay, () => {
      callOff = undefined;
      sending = batch().finally(() => {
        sending = undefined;
        if (waiting.length > 0) schedule(waitingSpans >= sizes.batch ? 0 : sizes.delay);
      });
    });
  }

  async function batch(): Promise<void> {
    const spans = taken(sizes.batch).flatMap(spansOf);
    sent += spans.length;
    // A request of many attempts alone may be more than a batch.
    for (let from = 0; from < spans.length; from += sizes.batch) {
      const part = spans.slice(from, from + sizes.batch);
      const accepted = await inTime(send(part));
      if (over) return;
      sent -= part.length;
      if (accepted) exported += part.length;
      else dropped += part.length;
      if (accepted !== takes) onChange(accepted);
      takes = accepted;
    }
  }

  /** A collector that never ends its answer is not waited for: what comes after it would be lost, too. */
  async function inTime(answer: Promise<boolean>): Promise<boolean> {
    let stop: (() => void) | undefined;
    const late = new Promise<boolean>((resolve) => {
      stop = after(sizes.patience, () => resolve(false));
    });
    const accepted = await Promise.race([answer, late]);
    stop?.();
    return accepted;
  }

  return {
    add(item) {
      const size = sizeOf(item);
      while (waiting.length > 0 && waitingSpans + size > sizes.waiting) giveUpOldest();
      waiting.push(item);
      const before = waitingSpans;
      waitingSpans += size;
      if (callOff === undefined) schedule(sizes.delay);
      else if (before < sizes.batch && waitingSpans >= sizes.batch) schedule(0);
    },
    counts: () => ({ exported, dropped }),
    async close() {
      closed = true;
      callOff?.();
      const all = async (): Promise<void> => {
        await sending;
        while (waiting.length > 0) await batch();
      };
      let stop: (() => void) | undefined;
      const late = new Promise<void>((resolve) => {
        stop = after(longestStop, resolve);
      });
      await Promise.race([all(), late]);
      stop?.();
      over = true;
      dropped += sent + waitingSpans;
      waiting = [];
      waitingSpans = 0;
      sent = 0;
    },
  };
}
