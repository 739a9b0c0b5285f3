/** `usage`. */
import type { Usage } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import { asNumber, asObject, unknownFields } from '../json-members.ts';
import { outputApart, readOpenaiUsage, withTier } from '../openai-usage.ts';
import { shownTotals, type UsageReader, writable } from '../token-counts.ts';
import { ownOf, toExtra } from './kept-fields.ts';

const known = new Set(['input_tokens', 'output_tokens', 'total_tokens']);

/** `usage` and, beside it, the service tier are in a response: alone, or in one of the events that report it. */
export const usageReader: UsageReader = {
  members: ['usage'],
  tierMember: 'service_tier',
  read: readOpenaiUsage,
  inAnswer(answer) {
    const response = asObject(answer.response) ?? answer;
    const usage = asObject(response.usage);
    return usage && withTier(readOpenaiUsage(usage), response.service_tier);
  },
};

/** Reads the `usage` of a response; undefined when it counts nothing. Counts that the model has no place for are put by. */
export function decodeUsage({ usage: value, service_tier: tier }: JsonObject): Usage | undefined {
  const given = asObject(value);
  const usage = given && writable(given);
  const counts = usage && withTier(readOpenaiUsage(usage), tier);
  if (usage === undefined || (counts?.input === undefined && counts?.output === undefined)) return undefined;
  const apart = outputApart(usage);
  const decoded: Usage = { ...counts, ...(apart > 0 && { outputApart: apart }) };
  // One recorded service has a negative count. Its client is shown that; it is not counted.
  decoded.output ??= asNumber(usage.output_tokens);
  const shown = shownTotals(decoded);
  const originalForm: JsonObject = {};
  const note = (name: string, written: number): void => {
    if (usage[name] !== written) originalForm[name] = usage[name] ?? null;
  };
  note('input_tokens', shown.input);
  note('output_tokens', shown.output);
  note('total_tokens', shown.input + shown.output);
  return { ...decoded, extra: toExtra(unknownFields(usage, known) ?? {}, originalForm) };
}

/** Writes `usage`; a client of this protocol gets its own details back. */
export function encodeUsage(usage: Usage): JsonObject {
  const own = ownOf(usage.extra);
  const { input, output } = shownTotals(usage);
  const details = own?.fields ?? {
    input_tokens_details: {
      cached_tokens: usage.cacheRead ?? 0,
      cache_write_tokens: usage.cacheWrite ?? 0,
    },
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
  };
  return {
    input_tokens: own?.originalForm.input_tokens ?? input,
    output_tokens: own?.originalForm.output_tokens ?? output,
    total_tokens: own?.originalForm.total_tokens ?? input + output,
    ...details,
  };
}
