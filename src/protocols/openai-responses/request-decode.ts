/** The body of `POST /v1/responses` → a canonical request. */

import { describe, InvalidRequest } from '../invalid-request.ts';
import type { JsonObject } from '../json.ts';
import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asObjects,
  asString,
  unknownFields,
} from '../json-members.ts';
import type { Message } from '../model.ts';
import type { Request } from '../request.ts';
import { repeatedFields } from './echo.ts';
import { decodeItems } from './item-decode.ts';
import { toExtra } from './kept-fields.ts';
import { decodeOutput, decodeReasoning, decodeVerbosity } from './settings.ts';
import { decodeToolChoice } from './tool-choice.ts';
import { decodeTools, loadedTools, wireNames } from './tools.ts';

/** Fields that have a canonical place (or repeat the envelope). */
const known = new Set([
  'model',
  'stream',
  'instructions',
  'input',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'text',
  'reasoning',
  'service_tier',
  'user',
  'metadata',
  'prompt_cache_key',
  'safety_identifier',
  'include',
]);

/** Values of `include` that need no counterpart: encrypted reasoning always comes back, `logprobs` covers the other. */
const saidElsewhere = ['reasoning.encrypted_content', 'message.output_text.logprobs'];

/**
 * Reads a request. Each item of `input` becomes a message of its own; `instructions` becomes a leading system message.
 * Throws {@link InvalidRequest} naming the field.
 */
export function decodeRequest(body: JsonObject, envelope: { model: string; stream: boolean }): Request {
  const fields = unknownFields(body, known) ?? {};
  // A field of another type than the model has is kept as it is: the upstream is the judge of it.
  const read = <T>(name: string, reader: (value: JsonObject[string]) => T | undefined): T | undefined => {
    const value = reader(body[name]);
    if (value === undefined && body[name] !== undefined) fields[name] = body[name];
    return value;
  };
  const declared =
    body.tools === undefined || body.tools === null ? undefined : decodeTools(body.tools, 'tools');
  if (body.tools === null) fields.tools = null;
  const loaded = loadedTools(asObjects(body.input), declared ?? []);
  const tools = loaded.length > 0 ? [...(declared ?? []), ...loaded] : declared;
  const messages = [...decodeInstructions(body, fields), ...decodeInput(body, fields, tools)];
  const isChoice = typeof body.tool_choice === 'string' || asObject(body.tool_choice) !== undefined;
  if (!isChoice && body.tool_choice !== undefined) fields.tool_choice = body.tool_choice;
  const top = read('top_logprobs', asNumber);
  const asksLogprobs = asArray(body.include).includes('message.output_text.logprobs');
  const user = read('user', asString);
  // `safety_identifier` is what replaces `user`.
  const identifier = asString(body.safety_identifier);
  if (body.safety_identifier !== undefined && (user !== undefined || identifier === undefined))
    fields.safety_identifier = body.safety_identifier;
  if (asArray(body.include).some((item) => !saidElsewhere.includes(asString(item) ?? '')))
    fields.include = body.include;
  return {
    ...envelope,
    messages,
    tools,
    toolChoice: isChoice ? decodeToolChoice(body.tool_choice ?? null, tools) : undefined,
    parallelToolCalls: read('parallel_tool_calls', asBoolean),
    maxTokens: read('max_output_tokens', asNumber),
    temperature: read('temperature', asNumber),
    topP: read('top_p', asNumber),
    logprobs: top !== undefined ? { top } : asksLogprobs ? {} : undefined,
    output: decodeOutput(body.text),
    verbosity: decodeVerbosity(body.text),
    reasoning: decodeReasoning(body.reasoning),
    serviceTier: read('service_tier', asString),
    metadata: read('metadata', asObject),
    promptCacheKey: read('prompt_cache_key', asString),
    user: user ?? identifier,
    extra: toExtra(fields, { repeated: repeatedFields(body) }),
  };
}

function decodeInstructions(body: JsonObject, fields: JsonObject): Message[] {
  const { instructions } = body;
  if (typeof instructions === 'string') {
    return [{ role: 'system', parts: [{ type: 'text', text: instructions }] }];
  }
  if (instructions !== undefined) fields.instructions = instructions;
  return [];
}

function decodeInput(body: JsonObject, fields: JsonObject, tools: Request['tools']): Message[] {
  const { input } = body;
  if (typeof input === 'string') {
    return [{ role: 'user', parts: [{ type: 'text', text: input }] }];
  }
  if (Array.isArray(input)) return decodeItems(input, wireNames(tools), 'input');
  // A stored conversation or prompt may replace it.
  if (input === null) fields.input = null;
  else if (input !== undefined)
    throw new InvalidRequest('input', `expected a string or an array of items, found ${describe(input)}`);
  return [];
}
