/** One call of a model: which fault, which answer. */

import { countMessages } from './anthropic/request.ts';
import { benchAnswer, benchPieces } from './bench.ts';
import { type Delivery, deliverReady, deliverStream, deliverWhole, instead, pause } from './delivery.ts';
import type { Deps } from './deps.ts';
import type { Dialect, Exchange, Incoming, SandboxState } from './dialect.ts';
import { invalid } from './failure.ts';
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
import { note, type SeenRequest, type ServedTokens } from './journal.ts';
import type { JsonObject } from './json.ts';
import { asString } from './json-members.ts';
import { writeEmbeddings } from './openai/embeddings.ts';
import { readResponses } from './openai/responses-request.ts';
import { replyTo } from './reply.ts';
import type { Route } from './routes.ts';
import { prefixMemory } from './tokens.ts';

/** A call whose key or account is known and good. */
export interface ModelCall {
  route: Exclude<Route, { operation: 'models' | 'model' }>;
  dialect: Dialect;
  body: JsonObject;
  headers: Headers;
  /** The API key, or who signed in: what faults of one key go by. */
  key: string;
  origin: string;
  /** Fires when the other side has gone. */
  signal: AbortSignal;
  /** What is noted in the journal, where there is no bench model. */
  seen: SeenRequest;
}

/** Answers as the provider does, with the fault that was asked for. Throws `Refused`. */
export async function answerCall(call: ModelCall, deps: Deps): Promise<Response> {
  const { route, dialect, body, headers, key, origin, signal, seen } = call;
  const incoming = incomingOf(route, body, headers);
  const pieces = benchPieces(incoming.model);
  const delivery: Delivery = { fault: undefined, pace: deps.pace, journal: deps.journal, signal };
  if (pieces !== undefined && route.operation === 'generate')
    return bench(dialect, incoming, pieces, delivery, deps);
  note(
    Object.assign(seen, { body, model: incoming.model, stream: incoming.stream }),
    deps.journal,
    deps.keep,
  );
  const fault = faultOf(headers, incoming.model, key, deps.counts);
  if (fault?.slowFirstByte !== undefined) await pause(fault.slowFirstByte, signal);
  const faulty = { ...delivery, fault };
  const early = fault === undefined ? undefined : instead(dialect, fault, faulty, origin);
  if (early !== undefined) return early;
  if (route.operation !== 'generate') {
    const { answer, input } = sideAnswer(route, dialect, incoming, deps.state);
    if (input === undefined) return deliverWhole(dialect, answer, faulty);
    const taken = { input, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, whole: false };
    seen.served = taken;
    return deliverWhole(dialect, answer, {
      ...faulty,
      onWhole() {
        taken.whole = true;
      },
    });
  }
  const prompt = dialect.read(incoming, deps.state);
  const exchange = { incoming, prompt, reply: replyTo(prompt), state: deps.state };
  const served = servedTokens(exchange);
  seen.served = served;
  const counted: Delivery = {
    ...faulty,
    onWhole() {
      served.whole = true;
    },
  };
  return incoming.stream
    ? deliverStream(dialect, dialect.stream(exchange), route.framing, counted)
    : deliverWhole(dialect, dialect.whole(exchange), counted);
}

function servedTokens({ prompt, reply }: Exchange): ServedTokens {
  const { output, reasoning } = reply.usage;
  return {
    ...prompt.tokens,
    output: output * prompt.answers,
    reasoning: reasoning * prompt.answers,
    whole: false,
  };
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

/** Token counts and embeddings; `input`: what an embedding says that it has taken. */
function sideAnswer(
  route: Route,
  dialect: Dialect,
  incoming: Incoming,
  state: SandboxState,
): { answer: object; input?: number } {
  const counting = route.operation === 'count';
  switch (dialect.name) {
    case 'openai-chat':
      return embeddings(incoming);
    case 'openai-responses': {
      // Counting fills no cache.
      const { tokens } = readResponses(incoming, { ...state, prefixes: prefixMemory() });
      return { answer: { object: 'response.input_tokens', input_tokens: tokens.input } };
    }
    case 'anthropic-messages':
      return { answer: { input_tokens: countMessages(incoming) } };
    case 'gemini':
      if (counting) return { answer: { totalTokens: countGemini(incoming) } };
      return {
        answer: route.operation === 'embed' ? embedContent(incoming.body) : batchEmbedContents(incoming.body),
      };
  }
}

function embeddings({ body }: Incoming): { answer: object; input: number } {
  const answer = writeEmbeddings(body);
  return { answer, input: answer.usage.prompt_tokens };
}

/** The fault that strikes this request. Throws `Refused` for a header that says what no fault is called. */
export function faultOf(
  headers: Headers,
  model: string,
  key: string,
  counts: FaultCounts,
): Fault | undefined {
  const header = headers.get('x-sandbox-fault');
  const wanted = header === null ? undefined : faultOfHeader(header);
  if (wanted !== undefined && 'unknown' in wanted)
    throw invalid(
      `x-sandbox-fault: '${wanted.unknown}' is none of ${headerNames.join(', ')}.`,
      'x-sandbox-fault',
    );
  return (
    striking(wanted, key, counts) ??
    striking(faultOfModel(model), key, counts) ??
    striking(faultOfKey(key), key, counts)
  );
}

function bench(
  dialect: Dialect,
  incoming: Incoming,
  pieces: number,
  delivery: Delivery,
  { benches, state }: Deps,
): Response {
  const name = `${dialect.name} ${incoming.model}`;
  let made = benches.get(name);
  if (made === undefined) {
    made = benchAnswer(dialect, incoming, pieces, state);
    benches.set(name, made);
  }
  return incoming.stream
    ? deliverReady(made.stream, delivery)
    : new Response(made.whole, { headers: { 'content-type': 'application/json' } });
}
