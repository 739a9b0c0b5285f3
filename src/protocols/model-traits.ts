/** What a model of an upstream can do, and what it refuses. */
import type { Effort } from './model.ts';

/** Parameters that some models refuse, by the names clients know. `tool_choice` stands for a choice that forces a call. */
export const refusable = [
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'n',
  'tool_choice',
] as const;
export type Refusable = (typeof refusable)[number];

/** What a model answers with 400. */
export interface Refusals {
  /** By parameter: the one value that is taken nevertheless (its default), or null where it must not be there at all. */
  parameters: Readonly<Partial<Record<Refusable, number | null>>>;
  /** True for models that take them all when the request turns thinking off. */
  onlyThinking?: boolean;
}

/** What encoders need to know of the upstream model. Unknown models have no traits and get the client's wishes unclamped. */
export interface ModelTraits {
  maxOutputTokens?: number;
  reasoning?: ReasoningTraits;
  refused?: Refusals;
  /** False for models whose conversations must end with the user: an unfinished answer cannot be handed in to be finished. */
  prefill?: false;
  toolsOverChat?: ToolsOverChat;
  /** The most effort that Chat Completions takes, where the Responses API takes more. */
  mostOverChat?: Effort;
}

/**
 * What Chat Completions refuses beside function tools, where the Responses API takes both: `no-effort`, every effort but
 * `none`; `effort-none`, also requests that name none.
 */
export type ToolsOverChat = 'no-effort' | 'effort-none';

export type ReasoningTraits =
  | { kind: 'none' }
  /** Takes a token budget in [min, max]. */
  | { kind: 'budget'; min: number; max: number; canDisable: boolean; canAuto: boolean }
  /**
   * Takes one of `levels`, weakest first. `open`: a newer model than the table knows, which may have levels that its
   * predecessors had not: a wish for one goes out as it is.
   */
  | { kind: 'levels'; levels: Effort[]; canDisable: boolean; canAuto: boolean; open?: boolean };
