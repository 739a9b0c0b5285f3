/**
 * Server-sent events as the WHATWG HTML standard §9.2.6 defines them, read from bytes in any split.
 *
 * Fast path: events that begin as the one before are offered to who knows them, without a line being split off;
 * `npm run bench -- --only streams` (performance.md, "SSE, translated").
 */

import type { Json } from './json.ts';

export interface SseEvent {
  /** The `event:` field; undefined when the stream names none. */
  event: string | undefined;
  /** The `data:` lines joined by line feeds. */
  data: string;
  /** What the data says as JSON, where it has been weighed and read already: of a long one in turns with others. Null for what is none. */
  value?: Json;
}

/** What ends a stream of OpenAI's, and of services near it: the one data of an event that is no JSON. */
export const doneMark = '[DONE]';

export interface SseReader {
  /** Takes the next bytes and reports every event that they complete. */
  push(bytes: Uint8Array): void;
  /** The bytes have ended: reports a last event whose blank line never came. */
  end(): void;
}

/**
 * Takes the event whose only data begins at `at` when it knows the data and {@link endsEvent} holds behind it. Returns where
 * the data ends; -1 for data that must be read.
 */
export type TakeKnown = (stream: string, at: number) => number;

/** Whether data that ends at `at` is the last of its event: a line end and a blank line follow. */
export function endsEvent(stream: string, at: number): boolean {
  return stream.charCodeAt(at) === lineFeed && stream.charCodeAt(at + 1) === lineFeed;
}

const lineFeed = 10;
const space = 32;
const colon = 58;

/**
 * A reader that calls `onEvent` for each event that has data.
 * Right for any split of the bytes (inside UTF-8 sequences and between CR and LF too), for LF, CRLF and CR line ends,
 * comments, multi-line data and a byte-order mark. Its cost is linear in the bytes, however they are split.
 * The fields before the data are mostly the same as in the event before: such an event is offered to `takeKnown`, and read
 * only when that does not take it.
 */
export function sseReader(onEvent: (event: SseEvent) => void, takeKnown?: TakeKnown): SseReader {
  const decoder = new TextDecoder('utf-8');
  // Pieces of a line whose end has not come; kept apart so that a long line is not copied once per chunk.
  let pieces: string[] = [];
  let skipLineFeed = false;
  let event: string | undefined;
  let data: string | undefined;
  /** What stood before the data of the last event that was read; empty where that event is not easily found again. */
  let head = '';
  /** Where the event begins in the text at hand, and its data when that is its last line; -1 where it does not. */
  let eventAt = -1;
  let dataAt = -1;

  function dispatch(): void {
    if (data !== undefined) onEvent({ event, data });
    event = undefined;
    data = undefined;
  }

  /** Takes the line in `text` from `start` to `end`; in place, for most lines are a part of a long text. */
  function line(text: string, start: number, end: number): void {
    if (text.startsWith('data:', start)) {
      const from = valueStart(text, start + 5);
      dataAt = data === undefined ? from : -1;
      addData(text.slice(from, end));
      return;
    }
    dataAt = -1;
    if (text.startsWith('event:', start)) event = text.slice(valueStart(text, start + 6), end);
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
    if (text === '') dispatch();
    else line(text, 0, text.length);
    eventAt = -1;
  }

  function blankLine(text: string): void {
    // Comments alone are no event.
    if (data !== undefined) {
      if (eventAt < 0 || dataAt < 0) head = '';
      else if (head.length !== dataAt - eventAt || !text.startsWith(head, eventAt))
        head = text.slice(eventAt, dataAt);
    }
    dispatch();
  }

  /** Where the event at `start` ends, its blank line too, if it is known; -1 for what must be read. */
  function known(text: string, start: number): number {
    if (takeKnown === undefined || head === '' || !text.startsWith(head, start)) return -1;
    const at = start + head.length;
    const end = takeKnown(text, text.charCodeAt(at - 1) === colon ? valueStart(text, at) : at);
    return end < 0 ? -1 : end + 2;
  }

  function take(chunk: string): void {
    let text = chunk;
    if (skipLineFeed && text.length > 0) {
      if (text.charCodeAt(0) === lineFeed) text = text.slice(1);
      skipLineFeed = false;
    }
    if (text.indexOf('\r') >= 0) {
      skipLineFeed = text.charCodeAt(text.length - 1) === 13;
      text = text.replace(/\r\n?/g, '\n');
    }
    let start = 0;
    eventAt = -1;
    for (;;) {
      if (event === undefined && data === undefined && pieces.length === 0) {
        const behind = known(text, start);
        if (behind >= 0) {
          start = behind;
          continue;
        }
        eventAt = start;
      }
      const end = text.indexOf('\n', start);
      if (end < 0) break;
      if (pieces.length > 0) {
        pieces.push(text.slice(start, end));
        lineOfPieces();
      } else if (start === end) blankLine(text);
      else line(text, start, end);
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
  return text.charCodeAt(behindColon) === space ? behindColon + 1 : behindColon;
}

/** One event as wire text. `data` must hold no line breaks (JSON text never does). */
export function sseText(data: string, event?: string): string {
  return event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}
