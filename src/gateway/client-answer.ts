/** What a client gets of an upstream's answer: its bytes, or their translation, as a stream or whole. */
import { runYielding } from '../ground/steps.ts';
import type { BodyReader } from '../http-client/body-queue.ts';
import type { HttpResponse } from '../http-client/message.ts';
import { outputTokens } from '../limits/token-estimate.ts';
import type { Response as CanonicalResponse } from '../protocols/answer.ts';
import { partBytes } from '../protocols/answer-size.ts';
import type { Codec, DecodeContext, EncodeContext, LossReport } from '../protocols/codec.ts';
import { reportWord } from '../protocols/finish-words.ts';
import { reportLost } from '../protocols/lost-parts.ts';
import { codecs } from '../protocols/registry.ts';
import { countsOf } from '../protocols/token-counts.ts';
import { type Answer, type ChunkReader, type ClientRequest, jsonHeaders, streamHeaders } from './answer.ts';
import { answerLeft, readerOf, readForm } from './answer-form.ts';
import { isEventStream } from './content-type.ts';
import { type AttemptFailure, brokenOff, brokenUpstream, failureFromError } from './failure.ts';
import type { LongWork } from './long-work.ts';
import { passWhole } from './pass-whole.ts';
import type { ReadRequest } from './read-request.ts';
import type { Showing } from './shown-error.ts';
import { errorIn } from './stream/error-events.ts';
import { readFirstEvent } from './stream/first-event.ts';
import { emptyLine, keepAliveBytes } from './stream/keep-alive.ts';
import { withLineFeeds } from './stream/line-feeds.ts';
import { type Finished, type Outcome, passThrough } from './stream/pass-stream.ts';
import { wantsArray } from './stream/stream-form.ts';
import { letGo, openTranslated } from './stream/translate-stream.ts';
import { countsOfFailed } from './stream/usage-scan.ts';
import { behind, yieldingReader } from './stream/yielding-reader.ts';
import { jsonInTurns, mendedInTurns } from './text-in-turns.ts';
import { type Read, readWhole, streamOfWhole, type Turn } from './translate-whole.ts';
import type { CallDeps } from './upstream/call.ts';
import type { UpstreamRequest } from './upstream/request.ts';
import { workedAtOnce, yieldFor } from './yield-for.ts';

/** A call that an upstream has answered. */
export interface Exchange {
  request: ClientRequest;
  read: ReadRequest;
  /** Of the upstream's protocol. */
  codec: Codec;
  upstream: HttpResponse;
  deps: CallDeps & { mask: (text: string) => string; longWork: LongWork };
  finished: Finished;
  /** Of losses on the way back: those of a whole answer reach its client, all of them the log. */
  report: LossReport;
}

/** Rejects with InvalidRequest for a body of the client that cannot be read. */
export function answerOf(
  exchange: Exchange,
  call: Pick<UpstreamRequest, 'sameProtocol' | 'stream' | 'hidesUsage'>,
): Promise<Read<Answer>> {
  const { request, upstream } = exchange;
  if (request.operation !== 'generate' || (call.sameProtocol && !call.stream)) return passed(exchange);
  if (!request.stream) return translateWhole(exchange);
  if (isEventStream(upstream.header('content-type'))) return streamOf(exchange, call, upstream.body());
  return answerInDisguise(exchange, call);
}

/** The stream, or the whole answer, that comes where a stream was asked for and the type states none. */
async function answerInDisguise(exchange: Exchange, call: StreamedCall): Promise<Read<Answer>> {
  let begun: Awaited<ReturnType<typeof readForm>>;
  try {
    begun = await readForm(exchange.upstream.body());
  } catch (error) {
    return failed(brokenOff(error));
  }
  return begun.form === 'events'
    ? streamOf(exchange, call, begun.reader)
    : translateWhole(withLeft(exchange, 'json', begun.reader));
}

type StreamedCall = Pick<UpstreamRequest, 'sameProtocol' | 'hidesUsage'>;

function streamOf(exchange: Exchange, call: StreamedCall, body: BodyReader): Promise<Read<Answer>> {
  const reader = yieldingReader(exchange.deps.watch.reading(body));
  return call.sameProtocol && !wantsArray(exchange.request)
    ? passStream(exchange, withLineFeeds(reader), call.hidesUsage)
    : translateStream(exchange, reader);
}

/** The exchange with what is left to be read of its answer, which is not what it calls itself. */
function withLeft(exchange: Exchange, form: 'events' | 'json', reader: BodyReader): Exchange {
  const { upstream, deps } = exchange;
  return { ...exchange, upstream: answerLeft(upstream, form, reader, deps.bounds['whole-answer']) };
}

/** The answer's bytes; the fold of its events where it is a stream, as it is from servers that always stream. */
function passed(exchange: Exchange): Promise<Read<Answer>> {
  const { request, read, upstream, deps, finished } = exchange;
  return passWhole(request, read, upstream, deps.clock.now(), finished, (events) =>
    translateWhole(withLeft(exchange, 'events', readerOf(events))),
  );
}

async function passStream(
  exchange: Exchange,
  reader: ChunkReader,
  hidesUsage: boolean,
): Promise<Read<Answer>> {
  const { read, codec, upstream, deps, finished } = exchange;
  const decoding = (): DecodeContext => decodingOf(read, deps);
  const first = await readFirstEvent(
    codec.protocol,
    reader,
    deps.bounds['held-events'],
    deps.bounds['answer-values'],
  );
  if (first.kind === 'begun') {
    const mostValues = deps.bounds['answer-values'];
    // A stream without content may be long: it is checked in pieces, as all others.
    const { bytes } = first;
    const isLong = bytes.length > workedAtOnce;
    const body = passThrough(
      codec,
      isLong ? bytes.subarray(0, 0) : bytes,
      isLong ? yieldingReader(behind(bytes, reader)) : reader,
      finished,
      decoding,
      showingOf(exchange),
      mostValues,
      hidesUsage,
    );
    return { ok: true, value: { status: upstream.status, headers: streamHeaders, body } };
  }
  if (first.kind === 'json') return translateWhole(withLeft(exchange, 'json', behind(first.bytes, reader)));
  letGo(reader);
  const failure =
    first.kind === 'nothing'
      ? brokenUpstream(first.message, first.cause)
      : failureFromError(errorIn(codec, decoding, first.event), upstream.headers, deps.clock.now());
  return failed({ ...failure, counts: countsOfFailed(codec.protocol, first.seen) });
}

async function translateStream(exchange: Exchange, reader: ChunkReader): Promise<Read<Answer>> {
  const { request, read, codec, upstream, deps, finished } = exchange;
  const client = clientCodec(request);
  const encoder = client.streamEncoder(encoding(exchange));
  const array = wantsArray(request) ? client.queryForms?.array(encoder) : undefined;
  const opened = await openTranslated(
    reader,
    codec.protocol,
    codec.streamDecoder(decodingOf(read, deps)),
    array ?? encoder,
    finished,
    array === undefined ? keepAliveBytes(request.protocol) : emptyLine,
    codec.protocol === request.protocol ? undefined : client.answerRoom,
    exchange.report,
    showingOf(exchange),
    { mostValues: deps.bounds['answer-values'], exact: codec.exactMembers },
    deps.longWork.between,
  );
  if (opened.kind === 'json') return translateWhole(withLeft(exchange, 'json', behind(opened.bytes, reader)));
  if (opened.kind === 'failed') {
    const failure = failureFromError(opened.error, upstream.headers, deps.clock.now());
    return failed({ ...failure, counts: countsOfFailed(codec.protocol, opened.seen) });
  }
  return {
    ok: true,
    value: {
      status: 200,
      headers: array === undefined ? streamHeaders : jsonHeaders,
      body: opened.body,
    },
  };
}

/** Whichever form the upstream's answer has, the client gets the one that it asked for. */
async function translateWhole(exchange: Exchange): Promise<Read<Answer>> {
  const { longWork, watch } = exchange.deps;
  let end: (() => void) | undefined;
  try {
    let bytes = 0;
    return await translatedWhole(exchange, {
      async begin(length) {
        bytes = length;
        end = await longWork.begin(length, watch);
        if (end === undefined) throw watch.cancelled;
      },
      between: () => longWork.between(bytes),
    });
  } finally {
    end?.();
  }
}

/** What is read has been written when the result is there. */
async function translatedWhole(exchange: Exchange, turn: Turn): Promise<Read<Answer>> {
  const { request, read, codec, upstream, deps, finished } = exchange;
  const client = clientCodec(request);
  const whole = await readWhole(
    codec,
    upstream,
    decodingOf(read, deps),
    request.protocol,
    deps.clock.now(),
    deps.bounds['whole-answer'],
    turn,
  );
  if (!whole.ok) return whole;
  turn.between();
  const { response, length } = whole.value;
  await yieldFor(length);
  if (codec.protocol !== request.protocol) {
    const { finish, others } = response;
    reportLost(client.answerRoom, response, exchange.report);
    reportWord(finish, exchange.report);
    others?.forEach((other) => {
      reportWord(other.finish, exchange.report);
    });
  }
  if (request.stream && !wantsArray(request)) {
    const body = await runYielding(streamOfWhole(client, response, encoding(exchange)));
    finished(countedOrSaid(response));
    return { ok: true, value: { status: 200, headers: streamHeaders, body } };
  }
  const encoded = client.encodeResponse(response, encoding(exchange));
  await yieldFor(length);
  const json = await mendedInTurns(await jsonInTurns(encoded, length));
  finished(countedOrSaid(response));
  return {
    ok: true,
    value: { status: 200, headers: jsonHeaders, body: request.stream ? `[${json}]` : json },
  };
}

function showingOf({ request, deps }: Exchange): Showing {
  return { mask: deps.mask, mostBytes: deps.bounds['error-text'], id: request.id };
}

function clientCodec(request: ClientRequest): Codec {
  const codec = codecs[request.protocol];
  return codec.queryForms?.worded(codec, request.query) ?? codec;
}

/** What a decoder of the answer needs to know. */
function decodingOf(read: ReadRequest, { bounds }: CallDeps): DecodeContext {
  return {
    request: read.answered(),
    bounds: { items: bounds['answer-items'], nesting: bounds.nesting, values: bounds['answer-values'] },
  };
}

function encoding({ request, read, deps, report }: Exchange): EncodeContext {
  return {
    request: read.answered(),
    model: request.model,
    unixSeconds: () => Math.floor(deps.clock.now() / 1000),
    newId: deps.newId,
    report,
  };
}

function failed(failure: AttemptFailure): { ok: false; failure: AttemptFailure } {
  return { ok: false, failure };
}

/** The counts of a whole answer; where they are missing, an estimate from its contents. */
function countedOrSaid({ usage, parts, others = [] }: CanonicalResponse): Outcome {
  const counts = countsOf(usage);
  if (counts.output !== undefined) return counts;
  const all = [parts, ...others.map((other) => other.parts)].flat();
  return { ...counts, said: outputTokens(all.reduce((sum, part) => sum + partBytes(part), 0)) };
}
