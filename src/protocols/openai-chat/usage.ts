/** Token counts in OpenAI's words and in those of servers near it. */

import type { Usage } from '../answer.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';
import { outputApart, readOpenaiUsage, withTier } from '../openai-usage.ts';
import { shownTotals, type UsageReader, writable } from '../token-counts.ts';
import { keep, ownFields } from './kept-fields.ts';

/** `usage` is in an answer or a chunk, in its first choice (Moonshot's streams) or in `x_groq`; its tier is beside it. */
export const usageReader: UsageReader = {
  members: ['usage'],
  tierMember: 'service_tier',
  read: readOpenaiUsage,
  inAnswer(answer) {
    const usage = usageIn(answer);
    return usage && withTier(readOpenaiUsage(usage), answer.service_tier);
  },
};

/** The usage object of an answer or a chunk: the first place that has one decides. */
export function usageIn(chunk: JsonObject): JsonObject | undefined {
  const { choices } = chunk;
  let usage = asObject(chunk.usage);
  if (usage === undefined && Array.isArray(choices))
    for (const choice of choices) usage ??= isObject(choice) ? asObject(choice.usage) : undefined;
  return usage ?? asObject(asObject(chunk.x_groq)?.usage);
}

/** Reads a `usage` object; undefined when it counts nothing. `tier` is the member beside it. */
export function decodeUsage(given: JsonObject | undefined, tier: Json | undefined): Usage | undefined {
  if (given === undefined) return undefined;
  const usage = writable(given);
  const decoded: Usage | undefined = withTier(readOpenaiUsage(usage), tier);
  if (decoded?.input === undefined && decoded?.output === undefined) return undefined;
  const { prompt_tokens: input, completion_tokens: output, total_tokens: total, ...rest } = usage;
  // What is written back the same way by itself is not kept. The whole rest is, details with their covered counts too: which
  // field had them is part of the original form.
  const apart = outputApart(usage);
  if (apart > 0) decoded.outputApart = apart;
  const shown = shownTotals(decoded);
  const originalForm: JsonObject = {};
  if (input !== shown.input) originalForm.prompt_tokens = input;
  if (output !== shown.output) originalForm.completion_tokens = output;
  if (total !== shown.input + shown.output) originalForm.total_tokens = total;
  const extra = keep(notEmpty(rest), notEmpty(originalForm));
  if (extra !== undefined) decoded.extra = extra;
  return decoded;
}

function notEmpty(fields: JsonObject): JsonObject | undefined {
  return Object.keys(fields).length > 0 ? fields : undefined;
}

/** Writes a `usage` object, with the details that are known. */
export function encodeUsage(usage: Usage): JsonObject {
  const own = ownFields(usage.extra);
  const said = own && readOpenaiUsage(own);
  const { input, output } = shownTotals(usage);
  const out: JsonObject = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...own,
  };
  const prompt: JsonObject = {};
  if (usage.cacheRead !== undefined && said?.cacheRead !== usage.cacheRead)
    prompt.cached_tokens = usage.cacheRead;
  if (usage.cacheWrite !== undefined && said?.cacheWrite !== usage.cacheWrite)
    prompt.cache_write_tokens = usage.cacheWrite;
  addDetails(out, 'prompt_tokens_details', prompt);
  if (usage.reasoning !== undefined && said?.reasoning !== usage.reasoning)
    addDetails(out, 'completion_tokens_details', { reasoning_tokens: usage.reasoning });
  return out;
}

function addDetails(out: JsonObject, field: string, details: JsonObject): void {
  if (Object.keys(details).length > 0) out[field] = { ...asObject(out[field]), ...details };
}
