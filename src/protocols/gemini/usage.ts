/** `usageMetadata`, both ways. */
import { asNumber, type JsonObject, unknownFields } from '../json.ts';
import type { Usage } from '../model.ts';
import { camelCased, ownFields, toExtra } from './wire.ts';

const covered = new Set([
  'promptTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'cachedContentTokenCount',
]);

/** Reads the counts; undefined when there are none yet (Vertex AI begins with the kind of traffic only). */
export function decodeUsage(value: JsonObject): Usage | undefined {
  const counts = camelCased(value);
  const prompt = asNumber(counts.promptTokenCount);
  const candidates = asNumber(counts.candidatesTokenCount);
  if (prompt === undefined && candidates === undefined) return undefined;
  const thoughts = asNumber(counts.thoughtsTokenCount);
  const cached = asNumber(counts.cachedContentTokenCount);
  const usage: Usage = {
    // What tools brought in is a count of its own there.
    input: (prompt ?? 0) + (asNumber(counts.toolUsePromptTokenCount) ?? 0),
    output: (candidates ?? 0) + (thoughts ?? 0),
  };
  if (cached !== undefined) usage.cacheRead = cached;
  if (thoughts !== undefined) usage.reasoning = thoughts;
  const extra = toExtra(unknownFields(counts, covered));
  if (extra !== undefined) usage.extra = extra;
  return usage;
}

/** Writes the counts as Google does: counts of zero are left out, all but that of the prompt. */
export function encodeUsage(usage: Usage): JsonObject {
  const own = ownFields(usage.extra);
  const reasoning = usage.reasoning ?? 0;
  const candidates = Math.max(0, usage.output - reasoning);
  return {
    promptTokenCount: Math.max(0, usage.input - (asNumber(own?.toolUsePromptTokenCount) ?? 0)),
    ...(candidates > 0 && { candidatesTokenCount: candidates }),
    ...(usage.cacheRead && { cachedContentTokenCount: usage.cacheRead }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    ...(own === undefined && { totalTokenCount: usage.input + usage.output }),
    ...own,
  };
}
