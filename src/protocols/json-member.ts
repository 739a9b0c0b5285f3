/** Finds a member of a JSON object in its text, so that what surrounds it can go without parsing or rewriting it. */

import { closeBrace, closeBracket, openBrace, openBracket, quote } from './json-characters.ts';

/** Offsets in the text; `end` is exclusive. */
export interface MemberSpan {
  start: number;
  end: number;
}

/**
 * Where the value of the top-level member `name` stands in the text of a JSON object; of equal names the first. Undefined
 * when the text is no object, has no such member, or ends before the value does. Values before it are skipped, not checked.
 */
export function memberSpan(text: string, name: string): MemberSpan | undefined {
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return undefined;
  at = skipSpace(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = stringEnd(text, at);
    if (keyEnd < 0) return undefined;
    const key = text.slice(at, keyEnd);
    at = skipSpace(text, keyEnd);
    if (text[at] !== ':') return undefined;
    const start = skipSpace(text, at + 1);
    const end = valueEnd(text, start);
    if (end < 0) return undefined;
    if (isKey(key, name)) return { start, end };
    at = skipSpace(text, end);
    if (text[at] !== ',') return undefined;
    at = skipSpace(text, at + 1);
  }
  return undefined;
}

/** Keys may be spelled with escapes. */
function isKey(quoted: string, name: string): boolean {
  if (!quoted.includes('\\')) return quoted.length === name.length + 2 && quoted.startsWith(name, 1);
  try {
    return JSON.parse(quoted) === name;
  } catch {
    return false;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const unit = text.charCodeAt(at);
    if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return at;
    at += 1;
  }
}

/** The offset behind the closing quote; -1 when there is none. */
function stringEnd(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); close >= 0; close = text.indexOf('"', close + 1)) {
    let slashes = 0;
    while (text[close - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return close + 1;
  }
  return -1;
}

/** The offset behind the value; -1 when it does not end in the text. */
function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first !== '{' && first !== '[') {
    const length = /^[-+.\w]+/.exec(text.slice(start, start + 64))?.[0].length ?? 0;
    return length === 0 ? -1 : start + length;
  }
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      at = stringEnd(text, at) - 1;
      if (at < 0) return -1;
    } else if (unit === openBrace || unit === openBracket) depth += 1;
    else if (unit === closeBrace || unit === closeBracket) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
