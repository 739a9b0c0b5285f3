/** What api.anthropic.com refuses for the sake of the model, in its words. */

import { invalid } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import { asNumber, asObject, asString } from '../json-members.ts';
import type { Message } from './conversation.ts';
import { fault } from './errors.ts';
import { type ClaudeFacts, claudeFacts } from './model-facts.ts';

/** Throws `Refused` where the model does not take what the request asks of it. */
export function demandModel(body: JsonObject, model: string, messages: readonly Message[]): void {
  const facts = claudeFacts(model);
  demandSampling(body, facts?.sampling ?? 'one');
  if (facts === undefined) return;
  demandOutput(body, model, facts.output);
  demandThinking(asObject(body.thinking)?.type, facts);
  const choice = asString(asObject(body.tool_choice)?.type);
  if (facts.forced === false && (choice === 'any' || choice === 'tool'))
    throw invalid(`tool_choice: type '${choice}' is not supported for this model.`, 'tool_choice');
  const effort = asString(asObject(body.output_config)?.effort);
  demandEffort(effort, facts.efforts);
  // https://github.com/anthropics/claude-code/issues/79798, https://github.com/elgorro/aiquila/issues/410
  const most = effort === 'xhigh' || effort === 'max';
  if (most && facts.sampling === 'none' && asObject(body.thinking)?.type === 'disabled')
    throw invalid(
      `output_config.effort '${effort}' is not supported when thinking is disabled on this model. Use effort 'high' or below, or enable thinking.`,
      'output_config.effort',
    );
  if (!facts.prefill && messages.at(-1)?.role === 'assistant')
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
}

/**
 * Where sampling has gone, the defaults still pass.
 * https://platform.claude.com/docs/en/api/messages/create#create.temperature
 */
function demandSampling(body: JsonObject, sampling: ClaudeFacts['sampling']): void {
  const temperature = asNumber(body.temperature);
  const topP = asNumber(body.top_p);
  if (sampling === 'one' && temperature !== undefined && topP !== undefined)
    throw invalid(
      '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
      'top_p',
    );
  if (sampling !== 'none') return;
  if (temperature !== undefined && temperature !== 1) throw deprecated('temperature');
  if (topP !== undefined && topP < 0.99) throw deprecated('top_p');
  if (asNumber(body.top_k) !== undefined) throw deprecated('top_k');
}

function deprecated(field: string) {
  return invalid(`\`${field}\` is deprecated for this model.`, field);
}

function demandOutput(body: JsonObject, model: string, most: number): void {
  const wanted = asNumber(body.max_tokens) ?? 0;
  if (wanted > most)
    throw fault(
      'max_tokens',
      `${wanted} > ${most}, which is the maximum allowed number of output tokens for ${model}`,
    );
}

function demandThinking(type: unknown, { thinking: ways, always }: ClaudeFacts): void {
  if (type === 'disabled' && always)
    throw invalid('"thinking.type.disabled" is not supported for this model.', 'thinking');
  if (type !== 'enabled' && type !== 'adaptive') return;
  if (ways.includes(type)) return;
  if (type === 'adaptive') throw invalid('adaptive thinking is not supported on this model', 'thinking');
  throw invalid(
    ways.length === 0
      ? 'thinking is not supported on this model'
      : '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    'thinking',
  );
}

function demandEffort(effort: string | undefined, levels: readonly string[]): void {
  if (effort === undefined || levels.includes(effort)) return;
  throw invalid(
    levels.length === 0
      ? 'This model does not support the effort parameter.'
      : `This model does not support effort level '${effort}'. Supported levels: ${[...levels].sort().join(', ')}.`,
    'output_config.effort',
  );
}
