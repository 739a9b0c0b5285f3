/** One attempt: one upstream call for one candidate, and what becomes of its answer. */
import type { Candidate } from '../credentials/catalog.ts';
import type { DecodeContext, EncodeContext, Loss } from '../protocols/codec.ts';
import { jsonArrayFraming } from '../protocols/gemini/index.ts';
import { parseJson } from '../protocols/json.ts';
import { codecs } from '../protocols/registry.ts';
import type { Log } from '../telemetry/log.ts';
import type { Answer, ClientRequest } from './answer.ts';
import { type AttemptFailure, brokenUpstream, failureFromError } from './failure.ts';
import { emptyLine, signOfLife } from './heartbeat.ts';
import { readOpening } from './opening.ts';
import { errorIn, type Finished, passThrough } from './pass-through.ts';
import { speaking } from './speaking.ts';
import { wantsArray } from './stream-form.ts';
import { letGo, openTranslated } from './translated-stream.ts';
import { callUpstream, type Surroundings } from './upstream-call.ts';
import { type ReadRequest, upstreamRequest } from './upstream-request.ts';
import { countsOfUsage, tokenCounts } from './usage-scan.ts';
import { failureWithin, notJson, readWhole, streamOfWhole } from './whole-answer.ts';

/** The outside world of an attempt, with the log that translations are written to. */
export interface AttemptWorld extends Surroundings {
  log: Log;
}

export type AttemptResult =
  | { ok: true; answer: Answer; losses: Loss[] }
  | { ok: false; failure: AttemptFailure };

/** Makes the call. `finished` is told once when a successful answer has gone out. Throws InvalidRequest for a body that cannot be read. */
export async function attempt(
  request: ClientRequest,
  read: ReadRequest,
  chosen: Candidate,
  world: AttemptWorld,
  finished: Finished,
): Promise<AttemptResult> {
  const candidate = speaking(chosen, request.protocol);
  const call = upstreamRequest(request, read, candidate, world.userAgent);
  const { credential } = candidate;
  const codec = codecs[credential.provider.protocol];
  if (call === undefined) {
    return failed(
      brokenUpstream(`${credential.provider.title} has no ${request.operation} operation.`, undefined, 501),
    );
  }
  if ((!call.sameProtocol || call.losses.length > 0) && world.log.debugging) {
    world.log.debug('translated', {
      id: request.id,
      from: request.protocol,
      to: credential.provider.protocol,
      credential: credential.label,
      model: candidate.model,
      losses: call.losses,
    });
  }
  const called = await callUpstream(call, credential, request.signal, world);
  if (!called.ok) return called;
  const upstream = called.response;
  const success = (answer: Answer): AttemptResult => ({ ok: true, answer, losses: call.losses });
  if (request.operation !== 'generate' || (call.sameProtocol && !call.stream)) {
    return passWhole(request, read, upstream, world.now(), finished, success);
  }
  const isStream = upstream.headers.get('content-type')?.includes('text/event-stream') ?? false;
  const asArray = wantsArray(request);
  const client = codecs[request.protocol];
  const context = (): EncodeContext => ({
    request: read.canonical(),
    model: request.model,
    now: () => Math.floor(world.now() / 1000),
    newId: world.newId,
  });
  if (request.stream && isStream && upstream.body !== null) {
    const bytes = upstream.body.getReader();
    const reader = world.watch?.reading(bytes) ?? bytes;
    if (call.sameProtocol && !asArray) {
      const decoding = (): DecodeContext => ({ request: read.canonical() });
      const opening = await readOpening(codec.protocol, reader);
      if (opening.kind !== 'begun') {
        letGo(reader);
        if (opening.kind === 'nothing') return failed(brokenUpstream(opening.message, opening.cause));
        return failed(
          failureFromError(errorIn(codec, decoding, opening.event), upstream.headers, world.now()),
        );
      }
      return success({
        status: upstream.status,
        headers: streamHeaders,
        body: passThrough(codec, opening.bytes, reader, finished, decoding),
      });
    }
    const encoder = client.streamEncoder(context());
    const opened = await openTranslated(
      reader,
      codec.streamDecoder({ request: read.canonical() }),
      asArray ? jsonArrayFraming(encoder) : encoder,
      finished,
      asArray ? emptyLine : signOfLife(request.protocol),
    );
    if (opened.kind === 'failed') {
      return failed(failureFromError(opened.error, upstream.headers, world.now()));
    }
    return success({ status: 200, headers: asArray ? jsonHeaders : streamHeaders, body: opened.body });
  }
  const whole = await readWhole(codec, upstream, { request: read.canonical() }, world.now());
  if (!whole.ok) return whole;
  finished(countsOfUsage(whole.value.usage));
  if (request.stream && !asArray) {
    return success({
      status: 200,
      headers: streamHeaders,
      body: streamOfWhole(client, whole.value, context()),
    });
  }
  const json = JSON.stringify(client.encodeResponse(whole.value, context()));
  return success({ status: 200, headers: jsonHeaders, body: request.stream ? `[${json}]` : json });
}

/** A whole answer in the client's own protocol: its bytes go through. */
async function passWhole(
  request: ClientRequest,
  read: ReadRequest,
  upstream: Response,
  now: number,
  finished: Finished,
  success: (answer: Answer) => AttemptResult,
): Promise<AttemptResult> {
  let body: Uint8Array<ArrayBuffer>;
  try {
    body = new Uint8Array(await upstream.arrayBuffer());
  } catch (error) {
    return failed(brokenUpstream('The upstream broke off in the middle of its answer.', error));
  }
  const first = firstByte(body);
  if (first !== openBrace && first !== openBracket)
    return failed(notJson(new TextDecoder().decode(body.subarray(0, 64))));
  if (lastByte(body) !== first + 2)
    return failed(brokenUpstream('The upstream broke off in the middle of its answer.'));
  if (body.byteLength <= parsedUpTo && parseJson(new TextDecoder().decode(body)) === undefined)
    return failed(notJson(''));
  if (request.operation === 'generate' && tellsError.test(latin1(body, 0, errorWithin))) {
    const codec = codecs[request.protocol];
    const context = { request: read.canonical() };
    const text = new TextDecoder().decode(body);
    const failure = failureWithin(codec, text, context, upstream.headers, now);
    if (failure !== undefined) return failed(failure);
  }
  // Counts and their names are ASCII; Latin-1 is the cheapest way to look at them.
  finished(tokenCounts(request.protocol, '', latin1(body, body.length - countsWithin, body.length)));
  return success({
    status: upstream.status,
    headers: { 'content-type': upstream.headers.get('content-type') ?? 'application/json' },
    body,
  });
}

/** Bytes of an answer that is parsed to be sure that it is JSON: 2 µs a kilobyte. Longer ones hold images, and pass as they are. */
const parsedUpTo = 65_536;
/** Token counts stand at the end of a whole answer, within this many bytes. */
const countsWithin = 8192;
/** An error that comes with status 200 is all that its body holds: its mark stands within this many bytes. */
const errorWithin = 256;
const tellsError = /"error"\s*:\s*\{|"type"\s*:\s*"error"/;
/** The closing bracket of each is two code points on. */
const openBrace = 123;
const openBracket = 91;

function latin1(body: Uint8Array, from: number, to: number): string {
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return view.toString('latin1', Math.max(0, from), Math.min(to, body.byteLength));
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}

function firstByte(body: Uint8Array): number | undefined {
  return body.find((byte) => !isSpace(byte));
}

function lastByte(body: Uint8Array): number | undefined {
  return body.findLast((byte) => !isSpace(byte));
}

export const jsonHeaders = { 'content-type': 'application/json' };
export const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
};

function failed(failure: AttemptFailure): AttemptResult {
  return { ok: false, failure };
}
