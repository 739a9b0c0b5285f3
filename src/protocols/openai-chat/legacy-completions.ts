/** The older `/v1/completions`, answered by chat: platform.openai.com/docs/api-reference/completions */
import type { CompletionsForm } from '../codec.ts';
import { describe, InvalidRequest } from '../invalid-request.ts';
import type { Json, JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, asString } from '../json-members.ts';

/** Settings that chat cannot honour, each with the values that ask for nothing. */
const impossible: Readonly<Record<string, readonly Json[]>> = {
  suffix: [null, ''],
  echo: [null, false],
  best_of: [null, 1],
};

/**
 * The chat request for a completion request: the prompt as one user message, all other settings as they are.
 * Throws {@link InvalidRequest} naming the field for several prompts, token prompts, `suffix`, `echo` and `best_of`.
 */
export function completionToChat(body: JsonObject): JsonObject {
  const { prompt, logprobs, suffix: _, echo: __, best_of: ___, ...settings } = body;
  for (const field in impossible) {
    const value = body[field];
    if (value !== undefined && !impossible[field]?.includes(value))
      throw new InvalidRequest(field, 'not supported: chat models answer completions here');
  }
  return {
    ...settings,
    messages: [{ role: 'user', content: promptText(prompt) }],
    ...chatLogprobs(logprobs),
  };
}

function promptText(prompt: Json | undefined): string {
  const [first, ...others] = Array.isArray(prompt) ? prompt : [prompt];
  if (typeof first === 'string' && others.length > 0)
    throw new InvalidRequest('prompt', 'expected one text; send several prompts as several requests');
  if (typeof first !== 'string')
    throw new InvalidRequest('prompt', `expected a text, found ${describe(prompt)}`);
  return first;
}

function chatLogprobs(logprobs: Json | undefined): JsonObject {
  if (logprobs === undefined || logprobs === null) return {};
  const top = asNumber(logprobs);
  if (top === undefined)
    throw new InvalidRequest('logprobs', `expected a number, found ${describe(logprobs)}`);
  return top === 0 ? { logprobs: true } : { logprobs: true, top_logprobs: top };
}

/** The `text_completion` for a chat answer. Errors come back as they are. */
export function chatToCompletion(chat: JsonObject): JsonObject {
  return chat.error === undefined ? completion(chat, 'message') : chat;
}

/** The `text_completion` for a chat chunk; undefined when it holds no text, end or usage. Errors come back as they are. */
export function chatChunkToCompletion(chunk: JsonObject): JsonObject | undefined {
  if (chunk.error !== undefined) return chunk;
  const says = asObjects(chunk.choices).some(
    (choice) => textOf(asObject(choice.delta)?.content) !== '' || typeof choice.finish_reason === 'string',
  );
  return says || asObject(chunk.usage) !== undefined ? completion(chunk, 'delta') : undefined;
}

function completion(body: JsonObject, said: 'message' | 'delta'): JsonObject {
  return {
    ...body,
    object: 'text_completion',
    choices: asObjects(body.choices).map((choice, at) => ({
      text: textOf(asObject(choice[said])?.content),
      index: asNumber(choice.index) ?? at,
      logprobs: completionLogprobs(choice.logprobs),
      finish_reason: finishWord(asString(choice.finish_reason)),
    })),
  };
}

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return asObjects(content)
    .map((part) => asString(part.text) ?? '')
    .join('');
}

/** {@link Codec.completions} */
export const completions: CompletionsForm = {
  request: completionToChat,
  answer: chatToCompletion,
  event: chatChunkToCompletion,
};

/** Completions know `stop`, `length` and `content_filter`. */
function finishWord(word: string | undefined): string | null {
  if (word === undefined) return null;
  return word === 'length' || word === 'content_filter' ? word : 'stop';
}

/** The four parallel lists of completions from the one list of chat. Offsets count from the start of this text. */
function completionLogprobs(logprobs: Json | undefined): JsonObject | null {
  const tokens = asObjects(asObject(logprobs)?.content);
  if (tokens.length === 0) return null;
  let offset = 0;
  return {
    tokens: tokens.map((token) => token.token ?? ''),
    token_logprobs: tokens.map((token) => token.logprob ?? null),
    top_logprobs: tokens.map((token) =>
      Object.fromEntries(
        asObjects(token.top_logprobs).map((other) => [asString(other.token) ?? '', other.logprob]),
      ),
    ),
    text_offset: tokens.map((token) => {
      const at = offset;
      offset += asString(token.token)?.length ?? 0;
      return at;
    }),
  };
}
