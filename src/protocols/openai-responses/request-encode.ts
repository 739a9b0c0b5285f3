/** A canonical request → the body of `POST /v1/responses`. */
import type { EncodeTarget, LossReport } from '../codec.ts';
import {
  joinTurns,
  lacksLastWord,
  pairToolResults,
  reportCacheMarkers,
  textOf,
  withoutSilent,
} from '../conversation.ts';
import { reportUnsaid } from '../extra.ts';
import { isSame, type JsonObject } from '../json.ts';
import type { Message } from '../model.ts';
import { withoutRefused } from '../model-traits.ts';
import { openaiTier, twinFields } from '../openai-settings.ts';
import type { Request } from '../request.ts';
import { openaiIds, takenId } from '../short-ids.ts';
import type { Steps } from '../steps.ts';
import { withTextDocuments } from '../text-documents.ts';
import { encodeItems } from './conversation-encode.ts';
import { encodeReasoning, encodeText } from './settings.ts';
import { encodeToolChoice } from './tool-choice.ts';
import { encodeTools, wireNames } from './tools.ts';

/** "Expected a value >= 16": the API's answer to a smaller `max_output_tokens`. */
const minOutputTokens = 16;

/** Writes the request. Everything that the API has no place for, or would refuse, is reported to `target.report`. Stops where others may run. */
export function* encodingRequest(given: Request, target: EncodeTarget): Steps<JsonObject> {
  const { report } = target;
  const request = withoutRefused(given, target.traits?.refused, report);
  const names = wireNames(request.tools);
  const writer = { names, report, phasesBehind: given.extra?.protocol === 'gemini' };
  const { instructions, rest } = leadingInstructions(withoutSilent(request.messages));
  const said = withTextDocuments(rest, report);
  yield;
  const ordered = paired(said, report);
  yield;
  const items = encodeItems(ordered, writer);
  yield;
  if (lacksLastWord(request.messages, lastSpeaker(items), ' ', report))
    items.push({ type: 'message', role: 'user', content: [{ type: 'input_text', text: ' ' }] });
  const tools = request.tools && encodeTools(request.tools, names, report);
  const body: JsonObject = { model: target.model };
  if (instructions !== undefined) body.instructions = instructions;
  body.input = items;
  if (tools !== undefined && (tools.length > 0 || request.tools?.length === 0)) body.tools = tools;
  body.tool_choice = encodeToolChoice(request, tools ?? [], names, report);
  body.parallel_tool_calls = (tools ?? []).length === 0 ? undefined : request.parallelToolCalls;
  body.max_output_tokens = maxTokens(request, target);
  body.temperature = request.temperature;
  body.top_p = request.topP;
  body.top_logprobs = request.logprobs?.top;
  body.text = encodeText(request, items, target);
  body.reasoning = encodeReasoning(request, target);
  body.service_tier = serviceTier(request.serviceTier, report);
  body.metadata = request.metadata;
  body.prompt_cache_key = takenId(request.promptCacheKey, 'prompt_cache_key', openaiIds, report);
  body.user = takenId(request.user, 'user', openaiIds, report);
  if (target.stream) body.stream = true;
  stateless(request, body, report);
  for (const key in body) if (body[key] === undefined) delete body[key];
  return body;
}

/** Whatever is no message of the model is answered: messages, and results of its calls. */
function lastSpeaker(items: readonly JsonObject[]): 'user' | 'assistant' | undefined {
  const last = items.at(-1);
  if (last === undefined) return undefined;
  return last.role === 'assistant' || last.type === 'reasoning' ? 'assistant' : 'user';
}

/**
 * The rule for system text: the first message, if it is one of text only, becomes `instructions`, its texts apart by
 * an empty line; all others stay where they are as `developer` messages.
 */
function leadingInstructions(messages: readonly Message[]): {
  instructions: string | undefined;
  rest: readonly Message[];
} {
  const [first] = messages;
  if (first === undefined || !isSystemText(first)) return { instructions: undefined, rest: messages };
  return { instructions: textOf(first.parts, '\n\n'), rest: messages.slice(1) };
}

function isSystemText(message: Message): boolean {
  return (
    (message.role === 'system' || message.role === 'developer') &&
    message.parts.length > 0 &&
    message.parts.every((part) => part.type === 'text')
  );
}

/** Every call must have its output and every output its call; where they have, the order is the client's. */
function paired(messages: readonly Message[], report: LossReport): readonly Message[] {
  const calls = new Set<string>();
  const results = new Set<string>();
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type === 'tool-call') calls.add(part.id);
      else if (part.type === 'tool-result') results.add(part.callId);
    }
  }
  if (isSame([...calls].sort(), [...results].sort())) return messages;
  return pairToolResults(joinTurns(messages), report);
}

function maxTokens(request: Request, target: EncodeTarget): number | undefined {
  const wanted = request.maxTokens;
  if (wanted === undefined) return undefined;
  const most = target.traits?.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const fitting = Math.min(most, Math.max(minOutputTokens, wanted));
  if (fitting !== wanted) target.report('approximated', 'max_tokens', `${fitting}, the upstream's limit`);
  return fitting;
}

function serviceTier(asked: string | undefined, report: LossReport): string | undefined {
  const tier = openaiTier(asked);
  if (tier === undefined || ['auto', 'default', 'flex', 'scale', 'priority'].includes(tier)) return tier;
  report('dropped', 'service_tier', `the upstream has no tier ${tier}`);
  return undefined;
}

/** Settings that the API has no place for. */
const unsaid = ['stop', 'top_k', 'seed', 'presence_penalty', 'frequency_penalty', 'n', 'modalities'] as const;

/** Clients of other protocols bring the whole conversation each time: nothing is stored, reasoning comes back sealed. */
function stateless(request: Request, body: JsonObject, report: LossReport): void {
  reportCacheMarkers(request, report);
  body.store = false;
  body.include = ['reasoning.encrypted_content'];
  if (request.logprobs !== undefined) body.include.push('message.output_text.logprobs');
  const twins = twinFields(request);
  Object.assign(body, twins);
  reportUnsaid(request, unsaid, report, {
    detail: 'the Responses API has no such parameter',
    written: twins,
  });
}
