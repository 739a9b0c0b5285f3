/**
 * Operations whose requests and answers go through as they are: images, speech, compaction, interactions. Only the model's name
 * may change.
 */
import type { Candidate, Route } from '../credentials/catalog.ts';
import { reasonOf } from '../ground/reason.ts';
import { isForm } from '../protocols/form-fields.ts';
import { isSpace } from '../protocols/json-text-span.ts';
import {
  type ForwardedOperation,
  forwardedOperations,
  isInteraction,
  type Operation,
  writesText,
} from '../protocols/operation.ts';
import { codecs } from '../protocols/registry.ts';
import type { TokenCounts } from '../protocols/token-counts.ts';
import { endpointUrl } from '../providers/provider.ts';
import { asItIs, type ChunkReader, type ClientRequest, streamHeaders } from './answer.ts';
import { formOf, markLength } from './answer-form.ts';
import type { Attempt } from './attempt.ts';
import { replaceSpan } from './body-scan.ts';
import { isEventStream, passedType } from './content-type.ts';
import { type AttemptFailure, brokenOff, brokenUpstream } from './failure.ts';
import { type BegunAnswer, maskedEvents, withoutError } from './forwarded-errors.ts';
import { release } from './large-body.ts';
import { latin1 } from './latin1.ts';
import { clientWentAway } from './stream/broken-stream.ts';
import type { Finished } from './stream/pass-stream.ts';
import { saidTokens } from './stream/said-tokens.ts';
import { countsWithin, createTail, tokenCounts } from './stream/usage-scan.ts';
import { behind } from './stream/yielding-reader.ts';
import { notJson, type Read } from './translate-whole.ts';
import { callUpstream } from './upstream/call.ts';
import { upstreamHeaders } from './upstream/request-headers.ts';
import { watchedStream } from './watched-stream.ts';

export function isForwarded(operation: Operation): operation is ForwardedOperation {
  const names: readonly Operation[] = forwardedOperations;
  return names.includes(operation);
}

/** The candidates whose provider has the operation; undefined when none has. Generating and counting all can. */
export function routeWith(route: Route, operation: Operation): Route | undefined {
  if (operation === 'generate' || operation === 'count-tokens') return route;
  const known = ableRoutes.get(route) ?? new Map<Operation, Route | undefined>();
  ableRoutes.set(route, known);
  if (!known.has(operation)) known.set(operation, findAble(route, operation));
  return known.get(operation);
}

/** One object for each route and operation, since the pool keeps the order of each. */
const ableRoutes = new WeakMap<Route, Map<Operation, Route | undefined>>();

function findAble(route: Route, operation: Operation): Route | undefined {
  const able = ({ credential: { provider } }: Candidate): boolean =>
    provider.endpoints[operation] !== undefined ||
    (operation === 'embed-content' && provider.endpoints.embed !== undefined);
  const all = route.tiers.map((tier) => tier.filter(able)).filter((tier) => tier.length > 0);
  // Vectors of two models cannot be compared: none can replace another.
  const embeds = operation === 'embed' || operation === 'embed-content';
  const tiers = embeds ? all.filter(([first]) => first?.target === all[0]?.[0]?.target) : all;
  return tiers.length > 0 ? { ...route, tiers } : undefined;
}

/** Makes the call; the answer's bytes go through with the status and type they have. */
export const forwardOperation: Attempt = async (request, _read, candidate, deps, finished) => {
  const { credential, model } = candidate;
  const { provider, baseUrl } = credential;
  const path = provider.endpoints[request.operation]?.({ model, stream: false });
  if (path === undefined) {
    const message = `${provider.title} has no ${request.operation} operation.`;
    return { ok: false, failure: brokenUpstream(message, undefined, 501) };
  }
  const { userAgent } = deps;
  const interacts = isInteraction(request.operation);
  const headers = upstreamHeaders(request, candidate, { sameProtocol: interacts, stream: false, userAgent });
  const accept = request.headers.get('accept') ?? '*/*';
  const stated = request.headers.get('content-type');
  // What was read as JSON is announced as that: as a form, or in another character set, it might say something else.
  const form = isForm(stated, request.body) ? stated : undefined;
  const call = {
    // The query determines whether events come as Google's streams of JSON or as server-sent ones.
    url: endpointUrl(baseUrl, interacts && request.query !== '' ? `${path}?${request.query}` : path),
    headers: { ...headers, accept, 'content-type': form ?? 'application/json' },
    body: () => bodyFor(request, model, form !== undefined),
  };
  const called = await callUpstream(call, credential, deps);
  if (!called.ok) return called;
  const { answer } = called;
  const answered = answer.header('content-type');
  const begun = await beginning(deps.watch.reading(answer.body()), request.operation, answered);
  if (!begun.ok) return begun;
  const isDisguised = areEvents(begun.value.first, request.operation, answered);
  const isStream = isDisguised || isEventStream(answered);
  const told = isStream
    ? { ok: true as const, value: maskedEvents(begun.value.reader, request, deps) }
    : await withoutError(begun.value, request, answer, deps);
  if (!told.ok) return told;
  if (answer.unsent !== true) release(request.body);
  const type = isDisguised ? streamHeaders['content-type'] : passedType(answered);
  return {
    ok: true,
    answer: {
      status: answer.status,
      headers: { 'content-type': type, ...asItIs },
      body: forwarded(told.value, type, request, finished),
    },
    losses: [],
  };
};

/** Answers that are text where the client asks for that, and of silence there is none. */
const mayBeEmpty: ReadonlySet<Operation> = new Set(['transcribe', 'translate-speech']);
/** Answers that are JSON or events, whatever they call themselves. */
const isStructured: ReadonlySet<Operation> = new Set([
  ...(['compact', 'generate-image', 'edit-image', 'interact', 'interact-beta'] as const),
]);
const nothing = 'The upstream answered with nothing.';

/** The answer from its first bytes on, once these may be one: then another credential can no longer take over. */
async function beginning(
  reader: ChunkReader,
  operation: Operation,
  stated: string | null,
): Promise<Read<BegunAnswer>> {
  let first: Uint8Array | undefined;
  try {
    first = (await reader.read()).value;
    // White space before JSON keeps connections open.
    while (first !== undefined && first.length <= mostSpace && isBlank(first)) {
      const { done, value } = await reader.read();
      if (done) break;
      first = Buffer.concat([first, value]);
    }
  } catch (error) {
    return { ok: false, failure: brokenOff(error, 'The upstream broke off before its answer began.') };
  }
  const failure = notBegun(first, operation, stated ?? '');
  if (failure !== undefined) {
    void reader.cancel().catch(() => undefined);
    return { ok: false, failure };
  }
  return { ok: true, value: { first, reader: first === undefined ? reader : behind(first, reader) } };
}

/** Whether an answer is events that have another content type. Speech and texts are not examined. */
function areEvents(first: Uint8Array | undefined, operation: Operation, stated: string | null): boolean {
  if (first === undefined || !isStructured.has(operation) || isEventStream(stated)) return false;
  return formOf(first) === 'events';
}

function notBegun(
  first: Uint8Array | undefined,
  operation: Operation,
  stated: string,
): AttemptFailure | undefined {
  if (first === undefined) return mayBeEmpty.has(operation) ? undefined : brokenUpstream(nothing);
  if (/html/i.test(stated)) return notJson('<');
  const json = /json/i.test(stated);
  if (!json && (!isStructured.has(operation) || /event-stream/i.test(stated))) return undefined;
  if (isStructured.has(operation) && formOf(first) === 'events') return undefined;
  const text = latin1(first, markLength(first), mostSpace + shortAnswer)
    .trim()
    .slice(0, shortAnswer);
  if (text !== '' && !/^[{[]/.test(text)) return notJson(text);
  return /^(?:|\{\s*\}|\[\s*\])$/.test(text) ? brokenUpstream(nothing) : undefined;
}

/** Bytes of white space before an answer that are waited through. */
const mostSpace = 64 * 1024;

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => isSpace(byte));
}

/** Bytes of the first piece of an answer that are looked at. */
const shortAnswer = 256;

/** The upstream's bytes as they come; at their end comes what it counted, where it does. */
function forwarded(
  reader: ChunkReader,
  type: string,
  { protocol, operation }: Pick<ClientRequest, 'protocol' | 'operation'>,
  finished: Finished,
): ReadableStream<Uint8Array> {
  const tail = createTail();
  const codec = codecs[protocol];
  const writes = writesText(operation);
  const mayCount = /json|event-stream/.test(type);
  const counts = (): TokenCounts => {
    try {
      return (mayCount && tokenCounts(codec.usage, '', tail.last(countsWithin))) || {};
    } catch {
      // What cannot be counted is over all the same.
      return {};
    }
  };
  const said = (): number => (writes ? saidTokens(codec, tail) : 0);
  return watchedStream(reader, {
    piece: tail.push,
    ended() {
      const counted = counts();
      finished(counted.output === undefined ? { ...counted, said: said() } : counted);
    },
    broke(error) {
      const reason = reader.passed?.() ?? reasonOf(error);
      finished({ ...counts(), said: said(), error: `the upstream's connection broke: ${reason}` });
    },
    left: () => finished({ ...counts(), said: said(), error: clientWentAway }),
  });
}

/** The client's body with the model's name that the upstream knows; of a form nothing else changes either. */
function bodyFor(request: ClientRequest, model: string, isForm: boolean): Uint8Array<ArrayBuffer> {
  const { body, modelSpan } = request;
  if (model === request.model || modelSpan === undefined) return body;
  return replaceSpan(body, modelSpan, isForm ? model : JSON.stringify(model));
}
