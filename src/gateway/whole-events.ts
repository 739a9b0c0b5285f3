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

/** How many bytes of the chunk come before the end of its last blank line. */
function endOfEvents(edge: Uint8Array, chunk: Uint8Array): number {
  const bytes = Buffer.concat([edge, chunk]);
  const plain = bytes.lastIndexOf('\n\n');
  const carriage = bytes.lastIndexOf('\n\r\n');
  const end = Math.max(plain < 0 ? 0 : plain + 2, carriage < 0 ? 0 : carriage + 3);
  return Math.max(0, end - edge.length);
}
