/** One request's way through the sandbox: whose endpoint, whose key, which fault, which answer. */
import { asString, type JsonObject } from '../protocols/json.ts';
import { accountsYaml } from './account-servers/addresses.ts';
import { countMessages } from './anthropic/request.ts';
import { demandKey, keyOf } from './authentication.ts';
import { type BenchAnswer, benchAnswer, benchPieces } from './bench.ts';
import {
  type Delivery,
  deliverChunks,
  deliverStream,
  deliverWhole,
  instead,
  jsonAnswer,
  pause,
} from './delivery.ts';
import type { Dialect, Incoming, SandboxState } from './dialect.ts';
import { dialects } from './dialects.ts';
import { type Failure, invalid, Refused } from './failure.ts';
import {
  type Fault,
  type FaultCounts,
  faultOfHeader,
  faultOfKey,
  faultOfModel,
  headerNames,
  striking,
} from './faults.ts';
import { batchEmbedContents, embedContent } from './gemini/embeddings.ts';
import { countGemini } from './gemini/request.ts';
import { type Journal, note, type SeenRequest } from './journal.ts';
import * as models from './models.ts';
import { writeEmbeddings } from './openai/embeddings.ts';
import { readResponses } from './openai/responses-request.ts';
import { replyTo } from './reply.ts';
import { readBody } from './request-body.ts';
import { type Route, routeOf } from './routes.ts';
import { prefixMemory } from './tokens.ts';

/** Everything that one sandbox remembers. */
export interface World {
  state: SandboxState;
  journal: Journal;
  counts: FaultCounts;
  benches: Map<string, BenchAnswer>;
  pace: number;
  keep: number;
}

/** Answers one request: what a provider would, with the faults that were asked for. */
export async function answer(request: Request, world: World): Promise<Response> {
  const url = new URL(request.url);
  const own = ownAnswer(request.method, url, world);
  if (own !== undefined) return own;
  const seen: SeenRequest = {
    at: world.state.now(),
    method: request.method,
    path: `${url.pathname}${url.search}`,
    headers: Object.fromEntries(request.headers),
    key: '',
  };
  const route = routeOf(request.method, url, request.headers);
  const dialect = dialects[route?.dialect ?? 'openai-chat'];
  try {
    if (route === undefined) throw notFound(request.method, url);
    const response = await routed(request, url, route, dialect, seen, world);
    seen.status = response.status;
    return response;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    note(seen, world.journal, world.keep);
    seen.status = error.failure.status;
    return refusal(dialect, error.failure);
  }
}

function notFound(method: string, url: URL): Refused {
  return new Refused({
    status: 404,
    kind: 'not-found',
    message: `The sandbox has no ${method} ${url.pathname}.`,
    code: 'unknown_url',
  });
}

function refusal(dialect: Dialect, failure: Failure): Response {
  return jsonAnswer(dialect.error(failure), failure.status, dialect.errorHeaders(failure));
}

/** What the sandbox says about itself. */
function ownAnswer(method: string, url: URL, world: World): Response | undefined {
  switch (url.pathname) {
    case '/':
    case '/healthz':
      return jsonAnswer({ status: 'ok', models: models.sandboxModels });
    case '/sandbox/requests': {
      const { requests, openStreams, cancelled } = world.journal;
      if (method === 'DELETE') world.journal.requests = [];
      return jsonAnswer({ requests, openStreams, cancelled });
    }
    case '/sandbox/accounts.yaml':
      return new Response(accountsYaml(url.origin), {
        headers: { 'content-type': 'text/yaml; charset=utf-8' },
      });
    case '/sandbox/redirected':
      return jsonAnswer({ redirected: true });
    default:
      return undefined;
  }
}

async function routed(
  request: Request,
  url: URL,
  route: Route,
  dialect: Dialect,
  seen: SeenRequest,
  world: World,
): Promise<Response> {
  const given = keyOf(dialect.name, request.headers, url);
  seen.key = given ?? '';
  const key = demandKey(dialect.name, given);
  if (route.operation === 'models' || route.operation === 'model') {
    note(seen, world.journal, world.keep);
    return jsonAnswer(listed(dialect, route.operation === 'model' ? route.model : undefined));
  }
  const body = await readBody(request);
  const { headers } = request;
  const incoming = incomingOf(route, body, headers);
  const pieces = benchPieces(incoming.model);
  const delivery: Delivery = {
    fault: undefined,
    pace: world.pace,
    journal: world.journal,
    signal: request.signal,
  };
  if (pieces !== undefined && route.operation === 'generate')
    return bench(dialect, incoming, pieces, delivery, world);
  note(
    Object.assign(seen, { body, model: incoming.model, stream: incoming.stream }),
    world.journal,
    world.keep,
  );
  const fault = faultOf(headers, incoming.model, key, world.counts);
  if (fault?.slowFirstByte !== undefined) await pause(fault.slowFirstByte, request.signal);
  const faulty = { ...delivery, fault };
  const early = fault === undefined ? undefined : instead(dialect, fault, faulty, url.origin);
  if (early !== undefined) return early;
  if (route.operation !== 'generate')
    return deliverWhole(dialect, sideAnswer(route, dialect, incoming, world.state), faulty);
  const prompt = dialect.read(incoming, world.state);
  const exchange = { incoming, prompt, reply: replyTo(prompt), state: world.state };
  return incoming.stream
    ? deliverStream(dialect, dialect.stream(exchange), route.framing, faulty)
    : deliverWhole(dialect, dialect.whole(exchange), faulty);
}

/** The model and the stream flag stand in the path or in the body. */
function incomingOf(route: Route, body: JsonObject, headers: Headers): Incoming {
  const path = route.operation === 'generate' ? route : undefined;
  return {
    body,
    headers,
    model: path?.model ?? asString(body.model) ?? '',
    stream: path?.stream ?? body.stream === true,
  };
}

function listed({ name }: Dialect, model: string | undefined): object {
  switch (name) {
    case 'openai-chat':
    case 'openai-responses':
      return model === undefined ? models.openAiModels() : models.openAiModel(model);
    case 'anthropic-messages':
      return model === undefined ? models.anthropicModels() : models.anthropicModel(model);
    case 'gemini':
      return model === undefined ? models.geminiModels() : models.geminiModel(model);
  }
}

/** Token counts and embeddings. */
function sideAnswer(route: Route, dialect: Dialect, incoming: Incoming, state: SandboxState): object {
  const counting = route.operation === 'count';
  switch (dialect.name) {
    case 'openai-chat':
      return writeEmbeddings(incoming.body);
    case 'openai-responses': {
      // Counting fills no cache.
      const { tokens } = readResponses(incoming, { ...state, prefixes: prefixMemory() });
      return { object: 'response.input_tokens', input_tokens: tokens.input };
    }
    case 'anthropic-messages':
      return { input_tokens: countMessages(incoming) };
    case 'gemini':
      if (counting) return { totalTokens: countGemini(incoming) };
      return route.operation === 'embed' ? embedContent(incoming.body) : batchEmbedContents(incoming.body);
  }
}

/** The fault that strikes this request. Throws `Refused` for a header that says what no fault is called. */
function faultOf(headers: Headers, model: string, key: string, counts: FaultCounts): Fault | undefined {
  const header = headers.get('x-sandbox-fault');
  const told = header === null ? undefined : faultOfHeader(header);
  if (told !== undefined && 'unknown' in told)
    throw invalid(
      `x-sandbox-fault: '${told.unknown}' is none of ${headerNames.join(', ')}.`,
      'x-sandbox-fault',
    );
  return (
    striking(told, key, counts) ??
    striking(faultOfModel(model), key, counts) ??
    striking(faultOfKey(key), key, counts)
  );
}

function bench(
  dialect: Dialect,
  incoming: Incoming,
  pieces: number,
  delivery: Delivery,
  { benches, state }: World,
): Response {
  const name = `${dialect.name} ${incoming.model}`;
  let made = benches.get(name);
  if (made === undefined) {
    made = benchAnswer(dialect, incoming, pieces, state);
    benches.set(name, made);
  }
  return incoming.stream
    ? deliverChunks(made.chunks, delivery)
    : new Response(made.whole, { headers: { 'content-type': 'application/json' } });
}
