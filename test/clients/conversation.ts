/** A conversation in nobody's words: each official client has it in its own, with its own types and accumulators. */
import type { JsonObject } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';

export interface ToolSpec {
  name: string;
  description: string;
  parameters: JsonObject;
}

/** A tool call as the client was given it. */
export interface Call {
  id: string;
  name: string;
  input: JsonObject;
}

export interface GivenResult {
  text: string;
  isError?: boolean;
}

/** An answer as the client understood it. Token counts include cached ones. */
export interface Told {
  text: string;
  calls: Call[];
  finish: 'stop' | 'length' | 'tool-calls' | 'refusal';
  usage: { input: number; output: number };
}

export interface Settings {
  /** Of the gateway, without a path. */
  url: string;
  key: string;
  model: string;
  stream: boolean;
  system?: string;
  tools?: ToolSpec[];
  stop?: string[];
  maxTokens?: number;
  /** Asks the model to think, and to show it. */
  thinks?: boolean;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Told each piece of streamed text. */
  onText?: (piece: string) => void;
}

/** Keeps the history as its client keeps it: what the answer was goes back the way it came. */
export interface Conversation {
  /** `image` is base64 of a PNG. */
  say(text: string, image?: string): Promise<Told>;
  /** Answers the calls of the last answer, in their order. */
  give(results: GivenResult[]): Promise<Told>;
}

/** A failure as the client's own error class shows it; `retryAfter` where that class shows headers. */
export interface ShownFailure {
  status: number | undefined;
  message: string;
  retryAfter?: string | undefined;
}

export interface OfficialClient {
  name: string;
  protocol: Protocol;
  open(settings: Settings): Conversation;
  /** What the client's error says; throws errors that are not the client's own. */
  shown(error: unknown): ShownFailure;
}

/** Holds a client's streamed pieces against its final answer: a client that shows text as it comes must show the same. */
export function sameText(pieces: readonly string[], final: string): string {
  const streamed = pieces.join('');
  if (streamed !== final)
    throw new Error(`streamed ${JSON.stringify(streamed)}, but ended with ${JSON.stringify(final)}`);
  return final;
}

/** The arguments of a call, which must be JSON text of an object. */
export function inputOf(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`tool arguments are not an object: ${text}`);
  return { ...value };
}
