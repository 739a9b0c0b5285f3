/** From an HTTP request to an HTTP answer: authentication, envelope, gateway. */
import { shippedBounds } from '../config/bounds.ts';
import { type BrowserGuard, browserGuard } from '../config/browser-guard.ts';
import type { Config } from '../config/schema.ts';
import type { Answer, ClientRequest } from '../gateway/answer.ts';
import { isNestedDeeper, withoutByteOrderMark } from '../gateway/body-scan.ts';
import { errorAnswer, internalError } from '../gateway/error-answer.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { isHeavierInTurns } from '../gateway/weight-in-turns.ts';
import { yieldFor } from '../gateway/yield-for.ts';
import type { Clock } from '../ground/clock.ts';
import { pathStart } from '../ground/url-path.ts';
import type { LimitedKey } from '../limits/limiter.ts';
import type { Protocol } from '../protocols/model.ts';
import { takesForms } from '../protocols/operation.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { codecs } from '../protocols/registry.ts';
import type { Log } from '../telemetry/log.ts';
import { type Arrival, forwardedQuery, operationOf, unread, weightsOf } from './addressed-call.ts';
import { objectRefusal, readEnvelope } from './call-envelope.ts';
import type { AddressOf } from './client-address.ts';
import {
  type Admitted,
  type AuthResult,
  type ClientAuth,
  clientAuth,
  type NotAdmitted,
} from './client-auth.ts';
import type { ClientLimiter } from './client-limiter.ts';
import { completions } from './completions.ts';
import { newRequestId } from './ids.ts';
import type { MemoryUpkeep } from './memory-upkeep.ts';
import { modelList } from './model-list.ts';
import { unusableModelName } from './model-name.ts';
import { observedRequest } from './observed-request.ts';
import { banner, isBrowser, json, ready, respond, toConsole } from './own-pages.ts';
import { answerOwned, type OwnedIds } from './owned-ids.ts';
import type { Readiness } from './readiness.ts';
import type { RefusalKind, Refusals } from './refusals.ts';
import { isPlainBody, readBody, tooManyValues } from './request-body.ts';
import {
  badSpan,
  bodyBrokeOff,
  nestedTooDeep,
  notAdmitted,
  notFound,
  noUpgrade,
  wrongMethod,
} from './request-errors.ts';
import { readBounds } from './responses/answer-tap.ts';
import { connectionHistories } from './responses/connection-history.ts';
import { ownRequest } from './responses/conversation.ts';
import type { ResponseStore } from './responses/response-store.ts';
import { answerResponses, storedFor } from './responses/responses.ts';
import { type SocketState, socketState } from './responses/responses-socket.ts';
import { answerStored } from './responses/stored-request.ts';
import { matchRoute, protocolByHeaders, protocolOf, type Route } from './routes.ts';
import type { ownUsage } from './usage/own-usage.ts';
import { visibleTo } from './visible-models.ts';

export interface Handler {
  /** Undefined when the connection has become a WebSocket. */
  handle(request: Request, server: Listener): Promise<Response | undefined>;
  /** The same for somebody who is known: no key is looked for, limits hold. */
  handleAs(known: Admitted, request: Request, server: Listener): Promise<Response | undefined>;
  configure(config: Config): void;
}

/** What is needed of the listener. */
export type Listener = Pick<Bun.Server<SocketState>, 'upgrade' | 'requestIP' | 'timeout'>;

export interface HandlerOptions {
  gateway: Gateway;
  clientLimiter: ClientLimiter;
  version: string;
  /** Whether there is a console to send people to. */
  hasConsole: () => boolean;
  clock: Pick<Clock, 'monotonic'>;
  /** Where answers of the Responses API are kept; undefined when none are. */
  store: () => ResponseStore | undefined;
  /** Whose ids are whose; undefined where there is one client. */
  owners: () => OwnedIds | undefined;
  refusals: Refusals;
  addressOf: AddressOf;
  /** Whether the queue of usage records. */
  observes: () => boolean;
  /** What a client reads of its own usage. */
  usage: ReturnType<typeof ownUsage>;
  log: Log;
  /** Whether requests should be sent here. */
  readiness: () => Readiness;
  /** Called with each body that comes. */
  memory: Pick<MemoryUpkeep, 'took' | 'translated'>;
}

export function createHandler(options: HandlerOptions): Handler {
  const { gateway, clientLimiter, addressOf } = options;
  let auth: ClientAuth = clientAuth([]);
  /** Undefined where client keys decide who may ask. */
  let guard: BrowserGuard | undefined;
  let bounds = shippedBounds;
  let limit = 0;
  let longestModelName = 0;
  const histories = connectionHistories(() => bounds);
  let levels = 0;

  /** What is thrown over a request is an answer to it, in its own protocol, with its line in the log. */
  function handle(request: Request, server: Listener, known?: Admitted): Promise<Response | undefined> {
    const arrival: Arrival = { id: newRequestId(), receivedAt: options.clock.monotonic() };
    return answered(request, server, arrival, known).catch((error: unknown) =>
      thrown(request, arrival, error),
    );
  }

  function thrown(request: Request, arrival: Arrival, error: unknown): Response {
    const { id } = arrival;
    options.log.error('internal error', {
      id,
      error: error instanceof Error ? error.stack : String(error),
    });
    const { pathname } = new URL(request.url, 'http://localhost');
    const operation = operationOf(matchRoute(pathname, request.method)?.route);
    const answer =
      operation === undefined || gateway.trace(id)?.outcome !== undefined
        ? errorAnswer(protocolOf(pathname, request.headers), internalError)
        : gateway.refuse(unread(request, arrival, pathname, operation, ''), internalError);
    return respond(answer, id, protocolOf(pathname, request.headers));
  }

  async function answered(
    request: Request,
    server: Listener,
    arrival: Arrival,
    known: Admitted | undefined,
  ): Promise<Response | undefined> {
    const { id, receivedAt } = arrival;
    const { url, method, headers } = request;
    const start = pathStart(url);
    const queryStart = url.indexOf('?', start);
    const path = start < 0 ? '/' : queryStart < 0 ? url.slice(start) : url.slice(start, queryStart);
    const query = queryStart < 0 ? undefined : new URLSearchParams(url.slice(queryStart + 1));
    const refuse = (error: ProtocolError): Response => {
      const protocol = protocolOf(path, headers);
      return respond(errorAnswer(protocol, error), id, protocol);
    };

    const turnAway = async (kind: RefusalKind, error: ProtocolError): Promise<Response> => {
      const address = addressOf(request, server);
      await options.refusals.refused({ kind, address, method, path });
      return refuse(error);
    };

    const foreign = known === undefined ? guard?.refusal(headers) : undefined;
    if (foreign !== undefined)
      return turnAway(foreign.code === 'host_not_allowed' ? 'foreign-host' : 'foreign-origin', {
        status: 403,
        kind: 'permission',
        ...foreign,
      });
    const match = matchRoute(path, method);
    if (match === undefined) return turnAway('unknown-address', notFound(method, path));
    const { route } = match;
    const onlyHead = method === 'HEAD';
    if (onlyHead && match.method === 'GET' && route.kind !== 'readiness')
      return new Response(null, { status: 200, headers: { 'x-request-id': id } });
    if (method !== match.method && !(onlyHead && route.kind === 'readiness')) {
      const refused = refuse(wrongMethod(method, match.method, path));
      refused.headers.set('allow', match.method);
      return onlyHead ? new Response(null, refused) : refused;
    }

    if (route.kind === 'readiness') return ready(options.readiness(), onlyHead, id);
    if (route.kind === 'health') return json({ status: 'ok' }, id);
    if (route.kind === 'banner')
      return isBrowser(request.headers) && options.hasConsole()
        ? toConsole(id)
        : json(banner(options.version), id);
    const admitted: AuthResult = known === undefined ? auth.check(headers, query) : { ok: true, ...known };
    if (!admitted.ok) return turnAway(refusalOf[admitted.reason], notAdmitted(admitted.reason));
    const { limited, client, presented } = admitted;
    /** A call that cannot be read is refused as all others are: with a line in the log. */
    const refuseCall = (error: ProtocolError, model = ''): Response => {
      const operation = operationOf(route);
      if (operation === undefined) return refuse(error);
      const envelope = unread(
        request,
        arrival,
        path,
        operation,
        model.slice(0, longestModelName).toWellFormed(),
      );
      const asked = { ...envelope, client };
      return respond(gateway.refuse(asked, error), id, asked.protocol);
    };
    const named = 'model' in route ? route.model : undefined;
    const unusable = named === undefined ? undefined : unusableModelName(named, longestModelName);
    if (unusable !== undefined) return refuseCall(unusable, named);

    switch (route.kind) {
      case 'own-usage':
        return usage(admitted, path, headers, query, id);
      case 'models':
        return models(route.protocol ?? protocolByHeaders(headers), route.model, query, limited, id);
      case 'responses-socket': {
        const data = {
          ...socketState(client.id, headers, () => auth.byId(presented), histories.open()),
          address: addressOf(request, server),
        };
        return server.upgrade(request, { data }) ? undefined : refuse(noUpgrade);
      }
      case 'stored-response':
        await options.store()?.fetch?.([route.asked.id], client.id);
        return respond(
          (await clientLimiter.refusal(limited, route.protocol)) ??
            (await answerStored(route.asked, client.id, query, options.store())),
          id,
        );
      case 'call':
      case 'method-call':
      case 'completions':
        break;
    }

    let body: Uint8Array<ArrayBuffer>;
    try {
      if (isPlainBody(headers, limit)) body = new Uint8Array(await request.arrayBuffer());
      else {
        const read = await readBody(request, headers, bounds);
        if (!read.ok) return refuseCall(read.error);
        body = read.body;
      }
    } catch {
      return refuseCall(bodyBrokeOff);
    }
    // It has arrived: from here on the timeouts of the upstream's side end what is dead.
    server.timeout(request, 0);
    body = withoutByteOrderMark(body);
    options.memory.took(body.byteLength);
    const mostValues = bounds['json-values'];
    // Before all else that looks at every value. What nests too deep mostly does so from the beginning.
    const heavy = isHeavierInTurns(mostValues, body, weightsOf(route));
    if (typeof heavy === 'boolean' ? heavy : await heavy) {
      const deep = isNestedDeeper(body.subarray(0, firstLook), levels);
      return refuseCall(deep ? nestedTooDeep(levels) : tooManyValues(mostValues));
    }
    // Each look at all of a long body has a turn of its own.
    await yieldFor(body.byteLength);
    // Calls are written out where they are made: to copy one into another costs as much as to look for its key.
    const observed = options.observes()
      ? observedRequest(headers, `${method} ${path}`, addressOf(request, server), body)
      : undefined;
    const { signal } = request;
    const forwarded = forwardedQuery(query, route.protocol);
    if (route.kind === 'method-call') {
      const { protocol, operation, model, stream } = route;
      const refusal = objectRefusal(body, levels);
      if (refusal !== undefined) return refuseCall(await refusal, model);
      await yieldFor(body.byteLength);
      const asked: ClientRequest = {
        id,
        client,
        body,
        query: forwarded,
        headers,
        signal,
        receivedAt,
        observed,
        protocol,
        operation,
        model,
        stream,
        modelSpan: undefined,
      };
      return respond(
        await clientLimiter.pass(limited, asked, owned(client.id, gateway.handle)),
        id,
        protocol,
      );
    }
    const { protocol } = route;
    const operation = route.kind === 'completions' ? 'generate' : route.operation;
    const read = readEnvelope(body, headers, { levels, longestModelName, forms: takesForms(operation) });
    if (!read.ok) return refuseCall(await read.error, read.model);
    const { model, modelSpan, streamOptions } = read;
    const stream = read.stream && operation === 'generate';
    await yieldFor(body.byteLength);
    const asked: ClientRequest = {
      id,
      client,
      body,
      query: forwarded,
      headers,
      signal,
      receivedAt,
      observed,
      protocol,
      operation,
      model,
      stream,
      modelSpan,
      streamOptions,
    };
    return respond(await clientLimiter.pass(limited, asked, runOf(route, client.id)), id, protocol);
  }

  /** What answers a call. */
  function runOf(
    route: Extract<Route, { kind: 'call' | 'completions' }>,
    key: string,
  ): (asked: ClientRequest) => Promise<Answer> {
    if (route.kind === 'completions') return (asked) => completions(gateway, asked, readBounds(bounds));
    if (codecs[route.protocol].conversationState === undefined) return owned(key, gateway.handle);
    const stored = {
      ...storedFor(options.store(), options.owners(), key, options.log),
      worked: options.memory.translated,
    };
    if (route.operation === 'generate')
      return (asked) => answerResponses(gateway, asked, stored, readBounds(bounds));
    return async (asked) => {
      await stored.fetch?.(asked);
      const own = await ownRequest(asked, stored.memory);
      return own.ok ? gateway.handle(own.request) : gateway.refuse(asked, own.error);
    };
  }

  /** The same for a client among others: what is made for one of them is not there for another. */
  function owned(
    key: string,
    run: (asked: ClientRequest) => Promise<Answer>,
  ): (asked: ClientRequest) => Promise<Answer> {
    const ids = options.owners();
    if (ids === undefined) return run;
    const onProblem = (error: unknown): void =>
      options.log.warn('whose ids are whose cannot be kept', { error: String(error) });
    return (asked) =>
      answerOwned(asked, key, { ids, gateway, onProblem, mostValues: bounds['answer-values'] }, run);
  }

  /** What the key that was sent has used, and its limits. */
  async function usage(
    admitted: Admitted,
    path: string,
    headers: Headers,
    query: URLSearchParams | undefined,
    id: string,
  ): Promise<Response> {
    const answer = await options.usage(admitted, query);
    return answer.ok
      ? Response.json(answer.usage, { headers: { 'x-request-id': id, 'cache-control': 'no-store' } })
      : respond(errorAnswer(protocolOf(path, headers), badSpan(answer.param)), id);
  }

  /** The list of models or one of them, in the shape of a protocol. */
  function models(
    protocol: Protocol,
    model: string | undefined,
    query: URLSearchParams | undefined,
    limited: LimitedKey | undefined,
    id: string,
  ): Response {
    const catalog = visibleTo(gateway.catalog(), limited);
    const found = modelList(protocol, catalog, model, query);
    return found.ok
      ? json(found.page, id, protocol)
      : respond(errorAnswer(protocol, found.error), id, protocol);
  }

  return {
    handle: (request, server) => handle(request, server),
    handleAs: (known, request, server) => handle(request, server, known),
    configure(config) {
      auth = clientAuth(config['api-keys']);
      guard = config['api-keys'].length === 0 ? browserGuard(config) : undefined;
      ({ bounds } = config);
      limit = bounds['request-body'];
      levels = bounds.nesting;
      longestModelName = bounds['model-name'];
    },
  };
}

/** How it is counted that a key does not open. */
const refusalOf: Record<NotAdmitted, RefusalKind> = {
  missing: 'missing-client-key',
  wrong: 'wrong-client-key',
  disabled: 'disabled-client-key',
  expired: 'expired-client-key',
  rotated: 'expired-client-key',
};

/** Bytes of a body that is refused in any case in which the reason is looked for. */
const firstLook = 64 * 1024;
