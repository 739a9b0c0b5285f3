/** What api.openai.com refuses for the sake of the model, in its words: Chat and Responses have their own for some. */

import { invalid, type Refused } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, asString } from '../json-members.ts';
import { type OpenAiFacts, openAiFacts } from './model-facts.ts';

/** Throws `Refused` where the model does not take what a Chat request asks of it. */
export function demandChatModel(body: JsonObject, model: string): void {
  const found = openAiFacts(model);
  if (found === undefined) return;
  const facts = { ...found, efforts: found.efforts.filter((level) => !found.notOverChat?.includes(level)) };
  const effort = asString(body.reasoning_effort);
  if (effort !== undefined && facts.efforts.length === 0) throw unsupported('reasoning_effort');
  if (effort !== undefined && !listed(effort, facts))
    throw invalid(
      `Unsupported value: 'reasoning_effort' does not support '${effort}' with this model. Supported values are: ${said(facts)}.`,
      'reasoning_effort',
      'unsupported_value',
    );
  demandNoEffortWithTools(body, model, facts, effort);
  const verbosity = asString(body.verbosity);
  if (verbosity !== undefined && verbosity !== 'medium' && usualLength.test(model))
    throw invalid(
      `Unsupported value: 'verbosity' does not support '${verbosity}' with this model. Supported values are: 'medium'.`,
      'verbosity',
      'unsupported_value',
    );
  if (!samples(facts, effort)) {
    for (const [field, usual] of Object.entries(usualValues)) {
      const value = asNumber(body[field]);
      if (value !== undefined && value !== usual)
        throw invalid(
          `Unsupported value: '${field}' does not support ${value} with this model. Only the default (${usual}) value is supported.`,
          field,
          'unsupported_value',
        );
    }
    if (body.logprobs === true) throw unsupported('logprobs');
    if (asObject(body.logit_bias) !== undefined) throw unsupported('logit_bias');
  }
  if (!facts.stop && body.stop !== undefined && body.stop !== null) throw unsupported('stop');
  if (facts.sampling !== 'always' && asNumber(body.max_tokens) !== undefined)
    throw invalid(
      `Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.`,
      'max_tokens',
      'unsupported_parameter',
    );
  for (const field of ['max_tokens', 'max_completion_tokens']) {
    const wanted = asNumber(body[field]);
    if (wanted !== undefined && wanted > facts.output)
      throw invalid(
        `max_tokens is too large: ${wanted}. This model supports at most ${facts.output} completion tokens, whereas you provided ${wanted}.`,
        field,
        'invalid_value',
      );
  }
}

/** https://github.com/openai/openai-openapi/issues/541, https://github.com/langflow-ai/langflow/issues/14361 */
function demandNoEffortWithTools(
  body: JsonObject,
  model: string,
  { chatTools }: OpenAiFacts,
  effort: string | undefined,
): void {
  if (chatTools === undefined || effort === 'none') return;
  if (!asObjects(body.tools).some(({ type }) => type === 'function')) return;
  if (effort === undefined && chatTools === 'no-effort') return;
  const instead =
    chatTools === 'no-effort'
      ? 'Please use /v1/responses instead.'
      : "To use function tools, use /v1/responses or set reasoning_effort to 'none'.";
  throw invalid(
    `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. ${instead}`,
    'reasoning_effort',
  );
}

/** Throws `Refused` where the model does not take what a Responses request asks of it. */
export function demandResponsesModel(body: JsonObject, model: string): void {
  const facts = openAiFacts(model);
  if (facts === undefined) return;
  const effort = asString(asObject(body.reasoning)?.effort);
  if (effort !== undefined && facts.efforts.length === 0) throw unsupported('reasoning.effort');
  if (effort !== undefined && !listed(effort, facts))
    throw invalid(
      `Unsupported value: '${effort}' is not supported with the '${model}' model. Supported values are: ${said(facts)}.`,
      'reasoning.effort',
      'unsupported_value',
    );
  const verbosity = asString(asObject(body.text)?.verbosity);
  if (verbosity !== undefined && verbosity !== 'medium' && usualLength.test(model))
    throw invalid(
      `Unsupported value: '${verbosity}' is not supported with the '${model}' model. Supported values are: 'medium'.`,
      'text.verbosity',
      'unsupported_value',
    );
  if (samples(facts, effort)) return;
  for (const field of ['temperature', 'top_p', 'top_logprobs'])
    if (asNumber(body[field]) !== undefined)
      throw invalid(`Unsupported parameter: '${field}' is not supported with this model.`, field);
}

/** Models that know one verbosity. https://github.com/enricoros/big-AGI/issues/947 */
const usualLength = /^(gpt-[34]|chatgpt-|o\d|gpt-5(\.\d)?-chat)/;

/** What the parameters are where nobody sets them: these values pass. */
const usualValues = { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0 };

function samples({ sampling, usual }: OpenAiFacts, effort: string | undefined): boolean {
  return sampling === 'always' || (sampling === 'without-reasoning' && (effort ?? usual) === 'none');
}

function listed(effort: string, { efforts }: OpenAiFacts): boolean {
  return efforts.some((level) => level === effort);
}

/** `'low', 'medium', and 'high'`. */
function said({ efforts }: OpenAiFacts): string {
  const quoted = efforts.map((level) => `'${level}'`);
  const last = quoted.at(-1) ?? '';
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(', ')}, and ${last}`;
}

function unsupported(field: string): Refused {
  return invalid(
    `Unsupported parameter: '${field}' is not supported with this model.`,
    field,
    'unsupported_parameter',
  );
}
