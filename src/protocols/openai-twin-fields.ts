/** Fields of a request that both APIs of OpenAI have under one name, and nobody else. */
import { sayingFields } from './extra.ts';
import type { JsonObject } from './json.ts';
import type { Request } from './model.ts';

/** platform.openai.com/docs/api-reference/responses/create and /chat/create. */
const twins = ['safety_identifier', 'prompt_cache_options', 'prompt_cache_retention'];

/** Those of a request that one of the two has read, for the other. */
export function twinFields({ extra }: Request): JsonObject {
  if (extra?.protocol !== 'openai-chat' && extra?.protocol !== 'openai-responses') return {};
  const said = sayingFields(extra).filter((field) => twins.includes(field));
  return Object.fromEntries(said.map((field) => [field, extra.fields[field] ?? null]));
}
