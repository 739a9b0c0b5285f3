/** Holds back the unfinished end of an event stream: no client can use it yet, and it would spoil an error that follows. */
import { growingBytes } from '../../http-client/growing-bytes.ts';
import { wholeEventBytes } from '../../protocols/sse-bytes.ts';

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
      const until = fits ? size : wholeEventBytes(held.bytes(), chunk);
      const whole = until > 0 ? joined(fits ? chunk : chunk.subarray(0, until)) : undefined;
      if (until < size) held.push(chunk.subarray(until));
      return whole;
    },
    rest: () => joined(nothing),
  };
}
