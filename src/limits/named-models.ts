/** Models that a body names beside its own: what falls in for it, and what its tools ask. A key with a list of models may use those alone. */
import { quote } from '../protocols/json-characters.ts';
import { eachElement, eachMember, keyOf, type MemberVisitor, stringValue } from '../protocols/json-span.ts';

/** Takes what stands at this place of the text. */
type Reader = (buffer: Buffer, start: number, end: number, names: Set<string>) => void;

/**
 * Where they stand. `fallbacks`: @anthropic-ai/sdk, BetaFallbackParam, and services with OpenAI's protocol; `models`:
 * openrouter.ai/docs/guides/routing/model-fallbacks, vercel.com/docs/ai-gateway (`providerOptions.gateway`); `tools`: the advisor
 * of Claude and OpenAI's image generation have a model of their own.
 */
const readers: ReadonlyMap<string, Reader> = new Map([
  ['models', listed],
  ['fallbacks', listed],
  ['tools', listed],
  ['providerOptions', member('gateway', member('models', listed))],
]);

/** Names, and the `model` of objects. Of members of one name each counts: which of them a provider takes is for it to say. */
function listed(buffer: Buffer, start: number, _end: number, names: Set<string>): void {
  eachElement(buffer, start, (at, end) => {
    named(buffer, at, end, names);
    member('model', named)(buffer, at, end, names);
  });
}

function named(buffer: Buffer, start: number, end: number, names: Set<string>): void {
  if (buffer[start] === quote) names.add(stringValue(buffer, start, end) ?? '');
}

function member(name: string, read: Reader): Reader {
  return (buffer, start, _end, names) => {
    eachMember(buffer, start, (keyStart, keyEnd, at, end) => {
      if (keyOf(buffer, keyStart, keyEnd, name.length) === name) read(buffer, at, end, names);
    });
  };
}

/** Adds the names in each member of a body that it is given. */
export function namedModels(buffer: Buffer, names: Set<string>): MemberVisitor {
  return (keyStart, keyEnd, start, end) =>
    readers.get(keyOf(buffer, keyStart, keyEnd, longestName) ?? '')?.(buffer, start, end, names);
}

const longestName = Math.max(...[...readers.keys()].map((name) => name.length));
