/** What the gateway is asked and what it answers: plain values, so that the way of one request knows no listener. */

import type { Candidate } from '../credentials/catalog.ts';
import type { BodyReader } from '../http-client/body-queue.ts';
import type { Protocol } from '../protocols/model.ts';
import type { Operation } from '../protocols/operation.ts';
import type { TraceContext } from '../telemetry/tracing/trace-context.ts';
import type { Named, ObservedRequest, Usage } from '../usage/record.ts';
import type { Span } from './body-scan.ts';
import type { AttemptFailure } from './failure.ts';
import type { Transcript } from './trace/request-log.ts';

/** A client's request after authentication, with its envelope read and its body still bytes. */
export interface ClientRequest {
  id: string;
  protocol: Protocol;
  operation: Operation;
  /** As the client wrote it: with prefix, alias and reasoning suffix. */
  model: string;
  stream: boolean;
  /** A large one has no bytes any more once its answer has begun. */
  body: Uint8Array<ArrayBuffer>;
  /** Its body is read again when the answer is over. */
  keepsBody?: boolean;
  /** The position of the model's name in the body; undefined when it is in the address (Gemini). */
  modelSpan: Span | undefined;
  /** The position of the value in the body by which a client asks for usage in a stream. */
  streamOptions?: Span | undefined;
  /** The query without `?` and without keys; goes through when both sides speak the same protocol. */
  query: string;
  headers: Headers;
  /** It is a message over a WebSocket. */
  overSocket?: boolean;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  /** Milliseconds of the monotonic clock. */
  receivedAt: number;
  /** Which candidates may serve it; all without. */
  mayUse?: (candidate: Candidate) => boolean;
  /** What to ask instead where all have refused it with this failure: still the same request for its client and the record. */
  rewritten?: (failure: AttemptFailure) => Promise<ClientRequest | undefined>;
  /** Called once with what came of it: when its answer has gone out, or it was refused. */
  settled?: (settlement: Settlement) => void;
  /** Whose request it is: the client key; undefined where none was looked at. */
  client?: Named | undefined;
  /** Tokens of its prompt, where they have been estimated already. */
  expectedInput?: number;
  /** The trace that it belongs to, where traces are exported. */
  trace?: TraceContext | undefined;
  /** Completed on the way, while the queue of usage records. */
  observed?: ObservedRequest | undefined;
  /** Where all of it is written down, with `request-log`. */
  transcript?: Transcript;
}

/** What a request has come to. */
export interface Settlement {
  status: number;
  /** The credential of the last attempt; undefined without one. */
  candidate: Candidate | undefined;
  usage: Usage;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | StreamBody;
}

/** The client's events: a stream of them, or all of them, where the upstream had ended before they began. */
export type StreamBody = Uint8Array | ReadableStream<Uint8Array>;

/** What is needed of a reader of upstream bytes. */
export interface ChunkReader extends BodyReader {
  /** Has `beat` called again and again while a read waits long. */
  whenSilent?(beat: () => void): void;
  /** Nothing more is wanted: the bytes may end by themselves for a moment, so that the connection can be used again. */
  leave?(): void;
  /** The limit that was passed, where that is why a read has failed. */
  passed?(): string | undefined;
}

/** Beside a content type that is the upstream's: browsers are not to find another in the bytes. */
export const asItIs = { 'x-content-type-options': 'nosniff' };

export const jsonHeaders = { 'content-type': 'application/json' };
export const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
};
