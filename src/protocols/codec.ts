/** What every protocol folder exports: the two-way translation between its wire format and the canonical model. */
import type { AnswerBounds } from './answer-bounds.ts';
import type { Json, JsonObject } from './json.ts';
import type {
  ModelTraits,
  Protocol,
  ProtocolError,
  Request,
  Response,
  Signature,
  SignatureFamily,
  StreamEvent,
} from './model.ts';
import type { ReasoningAmount } from './reasoning.ts';
import type { SseEvent } from './sse.ts';
import type { StreamForm } from './stream-form.ts';
import type { TokenCounting } from './token-counting.ts';
import type { UsageReader } from './token-counts.ts';

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
export type LossReport = (loss: Loss) => void;

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
  /** The model name the client asked for: it is what the answer says. */
  model: string;
  /** Unix seconds. */
  now: () => number;
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
   * Takes the data that begins at `at` in the stream if it says what the last event said, with another text; see `sseReader`.
   * Tells where the data ends; -1 for data that must be decoded.
   */
  decodeKnown?(stream: string, at: number, emit: Emit): number;
  /** The bytes have ended. Emits `end` if the protocol has no terminal event of its own and the answer is complete. */
  end(emit: Emit): void;
}

/** Writes one client stream. */
export interface StreamEncoder {
  /** The wire text for this event, framing included; empty when the protocol says nothing here. */
  encode(event: StreamEvent): string;
}

/** Reads text piece by piece. */
export interface TextReader {
  /** The text that can be told after the next piece. */
  push(piece: string): string;
  /** What has waited for more. */
  end(): string;
}

export interface Codec {
  readonly protocol: Protocol;
  /** The family whose signatures upstreams of this protocol accept. */
  readonly signatures: SignatureFamily;

  /**
   * Throws {@link InvalidRequest} for a request that only an upstream of this protocol can answer: one that leans on
   * what its service remembers. Absent where a protocol has none.
   */
  demandTranslatable?(body: JsonObject): void;
  /**
   * Reads a client's request. `model` and `stream` come from the envelope (body or URL).
   * Throws {@link InvalidRequest} naming the field.
   */
  decodeRequest(body: JsonObject, envelope: { model: string; stream: boolean }): Request;
  /** Writes the upstream request. Never fails: what cannot be said is reported. */
  encodeRequest(request: Request, target: EncodeTarget): JsonObject;

  /**
   * The body of a client of this protocol for an upstream of it that is to think as much as the model's name says. Only what has
   * to say so is another; the very same object where the body says it already.
   */
  withAmount(body: JsonObject, amount: ReasoningAmount, target: EncodeTarget): JsonObject;
  /**
   * A body of this protocol whose answer is at most so many tokens long. Only what has to say so is another; the very same object
   * where the body says it already.
   */
  withAnswerLimit(body: JsonObject, most: number, target: EncodeTarget): JsonObject;
  /**
   * The body of a client of this protocol with the signatures that an upstream of it takes: its own, unwrapped. What only
   * another family signed goes. The very same object where all are its own.
   */
  ownSignatures(body: JsonObject, model: string): JsonObject;

  /** Reads a whole answer; an error object inside a success is returned as the error it is. */
  decodeResponse(body: JsonObject, context: DecodeContext): Response | ProtocolError;
  /** Reads a streamed answer that came whole, as a JSON array of its chunks (Gemini without `alt=sse`). */
  decodeChunks?(chunks: readonly Json[], context: DecodeContext): Response | ProtocolError;
  encodeResponse(response: Response, context: EncodeContext): JsonObject;

  streamDecoder(context: DecodeContext): StreamDecoder;
  /** Reads the text of an answer as the client's output schema has it, where the upstream got another one; absent where none does. */
  outputReader?(request: Request): TextReader | undefined;
  streamEncoder(context: EncodeContext): StreamEncoder;

  /** Reads an error answer of any shape: the protocol's own, another's, HTML or nothing. `retryAfter` is left to the caller unless the body says it. */
  decodeError(status: number, body: string): ProtocolError;
  encodeError(error: ProtocolError): JsonObject;

  /**
   * Whether a whole answer looks like one that was given up before there was anything of it: worth being read. Absent where the
   * answer has a status, which says more.
   */
  mayBeGivenUp?(answer: JsonObject): boolean;

  /** What its streams look like to a gateway that passes them on untouched. */
  readonly streamForm: StreamForm;
  /** Reads what an answer has cost, of bytes and of events alike. */
  readonly usage: UsageReader;
  /** How tokens of a request are asked for. */
  readonly tokenCounting: TokenCounting;
}

/** True for the error half of `Response | ProtocolError`. */
export function isProtocolError(value: Response | ProtocolError): value is ProtocolError {
  return 'status' in value;
}

/** The signature's value if the family may see it; foreign signatures are never forwarded. */
export function signatureFor(family: SignatureFamily, signature: Signature | undefined): string | undefined {
  return signature?.family === family ? signature.value : undefined;
}
