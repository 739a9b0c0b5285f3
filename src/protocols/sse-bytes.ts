/**
 * Server-sent events in the bytes of a passed-through stream: their ends, and the fields of one. Lines end with LF or CRLF; where
 * they end with CR alone, line feeds are put in its place before (gateway/stream/line-feeds.ts).
 */
import type { SseEvent } from './sse.ts';

const lineFeed = 10;
const carriageReturn = 13;

/** Bytes of a line that are looked at before its end is searched for natively: there may be millions of short ones. */
const shortLine = 6;

/** The offset of the line feed that ends the last line of the event at `from`: a blank line follows. -1 where there is none. */
export function eventEnd(bytes: Uint8Array, from: number): number {
  // By bytes, and without a look at their buffer, which the runtime would have to make first.
  for (let at = lineEnd(bytes, from); at >= 0; at = lineEnd(bytes, at + 1)) {
    const next = bytes[at + 1];
    if (next === lineFeed || (next === carriageReturn && bytes[at + 2] === lineFeed)) return at;
  }
  return -1;
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const near = from + shortLine;
  for (let at = from; at < near; at++) if (bytes[at] === lineFeed) return at;
  return bytes.indexOf(lineFeed, near);
}

/** The offset behind the blank line of the event that {@link eventEnd} found. */
export function behindEvent(bytes: Uint8Array, end: number): number {
  return bytes[end + 1] === lineFeed ? end + 2 : end + 3;
}

/** The last byte of an event that ends there, without its line end. */
export function lastByteOfEvent(bytes: Uint8Array, end: number): number | undefined {
  return bytes[end - 1] === carriageReturn ? bytes[end - 2] : bytes[end - 1];
}

/**
 * Empty lines have no content, and there may be millions of them: the offset behind those at `from`, and behind the byte order
 * mark that may be the beginning of all.
 */
export function behindEmptyLines(bytes: Uint8Array, from: number): number {
  let at = from === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : from;
  for (;;) {
    if (bytes[at] === lineFeed) at += 1;
    else if (bytes[at] === carriageReturn && bytes[at + 1] === lineFeed) at += 2;
    else return at;
  }
}

/** How many bytes of the chunk come before the end of its last blank line; `held` is what stood before the chunk. */
export function wholeEventBytes(held: Uint8Array, chunk: Uint8Array): number {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const plain = bytes.lastIndexOf('\n\n');
  // Looked for only behind that: programs on the way may end the last lines otherwise.
  const from = plain < 0 ? 0 : plain + 1;
  const carriage = bytes.subarray(from).lastIndexOf('\n\r\n');
  if (carriage >= 0) return from + carriage + 3;
  if (plain >= 0) return plain + 2;
  // A blank line that began before the chunk ends within its first two bytes.
  if (held.length === 0 || (chunk[0] !== lineFeed && chunk[1] !== lineFeed)) return 0;
  const edge = held.subarray(-2);
  const seam = Buffer.concat([edge, chunk.subarray(0, 2)]).toString('latin1');
  const end = /\n(\r?\n)/.exec(seam);
  return end === null ? 0 : Math.max(0, end.index + end[0].length - edge.length);
}

const dataField = 'data:';
const space = 32;

/** The data of one event in its text; undefined where it has none. */
export function dataOf(event: string): string | undefined {
  let data: string | undefined;
  // Comments and other fields are passed over by native search: there may be millions of them.
  for (let at = event.indexOf(dataField); at >= 0; at = event.indexOf(dataField, at)) {
    const from = at + dataField.length;
    if (at > 0 && event.charCodeAt(at - 1) !== lineFeed) {
      at = from;
      continue;
    }
    const end = event.indexOf('\n', from);
    at = end < 0 ? event.length : end;
    const start = event.charCodeAt(from) === space ? from + 1 : from;
    const line = event.slice(start, event.charCodeAt(at - 1) === carriageReturn ? at - 1 : at);
    data = data === undefined ? line : `${data}\n${line}`;
  }
  return data;
}

/** One event in its text, without its blank line. */
export function eventOf(event: string): SseEvent {
  // Not with the lines of regular expressions: those end at U+2028, too, which texts of answers have as it is.
  return { event: nameOf(event), data: dataOf(event) ?? '' };
}

const nameField = 'event:';

/** The value of the last line with the event's name; undefined where there is none. */
function nameOf(event: string): string | undefined {
  for (
    let at = event.lastIndexOf(nameField);
    at >= 0;
    at = at === 0 ? -1 : event.lastIndexOf(nameField, at - 1)
  ) {
    if (at > 0 && event.charCodeAt(at - 1) !== lineFeed) continue;
    const from = at + nameField.length;
    const end = event.indexOf('\n', from);
    const line = event.slice(event.charCodeAt(from) === space ? from + 1 : from, end < 0 ? undefined : end);
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  return undefined;
}
