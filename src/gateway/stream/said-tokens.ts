/**
 * About how many tokens a client got of an answer that its provider has not counted, or not to its end. Made of what the answer says, and
 * only then: nothing of this is done for an answer that was counted.
 */
import { inputTokens, outputTokens } from '../../limits/token-estimate.ts';
import { openBrace, openBracket } from '../../protocols/ascii.ts';
import type { Codec } from '../../protocols/codec.ts';
import { isObject, type JsonObject, parseJson } from '../../protocols/json.ts';
import { sseReader } from '../../protocols/sse.ts';
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

/**
 * Of what went by. Of a long stream the end is kept: what went before is taken to say as much a byte as that. `isWhole`: the bytes are one
 * JSON text, or the beginning of it.
 */
export function saidTokens(codec: Reading, tail: Tail): number {
  const { bytes, gone } = tail.kept();
  const first = gone === 0 ? firstByte(bytes) : undefined;
  if (first === openBrace || first === openBracket) return saidInWhole(codec, bytes);
  let sum = 0;
  let last: JsonObject | undefined;
  const reader = sseReader(({ data }) => {
    const value = parseJson(data);
    if (!isObject(value)) return;
    sum += codec.answerBytes(value);
    last = value;
  });
  reader.push(bytes);
  reader.end();
  // Some services send the answer in their last event alone.
  if (sum === 0 && isObject(last?.response)) sum = codec.answerBytes(last.response);
  return outputTokens(gone === 0 ? sum : sum * ((gone + bytes.byteLength) / bytes.byteLength));
}

function firstByte(bytes: Uint8Array): number | undefined {
  return bytes.find((byte) => byte > 0x20);
}
