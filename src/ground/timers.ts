/** Waiting, as an argument: the system's timers, or a test's. None of them keeps the process alive. */
export interface Timers {
  /** Runs once after so many ms; gives what calls it off. */
  after(ms: number, run: () => void): () => void;
  /** Runs every so many ms; gives what ends it. */
  every(ms: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};
