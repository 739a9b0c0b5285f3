/** What every provider emulation offers to the server: its own reading and writing of the wire, nothing shared. */

import type { Clock } from '../src/ground/clock.ts';
import type { Failure } from './failure.ts';
import type { JsonObject } from './json.ts';
import type { ResponseStore } from './openai/response-store.ts';
import type { Prompt } from './prompt.ts';
import type { Reply } from './reply.ts';
import type { SseEvent } from './sse.ts';
import type { PrefixMemory } from './tokens.ts';

export const dialectNames = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
export type DialectName = (typeof dialectNames)[number];

/** What lives as long as the sandbox. */
export interface SandboxState {
  prefixes: PrefixMemory;
  responses: ResponseStore;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  /** A fresh id with this prefix. */
  newId: (prefix: string) => string;
}

/** A request as it came in. */
export interface Incoming {
  body: JsonObject;
  /** From the path, or from the body where the path has none. */
  model: string;
  stream: boolean;
  headers: Headers;
}

/** A request with its answer. */
export interface Exchange {
  incoming: Incoming;
  prompt: Prompt;
  reply: Reply;
  state: SandboxState;
}

/** A whole stream, ready to be sent at any pace. */
export interface StreamText {
  events: SseEvent[];
  /** Index of the first event that shows that the answer is complete. */
  finishAt: number;
}

export interface Dialect {
  name: DialectName;
  /** Validates the request as the provider does and says what it asks for. Throws `Refused`. */
  read(incoming: Incoming, state: SandboxState): Prompt;
  whole(exchange: Exchange): object;
  stream(exchange: Exchange): StreamText;
  error(failure: Failure): object;
  /** How a stream that has begun says that it failed, after so many events. */
  errorEvent(failure: Failure, sent: number): SseEvent;
  /** Headers of a failure, Retry-After where the provider sends it as a header. */
  errorHeaders(failure: Failure): Record<string, string>;
}
