/** Where an answer's body ends, and which of its bytes are content. Source: RFC 9112 §6 and §7. */
import type { AnswerHead } from './answer-head.ts';

/** Reads one body. */
export interface BodyFraming {
  /** The content in the bytes from `from` on; undefined where there is none. Throws for what is no body of this framing. */
  push(bytes: Uint8Array, from: number): Uint8Array | undefined;
  /** The body is complete. */
  readonly ended: boolean;
  /** Bytes of the last push that follow the body's end. */
  readonly excess: number;
  /** Its end is that of the connection. */
  readonly untilClose: boolean;
}

/**
 * The framing of the body that follows the head; `headAlone` where it answers HEAD. Throws where the head contradicts itself.
 */
export function framingOf(head: AnswerHead, headAlone = false): BodyFraming {
  const { status, framing } = head;
  // RFC 9112 §6.3: these never have one, whatever length they name.
  if (status === 204 || status === 304 || headAlone) return ofLength(0);
  const coding = framing['transfer-encoding']?.toLowerCase();
  if (coding !== undefined && coding !== 'identity') {
    if (coding !== 'chunked')
      throw new Error(`the answer has a transfer coding that is not known: ${coding}`);
    return chunked();
  }
  const length = framing['content-length'];
  return length === undefined ? untilClose() : ofLength(lengthIn(length));
}

function lengthIn(value: string): number {
  if (isLength(value)) return Number(value);
  // RFC 9110 §8.6: the same length may be repeated.
  const [first = '', ...others] = value.split(',').map((one) => one.trim());
  if (!isLength(first) || others.some((one) => one !== first))
    throw new Error('the answer has a content-length that is not a number');
  return Number(first);
}

function isLength(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

function ofLength(length: number): BodyFraming {
  let missing = length;
  const framing = {
    ended: missing === 0,
    excess: 0,
    untilClose: false,
    push(bytes: Uint8Array, from: number) {
      const size = Math.min(missing, bytes.length - from);
      missing -= size;
      framing.ended = missing === 0;
      framing.excess = bytes.length - from - size;
      return size === 0 ? undefined : bytes.subarray(from, from + size);
    },
  };
  return framing;
}

function untilClose(): BodyFraming {
  return {
    ended: false,
    excess: 0,
    untilClose: true,
    push: (bytes, from) => (from < bytes.length ? bytes.subarray(from) : undefined),
  };
}

const lineFeed = 10;
const carriageReturn = 13;

/** Hexadecimal digits of a chunk's size: more than any body has bytes. */
const mostDigits = 12;
/** Bytes of chunk extensions or trailers that are read over. */
const mostWords = 64 * 1024;

/** What the next byte belongs to. */
type Place = 'size' | 'extension' | 'content' | 'content-end' | 'trailer';

/** Content that comes in several chunks at once is moved together in the bytes themselves: they are the connection's no more. */
function chunked(): BodyFraming {
  let place: Place = 'size';
  let left = 0;
  let digits = 0;
  /** Bytes of the extension or of all trailers so far, and of the trailer's line. */
  let words = 0;
  let line = 0;

  /** Goes on behind the line of a chunk's size. */
  function sizeRead(): void {
    if (digits === 0) throw new Error('a chunk of the answer has no size');
    digits = 0;
    words = 0;
    line = 0;
    place = left === 0 ? 'trailer' : 'content';
  }

  function readOver(): void {
    words += 1;
    if (words > mostWords) throw new Error('the answer has too much text between its chunks');
  }

  const framing = {
    ended: false,
    excess: 0,
    untilClose: false,
    push(bytes: Uint8Array, from: number) {
      const size = bytes.length;
      let start = 0;
      let end = 0;
      let at = from;
      while (at < size && !framing.ended) {
        if (place === 'content') {
          const behind = Math.min(size, at + left);
          left -= behind - at;
          if (end === 0) start = at;
          else bytes.copyWithin(end, at, behind);
          end = end === 0 ? behind : end + behind - at;
          at = behind;
          if (left === 0) place = 'content-end';
          continue;
        }
        const byte = bytes[at] ?? 0;
        at += 1;
        switch (place) {
          case 'size': {
            const digit = digitOf(byte);
            if (digit >= 0) {
              left = left * 16 + digit;
              digits += 1;
              if (digits > mostDigits) throw new Error('a chunk of the answer is too large');
            } else if (byte === lineFeed) sizeRead();
            else if (byte !== carriageReturn) place = 'extension';
            break;
          }
          case 'extension':
            readOver();
            if (byte === lineFeed) sizeRead();
            break;
          case 'content-end':
            if (byte === lineFeed) place = 'size';
            else if (byte !== carriageReturn)
              throw new Error('a chunk of the answer does not end where it should');
            break;
          case 'trailer':
            readOver();
            if (byte === lineFeed && line === 0) framing.ended = true;
            else if (byte === lineFeed) line = 0;
            else if (byte !== carriageReturn) line += 1;
        }
      }
      framing.excess = size - at;
      return end === 0 ? undefined : bytes.subarray(start, end);
    },
  };
  return framing;
}

/** The value of a hexadecimal digit; -1 for any other byte. */
function digitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
