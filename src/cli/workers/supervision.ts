/** Workers that are kept running: who dies is started again, and all can be exchanged one by one. Knows no processes. */

/** One start of a worker. */
export interface Worker {
  /** `true` when it serves; `false` when it ended before. */
  ready: Promise<boolean>;
  ended: Promise<WorkerEnd>;
  /** Asked to stop, it drains and ends by itself. */
  stop(): void;
}

export interface WorkerEnd {
  code: number;
  /** For people: `exit code 1`, `SIGKILL`. */
  how: string;
}

export interface Supervised {
  count: number;
  /** Starts the worker with this number, from 1. */
  start(number: number): Worker;
  now(): number;
  /** Milliseconds. */
  wait(time: number): Promise<unknown>;
  say(level: 'info' | 'warn' | 'error', sentence: string): void;
}

export interface Supervision {
  /**
   * Starts the first worker, then the others; resolves when all serve. If the first ends before it serves, none will: then it
   * is not started again, and this is its end.
   */
  start(): Promise<WorkerEnd | 'serving'>;
  /** Exchanges one worker after the other, each once the one before serves; ends early where a new one does not. */
  restartAll(): Promise<void>;
  /** Stops all at the same time; resolves when they have ended. */
  stop(): Promise<void>;
}

/** Who served for so many milliseconds is started again at once. */
const steady = 10_000;
/** Pauses before a worker that keeps dying is started again, in milliseconds. */
const firstPause = 500;
const longestPause = 30_000;

/** One place among the workers. */
interface Place {
  number: number;
  worker: Worker | undefined;
  /** It was asked to stop so that another takes its place. */
  exchanged: boolean;
  /** What waits for the next one that is started. */
  waiting: ((served: boolean) => void)[];
  done: Promise<void>;
}

export function createSupervision({ count, start, now, wait, say }: Supervised): Supervision {
  const places: Place[] = [];
  const stopped = Promise.withResolvers<void>();
  let stopping = false;
  let turn: Promise<void> = Promise.resolve();

  function begin(place: Place): Worker {
    const worker = start(place.number);
    place.worker = worker;
    const waiting = place.waiting.splice(0);
    void worker.ready.then((served) => {
      for (const resolve of waiting) resolve(served);
    });
    return worker;
  }

  async function keep(place: Place, first: Worker): Promise<void> {
    let deaths = 0;
    let worker = first;
    let startedAt = now();
    for (;;) {
      const { how } = await worker.ended;
      place.worker = undefined;
      if (stopping) return;
      if (place.exchanged) {
        place.exchanged = false;
        deaths = 0;
      } else {
        deaths = now() - startedAt >= steady ? 0 : deaths + 1;
        const pause = deaths === 0 ? 0 : Math.min(longestPause, firstPause * 2 ** (deaths - 1));
        say('error', `worker ${place.number} ended (${how}); it is started again${inTime(pause)}`);
        await Promise.race([wait(pause), stopped.promise]);
        if (stopping) return;
      }
      startedAt = now();
      worker = begin(place);
    }
  }

  async function place(number: number): Promise<WorkerEnd | undefined> {
    const made: Place = { number, worker: undefined, exchanged: false, waiting: [], done: Promise.resolve() };
    places.push(made);
    const worker = begin(made);
    const served = await worker.ready;
    if (number === 1 && !served) return worker.ended;
    made.done = keep(made, worker);
    return undefined;
  }

  async function exchange(each: Place): Promise<boolean> {
    const next = new Promise<boolean>((resolve) => each.waiting.push(resolve));
    // Who is dead already is on its way back anyway.
    if (each.worker !== undefined) {
      each.exchanged = true;
      each.worker.stop();
    }
    return Promise.race([next, stopped.promise.then(() => false)]);
  }

  return {
    async start() {
      const failed = await place(1);
      if (failed !== undefined) return failed;
      await Promise.all(Array.from({ length: count - 1 }, (_, index) => place(index + 2)));
      return 'serving';
    },
    restartAll() {
      turn = turn.then(async () => {
        if (stopping) return;
        say('info', `the ${count} workers are exchanged, one after the other`);
        for (const each of places) {
          if (await exchange(each)) continue;
          if (!stopping) say('error', `worker ${each.number} did not come back: the others stay as they are`);
          return;
        }
        say('info', `all ${count} workers are new`);
      });
      return turn;
    },
    async stop() {
      stopping = true;
      stopped.resolve();
      for (const { worker } of places) worker?.stop();
      await Promise.all(places.map(({ done }) => done));
    },
  };
}

function inTime(pause: number): string {
  return pause === 0 ? '' : ` in ${pause / 1000} s`;
}
