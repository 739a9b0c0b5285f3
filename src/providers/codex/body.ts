/** What the Codex backend wants of a Responses body. Source: protocol.md §2.7 to §2.9 and §5. */
import { createHash } from 'node:crypto';
import type { LossReport } from '../../protocols/codec.ts';
import { isObject, type Json, type JsonObject } from '../../protocols/json.ts';
import { asArray, asObject, asObjects } from '../../protocols/json-members.ts';
import { lookUp } from '../../protocols/word-table.ts';
import type { AdaptedCall } from '../provider.ts';

/** Fields that the backend refuses, with the reason that the client gets to read. */
const refused: Readonly<Record<string, string>> = {
  max_output_tokens: 'Codex sets the limit itself',
  max_completion_tokens: 'Codex sets the limit itself',
  max_tool_calls: 'Codex has no such parameter',
  temperature: 'Codex has no such parameter',
  top_p: 'Codex has no such parameter',
  top_logprobs: 'Codex has no such parameter',
  truncation: 'Codex has no such parameter',
  metadata: 'Codex has no such parameter',
  safety_identifier: 'Codex has no such parameter',
  stream_options: 'Codex has no such parameter',
  context_management: 'Codex has no such parameter',
  prompt_cache_options: 'Codex has no such parameter',
  prompt_cache_retention: 'Codex keeps its cache itself',
  previous_response_id: 'Codex stores no answers: send the whole conversation',
  background: 'Codex has no background answers',
  conversation: 'Codex stores no conversations: send the whole conversation',
  prompt: 'Codex has no stored prompts',
};

/** Values that equal the field's absence: leaving them out is no loss. */
const idle: Readonly<Record<string, Json>> = {
  truncation: 'disabled',
  background: false,
  top_p: 1,
  temperature: 1,
};

const sealedReasoning = 'reasoning.encrypted_content';

/** The body as the backend takes it; the very same object when it is already so, as Codex's own are. */
export function adaptCodex(body: JsonObject, { report }: AdaptedCall): JsonObject {
  const changes: JsonObject = {};
  for (const field in refused) {
    const value = body[field];
    if (value === undefined) continue;
    changes[field] = undefined;
    if (value !== null && value !== lookUp(idle, field) && !isEmpty(value))
      report('dropped', field, refused[field]);
  }
  Object.assign(changes, cacheKey(body, report));
  if (body.stream !== true) changes.stream = true;
  if (body.store !== false) {
    changes.store = false;
    if (body.store === true) report('dropped', 'store', 'Codex stores no answers');
  }
  if (typeof body.instructions !== 'string') changes.instructions = '';
  const include = asArray(body.include);
  if (!include.includes(sealedReasoning)) changes.include = [...include, sealedReasoning];
  if (body.service_tier !== undefined && body.service_tier !== 'priority')
    changes.service_tier = tier(body.service_tier, report);
  if (body.parallel_tool_calls !== undefined && asArray(body.tools).length === 0)
    changes.parallel_tool_calls = undefined;
  const input = adaptInput(body.input);
  if (input !== body.input) changes.input = input;
  const tools = mapped(body.tools, asGeneralSearch);
  if (tools !== body.tools) changes.tools = tools;
  const choice = asObject(body.tool_choice);
  if (choice !== undefined && isPreviewSearch(choice)) changes.tool_choice = asGeneralSearch(choice);
  return Object.keys(changes).length === 0 ? body : { ...body, ...changes };
}

/** Longest `prompt_cache_key` that is taken. */
const longestKey = 64;

/**
 * `prompt_cache_key` is what `user` was for to caches (platform.openai.com/docs/api-reference/responses/create). Claude
 * Code's user names the session, so that its conversation finds its cache again.
 */
function cacheKey({ user, prompt_cache_key }: JsonObject, report: LossReport): JsonObject {
  if (user === undefined) return {};
  if (typeof user !== 'string' || prompt_cache_key !== undefined) {
    report('dropped', 'user', 'Codex has no such parameter');
    return { user: undefined };
  }
  report('renamed', 'user', 'prompt_cache_key');
  const key = user.length <= longestKey ? user : createHash('sha256').update(user).digest('hex');
  return { user: undefined, prompt_cache_key: key };
}

function isEmpty(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function tier(value: Json, report: LossReport): undefined {
  if (value !== 'auto' && value !== 'default' && value !== null)
    report('dropped', 'service_tier', 'Codex has the tier "priority" only');
  return undefined;
}

/** A text becomes a message; system messages, which the backend refuses among the input, become the developer's. */
function adaptInput(input: Json | undefined): Json | undefined {
  if (typeof input === 'string')
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
  return mapped(input, (item) => (item.role === 'system' ? { ...item, role: 'developer' } : item));
}

/** The list with each object changed; the very same list when none is. */
function mapped(list: Json | undefined, change: (item: JsonObject) => JsonObject): Json | undefined {
  if (!Array.isArray(list)) return list;
  return asObjects(list).some((item) => change(item) !== item)
    ? list.map((item) => (isObject(item) ? change(item) : item))
    : list;
}

function isPreviewSearch({ type }: JsonObject): boolean {
  return typeof type === 'string' && type.startsWith('web_search_preview');
}

/** The backend knows the tool by its later name. */
function asGeneralSearch(tool: JsonObject): JsonObject {
  return isPreviewSearch(tool) ? { ...tool, type: 'web_search' } : tool;
}
