/** Token counts in OpenAI's words, Chat Completions' and the Responses API's, and in those of the services near it. */

import type { Json, JsonObject } from './json.ts';
import { asObject } from './json-members.ts';
import {
  asCount,
  asTier,
  countAt,
  type MediaTokens,
  reported,
  reportedCost,
  sumOf,
  type TokenCounts,
} from './token-counts.ts';

type Path = readonly string[];

/** Where services put each count; the first place that has one decides. Each row names who writes it so. */
const places: Readonly<
  Record<'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning', readonly Path[]>
> = {
  input: [
    ['prompt_tokens'], // Chat Completions
    ['input_tokens'], // Responses, images, transcriptions
  ],
  output: [['completion_tokens'], ['output_tokens']],
  cacheRead: [
    ['prompt_tokens_details', 'cached_tokens'], // OpenAI, OpenRouter, xAI, Groq; vLLM and SGLang, where details are not null
    ['input_tokens_details', 'cached_tokens'], // Responses
    ['input_token_details', 'cached_tokens'], // transcriptions, and whatever speaks as the Realtime API does
    ['prompt_cache_hit_tokens'], // DeepSeek: api-docs.deepseek.com/api/create-chat-completion
    ['cached_tokens'], // Moonshot: platform.moonshot.ai/docs/api/chat
    ['num_cached_tokens'], // Mistral
    ['cache_read_input_tokens'], // LiteLLM, for Claude
    ['cache_read_tokens'],
  ],
  cacheWrite: [
    ['prompt_tokens_details', 'cache_write_tokens'], // OpenRouter
    ['prompt_tokens_details', 'cache_creation_tokens'], // LiteLLM
    ['input_tokens_details', 'cache_write_tokens'],
    ['cache_creation_input_tokens'], // LiteLLM, for Claude; DashScope
    ['cache_write_tokens'],
  ],
  reasoning: [
    ['completion_tokens_details', 'reasoning_tokens'],
    ['output_tokens_details', 'reasoning_tokens'],
    ['reasoning_tokens'], // Perplexity, Z.ai
  ],
};

function countOf(usage: JsonObject, name: keyof typeof places): number | undefined {
  for (const path of places[name]) {
    const count = countAt(usage, path);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** The counts in a usage object; undefined when it has none. */
export function readOpenaiUsage(usage: JsonObject): TokenCounts | undefined {
  const named = countOf(usage, 'input');
  const output = countOf(usage, 'output');
  const reasoning = countOf(usage, 'reasoning');
  return reported(
    {
      input: named ?? sumOf(asCount(usage.prompt_cache_hit_tokens), asCount(usage.prompt_cache_miss_tokens)),
      output: output === undefined ? undefined : output + apartFrom(named, output, reasoning, usage),
      cacheRead: countOf(usage, 'cacheRead'),
      cacheWrite: countOf(usage, 'cacheWrite'),
      reasoning,
      cost: reportedCost(usage),
    },
    mediaIn(usage),
  );
}

/**
 * Tokens that are no text: `audio_tokens` of Chat Completions, `image_tokens` of images, both of the Realtime API, whose details are
 * named in the singular as those of transcriptions are, and OpenRouter's `video_tokens`. Most answers have 0 of each, which is none.
 */
function mediaIn(usage: JsonObject): MediaTokens | undefined {
  const input = asObject(
    usage.prompt_tokens_details ?? usage.input_tokens_details ?? usage.input_token_details,
  );
  const output = asObject(
    usage.completion_tokens_details ?? usage.output_tokens_details ?? usage.output_token_details,
  );
  const cached = asObject(input?.cached_tokens_details);
  let media: MediaTokens | undefined;
  const take = (name: keyof MediaTokens, value: Json | undefined): void => {
    const count = asCount(value);
    if (count) media = { ...media, [name]: count };
  };
  take('audioInput', input?.audio_tokens);
  take('imageInput', input?.image_tokens);
  take('videoInput', input?.video_tokens);
  take('audioRead', cached?.audio_tokens);
  take('imageRead', cached?.image_tokens);
  take('audioOutput', output?.audio_tokens);
  take('imageOutput', output?.image_tokens);
  return media;
}

/**
 * Tokens of an answer that are not in its count: xAI has reasoning beside it, Google's endpoint in the total alone. The total
 * is billed.
 */
export function outputApart(usage: JsonObject): number {
  const output = countOf(usage, 'output');
  return output === undefined
    ? 0
    : apartFrom(countOf(usage, 'input'), output, countOf(usage, 'reasoning'), usage);
}

function apartFrom(
  input: number | undefined,
  output: number,
  reasoning: number | undefined,
  usage: JsonObject,
): number {
  const total = asCount(usage.total_tokens);
  if (total === undefined || input === undefined)
    return reasoning !== undefined && reasoning > output ? reasoning : 0;
  const apart = total - input - output;
  return apart > 0 && (reasoning === undefined || apart === reasoning) ? apart : 0;
}

/** The counts with the service tier beside them. */
export function withTier(counts: TokenCounts | undefined, tier: Json | undefined): TokenCounts | undefined {
  const serviceTier = counts && asTier(tier);
  return serviceTier === undefined ? counts : { ...counts, serviceTier };
}
