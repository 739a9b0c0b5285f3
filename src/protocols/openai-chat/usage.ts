/** Token counts in OpenAI's words and in those of servers near it. */
import type { Json, JsonObject } from '../json.ts';
import { asNumber, asObject } from '../json.ts';
import type { Usage } from '../model.ts';
import { keep, ownFields } from './own-extra.ts';

/** Where servers say how many prompt tokens came from their cache; the first one that speaks counts. */
function cacheRead(usage: JsonObject): number | undefined {
  return (
    asNumber(asObject(usage.prompt_tokens_details)?.cached_tokens) ??
    asNumber(usage.prompt_cache_hit_tokens) ??
    asNumber(usage.cached_tokens) ??
    asNumber(usage.num_cached_tokens) ??
    asNumber(usage.cache_read_input_tokens) ??
    asNumber(usage.cache_read_tokens)
  );
}

function cacheWrite(usage: JsonObject): number | undefined {
  return (
    asNumber(asObject(usage.prompt_tokens_details)?.cache_write_tokens) ??
    asNumber(usage.cache_creation_input_tokens) ??
    asNumber(usage.cache_write_tokens)
  );
}

function reasoningTokens(usage: JsonObject): number | undefined {
  return (
    asNumber(asObject(usage.completion_tokens_details)?.reasoning_tokens) ?? asNumber(usage.reasoning_tokens)
  );
}

/**
 * Reads a `usage` object; undefined when it counts nothing. Counts are taken as the server says them, also where it
 * leaves reasoning out of `completion_tokens` (Google, Grok): then `output` is smaller than the true sum.
 */
export function decodeUsage(value: Json | undefined): Usage | undefined {
  const usage = asObject(value);
  const input = asNumber(usage?.prompt_tokens);
  const output = asNumber(usage?.completion_tokens);
  if (usage === undefined || (input === undefined && output === undefined)) return undefined;
  const decoded: Usage = { input: input ?? 0, output: output ?? 0 };
  const read = cacheRead(usage);
  const written = cacheWrite(usage);
  const reasoning = reasoningTokens(usage);
  if (read !== undefined) decoded.cacheRead = read;
  if (written !== undefined) decoded.cacheWrite = written;
  if (reasoning !== undefined) decoded.reasoning = reasoning;
  const { prompt_tokens: _, completion_tokens: __, total_tokens: total, ...rest } = usage;
  const exact = total === decoded.input + decoded.output;
  // The whole rest is kept, details with their covered counts too: which field said them is part of the spelling.
  const extra = keep(
    Object.keys(rest).length > 0 ? rest : undefined,
    exact ? undefined : { total_tokens: total },
  );
  if (extra !== undefined) decoded.extra = extra;
  return decoded;
}

/** Writes a `usage` object, with the details that are known. */
export function encodeUsage(usage: Usage): JsonObject {
  const own = ownFields(usage.extra);
  const out: JsonObject = {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    ...own,
  };
  const prompt: JsonObject = {};
  if (usage.cacheRead !== undefined && (own === undefined || cacheRead(own) !== usage.cacheRead))
    prompt.cached_tokens = usage.cacheRead;
  if (usage.cacheWrite !== undefined && (own === undefined || cacheWrite(own) !== usage.cacheWrite))
    prompt.cache_write_tokens = usage.cacheWrite;
  addDetails(out, 'prompt_tokens_details', prompt);
  if (usage.reasoning !== undefined && (own === undefined || reasoningTokens(own) !== usage.reasoning))
    addDetails(out, 'completion_tokens_details', { reasoning_tokens: usage.reasoning });
  return out;
}

function addDetails(out: JsonObject, field: string, details: JsonObject): void {
  if (Object.keys(details).length > 0) out[field] = { ...asObject(out[field]), ...details };
}
