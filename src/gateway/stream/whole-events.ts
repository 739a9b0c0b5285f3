/** Holds back the unfinished end of an event stream: no client can use it yet, and it would spoil an error that follows. */
import { growingBytes } from '../../http-client/growing-bytes.ts';

export interface WholeEvents {
  /** What is there up to the last blank line, which is always whole events; undefined when that is nothing. */
  push(chunk: Uint8Array): Uint8Array | undefined;
  /** What was held back: of a stream that has ended, an event that was cut, or one without its blank line. */
  rest(): Uint8Array;
}

const lineFeed = 10;
const nothing = new Uint8Array();

/** Chunks that end with an event, as nearly all do, pass as they are; bytes are copied only where an event comes in pieces. */
export function wholeEvents(): WholeEvents {
  const held = growingBytes();

  /** What was held, with what goes on from it. */
  function joined(part: Uint8Array): Uint8Array {
    if (held.length === 0) return part;
    held.push(part);
    return held.take();
  }

  return {
    push(chunk) {
      const size = chunk.length;
      const fits = chunk[size - 1] === lineFeed && chunk[size - 2] === lineFeed;
      const until = fits ? size : endOfEvents(held.bytes(), chunk);
      const whole = until > 0 ? joined(fits ? chunk : chunk.subarray(0, until)) : undefined;
      if (until < size) held.push(chunk.subarray(until));
      return whole;
    },
    rest: () => joined(nothing),
  };
}

/** How many bytes of the chunk come before the end of its last blank line; `held` is what stood before the chunk. */
function endOfEvents(held: Uint8Array, chunk: Uint8Array): number {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const plain = bytes.lastIndexOf('\n\n');
  if (plain >= 0) return plain + 2;
  const carriage = bytes.lastIndexOf('\n\r\n');
  if (carriage >= 0) return carriage + 3;
  // A blank line that began before the chunk ends within its first two bytes.
  if (held.length === 0 || (chunk[0] !== lineFeed && chunk[1] !== lineFeed)) return 0;
  const edge = held.subarray(-2);
  const seam = Buffer.concat([edge, chunk.subarray(0, 2)]).toString('latin1');
  const end = /\n(\r?\n)/.exec(seam);
  return end === null ? 0 : Math.max(0, end.index + end[0].length - edge.length);
}
