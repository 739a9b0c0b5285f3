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

  /** Takes the line that stands in `text` from `start` to `end`; in place, for most lines are a part of a long text. */
  function line(text: string, start: number, end: number): void {
    if (start === end) dispatch();
    else if (text.startsWith('data:', start)) addData(text.slice(valueStart(text, start + 5), end));
    else if (text.startsWith('event:', start)) event = text.slice(valueStart(text, start + 6), end);
    else {
      // A field without a colon is a field with an empty value.
      const field = text.slice(start, end);
      if (field === 'data') addData('');
      else if (field === 'event') event = '';
    }
  }

  function addData(value: string): void {
    data = data === undefined ? value : `${data}\n${value}`;
  }

  function lineOfPieces(): void {
    const text = pieces.join('');
    pieces = [];
    line(text, 0, text.length);
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
        lineOfPieces();
      } else {
        line(text, start, end);
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
      if (pieces.length > 0) lineOfPieces();
      dispatch();
    },
  };
}

/** Where a field's value begins: one space behind the colon does not belong to it. */
function valueStart(text: string, behindColon: number): number {
  return text.charCodeAt(behindColon) === 32 ? behindColon + 1 : behindColon;
}

/** One event as wire text. `data` must hold no line breaks (JSON text never does). */
export function sseText(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}
