/** `usage`. */
import { asNumber, asObject, type Json, type JsonObject, unknownFields } from '../json.ts';
import type { Usage } from '../model.ts';
import { ownOf, toExtra } from './native.ts';

const known = new Set(['input_tokens', 'output_tokens', 'total_tokens']);

/** Reads `usage`; undefined when there is none. Counts that the model has no place for are put by. */
export function decodeUsage(value: Json | undefined): Usage | undefined {
  const usage = asObject(value);
  const input = asNumber(usage?.input_tokens);
  const output = asNumber(usage?.output_tokens);
  if (usage === undefined || input === undefined || output === undefined) return undefined;
  const fields = unknownFields(usage, known) ?? {};
  const cacheRead = asNumber(asObject(usage.input_tokens_details)?.cached_tokens);
  const cacheWrite = asNumber(asObject(usage.input_tokens_details)?.cache_write_tokens);
  const reasoning = asNumber(asObject(usage.output_tokens_details)?.reasoning_tokens);
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(reasoning !== undefined && { reasoning }),
    extra: toExtra(
      fields,
      usage.total_tokens === input + output ? {} : { total_tokens: usage.total_tokens ?? null },
    ),
  };
}

/** Writes `usage`; a client of this protocol gets its own details back. */
export function encodeUsage(usage: Usage): JsonObject {
  const own = ownOf(usage.extra);
  const details = own?.fields ?? {
    input_tokens_details: {
      cached_tokens: usage.cacheRead ?? 0,
      cache_write_tokens: usage.cacheWrite ?? 0,
    },
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
  };
  return {
    input_tokens: usage.input,
    output_tokens: usage.output,
    total_tokens: own?.spelling.total_tokens ?? usage.input + usage.output,
    ...details,
  };
}
