/** What a service reports that a request has cost, in the same terms for every protocol. */

import type { Json, JsonObject } from './json.ts';
import { asObject } from './json-members.ts';

/** Tokens that are no text, where a service counts them apart: each is part of a total, and undefined where there are none. */
export interface MediaTokens {
  /** Of the input: what was heard, seen, and both. */
  audioInput?: number | undefined;
  imageInput?: number | undefined;
  videoInput?: number | undefined;
  /** Of `audioInput` and `imageInput`: what came from the provider's prompt cache, and is in `cacheRead` too. */
  audioRead?: number | undefined;
  imageRead?: number | undefined;
  /** Of the output. */
  audioOutput?: number | undefined;
  imageOutput?: number | undefined;
}

export const mediaNames = [
  'audioInput',
  'imageInput',
  'videoInput',
  'audioRead',
  'imageRead',
  'audioOutput',
  'imageOutput',
] as const satisfies readonly (keyof MediaTokens)[];

/**
 * The counts of one answer. A field that the service did not report is undefined, never 0. Totals include their parts: `input`
 * the cached tokens, `output` the reasoning tokens, `cacheWrite` those that are kept for an hour.
 */
export interface TokenCounts extends MediaTokens {
  /** Prompt tokens: new ones, those from the provider's cache and those put there. */
  input?: number | undefined;
  /** Of the input: what came from the provider's prompt cache. */
  cacheRead?: number | undefined;
  /** Of the input: what was put into that cache, for whatever time. */
  cacheWrite?: number | undefined;
  /** Of `cacheWrite`: what is kept there for an hour; the rest is kept for five minutes. */
  cacheWrite1h?: number | undefined;
  /** Tokens of the answer, reasoning included. */
  output?: number | undefined;
  /** Of the output: tokens of reasoning, shown or not. */
  reasoning?: number | undefined;
  /** How the answer was served, in the service's own word in lower case: `default`, `standard`, `flex`, `priority`, `fast` … */
  serviceTier?: string | undefined;
  /** US dollars that the service itself reports for the request. */
  cost?: number | undefined;
}

/** How one protocol reports token counts. Bytes that pass through and answers that are translated are read by the same reader. */
export interface UsageReader {
  /** The members whose value is a usage object, the likeliest first. */
  readonly members: readonly string[];
  /** The member beside a usage object that names the service tier, where that is not inside. */
  readonly tierMember?: string;
  /** What an event holds behind which the beginning of a stream has no counts: for protocols that report the input first. */
  readonly beginsBefore?: string;
  /** Whether the protocol's own input leaves the cached tokens out. */
  readonly cacheApart?: true;
  /** Whether the protocol's own output leaves the reasoning out. */
  readonly reasoningApart?: true;
  /** The counts in a usage object; undefined when it has none. */
  read(usage: JsonObject): TokenCounts | undefined;
  /** The counts in a whole answer or in one event of a stream; undefined when there are none. */
  inAnswer(answer: JsonObject): TokenCounts | undefined;
}

/** More tokens than any request has: a service that reports more has not counted. */
const mostTokens = 1e12;

/** A count that can be one: neither negative nor beyond all measure; one in fractions, as some services average it, is rounded. */
export function asCount(value: Json | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= mostTokens ? Math.round(value) : undefined;
}

/** More US dollars than this no request costs. */
const mostDollars = 1e5;

function asDollars(value: Json | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= mostDollars ? value : undefined;
}

/** The count at a path of member names. */
export function countAt(usage: JsonObject, path: readonly string[]): number | undefined {
  let value: Json | undefined = usage;
  for (const name of path) value = asObject(value)?.[name];
  return asCount(value);
}

/**
 * A usage object without numbers that JSON does not have (`1e999`): written for a client they would be null. The very same object where
 * it has none.
 */
export function writable(usage: JsonObject): JsonObject {
  if (!Object.values(usage).some(isEndless)) return usage;
  const left: JsonObject = {};
  for (const [name, value] of Object.entries(usage)) {
    const inner = asObject(value);
    if (inner !== undefined) left[name] = writable(inner);
    else if (!isEndless(value)) left[name] = value;
  }
  return left;
}

/** Whether a value is, or holds in an object, such a number. Lists of them no service has. */
function isEndless(value: Json | undefined): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  const inner = asObject(value);
  return inner !== undefined && Object.values(inner).some(isEndless);
}

/** The sum of the counts that are there; undefined when none is. */
export function sumOf(...counts: (number | undefined)[]): number | undefined {
  let total: number | undefined;
  for (const count of counts) if (count !== undefined) total = (total ?? 0) + count;
  return total;
}

/** The name of a service tier, in lower case. */
export function asTier(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= longestTier
    ? value.toLowerCase()
    : undefined;
}

/** Characters of a tier's name: the longest known has 19. */
const longestTier = 40;

/**
 * The counts without those that were not reported; undefined when none was. A tier alone counts nothing. `media`: tokens that are
 * no text; most answers have none.
 */
export function reported(counts: TokenCounts, media?: MediaTokens): TokenCounts | undefined {
  const { input, output, cacheRead, cacheWrite, cacheWrite1h, reasoning, serviceTier, cost } = counts;
  if ((sumOf(input, output, cacheRead, cacheWrite, reasoning, cost) ?? -1) < 0) return undefined;
  // One after the other: made of eight spread objects it took longer than all of the reading, with every answer.
  const present: TokenCounts = {};
  if (input !== undefined) present.input = input;
  if (output !== undefined) present.output = output;
  if (cacheRead !== undefined) present.cacheRead = cacheRead;
  if (cacheWrite !== undefined) present.cacheWrite = cacheWrite;
  if (cacheWrite1h !== undefined) present.cacheWrite1h = cacheWrite1h;
  if (reasoning !== undefined) present.reasoning = reasoning;
  if (serviceTier !== undefined) present.serviceTier = serviceTier;
  if (cost !== undefined) present.cost = cost;
  return media === undefined ? present : Object.assign(present, media);
}

/** The counts of a usage alone, without what its codec put by beside them. */
export function countsOf(
  usage: (TokenCounts & { outputApart?: unknown; extra?: unknown }) | undefined,
): TokenCounts {
  const { outputApart: _, extra: __, ...counts } = usage ?? {};
  return counts.output !== undefined && counts.output < 0 ? { ...counts, output: undefined } : counts;
}

/** The totals that clients are shown, with 0 for what was not reported. */
export function shownTotals({
  input = 0,
  output = 0,
  outputApart = 0,
}: TokenCounts & { outputApart?: number | undefined }): {
  input: number;
  output: number;
} {
  return { input, output: output - outputApart };
}

/** xAI counts money in these: 10^10 to the US dollar (docs.x.ai/developers/cost-tracking). */
const ticksPerDollar = 10_000_000_000;

/**
 * The cost of the request by the service, in US dollars. OpenRouter: `cost` is what it charges; of a request with the owner's
 * own key for the maker, the maker's price comes on top (openrouter.ai/docs/use-cases/usage-accounting). Perplexity:
 * `cost.total_cost` (docs.perplexity.ai/api-reference/chat-completions-post).
 */
export function reportedCost(usage: JsonObject): number | undefined {
  const { cost_in_usd_ticks: ticks, cost, cost_details: details } = usage;
  if (typeof ticks === 'number') return asDollars(ticks / ticksPerDollar);
  const charged = asDollars(cost) ?? asDollars(asObject(cost)?.total_cost);
  if (usage.is_byok !== true) return charged;
  return sumOf(charged, asDollars(asObject(details)?.upstream_inference_cost));
}
