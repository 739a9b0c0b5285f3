/** What the sandbox understood of a request, whichever provider's words it came in. */
import type { JsonObject } from './json.ts';

export interface Media {
  kind: 'image' | 'document' | 'audio' | 'video';
  mediaType?: string;
  /** Size of inline data. */
  bytes?: number;
  url?: string;
  name?: string;
}

export interface DeclaredTool {
  name: string;
  /** `custom` tools take free text, `function` tools JSON. Tools that the provider runs are `hosted` and never called. */
  kind: 'function' | 'custom' | 'hosted';
  schema?: JsonObject;
}

export interface GivenResult {
  name: string;
  text: string;
  isError: boolean;
}

export interface ToolChoice {
  mode: 'auto' | 'none' | 'required';
  /** The only tools that may be called. */
  names?: string[];
}

/** What was said since the last answer. */
export interface Turn {
  /** The last piece of text; undefined when there is none. */
  text?: string;
  media: Media[];
  results: GivenResult[];
}

export interface PromptTokens {
  /** All of the prompt, cached or not. */
  input: number;
  cacheRead: number;
  cacheWrite: number;
}

export interface Prompt {
  model: string;
  stream: boolean;
  /** System texts joined by line feeds. */
  system: string;
  /** Who said something, in order, in the provider's own role names. */
  roles: string[];
  turn: Turn;
  tools: DeclaredTool[];
  choice: ToolChoice;
  /** Whether several tools may be called at once. */
  parallel: boolean;
  reasoning: { wanted: boolean; shown: boolean };
  /** `schema` is absent when any JSON object will do. */
  /** `bare`: a text is answered without quotes, as one word of a list. */
  output: { json: false } | { json: true; schema?: JsonObject; bare?: true };
  stop: string[];
  maxTokens?: number;
  /** How many answers. */
  answers: number;
  /** Sampling settings as they came, for `say settings`. */
  settings: JsonObject;
  tokens: PromptTokens;
}

/** A turn to be filled while messages are read. */
export function emptyTurn(): Turn {
  return { media: [], results: [] };
}
