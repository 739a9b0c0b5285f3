/**
 * The Responses API over a WebSocket: each message is a request, answered one after the other.
 * Source: platform.openai.com/docs/guides/websocket-mode. What was answered on a connection can be gone on from on it,
 * stored or not.
 */

import { isUtf8 } from 'node:buffer';
import type { ServerWebSocket, WebSocketHandler } from 'bun';
import type { Bounds } from '../../config/bounds.ts';
import type { Answer, ClientRequest } from '../../gateway/answer.ts';
import { scanEnvelope } from '../../gateway/body-scan.ts';
import { errorAnswer } from '../../gateway/error-answer.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { yieldFor } from '../../gateway/yield-for.ts';
import type { Clock } from '../../ground/clock.ts';
import { reasonOf } from '../../ground/reason.ts';
import type { LastAnswer } from '../../protocols/conversation-state.ts';
import type { JsonObject } from '../../protocols/json.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import { codecs } from '../../protocols/registry.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Admitted } from '../client-auth.ts';
import type { ClientLimiter } from '../client-limiter.ts';
import { newId, newRequestId } from '../ids.ts';
import { unusableModelName } from '../model-name.ts';
import { observedRequest } from '../observed-request.ts';
import type { OwnedIds } from '../owned-ids.ts';
import { notUtf8 } from '../request-errors.ts';
import { readBounds } from './answer-tap.ts';
import { type ConnectionHistory, sizedItems } from './connection-history.ts';
import { type ConversationStore, continueConversation } from './conversation.ts';
import { protocol, state } from './protocol.ts';
import type { ResponseStore } from './response-store.ts';
import { type AnsweredResponse, answerResponses, storedFor } from './responses.ts';
import { type Outlet, release, sendAnswer, sendError } from './socket-answer.ts';
import { type Message, readMessage } from './socket-message.ts';

/** What one connection holds. */
export interface SocketState extends Outlet {
  /** Whose connection it is. */
  client: string;
  /** The present state of the client's key: undefined once it is no longer admitted. */
  admission: () => Admitted | undefined;
  /** Of the request that opened it. */
  headers: Headers;
  /** The other end of the socket. */
  address?: string | undefined;
  /** Messages that wait for the answer before them. */
  waiting: string[];
  busy: boolean;
  /** Ends the running answer. */
  abort: AbortController;
  history: ConnectionHistory;
  last: LastAnswer | undefined;
}

export interface SocketOptions {
  gateway: Gateway;
  clientLimiter: ClientLimiter;
  store: () => ResponseStore | undefined;
  /** Whose ids are whose; undefined where there is one client. */
  owners: () => OwnedIds | undefined;
  log: Log;
  /** Those in force. */
  bounds: () => Bounds;
  clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Whether the queue of usage records. */
  observes: () => boolean;
}

export interface ResponsesSockets {
  /**
   * What the listener does with connections, those that are open too.
   * `longestMessage`: bytes of one message, and characters of those that wait; a client that sends more is cut off with 1009.
   */
  handler(longestMessage: number): WebSocketHandler<SocketState>;
  /** Closes each connection when its running answer is complete. */
  leave(): void;
  /** Closes all connections now. */
  end(): void;
}

/** Messages that may wait: far above what clients send. */
const mostWaiting = 64;

/** How a call over a WebSocket is made. */
const calledBy = `GET ${codecs[protocol].addresses.keptAnswers}`;

const noBody = new TextEncoder().encode('{}');

/** Close codes: RFC 6455 §7.4.1. */
const goingAway = 1001;
const policyViolation = 1008;
const tooBig = 1009;

export function socketState(
  client: string,
  headers: Headers,
  admission: SocketState['admission'],
  history: ConnectionHistory,
): SocketState {
  return {
    client,
    admission,
    headers,
    waiting: [],
    busy: false,
    abort: new AbortController(),
    history,
    last: undefined,
    drained: undefined,
    letGo: undefined,
    gone: false,
  };
}

type Socket = ServerWebSocket<SocketState>;

export function responsesSockets(options: SocketOptions): ResponsesSockets {
  const { gateway, clientLimiter } = options;
  const open = new Set<Socket>();
  let leaving = false;

  /** Answers what waits; one loop for each connection. */
  async function work(socket: Socket): Promise<void> {
    const { data } = socket;
    if (data.busy) return;
    data.busy = true;
    try {
      while (data.waiting.length > 0) {
        if (data.gone || leaving) break;
        let streamId: string | undefined;
        let asked = requestOf(data, noBody, '');
        try {
          // Nothing here keeps the text for as long as it is answered.
          const message = await readMessage(data.waiting.shift() ?? '', data.last, options.bounds());
          streamId = message.streamId;
          if (message.ok) {
            await yieldFor(message.body.length);
            asked = requestOf(data, message.body, message.model);
            await yieldFor(message.body.length);
          }
          if (!(await answerMessage(socket, message, asked))) break;
        } catch (error) {
          const reason = reasonOf(error);
          const answer =
            gateway.trace(asked.id)?.outcome === undefined
              ? gateway.refuse(asked, brokenOff(reason))
              : errorAnswer(protocol, brokenOff(reason));
          if (!trySending(socket, answer, streamId)) break;
        }
      }
    } finally {
      data.busy = false;
    }
    if (leaving) goAway(socket);
  }

  /** False when the connection has been closed over it. */
  async function answerMessage(socket: Socket, message: Message, request: ClientRequest): Promise<boolean> {
    const { data } = socket;
    const { streamId } = message;
    const modelNamed = message.ok ? message.model.slice(0, options.bounds()['model-name']) : '';
    const refuse = (error: ProtocolError): void =>
      sendError(socket, gateway.refuse({ ...request, model: modelNamed }, error), streamId);
    const admission = data.admission();
    if (admission === undefined) {
      refuse(keyRemoved);
      socket.close(policyViolation, 'the key is no longer accepted');
      return false;
    }
    if (!message.ok) {
      refuse(message.error);
      return true;
    }
    const unusable = unusableModelName(message.model, options.bounds()['model-name']);
    if (unusable !== undefined) {
      refuse(unusable);
      return true;
    }
    const stored = storedFor(options.store(), options.owners(), data.client, options.log);
    const memory: ConversationStore = {
      ...stored.memory,
      knows: (id) => data.history.has(id) || stored.memory.knows(id),
      conversation: async (id) => data.history.conversation(id) ?? stored.memory.conversation(id),
    };
    const { limited } = admission;
    if (!message.generate) {
      const refusal = await clientLimiter.refusal(limited, protocol, request.model);
      if (refusal === undefined) {
        await stored.fetch?.(request);
        await warmUp(socket, request, message, memory);
      } else sendError(socket, refusal, streamId);
      return true;
    }
    const onAnswered = (keep: boolean) => {
      const keepStored = stored.onAnswered(keep);
      return async (answered: AnsweredResponse): Promise<void> => {
        const { id, previous, input, response } = answered;
        data.last = { id, settings: message.settings };
        await remember(data, id, previous, [...(await input.items()), ...state.itemsOf(response)], memory);
        await keepStored?.(answered);
      };
    };
    const answer = await clientLimiter.pass(limited, request, (asked) =>
      answerResponses(gateway, asked, { ...stored, memory, onAnswered }, readBounds(options.bounds())),
    );
    await sendAnswer(socket, answer, streamId);
    return true;
  }

  function requestOf(data: SocketState, body: Uint8Array<ArrayBuffer>, model: string): ClientRequest {
    const client = data.admission()?.client;
    return {
      id: newRequestId(),
      ...(client && { client }),
      protocol,
      operation: 'generate',
      model,
      stream: true,
      body,
      modelSpan: scanEnvelope(body)?.modelSpan,
      query: '',
      headers: data.headers,
      overSocket: true,
      signal: data.abort.signal,
      receivedAt: options.clock.monotonic(),
      ...(options.observes() && {
        observed: observedRequest(data.headers, calledBy, data.address, body),
      }),
    };
  }

  /** A request that is not to be answered yet: what it holds is remembered, so that the next can go on from it. */
  async function warmUp(
    socket: Socket,
    request: ClientRequest,
    { settings, streamId }: Extract<Message, { ok: true }>,
    memory: ConversationStore,
  ): Promise<void> {
    // No provider gets it: what only providers know cannot be gone on from.
    const continued = await continueConversation(request, memory, () => ({ some: false, every: false }));
    if (!continued.ok) {
      sendError(socket, errorAnswer(protocol, continued.error), streamId);
      return;
    }
    const id = newId('resp');
    socket.data.last = { id, settings };
    await remember(socket.data, id, continued.previous, await continued.input.items(), memory);
    const unixSeconds = (): number => Math.floor(options.clock.now() / 1000);
    for (const event of state.emptyAnswer(settings, id, { model: request.model, unixSeconds, newId }))
      socket.send(state.socketEvent(JSON.stringify(event), streamId));
  }

  return {
    handler: (longestMessage) => ({
      maxPayloadLength: longestMessage,
      // Seconds; the runtime pings, so only a client that is gone runs into it. Models may think for long.
      idleTimeout: 960,
      open(socket) {
        open.add(socket);
        if (leaving) goAway(socket);
      },
      message(socket, message) {
        const { waiting } = socket.data;
        // Of a text the runtime itself has looked.
        if (typeof message !== 'string' && !isUtf8(message))
          return sendError(socket, gateway.refuse(requestOf(socket.data, noBody, ''), notUtf8), undefined);
        const text = typeof message === 'string' ? message : message.toString('utf8');
        const size = waiting.reduce((sum, { length }) => sum + length, text.length);
        if (waiting.length >= mostWaiting)
          return socket.close(policyViolation, 'too many requests wait on this connection');
        if (size > longestMessage) return socket.close(tooBig, 'too much waits on this connection');
        waiting.push(text);
        return work(socket);
      },
      drain: ({ data }) => release(data),
      close(socket) {
        const { data } = socket;
        open.delete(socket);
        data.gone = true;
        // The stream is released first: otherwise the end of the call would count as a failure of the upstream.
        data.letGo?.();
        data.abort.abort();
        release(data);
        data.waiting.length = 0;
        data.history.clear();
      },
    }),
    leave() {
      leaving = true;
      for (const socket of open) if (!socket.data.busy) goAway(socket);
    },
    end() {
      for (const socket of open) goAway(socket);
    },
  };
}

/** False for a connection that takes nothing any more: it is closed. */
function trySending(socket: Socket, answer: Answer, streamId: string | undefined): boolean {
  try {
    sendError(socket, answer, streamId);
    return true;
  } catch {
    socket.close(policyViolation, 'nothing can be sent');
    return false;
  }
}

function goAway(socket: Socket): void {
  socket.close(goingAway, 'the gateway is stopping');
}

/** Stores the conversation so far; nothing where only the provider knows what came before. */
async function remember(
  data: SocketState,
  id: string,
  previous: string | undefined,
  items: JsonObject[],
  memory: ConversationStore,
): Promise<void> {
  const { history } = data;
  const added = await sizedItems(items);
  if (previous !== undefined && history.has(previous)) {
    history.keep(id, { id: previous }, added);
    return;
  }
  const earlier = previous === undefined ? [] : await memory.conversation(previous);
  if (earlier !== undefined && earlier !== 'too-long') history.keep(id, await sizedItems(earlier), added);
}

const keyRemoved: ProtocolError = {
  status: 401,
  kind: 'authentication',
  message: 'The API key of this connection is no longer one of the api-keys of the configuration.',
  code: 'invalid_api_key',
};

function brokenOff(reason: string): ProtocolError {
  return { status: 502, kind: 'server', message: `The answer broke off: ${reason}`, code: 'broken_stream' };
}
