/** Time, as an argument: the system's, or that of a test, which moves it by hand (`test/fake-clock.ts`). Its laws: `clock.test.ts`. */
export interface Clock {
  /** Ms since the epoch. Goes back when the computer's clock is set back. */
  now(): number;
  /** Ms since any moment. Only goes forward: for how long something takes, and for limits of time. */
  monotonic(): number;
  /** Runs once, no sooner than after so many ms; gives what calls it off. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
  /** Runs every so many ms; gives what ends it. Does not keep the process alive. */
  every(ms: number, run: () => void): () => void;
  /** Resolves after so many ms, or when the signal aborts. Keeps the process alive: somebody waits for it. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Ms of the longest timer that the runtime has: what is set for longer it runs at once. */
const longestTimer = 2 ** 31 - 1;

function timer(ms: number, run: () => void, keepsAlive: boolean): () => void {
  let armed: ReturnType<typeof setTimeout>;
  const arm = (left: number): void => {
    const rest = left - longestTimer;
    armed = rest > 0 ? setTimeout(() => arm(rest), longestTimer) : setTimeout(run, Math.ceil(left));
    if (!keepsAlive) armed.unref();
  };
  arm(ms);
  return () => clearTimeout(armed);
}

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after: (ms, run) => timer(ms, run, false),
  every(ms, run) {
    const running = setInterval(run, Math.min(ms, longestTimer));
    running.unref();
    return () => clearInterval(running);
  },
  wait(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        callOff();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const callOff = timer(ms, done, true);
      signal?.addEventListener('abort', done);
    });
  },
};
