/** A counting semaphore over bytes: work that needs memory waits, so that all of it together stays below a bound. */

export interface Semaphore {
  /** Resolves when `bytes` more stay within `most`, or nothing else is in progress; the result releases them. */
  acquire(bytes: number, most: number): Promise<() => void>;
}

interface Waiting {
  bytes: number;
  most: number;
  begin: () => void;
}

export function createSemaphore(): Semaphore {
  let taken = 0;
  const waiting: Waiting[] = [];

  const fits = (bytes: number, most: number): boolean => taken === 0 || taken + bytes <= most;

  function next(): void {
    for (let [first] = waiting; first !== undefined && fits(first.bytes, first.most); [first] = waiting) {
      waiting.shift();
      taken += first.bytes;
      first.begin();
    }
  }

  return {
    acquire(bytes, most) {
      const giveBack = (): void => {
        taken -= bytes;
        next();
      };
      if (waiting.length === 0 && fits(bytes, most)) {
        taken += bytes;
        return Promise.resolve(giveBack);
      }
      return new Promise((resolve) => waiting.push({ bytes, most, begin: () => resolve(giveBack) }));
    },
  };
}
