/**
 * What a protocol is like whose clients go on from answers that are kept: by their ids, over a WebSocket, at addresses of their own.
 * All of it is pure; who keeps what, and for whom, is the server's part.
 */
import type { EncodeContext } from './codec.ts';
import type { Json, JsonObject } from './json.ts';
import type { ProtocolError } from './protocol-error.ts';

/** What a request refers to that is not in it. */
export interface References {
  /** False where the answer is not to be kept. */
  keep: boolean;
  /** Whether the answer is to be asked for later. */
  background: boolean;
  /** The answer that it goes on from. */
  previous: string | undefined;
  /** The conversation that the provider keeps; not our own chain of answers. */
  conversation: string | undefined;
  /** The containers that its tools use. */
  containers: readonly string[];
  /** What it adds, as a list of items. */
  input: JsonObject[];
}

/** A message of a client over the WebSocket, as far as it is one. */
export type SocketRequest =
  | {
      ok: true;
      /** The body that it would be over HTTP. */
      body: JsonObject;
      /** What of the body is not of this turn alone. */
      settings: JsonObject;
      model: string;
      /** False for a request that only prepares the next. */
      generate: boolean;
    }
  | { ok: false; error: ProtocolError };

/** A client's own name for a request, where it has one. */
export type StreamName = { ok: true; streamId: string | undefined } | { ok: false; error: ProtocolError };

/** What the next message of a connection may add to: its latest answer, and what was asked for with it, but for the conversation. */
export interface LastAnswer {
  id: string;
  settings: JsonObject;
}

/** A whole message of an error over the WebSocket: what the answer over HTTP would have been. */
export interface SocketError {
  status: number;
  retryAfter: string | undefined;
  body: string;
}

export interface ConversationState {
  /** Whether the bytes of a request may refer to anything, or set whether the answer is stored; false is certain. */
  mayRefer(body: Buffer): boolean;
  /** Whether they may name anything by an id; no is certain. */
  mayNameIds(body: Buffer): boolean;
  references(body: JsonObject): References;
  /** The input of a request as JSON, a list of items, from its bytes. */
  inputJson(body: Buffer): string;
  /** Whether an item refers to a stored one. */
  isReference(item: JsonObject): boolean;
  /** Ids by which an item names what is kept. */
  namedBy(item: JsonObject): readonly string[];
  /** An earlier item as new input: without what only the account that made it knows; nothing where nothing is left. */
  asInput(item: JsonObject): JsonObject[];
  /** The request with all that it refers to written out in its input. */
  written(body: JsonObject, input: JsonObject[]): JsonObject;
  /** Whether the data of an event may be the last of an answer: worth being read. */
  mayEndAnswer(data: Buffer): boolean;
  /** The answer in a terminal event; undefined for all others. */
  answerInEvent(value: Json | undefined): JsonObject | undefined;
  /** Whether it is an answer that has ended. How one ends that goes on in the background is not known here. */
  isEnded(value: JsonObject | undefined): value is JsonObject & { id: string };
  /** What an answer adds to the conversation. */
  itemsOf(answer: JsonObject): JsonObject[];
  /** The ids that an answer brings with it: of its items, and of what they name. */
  idsIn(answer: JsonObject): string[];
  readonly refusals: ReferenceRefusals;
  /** Whether an upstream's refusal is about an answer to go on from, which it does not know. */
  isUnknownAnswer(status: number, text: string): boolean;

  /** Reads a message over the WebSocket. `last`: the latest answer of the connection. */
  socketRequest(message: JsonObject, last: LastAnswer | undefined): SocketRequest;
  /** The client's own name for the request that a message makes. */
  streamIdOf(message: JsonObject): StreamName;
  /** An event as the message that a client gets. */
  socketEvent(data: string, streamId: string | undefined): string;
  socketError(error: SocketError, streamId: string | undefined): string;
  /** The events of an answer without output, to a request that only prepares the next. */
  emptyAnswer(settings: JsonObject, id: string, context: Omit<EncodeContext, 'request'>): JsonObject[];

  /** What a client gets of a kept answer by its id. */
  readonly stored: StoredAnswers;
}

/** Why a request is refused that refers to something. */
export interface ReferenceRefusals {
  previousUnknown(id: string): ProtocolError;
  itemUnknown(id: string): ProtocolError;
  /** Each reference is looked up, and brings as much as its item has. */
  itemRepeated(id: string): ProtocolError;
  tooManyNamed(most: number): ProtocolError;
  readonly tooMuchBefore: ProtocolError;
  readonly noConversations: ProtocolError;
  /** The resources of another client, or unknown ones: a conversation, a container, anything else that has an id. */
  notFound(what: 'conversation' | 'container' | 'other', id: string): ProtocolError;
}

/** Answers about kept answers. */
export interface StoredAnswers {
  deleted(id: string): JsonObject;
  /** A page of the items that a request had as input. */
  itemPage(items: readonly JsonObject[], query: URLSearchParams | undefined): JsonObject;
  /** `storing`: whether any are kept. */
  notKept(id: string, storing: boolean): ProtocolError;
  /** The answer as it was before there was anything of it but its output: to be read for its events. */
  begun(answer: JsonObject): JsonObject;
  /** The event that ends its stream; `json` is the answer, `sequence` the place of the event. */
  endEvent(answer: JsonObject, json: string, sequence: number): string;
  /** A place in a stream that is none. */
  readonly badPlace: ProtocolError;
  notBackground(id: string): ProtocolError;
}
