/** Settings that both APIs of OpenAI have, and what its models take of them. */
import { sayingFields } from './extra.ts';
import type { Json, JsonObject } from './json.ts';
import { asBoolean, asString } from './json-members.ts';
import type { JsonSchema, OutputFormat, ReasoningSetting, Request } from './request.ts';

/** The verbosity that every model takes. */
export const usualVerbosity = 'medium';

/**
 * Models before GPT-5, those for conversation and the o line answer 400 to any other: "'verbosity' does not support 'low' with
 * this model" (google-deepmind/concordia#164; each model asked: enricoros/big-AGI#947).
 */
export function refusesVerbosity(model: string, wanted: string): boolean {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  return wanted !== usualVerbosity && /^(?:gpt-[34]|chatgpt-|o\d|gpt-5(?:\.\d+)?-chat)/.test(name);
}

/** Fields that both have under one name, and no other protocol: platform.openai.com/docs/api-reference/responses/create and /chat/create. */
const twins = ['safety_identifier', 'prompt_cache_options', 'prompt_cache_retention'];

/** Those of a request that one of the two has read, for the other. */
export function twinFields({ extra }: Request): JsonObject {
  if (extra?.protocol !== 'openai-chat' && extra?.protocol !== 'openai-responses') return {};
  const said = sayingFields(extra).filter((field) => twins.includes(field));
  return Object.fromEntries(said.map((field) => [field, extra.fields[field] ?? null]));
}

/** Anthropic's names of what OpenAI calls `default`. */
export function openaiTier(tier: string | undefined): string | undefined {
  return tier === 'standard_only' || tier === 'standard' ? 'default' : tier;
}

/** How much of its thinking a client of either sees, in the word of both; undefined for other words. */
export function summaryWord(value: Json | undefined): ReasoningSetting['show'] {
  return value === 'auto' || value === 'concise' || value === 'detailed' || value === 'none'
    ? value
    : undefined;
}

/** Reads the object that describes a `json_schema`, which is at another place in each of the two. */
export function namedSchema({ name, description, strict }: JsonObject, schema: JsonSchema): OutputFormat {
  return {
    type: 'json-schema',
    schema,
    name: asString(name),
    description: asString(description),
    strict: asBoolean(strict),
  };
}
