/** Finds the members of a JSON object in its text, so that what surrounds them can stay as it is. What json-span.ts does in bytes. */
import { backslash, closeBrace, closeBracket, colon, comma, openBrace, openBracket, quote } from './ascii.ts';
import type { Span } from './json-span.ts';

/**
 * Calls `visit` with the offsets of each member of the object that begins at `start`: its key, quotes included, and its value; true ends
 * the walk. Returns the offset of the closing brace; -1 where the walk was ended, or the text is no object as far as it was read. Values
 * are skipped, not checked.
 */
export function walkTextMembers(
  text: string,
  start: number,
  visit: (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => unknown,
): number {
  let at = skipTextSpace(text, start);
  if (text.charCodeAt(at) !== openBrace) return -1;
  at = skipTextSpace(text, at + 1);
  if (text.charCodeAt(at) === closeBrace) return at;
  while (text.charCodeAt(at) === quote) {
    const keyStart = at;
    const keyEnd = behindTextString(text, at + 1);
    if (keyEnd < 0) return -1;
    at = skipTextSpace(text, keyEnd);
    if (text.charCodeAt(at) !== colon) return -1;
    const valueStart = skipTextSpace(text, at + 1);
    const valueEnd = textValueEnd(text, valueStart);
    if (valueEnd < 0 || visit(keyStart, keyEnd, valueStart, valueEnd) === true) return -1;
    at = skipTextSpace(text, valueEnd);
    if (text.charCodeAt(at) === closeBrace) return at;
    if (text.charCodeAt(at) !== comma) return -1;
    at = skipTextSpace(text, at + 1);
  }
  return -1;
}

/**
 * The position of the value of the top-level member `name` in the text of a JSON object; of equal names the first. Undefined
 * when the text is no object, has no such member, or ends before the value does.
 */
export function memberSpan(text: string, name: string): Span | undefined {
  let span: Span | undefined;
  walkTextMembers(text, 0, (keyStart, keyEnd, start, end) => {
    if (!isKey(text, keyStart, keyEnd, name)) return false;
    span = { start, end };
    return true;
  });
  return span;
}

/** Keys may be written with escapes. */
function isKey(text: string, start: number, end: number, name: string): boolean {
  if (end - start === name.length + 2 && text.startsWith(name, start + 1)) return true;
  const key = text.slice(start, end);
  if (!key.includes('\\')) return false;
  try {
    return JSON.parse(key) === name;
  } catch {
    return false;
  }
}

/** The offset of the first character from `from` on that is no white space of JSON. */
export function skipTextSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Whether this is white space of JSON, as a byte or as a unit of text. */
export function isSpace(unit: number | undefined): boolean {
  return unit === 32 || unit === 10 || unit === 13 || unit === 9;
}

/** The offset behind the value that begins at `start`; -1 when it does not end in the text. */
export function textValueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return behindTextString(text, start + 1);
  let at = start;
  if (first !== openBrace && first !== openBracket) {
    while (at < text.length && !isEndOfWord(text.charCodeAt(at))) at += 1;
    return at > start ? at : -1;
  }
  let depth = 0;
  for (; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      at = behindTextString(text, at + 1) - 1;
      if (at < 0) return -1;
    } else if (unit === openBrace || unit === openBracket) depth += 1;
    else if (unit === closeBrace || unit === closeBracket) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** Whether lists and objects are nested in each other for more than `levels` in a text, which need not be JSON. */
export function isTextDeeper(text: string, levels: number): boolean {
  // Each level takes two characters.
  if (text.length < 2 * levels) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      at = behindTextString(text, at + 1) - 1;
      if (at < 0) return false;
    } else if (unit === openBrace || unit === openBracket) {
      depth += 1;
      if (depth > levels) return true;
    } else if (unit === closeBrace || unit === closeBracket) depth -= 1;
  }
  return false;
}

/** Whether a number or a word ends before this character. */
function isEndOfWord(unit: number): boolean {
  return unit === comma || unit === closeBrace || unit === closeBracket || isSpace(unit);
}

/** Characters that are looked at before the end of a string is searched for natively, and behind an escaped quote that was found. */
const nearby = 32;
const lookedAgain = 64 * nearby;

/** The offset behind the closing quote of the string whose text begins at `from`; -1 when there is none. */
export function behindTextString(text: string, from: number): number {
  let at = from;
  for (let reach = at + nearby; ; ) {
    for (; at < reach; at++) {
      const unit = text.charCodeAt(at);
      if (unit === quote) return at + 1;
      if (unit === backslash) at += 1;
      else if (Number.isNaN(unit)) return -1;
    }
    const close = text.indexOf('"', at);
    if (close < 0) return -1;
    let slashes = 0;
    while (close - 1 - slashes >= at && text.charCodeAt(close - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return close + 1;
    at = close + 1;
    // Escaped quotes are close together, if there are many.
    reach = at + lookedAgain;
  }
}
