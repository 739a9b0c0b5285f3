/**
 * Finished requests as spans: one for the request, one for each of its attempts. Names and attributes are those of the
 * OpenTelemetry conventions for HTTP and GenAI; what has no name there begins with `cpa.`. Nothing of a body is in them.
 */
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { shortId } from '../credential-id.ts';
import type { FinishedAttempt, FinishedRequest } from '../finished-request.ts';
import { genaiOperation } from '../metrics/genai-metrics.ts';
import { attemptSpanId, type TraceContext } from './trace-context.ts';

/** A span as the official exporter takes it. */
export type Span = Parameters<OTLPTraceExporter['export']>[0][number];

export interface FinishedTrace {
  readonly request: FinishedRequest;
  readonly context: TraceContext;
}

export interface SpanWords {
  version: string;
  /** What the conventions call a provider. */
  providerName: (provider: string) => string;
  /** The address of a request's operation, with its model as a pattern: what clients wrote there is no part of it. */
  addressOf: (request: Pick<FinishedRequest, 'protocol' | 'operation' | 'streamed'>) => string | undefined;
  /** How clients reach the gateway. */
  scheme: 'http' | 'https';
}

/** How many spans {@link spanMaker} makes of one: that of the request, and those of its attempts. */
export function spanCount({ request }: FinishedTrace): number {
  return 1 + request.attempts.length;
}

/** Makes the spans of requests, for a process with these attributes. */
export function spanMaker(
  attributes: Readonly<Record<string, string>>,
  { version, providerName, scheme, addressOf }: SpanWords,
): (trace: FinishedTrace) => Span[] {
  const resource: Span['resource'] = {
    attributes: { ...attributes },
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  const scope = { name: 'cli-proxy-api', version };
  /** A name is a digest: made once for each credential, not for each of its attempts. */
  const names = new Map<string, string>();

  function nameOf({ provider, credential }: FinishedAttempt): string | undefined {
    if (credential === undefined) return undefined;
    const whole = `${provider} ${credential.id}`;
    const known = names.get(whole);
    if (known !== undefined) return known;
    if (names.size >= mostNames) names.clear();
    const name = shortId(provider, credential.id);
    names.set(whole, name);
    return name;
  }

  function span(parts: SpanParts): Span {
    const { trace, spanId, parentId, remote, name, kind, from, until, failed, values, events } = parts;
    const { traceId, state } = trace;
    const traceState = state === undefined ? undefined : wholeState(state);
    const context = (id: string, isRemote: boolean): ReturnType<Span['spanContext']> => {
      const found = { traceId, spanId: id, traceFlags: 1, isRemote };
      return traceState === undefined ? found : { ...found, traceState };
    };
    const made: Span & { parentSpanContext?: ReturnType<Span['spanContext']> } = {
      name,
      kind,
      spanContext: () => context(spanId, false),
      startTime: hrTime(from),
      endTime: hrTime(Math.max(from, until)),
      status: { code: failed ? statusError : statusUnset },
      attributes: values,
      links: none,
      events,
      duration: hrTime(Math.max(0, until - from)),
      ended: true,
      resource,
      instrumentationScope: scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
    if (parentId !== undefined) made.parentSpanContext = context(parentId, remote);
    return made;
  }

  return ({ request, context }) => {
    const { spanId, parent } = context;
    const { at, duration } = request;
    const route = addressOf(request) ?? '/';
    const socket = request.passing?.overSocket === true;
    const method = socket ? 'GET' : 'POST';
    const whole = span({
      trace: context,
      spanId,
      parentId: parent?.spanId,
      remote: parent !== undefined,
      name: `${method} ${route}`,
      kind: kindServer,
      from: at,
      until: at + duration,
      failed: request.status >= 500 || (request.error !== undefined && request.status < 400),
      values: requestValues(request, method, route, scheme),
      events: eventsOf(request),
    });
    return [
      whole,
      ...request.attempts.map((attempt, index) =>
        span({
          trace: context,
          spanId: attemptSpanId(spanId, index),
          parentId: spanId,
          remote: false,
          name: `${genaiOperation(request.operation)} ${attempt.model.slice(0, longestText)}`,
          kind: kindClient,
          from: at + attempt.startedAt,
          until: at + endOf(attempt, request),
          failed: attempt.reason !== 'answered',
          values: attemptValues(attempt, index, request, providerName(attempt.provider), nameOf(attempt)),
          events: [],
        }),
      ),
    ];
  };
}

interface SpanParts {
  trace: Pick<TraceContext, 'traceId' | 'state'>;
  spanId: string;
  parentId: string | undefined;
  remote: boolean;
  name: string;
  kind: Span['kind'];
  /** Milliseconds since the epoch. */
  from: number;
  until: number;
  failed: boolean;
  values: Span['attributes'];
  events: Span['events'];
}

// Of OpenTelemetry's API, whose code is not loaded for three numbers.
const kindServer = 1;
const kindClient = 2;
const statusUnset = 0;
const statusError = 2;

/** No link: the spans of a request know each other by their ids. */
const none: Span['links'] = [];

/** Credentials whose names are remembered. */
const mostNames = 1000;

/** Characters of a text that came from a client. */
const longestText = 200;

/** Written member by member: what is not there is left out without an object of everything before it, and a list of its names. */
function requestValues(
  request: FinishedRequest,
  method: string,
  route: string,
  scheme: SpanWords['scheme'],
): Span['attributes'] {
  const { protocol, operation, error, key } = request;
  const asked = request.asked.slice(0, longestText);
  const values: Span['attributes'] = {
    'http.request.method': method,
    'http.route': route,
    'url.path': route.replace('{model}', () => asked),
    'url.scheme': scheme,
    'http.response.status_code': request.status,
    'gen_ai.request.stream': request.streamed,
    'cpa.request_id': request.id,
    'cpa.protocol': protocol,
    'cpa.operation': operation,
    'cpa.model': asked,
    'cpa.attempts': request.attempts.length,
  };
  if (request.passing?.overSocket === true) values['network.protocol.name'] = 'websocket';
  if (error !== undefined) values['error.type'] = error;
  if (key !== undefined) values['cpa.key'] = key.name;
  return values;
}

function attemptValues(
  attempt: FinishedAttempt,
  index: number,
  request: FinishedRequest,
  providerName: string,
  credential: string | undefined,
): Span['attributes'] {
  const { provider, model, reason, status, cooldownUntil, duration } = attempt;
  const answered = reason === 'answered';
  const values: Span['attributes'] = {
    'gen_ai.operation.name': genaiOperation(request.operation),
    'gen_ai.provider.name': providerName,
    'gen_ai.request.model': model.slice(0, longestText),
    'gen_ai.request.stream': request.streamed,
    'cpa.provider': provider,
    'cpa.attempt': index + 1,
  };
  if (answered) {
    const { input, output, cacheRead, cacheWrite, reasoning } = request.usage.tokens;
    if (request.streamed && duration !== undefined)
      values['gen_ai.response.time_to_first_chunk'] = duration / 1000;
    if (input !== undefined) values['gen_ai.usage.input_tokens'] = input;
    if (output !== undefined) values['gen_ai.usage.output_tokens'] = output;
    if (cacheRead !== undefined) values['gen_ai.usage.cache_read.input_tokens'] = cacheRead;
    if (cacheWrite !== undefined) values['gen_ai.usage.cache_write.input_tokens'] = cacheWrite;
    if (reasoning !== undefined) values['gen_ai.usage.reasoning.output_tokens'] = reasoning;
  } else values['error.type'] = reason;
  if (status > 0) values['http.response.status_code'] = status;
  if (credential !== undefined) values['cpa.credential'] = credential;
  if (cooldownUntil !== undefined) values['cpa.cooldown.kind'] = reason;
  return values;
}

/** Milliseconds since the request came: an attempt that was answered lasts until the answer has gone out. */
function endOf({ reason, startedAt, duration }: FinishedAttempt, request: FinishedRequest): number {
  if (reason === 'answered' || duration === undefined) return request.duration;
  return Math.min(request.duration, startedAt + duration);
}

/** Of each wait, and of the first token. */
function eventsOf({ at, attempts, ttft, status }: FinishedRequest): Span['events'] {
  const events: Span['events'] = [];
  for (const { startedAt, waited } of attempts)
    if (waited > 0)
      events.push({
        name: 'cpa.wait',
        time: hrTime(at + Math.max(0, startedAt - waited)),
        attributes: { 'cpa.wait.milliseconds': waited },
      });
  if (ttft !== undefined && status < 400) events.push({ name: 'cpa.first_token', time: hrTime(at + ttft) });
  return events;
}

function hrTime(milliseconds: number): [seconds: number, nanoseconds: number] {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
}

/** A `tracestate` is passed on unchanged and never read. */
function wholeState(state: string): NonNullable<ReturnType<Span['spanContext']>['traceState']> {
  const whole = { serialize: () => state, get: () => undefined, set: () => whole, unset: () => whole };
  return whole;
}
