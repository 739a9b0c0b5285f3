/** Errors in answers that go through as they are: with status 200, and in streams. What they say of the credential does not go through. */
import { textUpTo } from '../http-client/answer-text.ts';
import type { HttpResponse } from '../http-client/message.ts';
import { isProtocolError } from '../protocols/codec.ts';
import { errorAnswerPattern } from '../protocols/event-errors.ts';
import { isObject, parseJson } from '../protocols/json.ts';
import { codecs } from '../protocols/registry.ts';
import type { ChunkReader, ClientRequest } from './answer.ts';
import type { AttemptDeps } from './attempt.ts';
import { brokenUpstream, failureFromError } from './failure.ts';
import { latin1 } from './latin1.ts';
import { bareRequest } from './read-request.ts';
import { errorEvents } from './stream/error-events.ts';
import { withLineFeeds } from './stream/line-feeds.ts';
import { wholeEvents } from './stream/whole-events.ts';
import { behind } from './stream/yielding-reader.ts';
import type { Read } from './translate-whole.ts';

/** An answer whose first bytes have been read; its reader gives them once more. */
export interface BegunAnswer {
  first: Uint8Array | undefined;
  reader: ChunkReader;
}

/** Bytes within which an answer shows that it is an error. */
const errorWithin = 256;

/** What errors of the protocols have beside the error itself. */
const errorMembers: ReadonlySet<string> = new Set([
  ...['error', 'type', 'request_id', 'message', 'code', 'param', 'status', 'object'],
]);

/** The answer, unless it is an error and nothing else; an error beside an answer says nothing of the credential. */
export async function withoutError(
  { first, reader }: BegunAnswer,
  request: ClientRequest,
  { headers }: Pick<HttpResponse, 'headers'>,
  { mask, bounds, clock }: AttemptDeps,
): Promise<Read<ChunkReader>> {
  if (first === undefined || !errorAnswerPattern.test(latin1(first, 0, errorWithin)))
    return { ok: true, value: reader };
  const { text, whole } = await textUpTo(reader, bounds['error-body']);
  if (!whole)
    return {
      ok: false,
      failure: brokenUpstream('The upstream answered with an error that is too long to be read.'),
    };
  const value = parseJson(text);
  if (isObject(value) && Object.keys(value).every((name) => errorMembers.has(name))) {
    const decoded = codecs[request.protocol].decodeResponse(value, { request: bareRequest(request) });
    const error = isProtocolError(decoded) ? decoded : codecs[request.protocol].decodeError(502, text);
    return { ok: false, failure: failureFromError(error, headers, clock.now()) };
  }
  return { ok: true, value: behind(new TextEncoder().encode(mask(text)), reader) };
}

/** The events of an answer, those that report an error as clients may read them. */
export function maskedEvents(reader: ChunkReader, request: ClientRequest, deps: AttemptDeps): ChunkReader {
  const lines = withLineFeeds(reader);
  const events = wholeEvents();
  const showing = { mask: deps.mask, mostBytes: deps.bounds['error-text'], id: request.id };
  const shown = errorEvents(codecs[request.protocol], () => ({ request: bareRequest(request) }), showing);
  let over = false;
  return {
    ...reader,
    async read() {
      while (!over) {
        const { done, value } = await lines.read();
        over = done;
        const whole = done ? events.rest() : events.push(value);
        if (whole !== undefined && whole.length > 0) return { done: false, value: await shown(whole) };
      }
      return { done: true };
    },
    isOver: () => over,
  };
}
