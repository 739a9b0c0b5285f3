/** What the largest size of an answer is called, and that size made smaller. */
import type { LossReport } from './codec.ts';
import type { JsonObject } from './json.ts';
import { asNumber } from './json-members.ts';

/**
 * What the protocols call it, as {@link folded} writes it. The last two are words of programs that serve models, which take them
 * beside OpenAI's (ggml-org/llama.cpp, tools/server; huggingface/text-generation-inference).
 */
const limitNames = new Set([
  ...['maxtokens', 'maxcompletiontokens', 'maxoutputtokens'],
  ...['npredict', 'numpredict', 'maxnewtokens'],
]);

/** Whether a member of this name, in this writing, is the largest size of an answer to some service. */
export function isLimitName(name: string): boolean {
  return name.length <= longestName && limitNames.has(folded(name));
}

/** Longer names are none of these, whatever way they are written. */
const longestName = 200;

/**
 * A name without the differences that some services do not mind: Google reads its own names in both spellings, and services in
 * Go take keys in any case, `ſ` and the Kelvin sign for s and k (encoding/json).
 */
export function folded(name: string): string {
  return name.replaceAll('_', '').toUpperCase().toLowerCase();
}

/**
 * The node with at most so many tokens wherever it has a limit, in any spelling, else in the field `usual`; the very same one
 * where it has that limit already. Of several limits the provider decides which one applies.
 */
export function withLimits(node: JsonObject, usual: string, most: number, report: LossReport): JsonObject {
  const said = Object.keys(node).filter((name) => isLimitName(name) && node[name] != null);
  const changes: JsonObject = {};
  for (const name of said.length === 0 ? [usual] : said) {
    const wanted = asNumber(node[name]);
    // A negative number is no limit at all to some services.
    if (wanted !== undefined && wanted >= 0 && wanted <= most) continue;
    changes[name] = most;
    if (wanted !== undefined) report('approximated', 'max_tokens', `${most}, the limit of the model route`);
  }
  return Object.keys(changes).length === 0 ? node : { ...node, ...changes };
}
