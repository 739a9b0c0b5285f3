/**
 * The Responses API over a WebSocket: each `response.create` is a request, its events come back as one JSON text each.
 * Source: platform.openai.com/docs/guides/websocket-mode. What was answered on a connection can be gone on from on it,
 * stored or not.
 */
import type { ServerWebSocket, WebSocketHandler } from 'bun';
import type { Answer, ClientRequest } from '../../gateway/answer.ts';
import { scanEnvelope } from '../../gateway/body-scan.ts';
import { errorAnswer } from '../../gateway/error-answer.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { LimitedKey } from '../../limits/limiter.ts';
import { asObject, asObjects, asString, isObject, type JsonObject, parseJson } from '../../protocols/json.ts';
import type { ProtocolError } from '../../protocols/model.ts';
import { sseReader } from '../../protocols/sse.ts';
import type { Gate } from '../gate.ts';
import { newId } from '../ids.ts';
import { continueConversation, type Memory } from './conversation.ts';
import { inputItems, type ResponseStore } from './response-store.ts';
import { type AnsweredResponse, answerResponses, storedFor, upstreamMemory } from './responses.ts';

/** What one connection holds. */
export interface SocketState {
  /** Whose connection it is. */
  client: string;
  /** The limits of the client's key as they are now. */
  limited: () => LimitedKey | undefined;
  /** Of the request that opened it. */
  headers: Headers;
  /** Messages that wait for the answer before them. */
  waiting: string[];
  busy: boolean;
  /** Ends the running answer. */
  abort: AbortController;
  /** Everything said up to and with the latest answers, by their ids. */
  conversations: Map<string, JsonObject[]>;
  last: string | undefined;
  /** Resolves when the client has taken what was sent. */
  drained: { promise: Promise<void>; resolve: () => void } | undefined;
}

export interface SocketOptions {
  gateway: Gateway;
  gate: Gate;
  store: () => ResponseStore | undefined;
  /** Milliseconds of a clock that only goes forward. */
  clock: () => number;
  /** Bytes of one message. */
  longestMessage: number;
}

/** Answers remembered on one connection, and messages that may wait; both far above what clients do. */
const remembered = 16;
const mostWaiting = 64;

export function socketState(
  client: string,
  headers: Headers,
  limited: () => LimitedKey | undefined,
): SocketState {
  return {
    client,
    limited,
    headers,
    waiting: [],
    busy: false,
    abort: new AbortController(),
    conversations: new Map(),
    last: undefined,
    drained: undefined,
  };
}

type Socket = ServerWebSocket<SocketState>;

export function responsesSocket(options: SocketOptions): WebSocketHandler<SocketState> {
  const { gateway, gate } = options;

  async function work(socket: Socket): Promise<void> {
    const { data } = socket;
    if (data.busy) return;
    data.busy = true;
    for (let text = data.waiting.shift(); text !== undefined; text = data.waiting.shift()) {
      if (data.abort.signal.aborted) break;
      await answerMessage(socket, text);
    }
    data.busy = false;
  }

  async function answerMessage(socket: Socket, text: string): Promise<void> {
    const { data } = socket;
    const read = readMessage(text, data.last);
    if (!read.ok) {
      sendError(socket, errorAnswer('openai-responses', read.error));
      return;
    }
    const body = new TextEncoder().encode(JSON.stringify(read.body));
    const request: ClientRequest = {
      id: newId('req'),
      protocol: 'openai-responses',
      operation: 'generate',
      model: read.model,
      stream: true,
      body,
      modelSpan: scanEnvelope(body)?.modelSpan,
      query: '',
      headers: data.headers,
      signal: data.abort.signal,
      receivedAt: options.clock(),
    };
    const stored = storedFor(options.store(), data.client);
    const memory: Memory = {
      conversation: (id) => data.conversations.get(id) ?? stored.memory.conversation(id),
      native: (id) => !data.conversations.has(id) && stored.memory.native(id),
      item: stored.memory.item,
    };
    const limited = data.limited();
    if (!read.generate) {
      const refusal = gate.refusal(limited, 'openai-responses', request.model);
      if (refusal === undefined) warmUp(socket, request, memory);
      else sendError(socket, refusal);
      return;
    }
    const answer = await gate.pass(limited, request, (asked) =>
      answerResponses(gateway, asked, memory, (answered) => {
        remember(data, answered.id, [...inputOf(answered), ...asObjects(answered.response.output)]);
        stored.onResponse?.(answered);
      }),
    );
    await send(socket, answer, read.streamId);
  }

  /** A request that is not to be answered yet: what it holds is remembered, so that the next can go on from it. */
  function warmUp(socket: Socket, request: ClientRequest, memory: Memory): void {
    const continued = continueConversation(request, memory, () => ({
      some: upstreamMemory(gateway, request.model).some,
      every: false,
    }));
    if (!continued.ok) {
      sendError(socket, errorAnswer('openai-responses', continued.error));
      return;
    }
    const id = newId('resp');
    const input = asObject(parseJson(new TextDecoder().decode(continued.request.body)))?.input;
    remember(socket.data, id, inputItems(input));
    const response = (status: string): JsonObject => ({
      id,
      object: 'response',
      created_at: Math.floor(Date.now() / 1000),
      status,
      model: request.model,
      output: [],
      usage: status === 'completed' ? { input_tokens: 0, output_tokens: 0, total_tokens: 0 } : null,
    });
    const events = [
      { type: 'response.created', sequence_number: 0, response: response('in_progress') },
      { type: 'response.completed', sequence_number: 1, response: response('completed') },
    ];
    for (const event of events) socket.send(JSON.stringify(event));
  }

  return {
    maxPayloadLength: options.longestMessage,
    // Seconds; the runtime pings, so only a client that is gone runs into it. Models may think for long.
    idleTimeout: 960,
    message(socket, message) {
      const text = typeof message === 'string' ? message : message.toString('utf8');
      if (socket.data.waiting.length >= mostWaiting) {
        socket.close(1008, 'too many requests wait on this connection');
        return;
      }
      socket.data.waiting.push(text);
      return work(socket);
    },
    drain(socket) {
      socket.data.drained?.resolve();
      socket.data.drained = undefined;
    },
    close(socket) {
      socket.data.abort.abort();
      socket.data.drained?.resolve();
      socket.data.conversations.clear();
    },
  };
}

type Message =
  | { ok: true; body: JsonObject; model: string; generate: boolean; streamId: string | undefined }
  | { ok: false; error: ProtocolError };

/** `response.append` adds to the last answer of the connection, as `previous_response_id` would. */
function readMessage(text: string, last: string | undefined): Message {
  const value = parseJson(text);
  if (!isObject(value)) return refused('A message must be a JSON object.');
  const { type, generate, background: _none, stream_id: streamId, ...body } = value;
  if (type !== 'response.create' && type !== 'response.append')
    return refused(`type: expected "response.create", found ${JSON.stringify(type ?? null)}.`, 'type');
  if (body.previous_response_id === null) delete body.previous_response_id;
  if (type === 'response.append' && last !== undefined) body.previous_response_id ??= last;
  const model = asString(body.model);
  if (model === undefined || model === '') return refused('model: expected the name of a model.', 'model');
  return {
    ok: true,
    body: { ...body, stream: true },
    model,
    generate: generate !== false,
    streamId: asString(streamId),
  };
}

function refused(message: string, param?: string): Message {
  return { ok: false, error: { status: 400, kind: 'invalid-request', message, param } };
}

function inputOf({ request }: AnsweredResponse): JsonObject[] {
  return inputItems(asObject(parseJson(new TextDecoder().decode(request.body)))?.input);
}

function remember(data: SocketState, id: string, items: JsonObject[]): void {
  data.conversations.set(id, items);
  data.last = id;
  for (const oldest of data.conversations.keys()) {
    if (data.conversations.size <= remembered) break;
    data.conversations.delete(oldest);
  }
}

/**
 * Sends the events of an answer as they come, no faster than the client takes them. Clients that name their requests by
 * `stream_id` find the name in every event.
 */
async function send(socket: Socket, answer: Answer, streamId: string | undefined): Promise<void> {
  if (answer.status !== 200) {
    sendError(socket, answer);
    return;
  }
  const events: string[] = [];
  const mark = streamId === undefined ? '{' : `{"stream_id":${JSON.stringify(streamId)},`;
  const reader = sseReader(({ data }) => {
    if (data !== '[DONE]') events.push(data.startsWith('{"') ? mark + data.slice(1) : data);
  });
  const flush = async (): Promise<void> => {
    for (const event of events.splice(0)) if (socket.send(event) === -1) await drained(socket);
  };
  if (answer.body instanceof ReadableStream) {
    for await (const bytes of answer.body) {
      reader.push(bytes);
      await flush();
    }
  } else {
    reader.push(typeof answer.body === 'string' ? new TextEncoder().encode(answer.body) : answer.body);
  }
  reader.end();
  await flush();
}

function drained({ data }: Socket): Promise<void> {
  if (data.abort.signal.aborted) return Promise.resolve();
  data.drained ??= Promise.withResolvers<void>();
  return data.drained.promise;
}

/** An error as the WebSocket has it: the HTTP status and what would have been the body. */
function sendError(socket: Socket, answer: Answer): void {
  const text = typeof answer.body === 'string' ? answer.body : '';
  const error = asObject(parseJson(text))?.error ?? { message: text };
  const retryAfter = answer.headers['retry-after'];
  socket.send(
    JSON.stringify({
      type: 'error',
      status: answer.status,
      ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
      error,
    }),
  );
}
