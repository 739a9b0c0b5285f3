/** How long the lines of a stream are. */

export interface LineCounter {
  /** False when a line goes on for more bytes than are allowed. */
  fits(chunk: Uint8Array): boolean;
}

const lineFeed = 10;
const carriageReturn = 13;

/** Looks at the end of each piece only: what is shorter than a piece is no danger. */
export function lineCounter(most: number): LineCounter {
  let length = 0;
  return {
    fits(chunk) {
      const size = chunk.length;
      // Nearly every piece ends with a line.
      if (chunk[size - 1] === lineFeed) {
        length = 0;
        return true;
      }
      let end = chunk.lastIndexOf(lineFeed);
      if (end < 0) end = chunk.lastIndexOf(carriageReturn);
      length = end < 0 ? length + size : size - 1 - end;
      return length <= most;
    },
  };
}
