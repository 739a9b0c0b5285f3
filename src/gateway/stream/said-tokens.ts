/**
 * About how many tokens a client got of an answer that its provider has not counted, or not to its end. Computed from the answer's contents, and
 * only then: nothing of this is done for an answer that was counted.
 */
import { inputTokens, outputTokens } from '../../limits/token-estimate.ts';
import type { StreamEvent } from '../../protocols/answer.ts';
import { eventBytes } from '../../protocols/answer-size.ts';
import { backslash, openBrace, openBracket, quote } from '../../protocols/ascii.ts';
import type { Codec } from '../../protocols/codec.ts';
import { isObject, parseJson } from '../../protocols/json.ts';
import { sseReader } from '../../protocols/sse.ts';
import { behindEvent, dataOf, eventEnd } from '../../protocols/sse-bytes.ts';
import { unknownRequest } from '../read-request.ts';
import type { Tail } from './usage-scan.ts';

type Reading = Pick<Codec, 'answerBytes' | 'streamDecoder'>;

/** Bytes of a whole answer that are parsed for this; longer ones hold files, and count by their length without those. */
const parsedUpTo = 262_144;

const decoder = new TextDecoder();
const lineFeed = 10;
const carriageReturn = 13;
const space = 32;

/** Of a whole answer. */
export function saidInWhole({ answerBytes }: Reading, body: Uint8Array): number {
  const value = body.byteLength <= parsedUpTo ? parseJson(decoder.decode(body)) : undefined;
  if (value === undefined) return inputTokens(body, parsedUpTo);
  const answers = Array.isArray(value) ? value : [value];
  return outputTokens(answers.reduce<number>((sum, one) => sum + (isObject(one) ? answerBytes(one) : 0), 0));
}

/** Bytes of a stream all of whose events are looked at; of a longer one some are. */
const lookedAt = 16_384;

/** Of what went by. Where it began as JSON, it is one text, or the beginning of it. */
export function saidTokens(codec: Reading, tail: Tail): number {
  const { chunks, size, gone } = tail.kept();
  const first = gone === 0 ? firstByte(chunks) : undefined;
  if (first === openBrace || first === openBracket) return saidInWhole(codec, Buffer.concat(chunks));
  const sampled = gone + size > lookedAt ? saidBySample(codec, tail) : undefined;
  return sampled ?? outputTokens(saidInEvents(codec, chunks));
}

/** Events of a long stream that are parsed. */
const samples = 12;

/**
 * Of a long stream: events at places that lie equally far apart give the average content of a byte, weighted by length. Undefined
 * where none of them has content.
 */
function saidBySample({ answerBytes }: Reading, tail: Tail): number | undefined {
  const { chunks, size, gone } = tail.kept();
  const [only] = chunks;
  const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  let share = 0;
  let known: ReadEvent | undefined;
  for (let nth = 1; nth <= samples; nth++) {
    const { text, isCut } = eventAround(bytes, Math.floor((size * nth) / (samples + 1)));
    let said = known === undefined ? undefined : saidLike(known, text);
    if (said === undefined) {
      const data = dataOf(decoder.decode(text));
      const value = data === undefined ? undefined : parseJson(data);
      if (isObject(value)) {
        said = answerBytes(value);
        known = { text, said };
      }
    }
    if (said !== undefined) share += said / text.byteLength;
    // One that began before what is kept is as good as all text.
    else if (isCut && gone > 0) share += 1;
  }
  return share === 0 ? undefined : outputTokens(((gone + size) * share) / samples);
}

/** An event of the sample and how many bytes of text it has. */
interface ReadEvent {
  text: Uint8Array;
  said: number;
}

/**
 * Bytes of text of an event that differs from one that was read in its text alone, as nearly all events of a stream do; undefined where it
 * may differ in more. Comparing costs a tenth of parsing (`npm run bench`, "SSE, chat": the sample was a fifth of the whole stream).
 */
function saidLike(known: ReadEvent, text: Uint8Array): number | undefined {
  const other = known.text;
  const shorter = Math.min(text.byteLength, other.byteLength);
  let front = 0;
  while (front < shorter && text[front] === other[front]) front += 1;
  let back = 0;
  while (back < shorter - front && text[text.byteLength - 1 - back] === other[other.byteLength - 1 - back])
    back += 1;
  if (other.byteLength - front - back > known.said) return undefined;
  const isText =
    isPlain(other, front, other.byteLength - back) && isPlain(text, front, text.byteLength - back);
  return isText ? known.said + text.byteLength - other.byteLength : undefined;
}

/** Whether a JSON string could hold these bytes as they are. */
function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === quote || byte === backslash || byte === lineFeed) return false;
  }
  return true;
}

/** The event that has this place in it, with its blank line. `isCut`: nothing before it is an event's end. */
function eventAround(bytes: Uint8Array, at: number): { text: Uint8Array; isCut: boolean } {
  // Line after line back to the blank one.
  let start = lineStart(bytes, at);
  while (start > 1 && bytes[start - 2] !== lineFeed && bytes[start - 2] !== carriageReturn)
    start = lineStart(bytes, start - 1);
  const end = eventEnd(bytes, start);
  const behind = end < 0 ? bytes.byteLength : behindEvent(bytes, end);
  return { text: bytes.subarray(start, behind), isCut: start === 0 };
}

/** Where the line begins that has this place in it; its line feed counts to it. */
function lineStart(bytes: Uint8Array, at: number): number {
  // A place before the first byte would be counted from the end.
  return at === 0 ? 0 : bytes.lastIndexOf(lineFeed, at - 1) + 1;
}

/** Bytes of content in events, as decoded: events that differ from the one before only in a text are not parsed. */
function saidInEvents({ streamDecoder }: Reading, chunks: readonly Uint8Array[]): number {
  let sum = 0;
  const decoder = streamDecoder({ request: unknownRequest });
  const emit = (event: StreamEvent): void => {
    sum += eventBytes(event);
  };
  const reader = sseReader((event) => decoder.decode(event, emit));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return sum;
}

/** The first byte that is no white space. */
function firstByte(chunks: readonly Uint8Array[]): number | undefined {
  for (const chunk of chunks) for (const byte of chunk) if (byte > space) return byte;
  return undefined;
}
