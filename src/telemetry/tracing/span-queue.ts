/**
 * Finished requests on their way to a collector: a bounded list, sent off in batches by a timer. A request only puts itself
 * into the list; the exporter is loaded when there is something to send, and a collector that is away costs traces, nothing else.
 */
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
  send: SendSpans;
  /** Runs once after so many milliseconds; the result calls it off. */
  after: (milliseconds: number, run: () => void) => () => void;
  /** The collector has stopped taking spans, or takes them again. */
  onChange: (takes: boolean) => void;
}

/** Requests that wait; the oldest go first. */
const mostWaiting = 2048;
/** Requests that are sent at once, as soon as there are so many. */
const batchSize = 512;
/** Milliseconds that a request waits at most. */
const sendDelay = 5000;
/** Milliseconds that a stop waits for the collector. */
const longestStop = 2000;

export function spanQueue<Item>({ spansOf, send, after, onChange }: QueueDeps<Item>): SpanQueue<Item> {
  let waiting: Item[] = [];
  let sending: Promise<void> | undefined;
  let callOff: (() => void) | undefined;
  let exported = 0;
  let dropped = 0;
  let takes = true;
  let closed = false;

  function giveUp(items: readonly Item[]): void {
    for (const item of items) dropped += spansOf(item).length;
  }

  function schedule(delay: number): void {
    if (closed || sending !== undefined) return;
    callOff?.();
    callOff = after(delay, () => {
      callOff = undefined;
      sending = batch().finally(() => {
        sending = undefined;
        if (waiting.length > 0) schedule(waiting.length >= batchSize ? 0 : sendDelay);
      });
    });
  }

  async function batch(): Promise<void> {
    const items = waiting.slice(0, batchSize);
    waiting = waiting.slice(batchSize);
    const spans = items.flatMap(spansOf);
    if (spans.length === 0) return;
    const taken = await send(spans);
    if (taken) exported += spans.length;
    else dropped += spans.length;
    if (taken !== takes) onChange(taken);
    takes = taken;
  }

  return {
    add(item) {
      if (waiting.length >= mostWaiting) giveUp(waiting.splice(0, waiting.length - mostWaiting + 1));
      waiting.push(item);
      if (callOff === undefined) schedule(sendDelay);
      else if (waiting.length === batchSize) schedule(0);
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
      giveUp(waiting);
      waiting = [];
    },
  };
}
