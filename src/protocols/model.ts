/**
 * The canonical model: what a conversation with a language model says, in no protocol's words.
 *
 * It is the union of what the four wire protocols can say. Whatever one protocol alone can say travels in
 * `extra` (unknown fields of a node) or in a {@link NativePart} (a whole unknown node): the codec of the same
 * protocol writes it back, the others drop it and report the loss.
 */
import type { Json, JsonObject } from './json.ts';
import type { TokenCounts } from './token-counts.ts';

export const protocols = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
/** A wire protocol that clients and upstreams speak. */
export type Protocol = (typeof protocols)[number];

/** Fields of a node that only `protocol` knows, kept so that its own codec can write them back. */
export interface Extra {
  protocol: Protocol;
  fields: JsonObject;
  /** How fields that the model covers were written (text or list, an older name, null): nothing that others lose. */
  originalForm?: JsonObject;
}

// ---------------------------------------------------------------- content

/** Where bytes come from. `data` is standard base64 with padding; `mediaType` is never empty where it is present. */
export type Source =
  | { kind: 'base64'; mediaType: string; data: string }
  | { kind: 'url'; url: string; mediaType?: string }
  | { kind: 'text'; mediaType: string; text: string }
  /** An id in the file store of the provider that speaks `protocol`; means nothing elsewhere. */
  | { kind: 'file-id'; protocol: Protocol; id: string };

/** A prompt-cache breakpoint after this node (Anthropic `cache_control`). */
export interface CacheMarker {
  ttl?: string;
}

/** An opaque proof of earlier reasoning. Only the family that made it accepts it back. */
export interface Signature {
  family: SignatureFamily;
  value: string;
  /** It travels by itself (in a call's id), but signs a text of this many UTF-16 units: it is worth nothing without. */
  textLength?: number;
}
/** `chat` is the `reasoning_details` array of OpenAI-compatible upstreams, as JSON text. */
export type SignatureFamily = 'anthropic' | 'openai' | 'gemini' | 'chat';

/** Where a statement of the answer comes from. Offsets are UTF-16 units into the text part. */
export interface Citation {
  url?: string;
  title?: string;
  /** The passage of the source that is quoted. */
  quote?: string;
  start?: number;
  end?: number;
  extra?: Extra;
}

/** A token of the answer and the natural logarithm of its probability. `bytes` is its UTF-8, where that was given. */
export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes?: number[];
  /** The likeliest tokens at its place. */
  top?: Omit<TokenLogprob, 'top'>[];
}

export interface TextPart {
  type: 'text';
  text: string;
  citations?: Citation[];
  logprobs?: TokenLogprob[];
  cache?: CacheMarker;
  /** Gemini puts thought signatures on plain text too. */
  signature?: Signature;
  extra?: Extra;
}

/** Thinking that a model showed. `text` may be empty when only the signature travels. */
export interface ReasoningPart {
  type: 'reasoning';
  text: string;
  /** True when the provider gave a summary instead of the thinking itself. */
  summary?: boolean;
  signature?: Signature;
  /** The provider hid the text; `signature` holds what must be sent back. */
  redacted?: boolean;
  id?: string;
  extra?: Extra;
}

export interface RefusalPart {
  type: 'refusal';
  text: string;
  extra?: Extra;
}

export interface ImagePart {
  type: 'image';
  source: Source;
  /** OpenAI's `detail`: auto, low, high. */
  detail?: string;
  cache?: CacheMarker;
  signature?: Signature;
  extra?: Extra;
}

/** A document: PDF, plain text or any other file. */
export interface FilePart {
  type: 'file';
  source: Source;
  name?: string;
  /** Where the text was found, as an address or in any other words (Anthropic search results). */
  origin?: string;
  /** Anthropic: the document's context text. */
  context?: string;
  /** Anthropic: what stands in the document beside its text. */
  pictures?: (ImagePart | NativePart)[];
  citations?: boolean;
  cache?: CacheMarker;
  extra?: Extra;
}

export interface AudioPart {
  type: 'audio';
  source: Source;
  transcript?: string;
  extra?: Extra;
}

export interface VideoPart {
  type: 'video';
  source: Source;
  extra?: Extra;
}

/** A call of a client's tool. */
export interface ToolCallPart {
  type: 'tool-call';
  /** Links the call to its result; unique in the conversation. Decoders make one where the protocol has none. */
  id: string;
  name: string;
  /** `function`: `input` is JSON text of an object. `custom`: `input` is free text (OpenAI custom tools). */
  kind: 'function' | 'custom';
  input: string;
  /** Gemini signs function calls. */
  signature?: Signature;
  /** The answer ended inside of the input: nothing to run (`cut-call.ts`). */
  cut?: boolean;
  cache?: CacheMarker;
  extra?: Extra;
}

/** What a client's tool answered. */
export interface ToolResultPart {
  type: 'tool-result';
  callId: string;
  /** The tool's name where the protocol says it; otherwise found through the call. */
  name?: string;
  kind?: 'function' | 'custom';
  content: (TextPart | ImagePart | FilePart | AudioPart | VideoPart | NativePart)[];
  /** The result as an object where the protocol has one (Gemini `functionResponse.response`). `content` says the same as text. */
  structured?: JsonObject;
  isError?: boolean;
  /** The gateway wrote it in place of one that is missing: its text says all. */
  placeholder?: boolean;
  cache?: CacheMarker;
  extra?: Extra;
}

/** A node that only `protocol` knows (server tool calls and results, item references, containers …), verbatim. */
export interface NativePart {
  type: 'native';
  protocol: Protocol;
  value: JsonObject;
  /** Other protocols have what it says elsewhere in the request: leaving it out loses nothing. */
  carried?: boolean;
}

export type Part =
  | TextPart
  | ReasoningPart
  | RefusalPart
  | ImagePart
  | FilePart
  | AudioPart
  | VideoPart
  | ToolCallPart
  | ToolResultPart
  | NativePart;

/**
 * One turn's worth of parts, in order. Tool results are parts of `user` messages.
 * `system` and `developer` messages may stand anywhere; codecs of protocols with one system field gather them.
 * Consecutive messages of one role are allowed; codecs of alternating protocols join them.
 */
export interface Message {
  role: 'system' | 'developer' | 'user' | 'assistant';
  parts: Part[];
  /** OpenAI Chat `name`. */
  name?: string;
  extra?: Extra;
}

// ---------------------------------------------------------------- tools

/** JSON Schema as the client wrote it; codecs adapt a copy. */
export type JsonSchema = JsonObject;

export interface FunctionTool {
  type: 'function';
  name: string;
  description?: string;
  parameters?: JsonSchema;
  strict?: boolean;
  cache?: CacheMarker;
  extra?: Extra;
}

/** A tool whose input is free text, optionally bound by a grammar (OpenAI custom tools). */
export interface CustomTool {
  type: 'custom';
  name: string;
  description?: string;
  format?: Json;
  extra?: Extra;
}

/** What provider-run tools do, where two protocols have the same thing. */
export type HostedToolKind =
  | 'web-search'
  /** A search of the provider's own index alone: the same tool elsewhere would go to the live web. */
  | 'web-index'
  | 'code-execution'
  | 'url-context'
  | 'file-search'
  | 'image-generation'
  | 'other';

/** A tool that the provider runs itself, in its own words. */
export interface HostedTool {
  type: 'hosted';
  kind: HostedToolKind;
  /** How the client's protocol names it, for messages. */
  name: string;
  protocol: Protocol;
  value: JsonObject;
  /** Web search: what carries over between protocols. */
  allowedDomains?: string[];
  blockedDomains?: string[];
  maxUses?: number;
  userLocation?: { city?: string; region?: string; country?: string; timezone?: string };
}

export type Tool = FunctionTool | CustomTool | HostedTool;

export type ToolChoice =
  | { type: 'auto' }
  | { type: 'none' }
  | { type: 'required' }
  | { type: 'tool'; name: string; kind?: 'function' | 'custom' }
  | { type: 'allowed'; names: string[]; required: boolean }
  /** A choice only `protocol` can express (a hosted tool, for instance). */
  | { type: 'native'; protocol: Protocol; value: Json };

// ---------------------------------------------------------------- request

/** How hard to think, weakest first. */
export const efforts = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'] as const;
export type Effort = (typeof efforts)[number];

export interface ReasoningSetting {
  amount?:
    | { kind: 'off' }
    | { kind: 'auto' }
    | { kind: 'effort'; effort: Effort }
    | { kind: 'budget'; tokens: number };
  /** Whether the client wants to see the thinking: OpenAI `summary`, Gemini `includeThoughts`, Anthropic `display`. */
  show?: 'none' | 'auto' | 'concise' | 'detailed';
}

export type OutputFormat =
  | { type: 'text' }
  | { type: 'json' }
  | {
      type: 'json-schema';
      schema: JsonSchema;
      name?: string;
      description?: string;
      strict?: boolean;
      /** The answer is the text of the one string that the schema allows, without quotes (Gemini `text/x.enum`). */
      bare?: boolean;
    };

/** A request for one answer. Every optional field is absent when the client did not say it. */
export interface Request {
  /** The model as the client named it, with prefix and suffix. */
  model: string;
  stream: boolean;
  messages: Message[];
  tools?: Tool[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;

  /** Tokens, thinking included. */
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  stop?: string[];
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  /** How many answers. */
  n?: number;
  /** Log probabilities wanted, with this many alternatives a token. */
  logprobs?: { top?: number };

  reasoning?: ReasoningSetting;
  output?: OutputFormat;
  /** low, medium, high. */
  verbosity?: string;
  modalities?: ('text' | 'image' | 'audio')[];

  /** auto, default, flex, priority, standard_only … as the client wrote it. */
  serviceTier?: string;
  /** Identifies the end user to the provider. */
  user?: string;
  metadata?: JsonObject;
  promptCacheKey?: string;
  /** Chat: `stream_options.include_usage`. Others always report usage. */
  includeUsage?: boolean;

  /** Top-level fields without a canonical place. */
  extra?: Extra;
}

// ---------------------------------------------------------------- response

/** What an answer has cost. */
export interface Usage extends TokenCounts {
  /**
   * Of the output: tokens that the service leaves out of its own count of the answer and reports beside it (Grok, Google's
   * endpoint for Chat Completions). Clients are shown the service's own count.
   */
  outputApart?: number | undefined;
  /** Usage fields without a canonical place (audio tokens, details …). */
  extra?: Extra;
}

export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  /** The provider paused a long turn; the client sends it back to go on (Anthropic `pause_turn`). */
  | 'pause'
  /** The model or its server gave the answer up: what there is of it is not finished. */
  | 'failed'
  /** A word that nobody knows: an end like any other. */
  | 'other';

export interface Finish {
  reason: FinishReason;
  stopSequence?: string;
  /** The protocol's own word, for its own codec and for `other`. */
  native?: string;
  /** What the upstream says of it (Gemini `finishMessage`). */
  message?: string;
}

/** An answer beside the first, where the client asked for several. */
export interface OtherAnswer {
  parts: Part[];
  finish: Finish;
  extra?: Extra;
}

/** One whole answer. */
export interface Response {
  id: string;
  model: string;
  /** Unix seconds. */
  created?: number;
  /** Text, reasoning, refusal, tool-call, image, audio and native parts, in order. */
  parts: Part[];
  finish: Finish;
  /** The second answer and those behind it (`n`, `candidateCount`). */
  others?: OtherAnswer[];
  usage?: Usage;
  extra?: Extra;
}

/** A failure in the words all protocols share. `message` reaches the client unchanged. */
export interface ProtocolError {
  status: number;
  kind: ErrorKind;
  message: string;
  /** The upstream's own type and code where it named them. */
  type?: string;
  code?: string;
  /** The request field at fault. */
  param?: string;
  /** Seconds to wait, from `Retry-After` or the body. */
  retryAfter?: number;
}

/** The kinds of failure that the router acts on. */
export const errorKinds = [
  ...(['invalid-request', 'authentication', 'billing', 'permission', 'not-found', 'too-large'] as const),
  ...(['rate-limit', 'timeout', 'overloaded', 'server'] as const),
];
export type ErrorKind = (typeof errorKinds)[number];

/** What the answer is made of, as it arrives. */
export type StreamEvent =
  /** First event, once. `usage` is what is known up front. */
  | { type: 'start'; id: string; model: string; created?: number; usage?: Usage; extra?: Extra }
  /**
   * A part begins. `index` is unique in the answer and grows. `part` is as far as it is known: text, reasoning and
   * tool-call parts begin with empty `text`/`input` and grow by deltas; images, audio and native parts come whole.
   */
  | { type: 'part-start'; index: number; part: Part; choice?: number }
  /** More of `text` (text, reasoning, refusal) or of `input` (tool-call). Parts may interleave. */
  | { type: 'delta'; index: number; text: string }
  | { type: 'citation'; index: number; citation: Citation }
  /** How likely tokens of the text were: those that follow the ones before. */
  | { type: 'logprobs'; index: number; tokens: TokenLogprob[] }
  /** The part's signature; replaces an earlier one. */
  | { type: 'signature'; index: number; signature: Signature }
  /** The part is complete, or a call that is `cut`; no more events name it. */
  | { type: 'part-end'; index: number; cut?: boolean }
  /** Usage so far; each one replaces the last. May come before or after `finish`. */
  | { type: 'usage'; usage: Usage }
  | { type: 'finish'; finish: Finish; choice?: number; extra?: Extra }
  /** The upstream said that it failed. Nothing follows. */
  | { type: 'error'; error: ProtocolError }
  /** The upstream said that it is done (its terminal event). Nothing follows. */
  | { type: 'end' };
