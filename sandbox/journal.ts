/** What came in, for tests and for the curious: a bounded list and three counts. */
import type { JsonObject } from './json.ts';

export interface SeenRequest {
  /** Milliseconds since the epoch. */
  at: number;
  method: string;
  /** Path and query, as they came. */
  path: string;
  headers: Record<string, string>;
  /** The API key, or an empty string. */
  key: string;
  model?: string;
  stream?: boolean;
  /** The parsed body; absent where there was none, and for bench models, whose bodies are large and many. */
  body?: JsonObject;
  /** The status that was answered, as soon as it is known. */
  status?: number;
  /** What the model's answer counts; absent where there was none. */
  served?: ServedTokens;
}

export interface ServedTokens {
  /** Totals: `input` has what came from the cache in it, and what was put there; `output` the reasoning. */
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  /** Whether all of the answer has gone out: of others the counts at its end are not known to anybody. */
  whole: boolean;
}

export interface Journal {
  requests: SeenRequest[];
  /** Streams that have begun and not ended. */
  openStreams: number;
  /** Answers that the other side did not wait for. */
  cancelled: number;
}

export function journal(): Journal {
  return { requests: [], openStreams: 0, cancelled: 0 };
}

/** A request before its body is read and its key is known. */
export function seenRequest({ method, headers }: Request, path: string, at: number): SeenRequest {
  return { at, method, path, headers: Object.fromEntries(headers), key: '' };
}

/** Adds a request and forgets the oldest beyond `kept`. */
export function note(seen: SeenRequest, into: Journal, kept: number): SeenRequest {
  into.requests.push(seen);
  if (into.requests.length > kept) into.requests.splice(0, into.requests.length - kept);
  return seen;
}
