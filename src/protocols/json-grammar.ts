/** Holds JSON against its grammar (RFC 8259) in the bytes themselves: no tree is built, nothing is copied. */
import { backslash, closeBrace, closeBracket, colon, comma, openBrace, openBracket, quote } from './ascii.ts';
import { skipSpace, tooDeep } from './json-span.ts';

/** Bytes of a string that are looked at before its end is searched for natively: to look at all of a long one costs more than the rest
 * of the way that the request takes. */
const looked = 16 * 1024;
/** The same behind each escaped quote that such a search finds. */
const lookedAgain = 4096;

/** Bytes as they are, and four at a time. */
interface JsonBytes {
  bytes: Buffer;
  words: Int32Array;
  /** Offset of the first whole word. */
  firstWord: number;
}

/** The bytes as {@link checkedEnd} reads them. */
export function jsonBytes(body: Uint8Array): JsonBytes {
  const { buffer, byteOffset, byteLength } = body;
  const firstWord = -byteOffset & 3;
  return {
    bytes: Buffer.from(buffer, byteOffset, byteLength),
    words: new Int32Array(buffer, byteOffset + firstWord, Math.max(0, byteLength - firstWord) >> 2),
    firstWord,
  };
}

/**
 * The offset behind the JSON value that begins at `start`; -1 where it is none, {@link tooDeep} where lists and objects are nested
 * for more levels. Of a string longer than {@link looked} only its beginning is held against the grammar. Linear.
 */
export function checkedEnd(json: JsonBytes, start: number, levels = Number.POSITIVE_INFINITY): number {
  const { bytes } = json;
  /** What is open: the characters that close it. */
  const open: number[] = [];
  let at = start;
  for (;;) {
    const first = bytes[at];
    if (first === openBrace || first === openBracket) {
      if (open.length >= levels) return tooDeep;
      const close = first === openBrace ? closeBrace : closeBracket;
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== close) {
        open.push(close);
        if (first === openBracket) continue;
        at = behindName(json, at);
        if (at < 0) return -1;
        continue;
      }
      at += 1;
    } else {
      at = first === quote ? checkedStringEnd(json, at) : scalarEnd(bytes, at, first);
      if (at < 0) return -1;
    }
    for (;;) {
      const close = open.at(-1);
      if (close === undefined) return at;
      at = skipSpace(bytes, at);
      const next = bytes[at];
      if (next === comma) {
        at = skipSpace(bytes, at + 1);
        if (close === closeBrace) at = behindName(json, at);
        if (at < 0) return -1;
        break;
      }
      if (next !== close) return -1;
      open.pop();
      at += 1;
    }
  }
}

/** Where the value of the name at `at` begins; -1 where there is none. */
function behindName(json: JsonBytes, at: number): number {
  if (json.bytes[at] !== quote) return -1;
  const end = checkedStringEnd(json, at);
  if (end < 0) return -1;
  const behind = skipSpace(json.bytes, end);
  return json.bytes[behind] === colon ? skipSpace(json.bytes, behind + 1) : -1;
}

/** The offset behind the string that opens at `start`; -1 where it does not close, or holds what a string must not. */
export function checkedStringEnd({ bytes, words, firstWord }: JsonBytes, start: number): number {
  const size = bytes.length;
  let at = start + 1;
  let reach = at + looked;
  while (at < size) {
    if (at >= reach) {
      const close = bytes.indexOf(quote, at);
      if (close < 0) return -1;
      let slashes = 0;
      while (close - 1 - slashes >= at && bytes[close - 1 - slashes] === backslash) slashes += 1;
      if (slashes % 2 === 0) return close + 1;
      at = close + 1;
      reach = at + lookedAgain;
      continue;
    }
    if (((at - firstWord) & 3) === 0) {
      let word = (at - firstWord) >> 2;
      const last = Math.min(words.length, word + ((reach - at) >> 2) + 1);
      while (word < last && isPlain(words[word] ?? 0)) word += 1;
      at = firstWord + 4 * word;
      if (at >= size) return -1;
    }
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at + 1;
    if (byte < 0x20) return -1;
    if (byte !== backslash) at += 1;
    else {
      const length = escapeLength(bytes, at);
      if (length === 0) return -1;
      at += length;
    }
  }
  return -1;
}

/** Whether none of four bytes is a quote, a backslash or a control character. */
function isPlain(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const slashes = word ^ 0x5c5c5c5c;
  const hits =
    ((word - 0x20202020) & ~word) | ((quotes - 0x01010101) & ~quotes) | ((slashes - 0x01010101) & ~slashes);
  return (hits & 0x80808080) === 0;
}

/** `"\/bfnrt` */
const escaped = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]);

/** Bytes of the escape whose backslash is at `at`; 0 where it is none. */
function escapeLength(bytes: Buffer, at: number): number {
  const letter = bytes[at + 1] ?? 0;
  if (letter === 0x6e || escaped.has(letter)) return 2;
  if (letter !== 0x75) return 0;
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(bytes[digit] ?? 0)) return 0;
  return 6;
}

function isHex(byte: number): boolean {
  const small = byte | 0x20;
  return isDigit(byte) || (small >= 0x61 && small <= 0x66);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

const words = { t: Buffer.from('true'), f: Buffer.from('false'), n: Buffer.from('null') };

/** The offset behind a number, `true`, `false` or `null`; -1 where there is none of them. */
function scalarEnd(bytes: Buffer, start: number, first: number | undefined): number {
  if (first === 0x74) return wordEnd(bytes, start, words.t);
  if (first === 0x66) return wordEnd(bytes, start, words.f);
  if (first === 0x6e) return wordEnd(bytes, start, words.n);
  let at = first === 0x2d ? start + 1 : start;
  if (bytes[at] === 0x30) at += 1;
  else {
    at = behindDigits(bytes, at);
    if (at < 0) return -1;
  }
  if (bytes[at] === 0x2e) {
    at = behindDigits(bytes, at + 1);
    if (at < 0) return -1;
  }
  if (((bytes[at] ?? 0) | 0x20) === 0x65) {
    const sign = bytes[at + 1];
    at = behindDigits(bytes, sign === 0x2b || sign === 0x2d ? at + 2 : at + 1);
  }
  return at;
}

/** The offset behind one digit or more; -1 where there is none. */
function behindDigits(bytes: Buffer, start: number): number {
  let at = start;
  while (isDigit(bytes[at])) at += 1;
  return at > start ? at : -1;
}

function wordEnd(bytes: Buffer, start: number, word: Buffer): number {
  for (let at = 0; at < word.length; at++) if (bytes[start + at] !== word[at]) return -1;
  return start + word.length;
}
