/** Reads single members of a JSON object from its bytes, without building the tree that a large prompt would be. */
import { backslash, closeBrace, closeBracket, colon, comma, openBrace, openBracket, quote } from './ascii.ts';

/** Byte offsets of a JSON value; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A span of a text and its replacement. */
export interface Edit extends Span {
  text: string;
}

/** Takes a member: the spans of its key, quotes included, and of its value. */
export type MemberVisitor = (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void;

/** The value in place of an offset where lists and objects are nested too deep. */
export const tooDeep = -2;

/**
 * Calls `visit` with the spans of each member of the object that begins at `start` (white space before it is skipped): its
 * key, quotes included, and its value. Returns the offset behind the object; -1 when the bytes are not an object as far as
 * they were read. Values are skipped, not checked. Strings are skipped by native search: the cost is well under a
 * millisecond per megabyte of text, and linear whatever the bytes are. {@link tooDeep} where lists and objects are nested
 * for more than `levels`.
 */
export function eachMember(
  buffer: Buffer,
  start: number,
  visit: (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => unknown,
  levels = Number.POSITIVE_INFINITY,
): number {
  return walkMembers(buffer, start, (keyStart, keyEnd, valueStart) => {
    const end = valueEnd(buffer, valueStart, levels - 1);
    if (end >= 0) visit(keyStart, keyEnd, valueStart, end);
    return end;
  });
}

/**
 * The key of a member, where it may be one of names of up to `longestName` letters, whatever of them is written by its number; undefined for
 * longer ones, which are not read.
 */
export function keyOf(
  buffer: Buffer,
  keyStart: number,
  keyEnd: number,
  longestName: number,
): string | undefined {
  return keyEnd - keyStart > longestKey(longestName) ? undefined : stringValue(buffer, keyStart, keyEnd);
}

/** Bytes of a key of so many letters, quotes included, with each of them written by its number. */
export function longestKey(longestName: number): number {
  return 2 + 6 * longestName;
}

/** As {@link eachMember}, but `visit` finds the end of the value, so that one pass can go into some; negative where there is none. */
export function walkMembers(
  buffer: Buffer,
  start: number,
  visit: (keyStart: number, keyEnd: number, valueStart: number) => number,
): number {
  const size = buffer.length;
  let at = skipSpace(buffer, start);
  if (buffer[at] !== openBrace) return -1;
  at = skipSpace(buffer, at + 1);
  if (buffer[at] === closeBrace) return at + 1;
  while (at < size) {
    if (buffer[at] !== quote) return -1;
    const keyStart = at;
    const keyEnd = behindString(buffer, at + 1);
    if (keyEnd < 0) return -1;
    at = skipSpace(buffer, keyEnd);
    if (buffer[at] !== colon) return -1;
    const end = visit(keyStart, keyEnd, skipSpace(buffer, at + 1));
    if (end < 0) return end;
    at = skipSpace(buffer, end);
    const next = buffer[at];
    if (next === closeBrace) return at + 1;
    if (next !== comma) return -1;
    at = skipSpace(buffer, at + 1);
  }
  return -1;
}

/** As {@link eachMember} for the elements of an array. */
export function eachElement(
  buffer: Buffer,
  start: number,
  visit: (start: number, end: number) => unknown,
): number {
  return walkElements(buffer, start, (at) => {
    const end = valueEnd(buffer, at);
    if (end >= 0) visit(at, end);
    return end;
  });
}

/** As {@link walkMembers} for the elements of an array. */
export function walkElements(buffer: Buffer, start: number, visit: (start: number) => number): number {
  let at = skipSpace(buffer, start);
  if (buffer[at] !== openBracket) return -1;
  at = skipSpace(buffer, at + 1);
  if (buffer[at] === closeBracket) return at + 1;
  while (at < buffer.length) {
    const end = visit(at);
    if (end < 0) return end;
    at = skipSpace(buffer, end);
    if (buffer[at] === closeBracket) return at + 1;
    if (buffer[at] !== comma) return -1;
    at = skipSpace(buffer, at + 1);
  }
  return -1;
}

/** The offset of the first byte from `from` on that is no white space of JSON. */
export function skipSpace(buffer: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = buffer[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at += 1;
  }
}

/** The text of the JSON string in the span; undefined when it is none. */
export function stringValue(buffer: Buffer, start: number, end: number): string | undefined {
  const text = buffer.toString('utf8', start, end);
  if (!mayBeEscaped(text)) return text.slice(1, -1);
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Most strings end within so many bytes: a native search costs more than it looks at. */
const nearby = 24;
const farthest = 64 * 1024;

/**
 * The offset behind the closing quote of the string whose text begins at `from`; -1 when it never closes. Found by native search but for
 * short strings, and for those full of escaped quotes.
 */
export function behindString(bytes: Buffer, from: number): number {
  let at = from;
  let reach = nearby;
  for (;;) {
    for (const end = at + reach; at < end; at++) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      if (byte === backslash) at += 1;
      else if (byte === undefined) return -1;
    }
    const close = bytes.indexOf(quote, at);
    if (close < 0) return -1;
    let slashes = 0;
    while (close - 1 - slashes >= at && bytes[close - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return close + 1;
    // Escaped quotes are close together, if there are many: each search costs more than it looks at.
    reach = close - at < nearby ? Math.min(2 * reach, farthest) : nearby;
    at = close + 1;
  }
}

/** The offset behind the value that begins at `start`; -1 when it never ends, {@link tooDeep} beyond so many levels. */
export function valueEnd(buffer: Buffer, start: number, levels = Number.POSITIVE_INFINITY): number {
  const first = buffer[start];
  if (first === quote) return behindString(buffer, start + 1);
  const size = buffer.length;
  if (first === openBrace || first === openBracket) {
    let depth = 0;
    let at = start;
    while (at < size) {
      const byte = buffer[at];
      if (byte === quote) {
        at = behindString(buffer, at + 1);
        if (at < 0) return -1;
        continue;
      }
      if (byte === openBrace || byte === openBracket) {
        depth += 1;
        if (depth > levels) return tooDeep;
      } else if (byte === closeBrace || byte === closeBracket) {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
      at += 1;
    }
    return -1;
  }
  let at = start;
  while (at < size) {
    const byte = buffer[at];
    if (
      byte === comma ||
      byte === closeBrace ||
      byte === closeBracket ||
      byte === 0x20 ||
      byte === 0x0a ||
      byte === 0x0d ||
      byte === 0x09
    )
      break;
    at += 1;
  }
  return at > start ? at : -1;
}

/** Whether a JSON string is more than its characters: only then is it worth reading as JSON. */
function mayBeEscaped(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === backslash || unit < 0x20) return true;
  }
  return false;
}
