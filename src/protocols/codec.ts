/** What every protocol folder exports: the two-way translation between its wire format and the canonical model. */

import type { Response, StreamEvent } from './answer.ts';
import type { AnswerBounds } from './answer-bounds.ts';
import type { ConversationState } from './conversation-state.ts';
import type { EmbeddingForm } from './embeddings.ts';
import type { Json, JsonObject } from './json.ts';
import type { Edit, Span } from './json-span.ts';
import type { AnswerRoom } from './lost-parts.ts';
import type { Protocol, Signature, SignatureFamily } from './model.ts';
import type { ModelList } from './model-list.ts';
import type { ModelTraits } from './model-traits.ts';
import type { Addresses, TokenCounting } from './operation.ts';
import type { ProtocolError } from './protocol-error.ts';
import type { ReasoningAmount } from './reasoning.ts';
import type { Request } from './request.ts';
import type { RequestMembers } from './request-members.ts';
import type { SseEvent } from './sse.ts';
import type { Steps } from './steps.ts';
import type { StreamForm } from './stream-form.ts';
import type { UsageReader } from './token-counts.ts';
import type { WebSocketForm } from './web-socket-form.ts';

/** Something a translation could not carry over unchanged. */
export interface Loss {
  /** `hint`: dropped, but of how the request is served only, not of what it asks (see hints.ts). */
  kind: 'dropped' | 'approximated' | 'renamed' | 'hint';
  /** The field in the client's words where possible: `top_k`, `tools.web_search`, `messages.3.audio`. */
  field: string;
  /** Why, or what it became. */
  detail?: string;
}

/** Where encoders write down what they could not carry over. */
export type LossReport = (kind: Loss['kind'], field: string, detail?: string) => void;

/** A report that is kept. */
export function lossesInto(losses: Loss[]): LossReport {
  return (kind, field, detail) => void losses.push({ kind, field, ...(detail !== undefined && { detail }) });
}

/** What the upstream call is made for. */
export interface EncodeTarget {
  /** The upstream's model id, without prefix or suffix. */
  model: string;
  stream: boolean;
  traits?: ModelTraits;
  report: LossReport;
}

/** What a decoder of answers needs to know: tool names and kinds are mapped back with the request that went out. */
export interface DecodeContext {
  request: Request;
  /** How much of an answer is taken; the usual without. */
  bounds?: AnswerBounds;
}

/** What an encoder of answers needs to know of the client. Time and randomness come in from outside. */
export interface EncodeContext {
  request: Request;
  /** The model name the client asked for, which the answer repeats. */
  model: string;
  /** Unix seconds. */
  unixSeconds: () => number;
  /** A fresh id with this prefix: `newId('msg')` → `msg_01h…`. */
  newId: (prefix: string) => string;
  /** Where is written down what of the answer the client does not get. */
  report?: LossReport;
}

export type Emit = (event: StreamEvent) => void;

/** Reads one upstream stream. */
export interface StreamDecoder {
  /** Takes the next wire event. Data that is not what the protocol allows becomes an `error` event. */
  decode(event: SseEvent, emit: Emit): void;
  /**
   * Takes the data that begins at `at` in the stream if it equals the last event except for its text; see `sseReader`.
   * Returns where the data ends; -1 for data that must be decoded.
   */
  decodeKnown?(stream: string, at: number, emit: Emit): number;
  /** The bytes have ended. Emits `end` if the protocol has no terminal event of its own and the answer is complete. */
  end(emit: Emit): void;
}

/** Writes one client stream. */
export interface StreamEncoder {
  /** The wire text for this event, framing included; empty when the protocol has none for it. */
  encode(event: StreamEvent): string;
}

/** Reads text piece by piece. */
export interface TextReader {
  /** The text that can be emitted after the next piece. */
  push(piece: string): string;
  /** What has waited for more. */
  end(): string;
}

/** Usage at the end of a stream, where a protocol reports it only to who asks for it. */
export interface StreamUsage {
  /** The member of a request in which it is asked for. */
  readonly member: string;
  /**
   * What is to be changed of a client's bytes, so that they ask for usage; undefined where nothing is. `options`: the position of the value
   * for it.
   */
  edit(body: Uint8Array, options: Span | undefined): Edit | undefined;
  /** The body, asking for usage. */
  asked(body: JsonObject): JsonObject;
  /** The body for a service that refuses to be asked. */
  refused(body: JsonObject): JsonObject;
  /** Whole events without usage that was requested only by the gateway: for clients that have not. */
  hidden(events: Uint8Array): Uint8Array;
}

/** An older form of a protocol's requests and answers, which its generation serves. */
export interface CompletionsForm {
  /** The request in the protocol's own form. Throws {@link InvalidRequest} naming the field that it has no place for. */
  request(body: JsonObject): JsonObject;
  /** The older form of an answer. Errors come back as they are. */
  answer(body: JsonObject): JsonObject;
  /** The older form of one event; undefined for one that holds nothing of it. */
  event(chunk: JsonObject): JsonObject | undefined;
}

/** Other forms of an answer, for which clients ask in the query of their address. */
export interface QueryForms {
  /** Whether a stream is to be one JSON array that grows. */
  wantsArray(query: string): boolean;
  /** Frames a stream as that array. */
  array(encoder: StreamEncoder): StreamEncoder;
  /** The codec with the words that the query asks for; the very same one where it asks for none. */
  worded(codec: Codec, query: string): Codec;
}

export interface Codec {
  readonly protocol: Protocol;
  /** Where its clients call. */
  readonly addresses: Addresses;
  /** The family whose signatures upstreams of this protocol accept. */
  readonly signatures: SignatureFamily;

  /**
   * Throws {@link InvalidRequest} for a request that only an upstream of this protocol can answer: one that leans on
   * what its service remembers. Absent where a protocol has none.
   */
  demandTranslatable?(body: JsonObject): void;
  /**
   * Throws {@link InvalidRequest} for a request of an operation that is forwarded as it is (`isInteraction`), which leans on what its
   * provider keeps for all clients. Absent where a protocol has none.
   */
  demandForwardable?(body: JsonObject): void;
  /**
   * Reads a client's request. `model` and `stream` come from the envelope (body or URL).
   * Throws {@link InvalidRequest} naming the field.
   */
  decodeRequest(body: JsonObject, envelope: { model: string; stream: boolean }): Request;
  /** Writes the upstream request. Never fails: losses are reported. */
  encodeRequest(request: Request, target: EncodeTarget): JsonObject;
  /** The same in steps, for a long one. */
  encodingRequest(request: Request, target: EncodeTarget): Steps<JsonObject>;

  /**
   * The body of a client of this protocol for an upstream of it that is to think as much as the suffix of the model's name. Only what has
   * to change is changed; the same object where the body has it already.
   */
  withAmount(body: JsonObject, amount: ReasoningAmount, target: EncodeTarget): JsonObject;
  /**
   * A body of this protocol whose answer is at most so many tokens long. Only what has to change is changed; the same object
   * where the body has it already.
   */
  withAnswerLimit(body: JsonObject, most: number, target: EncodeTarget): JsonObject;
  /**
   * The largest answer of a translated request that wants one of so many tokens after a budget of thinking: where both share a
   * limit, it grows. Absent where it does not.
   */
  limitWithThinking?(wanted: number, budget: number): number;
  /**
   * The body of a client of this protocol with the signatures that an upstream of it takes: its own, unwrapped. What only
   * another family signed goes, and is reported. The very same object where all are its own.
   */
  sameProtocolSignatures(body: JsonObject, target: Pick<EncodeTarget, 'model' | 'report'>): JsonObject;
  /** What a wrapped signature begins with in a body of this protocol, beside its plain mark; absent where that is all. */
  readonly wrapMarks?: readonly string[];
  /**
   * The bytes of a body without what was made for its client alone and no upstream takes; the very same bytes where there is
   * nothing. Absent where nothing is made.
   */
  withoutInvented?(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** A body that repeats the address's model, with the upstream's name of it; the very same object where it has that. */
  withModel?(body: JsonObject, model: string): JsonObject;
  /**
   * Words without which no body names what a provider has made for one client, or has it made; absent where who serves the protocol knows
   * each of them. A search for them costs next to nothing.
   */
  readonly ownedWords?: readonly string[];

  /** Reads a whole answer; an error object inside a success is returned as the error it is. */
  decodeResponse(body: JsonObject, context: DecodeContext): Response | ProtocolError;
  /** Reads a streamed answer that came whole, as a JSON array of its chunks (Gemini without `alt=sse`). */
  decodeChunks?(chunks: readonly Json[], context: DecodeContext): Response | ProtocolError;
  encodeResponse(response: Response, context: EncodeContext): JsonObject;

  streamDecoder(context: DecodeContext): StreamDecoder;
  /** Reads the text of an answer as the client's output schema has it, where the upstream got another one; absent where none does. */
  outputReader?(request: Request): TextReader | undefined;
  streamEncoder(context: EncodeContext): StreamEncoder;

  /** Reads an error answer of any shape: the protocol's own, another's, HTML or nothing. `retryAfter` is left to the caller unless the body has it. */
  decodeError(status: number, body: string): ProtocolError;
  encodeError(error: ProtocolError): JsonObject;
  /** Whether clients can read the body of an error answer as it is. */
  isOwnError(body: Json | undefined): boolean;

  /**
   * Whether the body of a success is an answer: it has content, or a reason for none. A look at its form, which costs
   * next to nothing.
   */
  holdsAnswer(body: JsonObject): boolean;
  /** Members of which an answer has one, at its top: what is looked for in one that is too long to be parsed for that. */
  readonly answerMembers: readonly string[];
  /** What its answers have a place for. */
  readonly answerRoom: AnswerRoom;
  /** The header in which its clients look for the id of the request; absent where that is `x-request-id`, or where they do not. */
  readonly requestIdHeader?: string;

  /** Whether a whole answer looks like one that was given up: worth being read. */
  mayBeGivenUp?(answer: JsonObject): boolean;
  /**
   * The protocol's own words by which an answer is given up: its clients read them, beside what there is of the answer. Absent where there
   * are none: there every client gets an error.
   */
  readonly ownFailures?: RegExp;
  /** Finds the words by which answers end, in the bytes of one that is too long to be parsed; with {@link ownFailures} they pass. */
  readonly finishPattern?: RegExp;

  /** The member of a request with the conversation. */
  readonly conversationField: string;
  /** What limits, budgets and ownership read of a request, for any client. */
  readonly requestMembers: RequestMembers;
  /** Words of which every body that has an image holds one. */
  readonly imageWords: readonly string[];
  /** Members whose values become the text of other protocols: numbers in them stay as they are written. */
  readonly exactMembers?: ReadonlySet<string>;
  /** Whether the arguments of a call are a text in it, that goes on as it is written. */
  readonly argumentsAreText?: true;
  /** What its streams look like to a gateway that passes them on untouched. */
  readonly streamForm: StreamForm;
  /** How it is spoken over a WebSocket; absent where it is not. */
  readonly webSocketForm?: WebSocketForm;
  /** What clients go on from that is kept; absent where they send the whole conversation each time. */
  readonly conversationState?: ConversationState;
  /** Absent where streams report their usage unasked. */
  readonly streamUsage?: StreamUsage;
  /** The older Completions API; absent where a protocol has none. */
  readonly completions?: CompletionsForm;
  /** Absent where a query does not affect the answer's form. */
  readonly queryForms?: QueryForms;
  /** Reads what an answer has cost, of bytes and of events alike. */
  readonly usage: UsageReader;
  /** Bytes of what a model has written in a whole answer, or in one event of a stream, for answers without counts. */
  answerBytes(value: JsonObject): number;
  /** How tokens of a request are asked for. */
  readonly tokenCounting: TokenCounting;
  /** How embeddings are asked for; absent where a protocol has none. */
  readonly embedding?: EmbeddingForm;
  readonly modelList: ModelList;
}

/** True for the error half of `Response | ProtocolError`. */
export function isProtocolError(value: Response | ProtocolError): value is ProtocolError {
  return 'status' in value;
}

/** The signature's value if the family may see it; foreign signatures are never forwarded. */
export function signatureFor(family: SignatureFamily, signature: Signature | undefined): string | undefined {
  return signature?.family === family ? signature.value : undefined;
}
