/** Holds back the unfinished end of an event stream: no client can use it yet, and it would spoil an error that follows. */

export type Send = (chunk: Uint8Array) => void;

export interface WholeEvents {
  /** Sends what is there up to the last blank line; true when that is anything. */
  push(chunk: Uint8Array, send: Send): boolean;
  /** Sends what was held back, for a stream that ends without its last blank line. */
  end(send: Send): void;
}

const lineFeed = 10;
const nothing = new Uint8Array();

/** Chunks that end with an event, as nearly all do, pass as they are; the bytes are never changed or copied. */
export function wholeEvents(): WholeEvents {
  const held: Uint8Array[] = [];
  /** The last two bytes of what is held: a blank line may go on in the next chunk. */
  let edge: Uint8Array = nothing;

  function end(send: Send): void {
    for (const earlier of held.splice(0)) send(earlier);
    edge = nothing;
  }

  return {
    push(chunk, send) {
      const size = chunk.length;
      const fits = chunk[size - 1] === lineFeed && chunk[size - 2] === lineFeed;
      const until = fits ? size : endOfEvents(edge, chunk);
      if (until > 0) {
        end(send);
        send(fits ? chunk : chunk.subarray(0, until));
      }
      if (until < size) {
        held.push(chunk.subarray(until));
        edge = Buffer.concat([edge, chunk.subarray(until)]).subarray(-2);
      }
      return until > 0;
    },
    end,
  };
}

/** How many bytes of the chunk come before the end of its last blank line; `edge` is what stood before the chunk. */
function endOfEvents(edge: Uint8Array, chunk: Uint8Array): number {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const plain = bytes.lastIndexOf('\n\n');
  if (plain >= 0) return plain + 2;
  const carriage = bytes.lastIndexOf('\n\r\n');
  if (carriage >= 0) return carriage + 3;
  if (edge.length === 0) return 0;
  // A blank line that began before the chunk ends within its first two bytes.
  const seam = Buffer.concat([edge, chunk.subarray(0, 2)]).toString('latin1');
  const end = /\n(\r?\n)/.exec(seam);
  return end === null ? 0 : Math.max(0, end.index + end[0].length - edge.length);
}
