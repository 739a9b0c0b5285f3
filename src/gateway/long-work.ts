/**
 * Long bodies are translated one after the other. There is one thread: done side by side, none would be ready earlier, and the
 * trees and texts of all of them would be there at the same time.
 */
import type { Cancellation } from '../http-client/message.ts';
import { workedAtOnce } from './yield-for.ts';

export interface LongWork {
  /**
   * Resolves when it is this body's place in the queue, with what ends its work; with undefined where its request is over before. Bodies come
   * in the order in which they have asked. Its work waits for nothing but the event loop.
   */
  begin(bytes: number, watch: Cancellation): Promise<(() => void) | undefined>;
  /** A body of so many bytes has been read, or a part of it written: what that has left is in the way of what comes next, where it is much. */
  between(bytes: number): void;
}

/** Bytes of the bodies that are worked on at the same time; a longer one is worked on alone. */
const mostAtOnce = 1024 * 1024;

/** Is told of what long bodies leave behind. */
export interface LeftBehind {
  /** Behind each body, with its bytes. */
  translated(bytes: number): void;
  /** Between two steps with one. */
  between(bytes: number): void;
}

interface Waiting {
  bytes: number;
  start: (() => void) | undefined;
}

export function longWork({ translated, between }: LeftBehind): LongWork {
  const queue: Waiting[] = [];
  let running = 0;
  let atWork = 0;

  function startNext(): void {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (next.start !== undefined) {
        if (running > 0 && atWork + next.bytes > mostAtOnce) return;
        running += 1;
        atWork += next.bytes;
        next.start();
      }
      queue.shift();
    }
  }

  function endOf(bytes: number): () => void {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      running -= 1;
      atWork -= bytes;
      translated(bytes);
      startNext();
    };
  }

  return {
    begin(bytes, watch) {
      if (watch.cancelled !== undefined) return Promise.resolve(undefined);
      const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>();
      const waiting: Waiting = { bytes, start: () => resolve(endOf(bytes)) };
      queue.push(waiting);
      startNext();
      watch.whenCancelled(() => {
        waiting.start = undefined;
        resolve(undefined);
      });
      return promise;
    },
    between(bytes) {
      if (bytes > workedAtOnce) between(bytes);
    },
  };
}

/** Runs the work when the queue has come to this body; undefined where its request is over before. The work waits for nothing but the event loop. */
export async function runQueued<Result>(
  work: LongWork,
  bytes: number,
  watch: Cancellation,
  run: () => Promise<Result>,
): Promise<{ done: Result } | undefined> {
  const end = await work.begin(bytes, watch);
  if (end === undefined) return undefined;
  try {
    return { done: await run() };
  } finally {
    end();
  }
}

/** The same of a request that no call ends yet: at once for a short body, and for a long one until its client leaves. */
export async function inItsTurn<Result>(
  work: LongWork,
  bytes: number,
  client: AbortSignal,
  run: () => Promise<Result>,
): Promise<{ done: Result } | undefined> {
  if (bytes <= workedAtOnce) return { done: await run() };
  const gone = new Error('the request is no longer wanted');
  let leave = (): void => {};
  const watch: Cancellation = {
    get cancelled() {
      return client.aborted ? gone : undefined;
    },
    whenCancelled(then) {
      leave = () => then(gone);
      client.addEventListener('abort', leave);
    },
  };
  try {
    return await runQueued(work, bytes, watch, run);
  } finally {
    client.removeEventListener('abort', leave);
  }
}
