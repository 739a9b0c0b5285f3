/** Lines that come one by one from somewhere else, as something to iterate over. */

export interface LineQueue {
  push: (line: string) => void;
  /** No more lines will come. */
  end: () => void;
  read: AsyncIterable<string>;
}

/** Lines that wait at most; further ones are left out. */
const mostWaiting = 16;

export function lineQueue(signal: AbortSignal): LineQueue {
  const waiting: string[] = [];
  let wake: () => void = () => {};
  let ended = false;
  const end = (): void => {
    ended = true;
    wake();
  };
  signal.addEventListener('abort', end, { once: true });

  async function* read(): AsyncGenerator<string> {
    for (;;) {
      const line = waiting.shift();
      if (line !== undefined) yield line;
      else if (ended) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }

  return {
    push(line) {
      if (waiting.length < mostWaiting) waiting.push(line);
      wake();
    },
    end,
    read: read(),
  };
}
