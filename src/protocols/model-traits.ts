/** What a model of an upstream can do, and what it refuses: that is left out of translated requests, and reported. */

import type { LossReport } from './codec.ts';
import type { Effort, Request, ToolChoice } from './request.ts';

/** Parameters that some models refuse, by the names clients know. `tool_choice` means a choice that forces a call. */
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
type Refusable = (typeof refusable)[number];

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

/** The canonical field of each parameter but for `tool_choice`, which is not left out but loosened. */
const fields = {
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  stop: 'stop',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
  logprobs: 'logprobs',
  n: 'n',
} as const satisfies Record<Exclude<Refusable, 'tool_choice'>, keyof Request>;

/**
 * The request without what the model refuses; the same object when it refuses nothing. Parameters that equal what the
 * model does anyway are left out without a report.
 */
export function withoutRefused(request: Request, refused: Refusals | undefined, report: LossReport): Request {
  if (refused === undefined) return request;
  if (refused.onlyThinking && request.reasoning?.amount?.kind === 'off') return request;
  const { parameters } = refused;
  let left: Request | undefined;
  for (const parameter of namesOf(fields)) {
    const taken = parameters[parameter];
    const field = fields[parameter];
    const value = request[field];
    if (taken === undefined || value === undefined) continue;
    left ??= { ...request };
    delete left[field];
    const says = Array.isArray(value) ? value.length > 0 : value !== taken;
    if (says)
      report(
        'dropped',
        parameter,
        taken === null ? 'the model refuses it' : `the model refuses every other value than ${taken}`,
      );
  }
  if (parameters.tool_choice !== undefined && forces(request.toolChoice)) {
    left = { ...(left ?? request), toolChoice: loosened(request.toolChoice) };
    report('approximated', 'tool_choice', 'auto: the model refuses forced calls');
  }
  return left ?? request;
}

function namesOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  const found: K[] = [];
  for (const name in record) found.push(name);
  return found;
}

type Forcing = Extract<ToolChoice, { type: 'required' | 'tool' | 'allowed' }>;

function forces(choice: ToolChoice | undefined): choice is Forcing {
  if (choice === undefined) return false;
  return (
    choice.type === 'required' || choice.type === 'tool' || (choice.type === 'allowed' && choice.required)
  );
}

function loosened(choice: Forcing): ToolChoice {
  return choice.type === 'allowed' ? { ...choice, required: false } : { type: 'auto' };
}

/** The length limit as the model takes it: at most what it can write. */
export function fittedMaxTokens(
  { maxTokens }: Request,
  traits: ModelTraits | undefined,
  report: LossReport,
): number | undefined {
  const most = traits?.maxOutputTokens;
  if (maxTokens === undefined || most === undefined || maxTokens <= most) return maxTokens;
  report('approximated', 'max_tokens', `the model writes at most ${most}`);
  return most;
}
