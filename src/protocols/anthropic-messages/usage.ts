/** Token counts: `input_tokens` leaves the cached tokens out, the canonical `input` counts them in. */
import { asNumber, asObject, type JsonObject, unknownFields } from '../json.ts';
import type { Usage } from '../model.ts';
import { ownFields, protocol } from './native.ts';

const known = new Set([
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
]);

export function decodeUsage(value: JsonObject): Usage {
  const cacheRead = asNumber(value.cache_read_input_tokens);
  const cacheWrite = asNumber(value.cache_creation_input_tokens);
  const reasoning = asNumber(asObject(value.output_tokens_details)?.thinking_tokens);
  const usage: Usage = {
    input: (asNumber(value.input_tokens) ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: asNumber(value.output_tokens) ?? 0,
    extra: { protocol, fields: unknownFields(value, known) ?? {} },
  };
  if (cacheRead !== undefined) usage.cacheRead = cacheRead;
  if (cacheWrite !== undefined) usage.cacheWrite = cacheWrite;
  if (reasoning !== undefined) usage.reasoning = reasoning;
  return usage;
}

/** Writes the counts; those of another protocol get every field that clients read. */
export function encodeUsage(usage: Usage | undefined): JsonObject {
  if (usage === undefined) return encodeUsage({ input: 0, output: 0 });
  const cached = (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
  const input = Math.max(0, usage.input - cached);
  const own = ownFields(usage.extra);
  if (own !== undefined) {
    return {
      input_tokens: input,
      ...(usage.cacheWrite !== undefined && { cache_creation_input_tokens: usage.cacheWrite }),
      ...(usage.cacheRead !== undefined && { cache_read_input_tokens: usage.cacheRead }),
      output_tokens: usage.output,
      ...own,
    };
  }
  return {
    input_tokens: input,
    cache_creation_input_tokens: usage.cacheWrite ?? 0,
    cache_read_input_tokens: usage.cacheRead ?? 0,
    output_tokens: usage.output,
    ...(usage.reasoning !== undefined && { output_tokens_details: { thinking_tokens: usage.reasoning } }),
  };
}
