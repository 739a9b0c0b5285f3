/** Models that a body names beside its own: fallbacks, and those that its tools use. A key with a list of models may use those alone. */
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
import { namesOfAll } from '../protocols/registry.ts';

/** Names as {@link folded} writes them: members of a body below which models are named; those that are, or list, the names themselves. */
const places = namesOfAll(({ models }) => models?.within);
const names = namesOfAll(({ models }) => models?.names);
/** Members that describe what a client's own functions take: a word in them is no model that is asked. */
const described = namesOfAll(({ models }) => models?.described);
/** Models that are looked up for one request, far above what services take: a body may name a hundred thousand. One more signals that there are more. */
export const mostNamed = 256;
/** Levels of lists and objects in which names are looked for; none of these places has more. */
const deepest = 8;
/** Letters of the longest of these names in any writing. */
const longestName = 40;

/**
 * Adds the names in each member of a body that it is given. Of members of one name each counts: the provider decides which of them it uses.
 * `inAddress`: the model is in the address, and the body's own `model` is another one unless it is equal (Google's may repeat it).
 */
export function namedModels(buffer: Buffer, found: Set<string>, inAddress?: string): MemberVisitor {
  const foldedKey = (start: number, end: number): string =>
    folded(keyOf(buffer, start, end, longestName) ?? '');

  function take(name: string): void {
    if (found.size <= mostNamed) found.add(name);
  }

  /** The value at a place: a name, where names are, or a container of names. Returns the offset behind it: each byte is looked at once. */
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
