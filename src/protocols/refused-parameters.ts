/** Parameters that an upstream's model answers with 400: left out of translated requests, and reported. */
import type { LossReport } from './codec.ts';
import type { Request, ToolChoice } from './model.ts';
import type { Refusable, Refusals } from './model-traits.ts';

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
 * The request without what the model refuses; the very same when it refuses nothing of it. Parameters that say what the
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
