/** Token counts: `input_tokens` leaves the cached tokens out, the canonical `input` counts them in. */
import type { Usage } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import { asObject, unknownFields } from '../json-members.ts';
import {
  asCount,
  asTier,
  countAt,
  reported,
  reportedCost,
  shownTotals,
  sumOf,
  type TokenCounts,
  type UsageReader,
  writable,
} from '../token-counts.ts';
import { ownFields, protocol } from './kept-fields.ts';

const known = new Set([
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
]);

/**
 * `usage` is in an answer, in `message_start` and in `message_delta`, whose counts replace those of the start: they need not
 * repeat those of the input.
 */
export const usageReader: UsageReader = {
  members: ['usage'],
  beginsBefore: '"message_delta"',
  cacheApart: true,
  read: readUsage,
  inAnswer(answer) {
    const usage = asObject(asObject(answer.message)?.usage ?? answer.usage);
    return usage && readUsage(usage);
  },
};

/** platform.claude.com/docs/en/api/messages/create, `usage`; `speed`: platform.claude.com/docs/en/build-with-claude/fast-mode. */
function readUsage(usage: JsonObject): TokenCounts | undefined {
  const hour = countAt(usage, ['cache_creation', 'ephemeral_1h_input_tokens']);
  const cacheRead = asCount(usage.cache_read_input_tokens);
  const cacheWrite =
    asCount(usage.cache_creation_input_tokens) ??
    sumOf(hour, countAt(usage, ['cache_creation', 'ephemeral_5m_input_tokens']));
  const speed = asTier(usage.speed);
  return reported({
    input: sumOf(asCount(usage.input_tokens), cacheRead, cacheWrite),
    output: asCount(usage.output_tokens),
    cacheRead,
    cacheWrite,
    cacheWrite1h: hour,
    reasoning: countAt(usage, ['output_tokens_details', 'thinking_tokens']),
    serviceTier: speed === undefined || speed === 'standard' ? asTier(usage.service_tier) : speed,
    cost: reportedCost(usage),
  });
}

export function decodeUsage(given: JsonObject): Usage {
  const usage = writable(given);
  return { ...readUsage(usage), extra: { protocol, fields: unknownFields(usage, known) ?? {} } };
}

/** Writes the counts; those of another protocol get every field that clients read. */
export function encodeUsage(usage: Usage | undefined): JsonObject {
  if (usage === undefined) return encodeUsage({ input: 0, output: 0 });
  const { input: total, output } = shownTotals(usage);
  const cached = (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
  const input = Math.max(0, total - cached);
  const own = ownFields(usage.extra);
  if (own !== undefined) {
    return {
      input_tokens: input,
      ...(usage.cacheWrite !== undefined && { cache_creation_input_tokens: usage.cacheWrite }),
      ...(usage.cacheRead !== undefined && { cache_read_input_tokens: usage.cacheRead }),
      output_tokens: output,
      ...own,
    };
  }
  return {
    input_tokens: input,
    cache_creation_input_tokens: usage.cacheWrite ?? 0,
    cache_read_input_tokens: usage.cacheRead ?? 0,
    output_tokens: output,
    ...(usage.reasoning !== undefined && { output_tokens_details: { thinking_tokens: usage.reasoning } }),
  };
}
