/** The canonical request: the conversation of `model.ts`, its tools, and how the answer is wanted. */
import type { Json, JsonObject } from './json.ts';
import type { CacheMarker, Extra, Message, Protocol } from './model.ts';

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

/** A request for one answer. Every optional field is absent when the client did not set it. */
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
