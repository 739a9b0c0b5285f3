/** Models that a body names beside its own: fallbacks, and those that its tools use. A key with a list of models may use those alone. */
import { folded } from '../protocols/answer-limit.ts';
import { openBrace, openBracket, quote } from '../protocols/ascii.ts';
import { readForm } from '../protocols/form-fields.ts';
import {
  keyOf,
  type MemberVisitor,
  skipSpace,
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
  const look = looking(buffer, found);
  return (keyStart, keyEnd, start, end) => {
    const key = foldedKey(buffer, keyStart, keyEnd);
    if (key === 'model' && inAddress !== undefined && buffer[start] === quote) {
      const name = (stringValue(buffer, start, end) ?? '').replace(/^models\//, '');
      if (name !== inAddress) take(found, name);
    } else if (places.has(key)) look(start, names.has(key), deepest);
  };
}

/** The same of a form: `svg[model]`, or `svg` with JSON in it. Its own `model` is looked at elsewhere. */
export function modelsInForm(contentType: string, bytes: Buffer, found: Set<string>): void {
  readForm(contentType, bytes, ({ path: [first, ...further], start, end }) => {
    if (first === undefined || !places.has(first) || further.some((part) => described.has(part))) return;
    const isName = names.has(further.at(-1) ?? first);
    const value = bytes.subarray(start, end);
    const at = skipSpace(value, 0);
    if (value[at] === openBrace || value[at] === openBracket) looking(value, found)(at, isName, deepest);
    else if (isName) take(found, value.toString('utf8').trim());
  });
}

function take(found: Set<string>, name: string): void {
  if (found.size <= mostNamed) found.add(name);
}

function foldedKey(buffer: Buffer, start: number, end: number): string {
  return folded(keyOf(buffer, start, end, longestName) ?? '');
}

type Look = (start: number, isName: boolean, levels: number) => number;

/** Looks at what stands at a place: a name, where names stand, or what may hold some. Returns the offset behind it: each byte is looked at once. */
function looking(buffer: Buffer, found: Set<string>): Look {
  return function look(start: number, isName: boolean, levels: number): number {
    const first = buffer[start];
    if (levels > 0 && first === openBracket)
      return walkElements(buffer, start, (at) => look(at, isName, levels - 1));
    if (levels > 0 && first === openBrace)
      return walkMembers(buffer, start, (keyStart, keyEnd, at) => {
        const key = foldedKey(buffer, keyStart, keyEnd);
        return described.has(key) ? valueEnd(buffer, at) : look(at, names.has(key), levels - 1);
      });
    const end = valueEnd(buffer, start);
    if (isName && first === quote && end >= 0) take(found, stringValue(buffer, start, end) ?? '');
    return end;
  };
}
