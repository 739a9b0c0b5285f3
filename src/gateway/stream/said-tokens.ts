/**
 * About how many tokens a client got of an answer that its provider has not counted, or not to its end. Made of what the answer says, and
 * only then: nothing of this is done for an answer that was counted.
 */
import { inputTokens, outputTokens } from '../../limits/token-estimate.ts';
import type { StreamEvent } from '../../protocols/answer.ts';
import { eventBytes } from '../../protocols/answer-size.ts';
import { openBrace, openBracket } from '../../protocols/ascii.ts';
import type { Codec } from '../../protocols/codec.ts';
import { isObject, type JsonObject, parseJson } from '../../protocols/json.ts';
import { sseReader } from '../../protocols/sse.ts';
import { behindEvent, countEvents, dataOf, eventEnd } from '../../protocols/sse-bytes.ts';
import type { Tail } from './usage-scan.ts';

type Reading = Pick<Codec, 'answerBytes' | 'streamDecoder'>;

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
  const sampled = gone + size > lookedAt ? saidBySample(codec, tail) : undefined;
  return sampled ?? outputTokens(saidInEvents(codec, chunks));
}

/** Events of a long stream that are parsed. */
const samples = 8;

/** Of a long stream: as much an event as a few of what is kept say, times its events. Undefined where those few say nothing. */
function saidBySample({ answerBytes }: Reading, tail: Tail): number | undefined {
  const { chunks, size, gone } = tail.kept();
  const apart = size / (samples + 1);
  let next = apart;
  let passed = 0;
  let events = 0;
  let saying = 0;
  let said = 0;
  for (const chunk of chunks) {
    for (; next < Math.min(size, passed + chunk.byteLength); next += apart) {
      const here = answerBytes(eventNear(chunk, Math.floor(next - passed)) ?? {});
      if (here > 0) saying += 1;
      said += here;
    }
    events += countEvents(chunk);
    passed += chunk.byteLength;
  }
  return saying === 0 ? undefined : outputTokens((events * said * ((gone + size) / size)) / saying);
}

/** The event behind this place of a piece; where none is whole there, its first. Undefined for one that is no object. */
function eventNear(chunk: Uint8Array, at: number): JsonObject | undefined {
  const before = eventEnd(chunk, at);
  const behind = before < 0 ? 0 : behindEvent(chunk, before);
  const end = eventEnd(chunk, behind);
  const text = end < 0 ? chunk.subarray(0, eventEnd(chunk, 0) + 1) : chunk.subarray(behind, end);
  const data = dataOf(decoder.decode(text));
  const value = data === undefined ? undefined : parseJson(data);
  return isObject(value) ? value : undefined;
}

/** Bytes that events say, as a decoder reads them: of those that differ from the one before in a text alone it parses nothing. */
function saidInEvents({ streamDecoder }: Reading, chunks: readonly Uint8Array[]): number {
  let sum = 0;
  const decoder = streamDecoder({ request: { model: '', stream: true, messages: [] } });
  const emit = (event: StreamEvent): void => {
    sum += eventBytes(event);
  };
  const reader = sseReader((event) => decoder.decode(event, emit));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return sum;
}

function firstByte(bytes: Uint8Array): number | undefined {
  return bytes.find((byte) => byte > 0x20);
}
