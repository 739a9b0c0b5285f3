/** Server-sent events as the WHATWG HTML standard §9.2.6 defines them, read from bytes in any split. */

export interface SseEvent {
  /** The `event:` field; undefined when the stream names none. */
  event: string | undefined;
  /** The `data:` lines joined by line feeds. */
  data: string;
}

export interface SseReader {
  /** Takes the next bytes and reports every event that they complete. */
  push(bytes: Uint8Array): void;
  /** The bytes have ended: reports a last event whose blank line never came. */
  end(): void;
}

/**
 * A reader that calls `onEvent` for each event that has data.
 * Right for any split of the bytes (inside UTF-8 sequences and between CR and LF too), for LF, CRLF and CR line ends,
 * comments, multi-line data and a byte-order mark. Its cost is linear in the bytes, however they are split.
 */
export function sseReader(onEvent: (event: SseEvent) => void): SseReader {
  const decoder = new TextDecoder('utf-8');
  // Pieces of a line whose end has not come; kept apart so that a long line is not copied once per chunk.
  let pieces: string[] = [];
  let skipLineFeed = false;
  let event: string | undefined;
  let data: string | undefined;

  function dispatch(): void {
    if (data !== undefined) onEvent({ event, data });
    event = undefined;
    data = undefined;
  }

  function line(text: string): void {
    if (text.length === 0) {
      dispatch();
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? text : text.slice(0, colon);
    if (name !== 'data' && name !== 'event') return;
    const start = colon < 0 ? text.length : text.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1;
    const value = text.slice(start);
    if (name === 'event') event = value;
    else data = data === undefined ? value : `${data}\n${value}`;
  }

  function take(chunk: string): void {
    let text = chunk;
    if (skipLineFeed && text.length > 0) {
      if (text.charCodeAt(0) === 10) text = text.slice(1);
      skipLineFeed = false;
    }
    if (text.indexOf('\r') >= 0) {
      skipLineFeed = text.charCodeAt(text.length - 1) === 13;
      text = text.replace(/\r\n?/g, '\n');
    }
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      if (pieces.length > 0) {
        pieces.push(text.slice(start, end));
        line(pieces.join(''));
        pieces = [];
      } else {
        line(text.slice(start, end));
      }
      start = end + 1;
    }
    if (start < text.length) pieces.push(start === 0 ? text : text.slice(start));
  }

  return {
    push(bytes) {
      take(decoder.decode(bytes, { stream: true }));
    },
    end() {
      take(decoder.decode());
      if (pieces.length > 0) {
        line(pieces.join(''));
        pieces = [];
      }
      dispatch();
    },
  };
}

/** One event as wire text. `data` must hold no line breaks (JSON text never does). */
export function sseText(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}
