/**
 * OpenAI's legacy Completions (`/v1/completions`) as Chat Completions and back.
 * Source: platform.openai.com/docs/api-reference/completions.
 */
import { asArray, asObject, asObjects, asString, InvalidRequest, type JsonObject } from '../json.ts';

/** Settings that mean the same in both. */
const shared = [
  'model',
  'max_tokens',
  'temperature',
  'top_p',
  'n',
  'stream',
  'stream_options',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'user',
  'seed',
] as const;

/** Settings that chat models have no place for; refused when they ask for something. */
const impossible = ['suffix', 'echo', 'best_of'] as const;

/** A legacy request as a chat request with one user message. Throws {@link InvalidRequest} naming the field. */
export function completionToChat(body: JsonObject): JsonObject {
  for (const field of impossible) {
    const value = body[field];
    if (value === undefined || value === null || value === false || (field === 'best_of' && value === 1))
      continue;
    throw new InvalidRequest(field, 'not supported: chat models answer completions here');
  }
  const prompts = asArray(body.prompt);
  const prompt = asString(prompts[0]);
  if (prompts.length !== 1 || prompt === undefined) {
    throw new InvalidRequest('prompt', 'expected one text; send several prompts as several requests');
  }
  const chat: JsonObject = { messages: [{ role: 'user', content: prompt }] };
  for (const field of shared) if (body[field] !== undefined) chat[field] = body[field];
  if (typeof body.logprobs === 'number') {
    chat.logprobs = true;
    chat.top_logprobs = body.logprobs;
  }
  return chat;
}

/** A chat answer in the legacy shape. */
export function chatToCompletion(chat: JsonObject): JsonObject {
  return {
    ...chat,
    object: 'text_completion',
    choices: asObjects(chat.choices).map((choice) => legacyChoice(choice, asObject(choice.message))),
  };
}

/** A chat stream chunk in the legacy shape; undefined for chunks that only announce the role. */
export function chatChunkToCompletion(chunk: JsonObject): JsonObject | undefined {
  const choices = asObjects(chunk.choices)
    .map((choice) => legacyChoice(choice, asObject(choice.delta)))
    .filter((choice) => choice.text !== '' || choice.finish_reason !== null);
  const usage = chunk.usage ?? undefined;
  if (choices.length === 0 && usage === undefined) return undefined;
  return { ...chunk, object: 'text_completion', choices };
}

function legacyChoice(choice: JsonObject, message: JsonObject | undefined): JsonObject {
  return {
    index: choice.index ?? 0,
    text: asString(message?.content) ?? '',
    logprobs: legacyLogprobs(asObject(choice.logprobs)),
    finish_reason: choice.finish_reason ?? null,
  };
}

function legacyLogprobs(logprobs: JsonObject | undefined): JsonObject | null {
  const content = asObjects(logprobs?.content);
  if (content.length === 0) return null;
  return {
    tokens: content.map((entry) => entry.token ?? ''),
    token_logprobs: content.map((entry) => entry.logprob ?? null),
    top_logprobs: content.map((entry) =>
      Object.fromEntries(
        asObjects(entry.top_logprobs).map((top) => [asString(top.token) ?? '', top.logprob]),
      ),
    ),
  };
}
