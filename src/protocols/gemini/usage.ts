/** `usageMetadata`, both ways. */

import type { Usage } from '../answer.ts';
import type { Json, JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, unknownFields } from '../json-members.ts';
import {
  asCount,
  asTier,
  type MediaTokens,
  reported,
  shownTotals,
  sumOf,
  type TokenCounts,
  type UsageReader,
  writable,
} from '../token-counts.ts';
import { camelCased, ownFields, toExtra } from './kept-fields.ts';

const covered = new Set([
  'promptTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'cachedContentTokenCount',
]);

/** `usageMetadata` is in an answer or in each chunk of it; an interaction has `usage`, with totals. */
export const usageReader: UsageReader = {
  members: ['usageMetadata', 'usage_metadata', 'usage'],
  reasoningApart: true,
  read: (usage) => readUsage(camelCased(usage)),
  inAnswer(answer) {
    const { usageMetadata, usage } = camelCased(
      asObject(answer.response) ?? asObject(answer.interaction) ?? answer,
    );
    const found = asObject(usageMetadata) ?? asObject(usage);
    return found && readUsage(camelCased(found));
  },
};

/**
 * The counts of `usageMetadata` (ai.google.dev/api/generate-content#UsageMetadata), of the Live API, which has
 * `responseTokenCount`, and of an interaction (ai.google.dev/api/interactions-api#Usage). What tools brought in is a count of its
 * own, and so are thoughts.
 */
function readUsage(usage: JsonObject): TokenCounts | undefined {
  const count = (name: string): number | undefined => asCount(usage[name]);
  const input = sumOf(
    count('promptTokenCount') ?? count('totalInputTokens'),
    count('toolUsePromptTokenCount') ?? count('totalToolUseTokens'),
  );
  const reasoning = count('thoughtsTokenCount') ?? count('totalThoughtTokens');
  const output = sumOf(
    count('candidatesTokenCount') ?? count('responseTokenCount') ?? count('totalOutputTokens'),
    reasoning,
  );
  return reported(
    {
      input,
      // Google leaves out counts of zero; by the total there are no others.
      output: output ?? (input !== undefined && input === count('totalTokenCount') ? 0 : undefined),
      cacheRead: count('cachedContentTokenCount') ?? count('totalCachedTokens'),
      reasoning,
      serviceTier: asTier(usage.serviceTier) ?? tierOfTraffic(usage.trafficType),
    },
    mediaIn(usage),
  );
}

/** The members with counts by modality, those of an interaction after those of generating; our name for each kind. */
const byModality: readonly {
  lists: readonly string[];
  names: Readonly<Partial<Record<string, keyof MediaTokens>>>;
}[] = [
  {
    lists: [
      'promptTokensDetails',
      'inputTokensByModality',
      'toolUsePromptTokensDetails',
      'toolUseTokensByModality',
    ],
    names: { AUDIO: 'audioInput', IMAGE: 'imageInput', VIDEO: 'videoInput' },
  },
  {
    lists: ['cacheTokensDetails', 'cachedTokensByModality'],
    names: { AUDIO: 'audioRead', IMAGE: 'imageRead' },
  },
  {
    lists: ['candidatesTokensDetails', 'responseTokensDetails', 'outputTokensByModality'],
    names: { AUDIO: 'audioOutput', IMAGE: 'imageOutput' },
  },
];

/** More kinds of tokens than this no list has: there are six (`MediaModality` of @google/genai). */
const mostModalities = 16;

/** Tokens that are no text. Undefined where there are none. */
function mediaIn(usage: JsonObject): MediaTokens | undefined {
  let media: MediaTokens | undefined;
  for (const { lists, names } of byModality)
    for (const list of lists) {
      if (usage[list] === undefined) continue;
      for (const said of asObjects(usage[list]).slice(0, mostModalities)) {
        const { modality, tokenCount, tokens } = camelCased(said);
        const name = typeof modality === 'string' ? names[modality.toUpperCase()] : undefined;
        const count = asCount(tokenCount) ?? asCount(tokens);
        if (name !== undefined && count) media = { ...media, [name]: (media?.[name] ?? 0) + count };
      }
    }
  return media;
}

/** Vertex AI names the tier in the kind of traffic: `ON_DEMAND_PRIORITY`, `ON_DEMAND_FLEX` (`TrafficType` of @google/genai). */
function tierOfTraffic(traffic: Json | undefined): string | undefined {
  return typeof traffic === 'string' ? asTier(/^ON_DEMAND_(\w+)$/.exec(traffic)?.[1]) : undefined;
}

/** Reads the counts; undefined when there are none yet (Vertex AI begins with the kind of traffic only). */
export function decodeUsage(value: JsonObject): Usage | undefined {
  const counts = writable(camelCased(value));
  const usage: Usage | undefined = readUsage(counts);
  if (usage?.input === undefined && usage?.output === undefined) return undefined;
  const extra = toExtra(unknownFields(counts, covered));
  if (extra !== undefined) usage.extra = extra;
  return usage;
}

/** Writes the counts as Google does: counts of zero are left out, all but that of the prompt. */
export function encodeUsage(usage: Usage): JsonObject {
  const own = ownFields(usage.extra);
  const { input, output } = shownTotals(usage);
  const { reasoning = 0 } = usage;
  const candidates = Math.max(0, output - reasoning);
  return {
    promptTokenCount: Math.max(0, input - (asNumber(own?.toolUsePromptTokenCount) ?? 0)),
    ...(candidates > 0 && { candidatesTokenCount: candidates }),
    ...(usage.cacheRead && { cachedContentTokenCount: usage.cacheRead }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    ...(own === undefined && { totalTokenCount: input + output }),
    ...own,
  };
}
