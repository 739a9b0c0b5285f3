/** Mistral's API: Chat Completions that refuse every field they do not know. */
import { createHash } from 'node:crypto';
import type { LossReport } from '../protocols/codec.ts';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asArray, asObject, asString } from '../protocols/json-members.ts';
import { withoutEmptyTools } from './openai.ts';
import type { AdaptedCall } from './provider.ts';
import type { ProviderRecord } from './record.ts';
import { withoutMessageFields } from './service.ts';

const title = 'Mistral';

/** Every field that a request may have. Source: docs.mistral.ai/api, Chat Completion; client-ts, ChatCompletionRequest. */
const known: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'stream', 'temperature', 'top_p', 'max_tokens', 'stop', 'random_seed', 'n'],
  ...['tools', 'tool_choice', 'parallel_tool_calls', 'response_format', 'prediction', 'metadata'],
  ...['presence_penalty', 'frequency_penalty', 'prompt_mode', 'safe_prompt', 'reasoning_effort'],
]);

/** Its own names for fields of OpenAI's. */
const renamed: Readonly<Record<string, string>> = {
  max_completion_tokens: 'max_tokens',
  seed: 'random_seed',
};

/** Fields with no effect at Mistral: usage comes with every stream, nothing is stored. */
const implied = new Set(['stream_options', 'store', 'logprobs']);

function adapt(body: JsonObject, call: AdaptedCall): JsonObject {
  const named = withKnownFields(withoutEmptyTools(body), call);
  const bare = withoutMessageFields(
    named,
    ['reasoning_content', 'reasoning', 'refusal', 'audio'],
    title,
    call,
  );
  const messages = adaptMessages(bare.messages, call.report);
  const adapted = messages === bare.messages ? bare : { ...bare, messages };
  return withEffort(adapted, call);
}

function withKnownFields(body: JsonObject, { report }: AdaptedCall): JsonObject {
  if (Object.keys(body).every((field) => known.has(field))) return body;
  const kept: JsonObject = {};
  for (const [field, value] of Object.entries(body)) {
    const name = renamed[field];
    if (known.has(field)) kept[field] = value;
    else if (name !== undefined) kept[name] ??= value;
    else if (value !== undefined && value !== null && !(implied.has(field) && value !== true))
      report('dropped', field, `${title} has no such parameter`);
  }
  return kept;
}

/** Models whose effort can be chosen. Source: docs.mistral.ai/inference/conversations/reasoning. */
const toggled = /^mistral-(?:small-(?:latest|2[6-9]\d\d)|medium-3-5)/;
const graded = /^mistral-large-(?:[4-9]|latest)/;

function withEffort(body: JsonObject, { model, report }: AdaptedCall): JsonObject {
  const effort = body.reasoning_effort;
  if (effort === undefined) return body;
  const { reasoning_effort: _effort, ...rest } = body;
  const off = effort === 'none' || effort === 'minimal' || effort === null;
  if (toggled.test(model))
    return off || effort === 'high' ? withValue(off ? 'none' : 'high') : rounded('high');
  if (graded.test(model))
    return effort === 'xhigh' || effort === 'max' ? rounded('high') : withValue(off ? 'none' : effort);
  if (!off) report('dropped', 'reasoning_effort', `${model} has no levels`);
  return rest;

  function withValue(value: Json): JsonObject {
    return value === effort ? body : { ...rest, reasoning_effort: value };
  }
  function rounded(value: string): JsonObject {
    report('approximated', 'reasoning_effort', `${model} takes "${value}" for it`);
    return withValue(value);
  }
}

/** Inserted between tool results and the next user message: Mistral refuses one right after the other. */
const bridge = '(the results of the tools are above)';

/** The order, the ids of calls and the contents that Mistral takes; the very same list when it is already so. */
function adaptMessages(messages: Json | undefined, report: LossReport): Json | undefined {
  if (!Array.isArray(messages)) return messages;
  const adapted: Json[] = [];
  let before: string | undefined;
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) return messages;
    if (isEmptyTurn(message)) continue;
    const own = adaptMessage(message, index === messages.length - 1, report);
    if (before === 'tool' && own.role === 'user') {
      adapted.push({ role: 'assistant', content: bridge });
      const detail =
        'a turn of the model is added between the results of tools and the next message of the user';
      report('approximated', 'messages', detail);
    }
    before = asString(own.role);
    adapted.push(own);
  }
  const same = adapted.length === messages.length && adapted.every((one, index) => one === messages[index]);
  return same ? messages : adapted;
}

/** A turn of the model without words and calls, such as one that was thoughts alone: Mistral refuses it. */
function isEmptyTurn({ role, content, tool_calls }: JsonObject): boolean {
  const empty = content === '' || asArray(content).length === 0;
  return role === 'assistant' && empty && asArray(tool_calls).length === 0;
}

function adaptMessage(message: JsonObject, last: boolean, report: LossReport): JsonObject {
  const changes: JsonObject = {};
  const { role, name, content } = message;
  if (role === 'developer') changes.role = 'system';
  // Only results of tools have a name there.
  if (name !== undefined && role !== 'tool') {
    changes.name = undefined;
    if (name !== null) report('dropped', 'messages.name', `${title} has no such field`);
  }
  if (
    role === 'assistant' &&
    last &&
    message.prefix === undefined &&
    asArray(message.tool_calls).length === 0
  )
    changes.prefix = true;
  const id = asString(message.tool_call_id);
  if (id !== undefined && callId(id) !== id) changes.tool_call_id = callId(id);
  const calls = message.tool_calls;
  if (Array.isArray(calls)) {
    const own = calls.map(withCallId);
    if (own.some((call, index) => call !== calls[index])) changes.tool_calls = own;
  }
  if (Array.isArray(content)) {
    const own = content.map(adaptPart);
    if (own.some((part, index) => part !== content[index])) changes.content = own;
  }
  return Object.keys(changes).length === 0 ? message : { ...message, ...changes };
}

function withCallId(call: Json): Json {
  const fields = asObject(call);
  const id = asString(fields?.id);
  return fields === undefined || id === undefined || callId(id) === id ? call : { ...fields, id: callId(id) };
}

/** Ids of calls are nine letters and digits. Another's id becomes the same nine each time, so that results find their calls. */
function callId(id: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id;
  const digest = createHash('sha256').update(id).digest();
  return [...digest.subarray(0, 9)].map((byte) => (byte % 36).toString(36)).join('');
}

/** Sound is a text there, and files are documents. Source: client-ts, AudioChunk and DocumentURLChunk. */
function adaptPart(part: Json): Json {
  const fields = asObject(part);
  const sound = asString(asObject(fields?.input_audio)?.data);
  if (sound !== undefined) return { type: 'input_audio', input_audio: sound };
  const file = asObject(fields?.file);
  const data = asString(file?.file_data);
  if (fields?.type !== 'file' || data === undefined) return part;
  const filename = asString(file?.filename);
  return {
    type: 'document_url',
    document_url: data,
    ...(filename === undefined ? {} : { document_name: filename }),
  };
}

export const mistral = {
  service: {
    title,
    genaiName: 'mistral_ai',
    baseUrl: 'https://api.mistral.ai/v1',
    otherNames: ['mistralai', 'mistral-ai'],
    hosts: ['codestral.mistral.ai'],
    differences: ({ protocol }) =>
      protocol === 'openai-chat'
        ? {
            adapt,
            endpoints: {
              generate: () => '/chat/completions',
              embed: () => '/embeddings',
              transcribe: () => '/audio/transcriptions',
            },
          }
        : {},
    notes:
      'Unknown fields are removed or renamed (`max_tokens`, `random_seed`); ids of tool calls become nine letters and digits; thoughts of earlier turns are not sent. See [Mistral](providers/mistral.md).',
    source: 'docs.mistral.ai/api; github.com/mistralai/client-ts',
  },
} satisfies ProviderRecord;
