/** Whole answers of an upstream that speaks the client's protocol: the bytes go through, once they are known to be an answer. */
import type { HttpResponse } from '../http-client/message.ts';
import { outputTokens } from '../limits/token-estimate.ts';
import { isObject, type Json, parseJson } from '../protocols/json.ts';
import { closeBrace, closeBracket, openBrace, openBracket } from '../protocols/json-characters.ts';
import { isSpace } from '../protocols/json-text-span.ts';
import type { Protocol } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import type { TokenCounts } from '../protocols/token-counts.ts';
import { type Answer, asItIs, type ClientRequest } from './answer.ts';
import { jsonType } from './content-type.ts';
import { brokenOff, brokenUpstream } from './failure.ts';
import { latin1 } from './latin1.ts';
import type { ReadRequest } from './read-request.ts';
import type { Finished } from './stream/pass-stream.ts';
import { countsWithin, tokenCounts } from './stream/usage-scan.ts';
import { failureWithin, notJson, type Read } from './translate-whole.ts';

/** The upstream's bytes as the client's answer; `finished` gets what it counted. */
export async function passWhole(
  request: ClientRequest,
  read: ReadRequest,
  upstream: HttpResponse,
  now: number,
  finished: Finished,
): Promise<Read<Answer>> {
  let body: Uint8Array;
  try {
    body = await upstream.bytes();
  } catch (error) {
    return { ok: false, failure: brokenOff(error) };
  }
  const first = firstByte(body);
  if (first !== openBrace && first !== openBracket)
    return { ok: false, failure: notJson(decoder.decode(body.subarray(0, 64))) };
  if (lastByte(body) !== (first === openBrace ? closeBrace : closeBracket))
    return {
      ok: false,
      failure: {
        ...brokenUpstream('The upstream broke off in the middle of its answer.'),
        counts: countsIn(request.protocol, body, undefined),
      },
    };

  const { protocol, operation } = request;
  // What JSON is made of, names and numbers are ASCII: whatever stands in its texts comes through as something.
  const text = latin1(body, 0, body.byteLength <= parsedUpTo ? body.byteLength : errorWithin);
  const value = body.byteLength <= parsedUpTo ? parseJson(text) : undefined;
  if (body.byteLength <= parsedUpTo && value === undefined) return { ok: false, failure: notJson('') };
  if (
    operation === 'generate' &&
    (errorPattern.test(text.slice(0, errorWithin)) ||
      (isObject(value) && codecs[protocol].mayBeGivenUp?.(value)))
  ) {
    const whole = decoder.decode(body);
    const failure = await failureWithin(codecs[protocol], whole, { request: read.answered() }, upstream, now);
    if (failure !== undefined)
      return { ok: false, failure: { ...failure, counts: countsIn(protocol, body, value) } };
  }
  const counts = countsIn(protocol, body, value) ?? {};
  finished(counts.output === undefined ? { ...counts, said: outputTokens(body.byteLength) } : counts);
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

/** Some services put the counts elsewhere than their protocol does: the end of the text shows them, too. */
function countsIn(protocol: Protocol, body: Uint8Array, value: Json | undefined): TokenCounts | undefined {
  const { usage } = codecs[protocol];
  const counts = isObject(value) ? usage.inAnswer(value) : undefined;
  return counts ?? tokenCounts(usage, '', latin1(body, body.length - countsWithin, body.length));
}

const decoder = new TextDecoder();

/** Bytes of an answer that is parsed to be sure that it is JSON: 2 µs a kilobyte. Longer ones hold images, and pass as they are. */
const parsedUpTo = 65_536;
/** An error that comes with status 200 is all that its body holds: its mark stands within this many bytes. */
const errorWithin = 256;
const errorPattern = /"error"\s*:\s*\{|"type"\s*:\s*"error"/;
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
