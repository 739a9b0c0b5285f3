/**
 * The canonical model: the contents of a conversation with a language model, independent of a protocol.
 *
 * It is the union of the four wire protocols. What only one protocol has is in
 * `extra` (unknown fields of a node) or in a {@link NativePart} (a whole unknown node): the codec of the same
 * protocol writes it back, the others drop it and report the loss.
 *
 * The contents are here; `request.ts` has the request, `answer.ts` the answer.
 */
import type { JsonObject } from './json.ts';

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
  /** Anthropic: the members of the document beside its text. */
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
  /** The tool's name where the protocol has it; otherwise found through the call. */
  name?: string;
  kind?: 'function' | 'custom';
  content: (TextPart | ImagePart | FilePart | AudioPart | VideoPart | NativePart)[];
  /** The result as an object where the protocol has one (Gemini `functionResponse.response`). `content` has the same as text. */
  structured?: JsonObject;
  isError?: boolean;
  /** The gateway wrote it in place of a missing one: its text is complete. */
  placeholder?: boolean;
  cache?: CacheMarker;
  extra?: Extra;
}

/** A node that only `protocol` knows (server tool calls and results, item references, containers …), verbatim. */
export interface NativePart {
  type: 'native';
  protocol: Protocol;
  value: JsonObject;
  /** Other protocols have it elsewhere in the request: leaving it out loses nothing. */
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
 * `system` and `developer` messages may be anywhere; codecs of protocols with one system field gather them.
 * Consecutive messages of one role are allowed; codecs of alternating protocols join them.
 */
export interface Message {
  role: 'system' | 'developer' | 'user' | 'assistant';
  parts: Part[];
  /** OpenAI Chat `name`. */
  name?: string;
  extra?: Extra;
}
