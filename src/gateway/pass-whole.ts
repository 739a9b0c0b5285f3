/** Whole answers of an upstream that speaks the client's protocol: the bytes go through, once they are known to be an answer. */
import type { HttpResponse } from '../http-client/message.ts';
import { closeBrace, closeBracket, openBrace, openBracket } from '../protocols/ascii.ts';
import type { Codec } from '../protocols/codec.ts';
import { errorAnswerPattern } from '../protocols/event-errors.ts';
import { isFailure } from '../protocols/finish-words.ts';
import { isObject, type Json, parseJson } from '../protocols/json.ts';
import { endsInside } from '../protocols/json-end.ts';
import { keyOf, skipSpace, valueEnd, walkMembers } from '../protocols/json-span.ts';
import { isSpace } from '../protocols/json-text-span.ts';
import type { Protocol } from '../protocols/model.ts';
import type { Operation } from '../protocols/operation.ts';
import { codecs } from '../protocols/registry.ts';
import type { TokenCounts } from '../protocols/token-counts.ts';
import { type Answer, asItIs, type ClientRequest } from './answer.ts';
import { formOf, markLength } from './answer-form.ts';
import { isEventStream, jsonType } from './content-type.ts';
import { brokenOff, brokenUpstream } from './failure.ts';
import { lackingFailure, lacksCount, lacksVectors } from './lacking-answer.ts';
import { latin1 } from './latin1.ts';
import type { ReadRequest } from './read-request.ts';
import type { Finished } from './stream/pass-stream.ts';
import { saidInWhole } from './stream/said-tokens.ts';
import { countsWithin, tokenCounts } from './stream/usage-scan.ts';
import { failureWithin, notJson, type Read } from './translate-whole.ts';

/**
 * The upstream's bytes as the client's answer; `finished` gets what it counted. Bytes that are the events of a generation are for
 * `ofEvents`.
 */
export async function passWhole(
  request: ClientRequest,
  read: ReadRequest,
  upstream: HttpResponse,
  now: number,
  finished: Finished,
  ofEvents: (bytes: Uint8Array) => Promise<Read<Answer>>,
): Promise<Read<Answer>> {
  let body: Uint8Array;
  try {
    body = await upstream.bytes();
  } catch (error) {
    return { ok: false, failure: brokenOff(error) };
  }
  let first = firstByte(body);
  if (first !== openBrace && first !== openBracket) {
    if (request.operation === 'generate' && isEvents(upstream, body)) return ofEvents(body);
    body = body.subarray(markLength(body));
    first = firstByte(body);
  }
  if (first !== openBrace && first !== openBracket)
    return { ok: false, failure: notJson(decoder.decode(body.subarray(0, 64))) };
  const isShort = body.byteLength <= parsedUpTo;
  const closing = first === openBrace ? closeBrace : closeBracket;
  if (lastByte(body) !== closing || (!isShort && endsInside(bufferOver(body))))
    return {
      ok: false,
      failure: {
        ...brokenUpstream('The upstream broke off in the middle of its answer.'),
        counts: countsIn(request.protocol, body, undefined),
      },
    };

  const { protocol, operation } = request;
  // What JSON is made of, names and numbers are ASCII: any bytes in its texts decode to something.
  const text = latin1(body, 0, isShort ? body.byteLength : errorWithin);
  const value = isShort ? parseJson(text) : undefined;
  if (isShort && value === undefined) return { ok: false, failure: notJson('') };
  const looksGood = isShort
    ? isAnswer(operation, protocol, value)
    : beginsAnswer(operation, protocol, body) && !endsGivenUp(codecs[protocol], body);
  if (operation !== 'generate') {
    if (!looksGood) {
      const codec = codecs[protocol];
      return {
        ok: false,
        failure: lackingFailure(codec, value, lacks(operation, codec), upstream.headers, now),
      };
    }
  } else if (!looksGood || errorAnswerPattern.test(text.slice(0, errorWithin))) {
    const whole = decoder.decode(body);
    const failure = await failureWithin(codecs[protocol], whole, { request: read.answered() }, upstream, now);
    if (failure !== undefined)
      return { ok: false, failure: { ...failure, counts: countsIn(protocol, body, value) } };
  }
  const counts = countsIn(protocol, body, value) ?? {};
  finished(counts.output === undefined ? { ...counts, said: saidInWhole(codecs[protocol], body) } : counts);
  return {
    ok: true,
    value: {
      status: upstream.status,
      headers: {
        'content-type': jsonType(upstream.header('content-type')),
        ...asItIs,
      },
      body,
    },
  };
}

/** Whether what does not begin as JSON is events, by what it says or by what it is. */
function isEvents(upstream: HttpResponse, body: Uint8Array): boolean {
  const form = formOf(body);
  return form === 'events' || (form !== 'json' && isEventStream(upstream.header('content-type')));
}

/** Some services put the counts elsewhere than their protocol does: the end of the text shows them, too. */
function countsIn(protocol: Protocol, body: Uint8Array, value: Json | undefined): TokenCounts | undefined {
  const { usage } = codecs[protocol];
  const counts = isObject(value) ? usage.inAnswer(value) : undefined;
  return counts ?? tokenCounts(usage, '', latin1(body, body.length - countsWithin, body.length));
}

/** Whether a body is an answer by its form; one that was given up may look like one that is worth being read. */
function isAnswer(operation: Operation, protocol: Protocol, value: Json | undefined): boolean {
  const codec = codecs[protocol];
  if (!isObject(value)) return false;
  switch (operation) {
    case 'generate':
      return codec.holdsAnswer(value) && !codec.mayBeGivenUp?.(value);
    case 'count-tokens':
      return codec.tokenCounting.read(value) !== undefined;
    case 'embed':
    case 'embed-content':
      return codec.embedding?.holdsVectors(value) ?? true;
    default:
      return true;
  }
}

/**
 * The same of a long one, which is not parsed for that: a member that an answer has begins as an object that is not empty, or as a list of
 * such.
 */
function beginsAnswer(operation: Operation, protocol: Protocol, body: Uint8Array): boolean {
  const { answerMembers, embedding } = codecs[protocol];
  const members = operation === 'generate' ? answerMembers : (embedding?.answerMembers ?? answerMembers);
  const buffer = bufferOver(body);
  let found = false;
  // Looks no further than to where the first such member begins.
  walkMembers(buffer, 0, (keyStart, keyEnd, start) => {
    const key = keyOf(buffer, keyStart, keyEnd, longestMember);
    if (key === undefined || !members.includes(key)) return valueEnd(buffer, start);
    const object = buffer[start] === openBracket ? skipSpace(buffer, start + 1) : start;
    found = buffer[object] === openBrace && buffer[skipSpace(buffer, object + 1)] !== closeBrace;
    return found ? -1 : valueEnd(buffer, start);
  });
  return found;
}

/** Whether a long answer ends with a word by which it was given up. */
function endsGivenUp({ finishPattern }: Codec, body: Uint8Array): boolean {
  if (finishPattern === undefined) return false;
  const end = latin1(body, body.length - countsWithin, body.length);
  return end.matchAll(finishPattern).some(([, word]) => isFailure(word));
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Letters of the longest of these members. */
const longestMember = Math.max(
  ...Object.values(codecs)
    .flatMap(({ answerMembers, embedding }) => [...answerMembers, ...(embedding?.answerMembers ?? [])])
    .map((name) => name.length),
);

/** The message about a success that lacks the requested data. */
function lacks(operation: Operation, codec: Codec): string {
  switch (operation) {
    case 'count-tokens':
      return lacksCount(codec);
    case 'embed':
    case 'embed-content':
      return lacksVectors;
    default:
      return 'The upstream gave no answer.';
  }
}

const decoder = new TextDecoder();

/** Bytes of an answer that is parsed to be sure that it is JSON: 2 µs a kilobyte. Longer ones hold images, and pass as they are. */
const parsedUpTo = 65_536;
/** An error that comes with status 200 is all that its body holds: its mark is within this many bytes. */
const errorWithin = 256;

function firstByte(body: Uint8Array): number | undefined {
  let at = 0;
  while (isSpace(body[at])) at += 1;
  return body[at];
}

function lastByte(body: Uint8Array): number | undefined {
  let at = body.length - 1;
  while (isSpace(body[at])) at -= 1;
  return body[at];
}
