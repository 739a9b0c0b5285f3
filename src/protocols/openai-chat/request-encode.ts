/** Writes a Chat Completions request for OpenAI and for servers that follow it. */
import type { EncodeTarget, LossReport } from '../codec.ts';
import { joinTurns, lacksLastWord, pairToolResults, withoutSilent } from '../conversation.ts';
import { reportUnsaid } from '../extra.ts';
import { reportPhases } from '../hints.ts';
import type { JsonObject } from '../json.ts';
import type { Message } from '../model.ts';
import { fittedMaxTokens, withoutRefused } from '../model-traits.ts';
import { openaiTier, refusesVerbosity, twinFields, usualVerbosity } from '../openai-settings.ts';
import { fitReasoning, reportFitted, reportUnfitted } from '../reasoning.ts';
import type { OutputFormat, Request } from '../request.ts';
import { openaiIds, takenId } from '../short-ids.ts';
import type { Steps } from '../steps.ts';
import { withTextDocuments } from '../text-documents.ts';
import { toolNames } from '../tool-names.ts';
import { objectOutput, wordlessJson } from '../wrapped-output.ts';
import { encodeMessages } from './conversation-encode.ts';
import { logprobs, output, reasoning, reportAsEffort, writeScalars } from './settings.ts';
import { encodeTools, nameRule, type ToolOptions, writeToolChoice } from './tools.ts';
import {
  chatReasoning,
  isOpenAiModel,
  isOpenAiReasoningModel,
  mustNotThink,
  takesCacheMarkers,
} from './upstream-models.ts';

/**
 * Writes the request of another protocol for `target`, held to what strict servers accept. Never fails: what Chat does not have
 * is reported. Stops where others may run.
 */
export function* encodingRequest(given: Request, target: EncodeTarget): Steps<JsonObject> {
  const { model, report } = target;
  const request = withoutRefused(given, target.traits?.refused, report);
  const names = toolNames(request.tools, nameRule);
  const options: ToolOptions = { model, cache: takesCacheMarkers(model), names, report };
  const said = withTextDocuments(withoutSilent(request.messages), report);
  const turns = joinedTurns(said, model);
  yield;
  // OpenAI-compatible servers demand results right behind their calls.
  const ordered = pairToolResults(turns, report);
  yield;
  const messages = encodeMessages(ordered, options);
  yield;
  if (lacksLastWord(request.messages, lastSpeaker(messages), ' ', report))
    messages.push({ role: 'user', content: ' ' });
  const twins = isOpenAiModel(model) ? twinFields(request) : {};
  reportPhases(request.messages, report);
  reportUnsaid(request, [], report, { detail: `only ${request.extra?.protocol} knows it`, written: twins });
  const out: JsonObject = { model, messages, ...twins };
  const fields = fittedScalars(request, model, report);
  for (const field in fields) if (fields[field] !== undefined) out[field] = fields[field];
  putTools(out, request, options);
  const tokens = fittedMaxTokens(request, target.traits, report);
  if (tokens !== undefined)
    out[isOpenAiReasoningModel(model) ? 'max_completion_tokens' : 'max_tokens'] = tokens;
  if (request.stop !== undefined) out.stop = fittedStop(request.stop, model, report);
  if (request.logprobs !== undefined) Object.assign(out, logprobs.write(request.logprobs));
  if (request.output !== undefined)
    Object.assign(out, output.write(fittedOutput(request.output, messages, options)));
  if (request.modalities !== undefined) Object.assign(out, fittedModalities(request.modalities, report));
  if (Array.isArray(out.tools) && mustNotThink(request, model, target.traits)) {
    out.reasoning_effort = 'none';
    if (request.reasoning?.amount?.kind !== 'off')
      report('approximated', 'reasoning', 'none: over chat the model thinks or has tools');
  } else putReasoning(out, request, target);
  if (target.stream) {
    // The other protocols report usage unasked.
    out.stream = true;
    out.stream_options = { include_usage: true };
  } else if (request.stream) out.stream = false;
  return out;
}

function putTools(out: JsonObject, request: Request, options: ToolOptions): void {
  const tools = request.tools ?? [];
  Object.assign(out, encodeTools(tools, options));
  if (out.tools === undefined) return;
  const choice = request.toolChoice && writeToolChoice(request.toolChoice, options);
  if (choice !== undefined) out.tool_choice = choice;
  if (request.parallelToolCalls !== undefined) out.parallel_tool_calls = request.parallelToolCalls;
}

/** Templates of many OpenAI-compatible servers allow system text in front only. */
function joinedTurns(messages: readonly Message[], model: string): Message[] {
  const system = isOpenAiReasoningModel(model) ? 'developer' : 'system';
  const roles = messages.map(
    (message): Message => (message.role === 'developer' ? { ...message, role: system } : message),
  );
  return joinTurns(roles);
}

/** Only OpenAI itself demands a word beside its JSON mode; servers that follow it may know no other form. */
function fittedOutput(
  format: OutputFormat,
  messages: readonly JsonObject[],
  { model, report }: ToolOptions,
): OutputFormat {
  return format.type === 'json' && isOpenAiModel(model)
    ? wordlessJson(format, JSON.stringify(messages), report)
    : objectOutput(format);
}

/** System text alone is a conversation, too: it is the user's, who wants it answered. */
function lastSpeaker(messages: readonly JsonObject[]): 'user' | 'assistant' | undefined {
  const last = messages.at(-1);
  if (last === undefined) return undefined;
  return last.role === 'assistant' ? 'assistant' : 'user';
}

/** platform.openai.com/docs/api-reference/chat/create: the tiers that `service_tier` takes. */
const serviceTiers = ['auto', 'default', 'flex', 'priority'];

/** The settings with one spelling, without what the upstream would refuse: strict servers answer 400 to a field they do not know. */
function fittedScalars(request: Request, model: string, report: LossReport): JsonObject {
  const fields = writeScalars(request);
  const drop = (field: string, detail: string): void => {
    if (fields[field] === undefined) return;
    report('dropped', field, detail);
    fields[field] = undefined;
  };
  drop('top_k', 'chat has no such setting; strict servers refuse it');
  if (request.metadata !== undefined) report('dropped', 'metadata', 'only stored answers have metadata');
  if (!isOpenAiReasoningModel(model) || refusesVerbosity(model, request.verbosity ?? usualVerbosity))
    drop('verbosity', 'only models of OpenAI from GPT-5 on support it');
  if (!isOpenAiModel(model)) {
    drop('service_tier', 'only OpenAI has it');
    drop('prompt_cache_key', 'only OpenAI has it');
  } else {
    const tier = openaiTier(request.serviceTier);
    fields.service_tier = tier;
    if (!serviceTiers.includes(tier ?? 'auto')) drop('service_tier', `OpenAI has ${serviceTiers.join(', ')}`);
  }
  for (const field of ['user', 'prompt_cache_key']) {
    const value = fields[field];
    if (typeof value === 'string') fields[field] = takenId(value, field, openaiIds, report);
  }
  return fields;
}

/** OpenAI takes four stop sequences at most; compatible servers have their own limits. */
function fittedStop(list: string[], model: string, report: LossReport): string[] {
  if (list.length <= 4 || !isOpenAiModel(model)) return list;
  report('approximated', 'stop', 'OpenAI takes four: the rest is dropped');
  return list.slice(0, 4);
}

function fittedModalities(wanted: NonNullable<Request['modalities']>, report: LossReport): JsonObject {
  // Spoken answers need a voice, which no other protocol names.
  if (wanted.includes('audio')) report('dropped', 'modalities.audio', 'chat needs `audio.voice` for it');
  const left = wanted.filter((name) => name !== 'audio');
  return left.includes('image') ? { modalities: left } : {};
}

/** Writes the effort as `reasoning_effort`. */
function putReasoning(out: JsonObject, request: Request, { model, traits, report }: EncodeTarget): void {
  const asked = request.reasoning;
  if (asked === undefined) return;
  if (traits?.reasoning?.kind === 'none') {
    reportUnfitted(asked.amount ?? { kind: 'auto' }, report);
    return;
  }
  const amount = fitReasoning(asked.amount, chatReasoning(model, traits));
  reportFitted(asked.amount, amount, report);
  reportAsEffort(asked.amount, report);
  // A request to see reasoning implies reasoning: `medium` is OpenAI's default.
  Object.assign(out, reasoning.write({ amount }));
}
