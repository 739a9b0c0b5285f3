/** Models that a body names beside its own: what falls in for it, and what its tools ask. A key with a list of models may use those alone. */
import { folded } from '../protocols/answer-limit.ts';
import { openBrace, openBracket, quote } from '../protocols/ascii.ts';
import {
  keyOf,
  type MemberVisitor,
  stringValue,
  valueEnd,
  walkElements,
  walkMembers,
} from '../protocols/json-span.ts';

/**
 * Members of a body below which models are named, as {@link folded} writes them. `fallbacks`: @anthropic-ai/sdk, BetaFallbackParam, and services
 * with OpenAI's protocol; `models`: openrouter.ai/docs/guides/routing/model-fallbacks, vercel.com/docs/ai-gateway
 * (`providerOptions.gateway`); `plugins`: openrouter.ai/docs/features/plugins; `tools`: the advisor of Claude and OpenAI's image
 * generation have a model of their own, and its SVGs one more; `svg`, `moderation`: openai/resources/images, chat/completions;
 * `generationConfig.routingConfig`: @google/genai, GenerationConfigRoutingConfig.
 */
const places: ReadonlySet<string> = new Set([
  ...['models', 'fallbacks', 'provideroptions', 'plugins', 'tools', 'svg', 'moderation'],
  ...['generationconfig', 'routingconfig'],
]);
/** Members that are, or list, the names themselves. */
const names: ReadonlySet<string> = new Set(['model', 'models', 'modelname', 'fallbacks', 'allowedmodels']);
/** Members that describe what a client's own functions take: a word in them is no model that is asked. */
const described: ReadonlySet<string> = new Set([
  ...['parameters', 'parametersjsonschema', 'inputschema', 'outputschema', 'schema', 'responseschema'],
  ...['responsejsonschema', 'function', 'functiondeclarations', 'inputexamples', 'examples', 'format'],
]);
/** Models that are looked up for one request, far above what services take: a body may name a hundred thousand. One more says that there are more. */
export const mostNamed = 256;
/** Levels of lists and objects in which names are looked for; none of these places has more. */
const deepest = 8;
/** Letters of the longest of these names in any writing. */
const longestName = 40;

/**
 * Adds the names in each member of a body that it is given. Of members of one name each counts: which of them a provider takes is for it to say.
 * `inAddress`: the model stands there, and the body's own `model` is one more unless it says the same (Google's may repeat it).
 */
export function namedModels(buffer: Buffer, found: Set<string>, inAddress?: string): MemberVisitor {
  const foldedKey = (start: number, end: number): string =>
    folded(keyOf(buffer, start, end, longestName) ?? '');

  function take(name: string): void {
    if (found.size <= mostNamed) found.add(name);
  }

  /** What stands at a place: a name, where names stand, or what may hold some. Returns the offset behind it: each byte is looked at once. */
  function look(start: number, isName: boolean, levels: number): number {
    const first = buffer[start];
    if (levels > 0 && first === openBracket)
      return walkElements(buffer, start, (at) => look(at, isName, levels - 1));
    if (levels > 0 && first === openBrace)
      return walkMembers(buffer, start, (keyStart, keyEnd, at) => {
        const key = foldedKey(keyStart, keyEnd);
        return described.has(key) ? valueEnd(buffer, at) : look(at, names.has(key), levels - 1);
      });
    const end = valueEnd(buffer, start);
    if (isName && first === quote && end >= 0) take(stringValue(buffer, start, end) ?? '');
    return end;
  }

  return (keyStart, keyEnd, start, end) => {
    const key = foldedKey(keyStart, keyEnd);
    if (key === 'model' && inAddress !== undefined && buffer[start] === quote) {
      const name = (stringValue(buffer, start, end) ?? '').replace(/^models\//, '');
      if (name !== inAddress) take(name);
    } else if (places.has(key)) look(start, names.has(key), deepest);
  };
}
