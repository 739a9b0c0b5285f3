/** One attempt: one upstream call for one candidate, and what becomes of its answer. */
import type { Candidate } from '../credentials/catalog.ts';
import type { DecodeContext, EncodeContext, Loss } from '../protocols/codec.ts';
import { jsonArrayFraming } from '../protocols/gemini/index.ts';
import { codecs } from '../protocols/registry.ts';
import type { Log } from '../telemetry/log.ts';
import type { Answer, ClientRequest } from './answer.ts';
import { type AttemptFailure, brokenUpstream, failureFromError } from './failure.ts';
import { speaking } from './speaking.ts';
import { emptyLine, signOfLife } from './stream/heartbeat.ts';
import { readOpening } from './stream/opening.ts';
import { errorIn, type Finished, passThrough } from './stream/pass-through.ts';
import { wantsArray } from './stream/stream-form.ts';
import { letGo, openTranslated } from './stream/translated-stream.ts';
import { countsOfUsage } from './stream/usage-scan.ts';
import { type CallWorld, callUpstream } from './upstream/call.ts';
import { type ReadRequest, upstreamRequest } from './upstream/request.ts';
import { readWhole, streamOfWhole } from './whole-answer.ts';
import { passWhole } from './whole-pass-through.ts';

/** The outside world of one attempt, with the log that translations are written to. */
export interface AttemptWorld extends CallWorld {
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
  const called = await callUpstream(call, credential, world);
  if (!called.ok) return called;
  const upstream = called.response;
  const success = (answer: Answer): AttemptResult => ({ ok: true, answer, losses: call.losses });
  if (request.operation !== 'generate' || (call.sameProtocol && !call.stream)) {
    const passed = await passWhole(request, read, upstream, world.now(), finished);
    return passed.ok ? success(passed.value) : passed;
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
    const reader = world.watch.reading(bytes);
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

export const jsonHeaders = { 'content-type': 'application/json' };
export const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
};

function failed(failure: AttemptFailure): AttemptResult {
  return { ok: false, failure };
}
