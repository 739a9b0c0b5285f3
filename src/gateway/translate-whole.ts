/** Whole (non-streaming) answers: passed through, translated, or folded from a stream. */
import { BeyondBound } from '../http-client/bounds.ts';
import type { HttpResponse } from '../http-client/message.ts';
import type { Response as CanonicalResponse, StreamEvent } from '../protocols/answer.ts';
import { usualAnswerBounds, tooManyValues as valuesBeyond } from '../protocols/answer-bounds.ts';
import { openBrace } from '../protocols/ascii.ts';
import type { Codec, DecodeContext, EncodeContext } from '../protocols/codec.ts';
import { isProtocolError } from '../protocols/codec.ts';
import { errorOfFinish } from '../protocols/finish-words.ts';
import { foldEvents, unfoldResponse } from '../protocols/fold.ts';
import { isObject, type Json, parseJson } from '../protocols/json.ts';
import type { Protocol } from '../protocols/model.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { countsOf, type TokenCounts } from '../protocols/token-counts.ts';
import { mendedJson, mendingJson } from '../protocols/well-formed.ts';
import { answerLeft, formOf, formReader, readerOf } from './answer-form.ts';
import { isEventStream } from './content-type.ts';
import { type AttemptFailure, brokenOff, brokenUpstream, failureFromError } from './failure.ts';
import { parsedYielding } from './json-body.ts';
import { answerEvents } from './stream/answer-events.ts';
import { countsOfFailed, createTail } from './stream/usage-scan.ts';
import { behind, yieldingReader } from './stream/yielding-reader.ts';
import { isTooHeavyExactly, isTooHeavyInTurns } from './weight-in-turns.ts';
import { workedAtOnce, yieldFor } from './yield-for.ts';

const decoder = new TextDecoder();

/** A long answer's place in the queue of long work. */
export interface Turn {
  /** Resolves when an answer of so many bytes may be worked on; rejects where its request is over before. */
  begin(bytes: number): Promise<void>;
  /** A step of the work is done: see `LongWork.between`. */
  between(): void;
}

export type Read<T> = { ok: true; value: T } | { ok: false; failure: AttemptFailure };

/** A whole answer that has been read, and how long it was. */
export interface WholeAnswer {
  response: CanonicalResponse;
  length: number;
}

/**
 * Reads a whole upstream answer, streamed or not, into the canonical response; one that streams as far as `mostBytes`. One
 * that was given up is a failure, unless there is something of it and its client speaks the upstream's protocol, whose words
 * it knows. A long one waits in the queue of long work.
 */
export async function readWhole(
  codec: Codec,
  upstream: HttpResponse,
  context: DecodeContext,
  client: Protocol,
  now: number,
  mostBytes: number,
  turn: Turn,
): Promise<Read<WholeAnswer>> {
  const isStream = isEventStream(upstream.header('content-type'));
  const read = await (isStream
    ? readFolded(codec, upstream, context, now, mostBytes, turn)
    : readBody(codec, upstream, context, now, mostBytes, turn));
  if (!read.ok) return read;
  const { response } = read.value;
  const error = givenUp(response, client === codec.protocol ? codec.ownFailures : undefined);
  if (error === undefined) return read;
  const failure = failureFromError(error, upstream.headers, now);
  return withCounts({ ok: false, failure }, countsOf(response.usage));
}

/** A failure with what the provider counted for it; anything else as it is. */
function withCounts<T>(read: Read<T>, counts: TokenCounts | undefined): Read<T> {
  return read.ok || counts === undefined ? read : { ok: false, failure: { ...read.failure, counts } };
}

const none: NonNullable<CanonicalResponse['others']> = [];

/** The error for an answer that was given up, or one of those in it. `known`: the words for that which its client reads. */
function givenUp(
  { parts, finish, others = none }: CanonicalResponse,
  known: RegExp | undefined,
): ProtocolError | undefined {
  if (parts.length > 0 && known?.test(finish.native ?? '')) return undefined;
  let error = errorOfFinish(finish);
  for (const other of others) error ??= errorOfFinish(other.finish);
  return error;
}

/** The whole body. */
export async function readBytes(upstream: Pick<HttpResponse, 'bytes'>): Promise<Read<Uint8Array>> {
  try {
    return { ok: true, value: await upstream.bytes() };
  } catch (error) {
    return { ok: false, failure: brokenOff(error) };
  }
}

/** The same as text. */
export async function readText(upstream: Pick<HttpResponse, 'bytes'>): Promise<Read<string>> {
  const read = await readBytes(upstream);
  return read.ok ? { ok: true, value: decoder.decode(read.value) } : read;
}

async function readBody(
  codec: Codec,
  upstream: HttpResponse,
  context: DecodeContext,
  now: number,
  mostBytes: number,
  turn: Turn,
): Promise<Read<WholeAnswer>> {
  let bytes: Uint8Array;
  try {
    bytes = await upstream.bytes();
    if (bytes.length > workedAtOnce) await turn.begin(bytes.length);
  } catch (error) {
    return { ok: false, failure: brokenOff(error) };
  }
  if (bytes[0] !== openBrace && formOf(bytes) === 'events') {
    const events = answerLeft(upstream, 'events', readerOf(bytes), mostBytes);
    return readFolded(codec, events, context, now, mostBytes, turn);
  }
  // As bytes: of a text they would be one more copy of it.
  if (await isTooHeavyInTurns(mostValues(context), bytes))
    return { ok: false, failure: tooManyValues(mostValues(context)) };
  const text = decoder.decode(bytes);
  if (await isTooHeavyExactly(mostValues(context), text, codec.exactMembers))
    return { ok: false, failure: tooManyValues(mostValues(context)) };
  turn.between();
  const value = await parsedYielding(text, codec.exactMembers);
  const read = bodyRead(codec, value, context, upstream, now);
  if (read === undefined) return { ok: false, failure: notJson(text) };
  const counts = isObject(value) ? codec.usage.inAnswer(value) : undefined;
  return withPause(read.ok ? answerOf(read.value, text.length) : withCounts(read, counts), text.length);
}

function answerOf(response: CanonicalResponse, length: number): Read<WholeAnswer> {
  return { ok: true, value: { response, length } };
}

/** What the value of a body is read as; undefined for what is no form of an answer. */
function bodyRead(
  codec: Codec,
  value: Json | undefined,
  context: DecodeContext,
  upstream: Pick<HttpResponse, 'headers'>,
  now: number,
): Read<CanonicalResponse> | undefined {
  if (Array.isArray(value) && codec.decodeChunks !== undefined)
    return settled(codec.decodeChunks(value, context), upstream, now);
  return isObject(value) ? settled(codec.decodeResponse(value, context), upstream, now) : undefined;
}

/** What was read, once others have been served. */
async function withPause<T>(read: T, length: number): Promise<T> {
  await yieldFor(length);
  return read;
}

function mostValues({ bounds = usualAnswerBounds }: DecodeContext): number {
  return bounds.values;
}

/** An answer with more values than are read. */
export function tooManyValues(most: number): AttemptFailure {
  return brokenUpstream(`The upstream's answer ${valuesBeyond(most)}.`);
}

async function readFolded(
  codec: Codec,
  upstream: HttpResponse,
  context: DecodeContext,
  now: number,
  mostBytes: number,
  turn: Turn,
): Promise<Read<WholeAnswer>> {
  const fold = foldEvents();
  const tail = createTail();
  const events = answerEvents(codec.streamDecoder(context), fold.push, {
    mostValues: mostValues(context),
    exact: codec.exactMembers,
  });
  let broke: AttemptFailure | undefined;
  let size = 0;
  try {
    const reader = yieldingReader(upstream.body());
    const look = formReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const seen = look(piece.value);
      if (seen?.form === 'json') {
        const left = answerLeft(upstream, 'json', behind(seen.bytes, reader), mostBytes);
        return await readBody(codec, left, context, now, mostBytes, turn);
      }
      size += piece.value.length;
      if (size > mostBytes) {
        void reader.cancel().catch(() => undefined);
        return { ok: false, failure: brokenOff(new BeyondBound('the answer', mostBytes, 'whole-answer')) };
      }
      tail.push(piece.value);
      await events.push(piece.value);
    }
  } catch (error) {
    broke = brokenOff(error);
  }
  await events.end();
  const read = settled(fold.result(), upstream, now);
  // What breaks behind the last event takes nothing from the answer.
  if (read.ok) return answerOf(read.value, size);
  const failure = broke ?? read.failure;
  return { ok: false, failure: { ...failure, counts: countsOfFailed(codec.protocol, tail) } };
}

function settled(
  result: CanonicalResponse | ProtocolError,
  upstream: Pick<HttpResponse, 'headers'>,
  now: number,
): Read<CanonicalResponse> {
  if (!isProtocolError(result)) return { ok: true, value: result };
  return { ok: false, failure: failureFromError(result, upstream.headers, now) };
}

/** The failure that a body with status 200 holds instead of an answer, or in an empty one, or is by being no answer; undefined for an answer. */
export async function failureWithin(
  codec: Codec,
  text: string,
  context: DecodeContext,
  upstream: Pick<HttpResponse, 'headers'>,
  now: number,
): Promise<AttemptFailure | undefined> {
  // An error that is all of a body is not as long.
  if (await isTooHeavyInTurns(mostValues(context), text)) return undefined;
  const value = await parsedYielding(text);
  const read = bodyRead(codec, value, context, upstream, now);
  if (read === undefined) return notJson(text);
  if (!read.ok) return read.failure;
  const error = givenUp(read.value, codec.ownFailures);
  return error && failureFromError(error, upstream.headers, now);
}

/** A 200 whose body is not what was asked for. */
export function notJson(text: string): AttemptFailure {
  const html = /^\s*</.test(text);
  return brokenUpstream(
    html
      ? 'The upstream answered with a web page instead of JSON. Check the base-url of this credential.'
      : isList(text)
        ? 'The upstream answered with a list instead of an object.'
        : 'The upstream answered with something that is not JSON.',
  );
}

function isList(text: string): boolean {
  return /^\s*\[/.test(text) && text.length <= workedAtOnce && parseJson(text) !== undefined;
}

/** The client's stream for an answer that came whole, in steps. */
export function* streamOfWhole(
  codec: Codec,
  response: CanonicalResponse,
  context: EncodeContext,
): Generator<void, string> {
  const encoder = codec.streamEncoder(context);
  const events: StreamEvent[] = [];
  unfoldResponse(response, (event) => void events.push(event));
  const pieces: string[] = [];
  let sinceStep = 0;
  for (const event of events) {
    const piece = encoder.encode(event);
    sinceStep += piece.length;
    if (sinceStep <= workedAtOnce) {
      pieces.push(mendedJson(piece));
      continue;
    }
    sinceStep = 0;
    yield;
    pieces.push(yield* mendingJson(piece));
  }
  return pieces.join('');
}
