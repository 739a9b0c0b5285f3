/**
 * Text without half characters. JSON can contain one half of a surrogate pair (`"\ud83d"`), and servers that cut
 * their output by tokens do. It is no text: UTF-8 has no bytes for it, parsers of Python and Rust refuse it, and so does
 * Anthropic ("no low surrogate in string"). A half that stays alone becomes U+FFFD, as it does in every decoder of UTF-8.
 */
import { backslash } from './ascii.ts';
import type { Steps } from './steps.ts';

/** Puts U+FFFD in place of lone surrogates in all strings of the value. */
export function mendStrings(value: object): void {
  for (const key of Object.keys(value)) {
    const inner: unknown = Reflect.get(value, key);
    if (typeof inner === 'object' && inner !== null) mendStrings(inner);
    else if (typeof inner === 'string' && !inner.isWellFormed())
      Reflect.set(value, key, inner.toWellFormed());
  }
}

/** Whether JSON from elsewhere escapes a surrogate: of a pair, or a lone one. */
export function mayHoldHalves(json: Uint8Array): boolean {
  const { includes } = Buffer.prototype;
  return includes.call(json, '\\ud', 0, 'latin1') || includes.call(json, '\\uD', 0, 'latin1');
}

/** JSON text that `JSON.stringify` wrote, with U+FFFD in place of lone surrogates: they are all that it escapes as `\ud…`. */
export function mendedJson(json: string): string {
  return json.includes('\\ud') ? withoutHalves(json) : json;
}

/** Characters that are mended at once: some milliseconds at most. */
const usualStep = 128 * 1024;

/** The same in steps, for a long text: it may be nothing but escapes. A step is longer than two escapes. */
export function* mendingJson(json: string, step = usualStep): Steps<string> {
  if (!json.includes('\\ud')) return json;
  const pieces: string[] = [];
  for (let from = 0; from < json.length; ) {
    const piece = json.slice(from, from + step);
    const end = from + step < json.length ? openEscape(piece) : piece.length;
    pieces.push(withoutHalves(piece.slice(0, end)));
    from += end;
    yield;
  }
  return pieces.join('');
}

/**
 * Whether {@link mendedJson} has something to do in the text that was written as these bytes. For a long text that is put together of
 * pieces: to search it would make it one string first, which costs as much as the bytes do.
 */
export function holdsHalves(json: Uint8Array): boolean {
  return Buffer.prototype.includes.call(json, '\\ud', 0, 'latin1');
}

/**
 * JSON text from elsewhere, which may escape any character: pairs of surrogates become the characters that they are, and
 * lone ones U+FFFD.
 */
export function mendedEscapes(json: string): string {
  return json.includes('\\u') ? withoutHalves(json) : json;
}

/**
 * The text with its escaped surrogates mended. Unit by unit in one buffer, for what comes in the place of an escape is
 * shorter: an answer may be nothing but escapes.
 */
function withoutHalves(json: string): string {
  const bytes = Buffer.from(json, 'utf16le');
  const units = new Uint16Array(bytes.buffer, bytes.byteOffset, json.length);
  const size = json.length;
  let to = 0;
  for (let from = 0; from < size; ) {
    const unit = units[from] ?? 0;
    if (unit !== backslash) {
      units[to++] = unit;
      from += 1;
      continue;
    }
    const first = escapedSurrogate(units, from);
    if (first < 0) {
      // The unit behind a backslash begins no escape.
      units[to++] = unit;
      if (from + 1 < size) units[to++] = units[from + 1] ?? 0;
      from += 2;
      continue;
    }
    const second = first < 0xdc00 ? escapedSurrogate(units, from + 6) : -1;
    const isPair = second >= 0xdc00;
    units[to++] = isPair ? first : replacement;
    if (isPair) units[to++] = second;
    from += isPair ? 12 : 6;
  }
  return bytes.toString('utf16le', 0, 2 * to);
}

const replacement = 0xfffd;

/** The surrogate of the escape at `at`; -1 for everything else. */
function escapedSurrogate(units: Uint16Array, at: number): number {
  if (at + 6 > units.length || units[at] !== backslash || units[at + 1] !== 0x75) return -1;
  let code = 0;
  for (let digit = at + 2; digit < at + 6; digit++) {
    const value = hexDigit(units[digit] ?? 0);
    if (value < 0) return -1;
    code = code * 16 + value;
  }
  return code >= 0xd800 && code < 0xe000 ? code : -1;
}

function hexDigit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Characters of a pair of escapes. */
const longestOpen = 12;

/** Where the text's last escape begins when its end, or the other half of its character, may still come; else the text's length. */
export function openEscape(json: string): number {
  // What began further back is whole. The first backslash of several begins an escape, whatever precedes it.
  let from = Math.max(0, json.length - longestOpen);
  while (from > 0 && json.charCodeAt(from - 1) === backslash) from -= 1;
  for (let at = json.indexOf('\\', from); at >= 0; ) {
    const rest = json.length - at;
    const unicode = json.charAt(at + 1) === 'u';
    if (rest < (unicode ? 6 : 2)) return at;
    const high = unicode && /^d[89ab]/i.test(json.slice(at + 2, at + 4));
    if (high && rest < 12 && '\\u'.startsWith(json.slice(at + 6, at + 8))) return at;
    at = json.indexOf('\\', at + (unicode ? 6 : 2));
  }
  return json.length;
}

/** Where the text ends without a first half whose second may still come. */
export function wholeEnd(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last < 0xdc00 ? text.length - 1 : text.length;
}
