/**
 * About how many tokens a client got of an answer that its provider has not counted, or not to its end. Made of what the answer says, and
 * only then: nothing of this is done for an answer that was counted.
 */
import { inputTokens, outputTokens } from '../../limits/token-estimate.ts';
import { backslash, openBrace, openBracket, quote } from '../../protocols/ascii.ts';
import type { Codec } from '../../protocols/codec.ts';
import { isObject, type JsonObject, parseJson } from '../../protocols/json.ts';
import { sseReader } from '../../protocols/sse.ts';
import { behindEvent, countEvents, dataOf, eventEnd } from '../../protocols/sse-bytes.ts';
import type { Tail } from './usage-scan.ts';

type Reading = Pick<Codec, 'answerBytes'>;

/** Bytes of a whole answer that are parsed for this; longer ones hold files, and count by their length without those. */
const parsedUpTo = 262_144;

const decoder = new TextDecoder();

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
  const first = gone === 0 ? chunks.map(firstByte).find((byte) => byte !== undefined) : undefined;
  if (first === openBrace || first === openBracket) return saidInWhole(codec, Buffer.concat(chunks));
  const sampled = gone + size > lookedAt ? saidBySample(codec, chunks, gone + size) : undefined;
  return sampled ?? outputTokens(saidInEvents(codec, chunks));
}

/** Events of a long stream that are parsed. */
const samples = 8;

/** Of a long stream: as much an event as a few of its end say, times its events. Undefined where those few say nothing. */
function saidBySample(
  { answerBytes }: Reading,
  chunks: readonly Uint8Array[],
  total: number,
): number | undefined {
  const [bytes] = lastOf(chunks, lookedAt);
  if (bytes === undefined) return undefined;
  let saying = 0;
  let said = 0;
  for (let at = 1; at <= samples; at++) {
    const before = eventEnd(bytes, Math.floor((bytes.length * at) / (samples + 1)));
    if (before < 0) break;
    const start = behindEvent(bytes, before);
    const end = eventEnd(bytes, start);
    if (end < 0) break;
    const data = dataOf(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'));
    const value = data === undefined ? undefined : parseJson(data);
    const here = isObject(value) ? answerBytes(value) : 0;
    if (here === 0) continue;
    saying += 1;
    said += here;
  }
  if (saying === 0) return undefined;
  const events = (countEvents(bytes) * total) / bytes.length;
  return outputTokens((events * said) / saying);
}

/** The last bytes of the pieces in one. */
function lastOf(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const final = chunks.at(-1);
  if (final === undefined || final.byteLength >= bytes)
    return final === undefined ? [] : [final.subarray(final.byteLength - bytes)];
  let from = chunks.length;
  for (let length = 0; from > 0 && length < bytes; from--) length += chunks[from - 1]?.byteLength ?? 0;
  return [Buffer.concat(chunks.slice(from))];
}

/**
 * Bytes that events say. Nearly all of them differ from the one before in a single text: what is around it is compared, and what it says follows
 * from the length. The others are parsed.
 */
function saidInEvents({ answerBytes }: Reading, chunks: readonly Uint8Array[]): number {
  let sum = 0;
  let last: JsonObject | undefined;
  const add = (data: string): void => {
    const value = parseJson(data);
    if (!isObject(value)) return;
    sum += answerBytes(value);
    last = value;
  };
  const reader = sseReader(({ data }) => add(data));
  let frame: Frame | undefined;
  let before: ParsedEvent | undefined;
  let isOpen = false;
  for (const chunk of chunks) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    let nextEscape = -1;
    while (start < buffer.length) {
      // An escape is longer than what it says. Looked for once in what lies before it.
      if (nextEscape < start) nextEscape = positionOf(buffer, backslash, start);
      const found = eventEnd(buffer, start);
      const end = found < 0 ? buffer.length : behindEvent(buffer, found);
      const isPlain = !isOpen && found >= 0 && nextEscape >= end;
      const said = isPlain && frame ? saidWithin(frame, buffer, start, end) : undefined;
      if (said === undefined) {
        const sumBefore = sum;
        if (isPlain && isDataAlone(buffer, start, end))
          add(buffer.toString('utf8', start + dataName.length, end));
        else reader.push(buffer.subarray(start, end));
        const parsed = { buffer, start, end, said: sum - sumBefore };
        const isWhole = isPlain && parsed.said > 0;
        if (isWhole && before !== undefined) frame = frameOf(before, parsed);
        before = isWhole ? parsed : undefined;
        isOpen = found < 0;
      } else sum += said;
      start = end;
    }
  }
  reader.end();
  // Some services send the answer in their last event alone.
  return sum === 0 && isObject(last?.response) ? answerBytes(last.response) : sum;
}

/** Where the byte stands, or beyond all of it. */
function positionOf(buffer: Buffer, byte: number, from: number): number {
  const at = buffer.indexOf(byte, from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

/** Whether the event is one line of data, which is parsed as it stands. */
function isDataAlone(buffer: Buffer, start: number, end: number): boolean {
  for (let at = 0; at < dataName.length; at++) if (buffer[start + at] !== dataName[at]) return false;
  return buffer.indexOf(lineFeed, start) >= end;
}

const lineFeed = 10;
const dataName = Buffer.from('data: ');
/** Bytes of what is around a text that are compared. */
const compared = 32;

interface ParsedEvent {
  buffer: Buffer;
  start: number;
  end: number;
  /** Bytes. */
  said: number;
}

/** What two events have in common around the one text in which they differ. */
interface Frame extends ParsedEvent {
  /** Bytes before the text, and behind it. */
  head: number;
  foot: number;
}

/** Undefined where what they say does not follow from their lengths. */
function frameOf(one: ParsedEvent, other: ParsedEvent): Frame | undefined {
  const most = Math.min(one.end - one.start, other.end - other.start);
  let head = 0;
  while (head < most && one.buffer[one.start + head] === other.buffer[other.start + head]) head++;
  let foot = 0;
  while (foot < most - head && one.buffer[one.end - 1 - foot] === other.buffer[other.end - 1 - foot]) foot++;
  // Two texts may begin alike, and end alike.
  while (head > 0 && one.buffer[one.start + head - 1] !== quote) head--;
  while (foot > 0 && one.buffer[one.end - foot] !== quote) foot--;
  if (head === 0 || foot === 0) return undefined;
  const frame = { ...one, head, foot };
  return saidWithin(frame, other.buffer, other.start, other.end) === other.said ? frame : undefined;
}

/** What an event says that has the frame; undefined for one that has not. */
function saidWithin(frame: Frame, buffer: Buffer, start: number, end: number): number | undefined {
  const { head, foot } = frame;
  const more = end - start - (frame.end - frame.start);
  if (end - start < head + foot) return undefined;
  // Those next to the text: its name is there.
  for (let at = Math.max(0, head - compared); at < head; at++)
    if (buffer[start + at] !== frame.buffer[frame.start + at]) return undefined;
  for (let at = foot; at > Math.max(0, foot - compared); at--)
    if (buffer[end - at] !== frame.buffer[frame.end - at]) return undefined;
  return frame.said + more;
}

function firstByte(bytes: Uint8Array): number | undefined {
  return bytes.find((byte) => byte > 0x20);
}
