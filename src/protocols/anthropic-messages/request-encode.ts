/** A canonical request → the body of `POST /v1/messages`. */
import type { EncodeTarget, LossReport } from '../codec.ts';
import { reportUnsaid } from '../extra.ts';
import { reportPhases } from '../hints.ts';
import type { JsonObject } from '../json.ts';
import { asNumber, asObjects } from '../json-members.ts';
import { withoutRefused } from '../model-traits.ts';
import type { Request } from '../request.ts';
import { type IdRule, takenId } from '../short-ids.ts';
import type { Steps } from '../steps.ts';
import { lookUp } from '../word-table.ts';
import { encodingConversation, lacksThinking } from './conversation-encode.ts';
import { encodeOutputFields, minBudget, type OutputFields, thinks } from './settings.ts';
import { encodeToolChoice, encodeTools } from './tools.ts';

/** The required `max_tokens` when neither the client nor the model's traits give one. */
const defaultMaxTokens = 32_000;

/** Settings that the API has no place for. */
const unsaid = [
  ...(['seed', 'presence_penalty', 'frequency_penalty', 'n', 'logprobs', 'verbosity'] as const),
  ...(['modalities', 'metadata', 'prompt_cache_key'] as const),
];

/** Writes another protocol's request. Everything that the API has no place for, or would refuse, is reported to `target.report`. Stops where others may run. */
export function* encodingRequest(given: Request, target: EncodeTarget): Steps<JsonObject> {
  const { report } = target;
  const request = withoutRefused(given, target.traits?.refused, report);
  const { tools, names, properties } = encodeTools(request, report);
  const writer = { names, properties, report };
  const { system, messages } = yield* encodingConversation(request, writer, target.traits?.prefill !== false);
  const toolChoice = encodeToolChoice(request, tools, names, report);
  const output = encodeOutputFields(request, target, {
    forcesTool: toolChoice?.type === 'any' || toolChoice?.type === 'tool',
    lacksThinking: lacksThinking(messages),
  });
  const body: JsonObject = {
    model: target.model,
    max_tokens: limitBesideThinking(request.maxTokens, target, output),
    ...(system !== undefined && { system }),
    messages,
    ...(tools.length > 0 && { tools }),
    ...(toolChoice !== undefined && { tool_choice: toolChoice }),
    ...encodeSampling(request, output, report),
    ...encodeStop(request.stop, report),
    ...output,
    ...encodeUser(request, report),
    ...encodeServiceTier(request.serviceTier, report),
    ...(target.stream && { stream: true }),
  };
  capCacheMarkers(body, report);
  reportUnsaid(request, unsaid, report);
  reportPhases(request.messages, report);
  return body;
}

/**
 * The length limit. Thinking counts towards it and its budget must stay below it, so the limit grows by what the
 * client wanted besides the thinking; where the model has no such room, the budget shrinks.
 */
export function limitBesideThinking(
  asked: number | undefined,
  target: EncodeTarget,
  output: OutputFields,
): number {
  const most = target.traits?.maxOutputTokens;
  const wanted = asked ?? most ?? defaultMaxTokens;
  const fitting = most === undefined ? wanted : Math.min(wanted, most);
  if (fitting !== wanted) target.report('approximated', 'max_tokens', `the model writes at most ${fitting}`);
  const budget = asNumber(output.thinking?.budget_tokens);
  if (budget === undefined || output.thinking === undefined || budget < fitting) return fitting;
  const raised = Math.min(most ?? Number.POSITIVE_INFINITY, limitWithThinking(fitting, budget));
  target.report('approximated', 'max_tokens', `${raised}, to leave room for ${budget} tokens of thinking`);
  if (budget >= raised)
    output.thinking = { ...output.thinking, budget_tokens: Math.max(minBudget, raised - 1) };
  return raised;
}

/** {@link Codec.limitWithThinking}: thinking counts towards `max_tokens`, and its budget must stay below. */
export function limitWithThinking(wanted: number, budget: number): number {
  return budget < wanted ? wanted : budget + wanted;
}

/** The API's temperature ends at 1; while it thinks it takes neither temperature nor `top_k`, and `top_p` from 0.95. */
function encodeSampling(request: Request, output: OutputFields, report: LossReport): JsonObject {
  const { temperature, topP, topK } = request;
  const sampling: JsonObject = {};
  const drop = (field: string, detail: string): void => report('dropped', field, detail);
  const thinking = thinks(output);
  if (temperature !== undefined) {
    const clamped = Math.min(1, Math.max(0, temperature));
    if (thinking && clamped !== 1) drop('temperature', 'not while the model thinks');
    else {
      sampling.temperature = clamped;
      if (clamped !== temperature) report('approximated', 'temperature', `${clamped}, the upstream's limit`);
    }
  }
  if (topP !== undefined) {
    if (thinking && topP < 0.95) drop('top_p', 'not while the model thinks');
    else if (sampling.temperature !== undefined)
      drop('top_p', 'the upstream takes it or temperature, not both');
    else sampling.top_p = Math.min(1, Math.max(0, topP));
  }
  if (topK !== undefined) {
    if (thinking) drop('top_k', 'not while the model thinks');
    else sampling.top_k = Math.max(0, Math.round(topK));
  }
  return sampling;
}

/** "each stop sequence must contain non-whitespace" */
function encodeStop(stop: string[] | undefined, report: LossReport): JsonObject | undefined {
  if (stop === undefined) return undefined;
  const kept = stop.filter((text) => text.trim().length > 0);
  if (kept.length < stop.length)
    report('dropped', 'stop', 'the upstream takes no stop sequence of white space only');
  return kept.length > 0 ? { stop_sequences: kept } : undefined;
}

/** `metadata.user_id` holds at most 256 characters, and nothing that "appears to contain an email address" (BerriAI/litellm#10106). */
const userIds: IdRule = { most: 256, opaque: true };

function encodeUser({ user }: Request, report: LossReport): JsonObject | undefined {
  const id = takenId(user, 'user', userIds, report);
  return id === undefined ? undefined : { metadata: { user_id: id } };
}

/** Tiers of other protocols: `auto` may use reserved capacity, `standard_only` never does. */
const tiers: Record<string, string> = {
  auto: 'auto',
  priority: 'auto',
  default: 'standard_only',
  standard_only: 'standard_only',
};

function encodeServiceTier(tier: string | undefined, report: LossReport): JsonObject | undefined {
  if (tier === undefined) return undefined;
  const known = lookUp(tiers, tier);
  if (known === undefined) report('dropped', 'service_tier', tier);
  else if (known !== tier) report('approximated', 'service_tier', known);
  return known === undefined ? undefined : { service_tier: known };
}

/** The prompt-cache breakpoints that the API takes in a request. */
const mostMarkers = 4;

/** Takes away the earliest markers of the conversation beyond four: the last ones cover the longest prefixes. */
function capCacheMarkers(body: JsonObject, report: LossReport): void {
  const marked = [...asObjects(body.tools), ...asObjects(body.system), ...conversationBlocks(body)].filter(
    (node) => node.cache_control !== undefined,
  );
  if (marked.length <= mostMarkers) return;
  report('dropped', 'cache_control', `the upstream takes ${mostMarkers} of ${marked.length}`);
  for (const node of marked.slice(0, marked.length - mostMarkers)) delete node.cache_control;
}

function conversationBlocks(body: JsonObject): JsonObject[] {
  return asObjects(body.messages).flatMap((message) =>
    asObjects(message.content).flatMap((block) => [
      ...(block.type === 'tool_result' ? asObjects(block.content) : []),
      block,
    ]),
  );
}
