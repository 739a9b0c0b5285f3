/** `thinking`, `output_config` and `output_format`: how hard to think and in what form to answer. */
import type { EncodeTarget, LossReport } from '../codec.ts';
import { isSame, type JsonObject } from '../json.ts';
import { asNumber, asObject, asString } from '../json-members.ts';
import {
  effortOfBudget,
  fitReasoning,
  isEffort,
  nearestLevel,
  type ReasoningAmount,
  reportFitted,
  reportUnfitted,
  wantedAmount,
} from '../reasoning.ts';
import type { Effort, OutputFormat, ReasoningSetting, Request } from '../request.ts';
import { wireSchema } from './output-schema.ts';

// ---------------------------------------------------------------- reading

/** The setting that the body's `thinking` and `output_config.effort` make together. */
export function decodeReasoning(body: JsonObject): ReasoningSetting | undefined {
  const thinking = asObject(body.thinking);
  const effort = asObject(body.output_config)?.effort;
  const level: ReasoningAmount | undefined = isEffort(effort) ? { kind: 'effort', effort } : undefined;
  if (thinking === undefined) return level && { amount: level };
  const setting: ReasoningSetting = { amount: thinkingAmount(thinking) ?? level ?? { kind: 'auto' } };
  const display = asString(thinking.display);
  if (display !== undefined) setting.show = display === 'omitted' ? 'none' : 'auto';
  return setting;
}

function thinkingAmount(thinking: JsonObject): ReasoningAmount | undefined {
  if (thinking.type === 'disabled') return { kind: 'off' };
  if (thinking.type !== 'enabled') return undefined;
  // `budgetTokens` is what some clients of compatible endpoints send.
  const tokens = asNumber(thinking.budget_tokens) ?? asNumber(thinking.budgetTokens);
  if (tokens === undefined) return undefined;
  return tokens === 0 ? { kind: 'off' } : { kind: 'budget', tokens };
}

/** `output_config.format`, or `output_format` as it was called in the beta. */
export function decodeOutput(body: JsonObject): OutputFormat | undefined {
  const format = asObject(asObject(body.output_config)?.format) ?? asObject(body.output_format);
  if (format?.type !== 'json_schema') return undefined;
  const nested = asObject(format.json_schema);
  const schema = asObject(format.schema) ?? asObject(nested?.schema);
  if (schema === undefined) return undefined;
  const name = asString(format.name) ?? asString(nested?.name);
  return { type: 'json-schema', schema, ...(name !== undefined && { name }) };
}

// ---------------------------------------------------------------- writing

/** The fields of the body about thinking and output. */
export interface OutputFields {
  thinking?: JsonObject;
  output_config?: JsonObject;
}

interface Conversation {
  /** `tool_choice` makes the model call a tool: the API does not think then. */
  forcesTool: boolean;
  /** The turn that goes on has calls but no signed thinking before them: manual thinking is refused then. */
  lacksThinking: boolean;
}

/** Writes the settings of a request of another protocol. */
export function encodeOutputFields(
  request: Request,
  target: EncodeTarget,
  conversation: Conversation,
): OutputFields {
  const fields: OutputFields = {};
  const config: JsonObject = {};
  const wanted = wantedAmount(request.reasoning);
  const fitted = fitReasoning(wanted, target.traits?.reasoning);
  if (request.reasoning !== undefined || !isSame(fitted, wanted)) {
    const { thinking, effort } = encodeReasoning(request, fitted, target, conversation);
    if (thinking !== undefined) fields.thinking = thinking;
    if (effort !== undefined) config.effort = effort;
  }
  const format = encodeOutput(request.output, target);
  if (format !== undefined) config.format = format;
  if (Object.keys(config).length > 0) fields.output_config = config;
  return fields;
}

/** The API's floor for `budget_tokens` (platform.claude.com/docs/en/api/messages/create, `thinking.budget_tokens`). */
export const minBudget = 1024;

/**
 * The `thinking` and effort of a client of this protocol that is to think this much; undefined where `said`, its own setting, says
 * so already.
 */
export function thinkingFor(
  said: ReasoningSetting | undefined,
  amount: ReasoningAmount,
  target: EncodeTarget,
  conversation: Conversation,
): { thinking?: JsonObject; effort?: string } | undefined {
  const fitted = fitReasoning(amount, target.traits?.reasoning);
  if (isSame(said?.amount, fitted) && fitted !== undefined) return undefined;
  return encodeReasoning({ reasoning: { ...said, amount } }, fitted, target, conversation);
}

function encodeReasoning(
  request: Pick<Request, 'reasoning'>,
  amount: ReasoningAmount | undefined,
  target: EncodeTarget,
  conversation: Conversation,
): { thinking?: JsonObject; effort?: string } {
  if (amount === undefined) {
    reportUnfitted(wantedAmount(request.reasoning), target.report);
    return {};
  }
  const asked = request.reasoning?.amount;
  reportFitted(asked, amount, target.report);
  if (amount.kind === 'off') return { thinking: { type: 'disabled' } };
  if (conversation.forcesTool) return withoutThinking(amount, target);
  // Who asked for no thinking does not see what cannot be switched off.
  const show = asked?.kind === 'off' ? 'none' : request.reasoning?.show;
  const display = show === undefined ? undefined : { display: show === 'none' ? 'omitted' : 'summarized' };
  if (amount.kind !== 'budget') {
    const adaptive = { thinking: { type: 'adaptive', ...display } };
    return amount.kind === 'auto' ? adaptive : { ...adaptive, effort: wireEffort(amount, target) };
  }
  if (conversation.lacksThinking) return { thinking: withoutSignedThinking(target.report) };
  if (amount.tokens < minBudget)
    target.report('approximated', 'reasoning', `a budget of ${minBudget} tokens`);
  return {
    thinking: { type: 'enabled', budget_tokens: Math.max(minBudget, Math.floor(amount.tokens)), ...display },
  };
}

/** "Expected `thinking` or `redacted_thinking`, but found `tool_use`": the turn that goes on was another model's. */
export function withoutSignedThinking(report: LossReport): JsonObject {
  report(
    'dropped',
    'reasoning',
    'the calls of the turn that goes on have no thinking that the upstream signed',
  );
  return { type: 'disabled' };
}

/**
 * "Thinking may not be enabled when tool_choice forces tool use": the effort alone is allowed, up to `high` ("effort 'xhigh' is
 * not supported when thinking is disabled on this model": anthropics/claude-code#79798). Newer models think unless asked not to.
 */
function withoutThinking(
  amount: Exclude<ReasoningAmount, { kind: 'off' }>,
  target: EncodeTarget,
): { thinking?: JsonObject; effort?: string } {
  target.report('dropped', 'reasoning', 'the upstream does not think before a forced call');
  const known = target.traits?.reasoning;
  if (known?.kind === 'budget') return {};
  const effort = wireEffort(amount, target);
  // An unknown model is not told not to think; nor is one that always thinks.
  if (known === undefined || (known.kind === 'levels' && !known.canDisable)) return { effort };
  if (effort !== 'xhigh' && effort !== 'max') return { thinking: { type: 'disabled' }, effort };
  target.report('approximated', 'reasoning', `effort high: ${effort} is for a model that thinks`);
  return { thinking: { type: 'disabled' }, effort: 'high' };
}

/** The API's efforts: from `low` to `max`, by default `high` (platform.claude.com/docs/en/build-with-claude/effort). */
const wireEfforts: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

function wireEffort(amount: Exclude<ReasoningAmount, { kind: 'off' }>, target: EncodeTarget): string {
  if (amount.kind === 'auto') return 'high';
  const effort = amount.kind === 'effort' ? amount.effort : effortOfBudget(amount.tokens);
  const nearest = nearestLevel(effort, wireEfforts) ?? 'high';
  if (nearest !== effort && amount.kind === 'effort')
    target.report('approximated', 'reasoning', `effort ${nearest}`);
  return nearest;
}

function encodeOutput(output: OutputFormat | undefined, target: EncodeTarget): JsonObject | undefined {
  switch (output?.type) {
    case 'json':
      target.report('dropped', 'response_format', 'the upstream needs a schema for JSON');
      return undefined;
    case 'json-schema': {
      const { schema, properties } = wireSchema(output.schema, target.report);
      if (properties !== undefined)
        target.report(
          'renamed',
          'response_format.schema',
          'property names that the upstream refuses; answers have them as they were',
        );
      return { type: 'json_schema', schema };
    }
    default:
      return undefined;
  }
}

/** True when `fields` make the model think. */
export function thinks(fields: OutputFields): boolean {
  return fields.thinking !== undefined && fields.thinking.type !== 'disabled';
}
