/** The lines that a person types, or a pipe holds, given to the next reader. */

export interface Lines {
  /**
   * The next line without its end and without spaces around it; undefined after the last one, or when the signal aborts.
   * A line that comes while no reader waits is kept for the next one.
   */
  next(signal?: AbortSignal): Promise<string | undefined>;
  /** The lines from here on, until the signal aborts or there are no more. */
  until(signal: AbortSignal): AsyncIterable<string>;
}

/** Reads `source` from now on. */
export function linesOf(source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>): Lines {
  const ready: string[] = [];
  const asking = new Set<() => void>();
  let ended = false;
  const wake = () => {
    for (const look of [...asking]) look();
  };

  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of source) {
      rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      const lines = rest.split(/\r?\n/);
      rest = lines.pop() ?? '';
      ready.push(...lines.map((line) => line.trim()));
      wake();
    }
    if (rest.trim() !== '') ready.push(rest.trim());
  };
  // A broken input counts as an ended one: readers have other ways to continue.
  void read()
    .catch(() => {})
    .finally(() => {
      ended = true;
      wake();
    });

  const next = (signal?: AbortSignal): Promise<string | undefined> =>
    new Promise((resolve) => {
      const look = () => {
        const stopped = signal?.aborted === true;
        if (ready.length === 0 && !ended && !stopped) return;
        asking.delete(look);
        signal?.removeEventListener('abort', look);
        resolve(stopped ? undefined : ready.shift());
      };
      asking.add(look);
      signal?.addEventListener('abort', look);
      look();
    });

  return {
    next,
    async *until(signal) {
      for (let line = await next(signal); line !== undefined; line = await next(signal)) yield line;
    },
  };
}
