/** How much of an answer is taken: nothing is allocated by a number of an upstream's, and nothing recurses as deep as it likes. */
import { asArray, asNumber, asObject, asObjects, type Json } from './json.ts';
import { answerWeights, isHeavierThan } from './json-weight.ts';
import type { ProtocolError } from './model.ts';

export interface AnswerBounds {
  /** Most choices, content blocks and items, and their highest index (`bounds.answer-items`). */
  items: number;
  /** Most levels of lists and objects (`bounds.nesting`). */
  nesting: number;
  /** Most values of a whole answer, or of one event (`bounds.answer-values`). */
  values: number;
}

/** What holds where no configuration says otherwise. */
export const usualAnswerBounds: AnswerBounds = { items: 4096, nesting: 256, values: 800_000 };

/** An answer that is more than is taken of one. `message` goes on from "The upstream's answer". */
export class BeyondAnswer extends Error {
  override readonly name = 'BeyondAnswer';
}

/** What a client is told of it. */
export function beyondError({ message }: BeyondAnswer): ProtocolError {
  return {
    status: 502,
    kind: 'server',
    message: `The upstream's answer ${message}.`,
    code: 'invalid_response',
  };
}

/**
 * The place that an answer names by a number; `otherwise` where it names none. Throws {@link BeyondAnswer} beyond the
 * bound: a small answer may name a place as far away as it likes.
 */
export function placeOf(value: Json | undefined, otherwise: number, { items }: AnswerBounds): number {
  const place = asNumber(value);
  if (place === undefined || place < 0 || !Number.isInteger(place)) return otherwise;
  if (place >= items)
    throw new BeyondAnswer(
      `names place ${place} of a list: more than ${items} are not taken (bounds.answer-items)`,
    );
  return place;
}

/** Throws {@link BeyondAnswer} where there are more of something than are taken. */
export function countItems(count: number, { items }: Pick<AnswerBounds, 'items'>): void {
  if (count > items)
    throw new BeyondAnswer(`has more than ${items} choices, content blocks and items (bounds.answer-items)`);
}

/** Throws {@link BeyondAnswer} for a value that is nested deeper than is taken. `length`: of its text, where that is known. */
export function checkNesting(
  value: Json | undefined,
  { nesting }: AnswerBounds,
  length = Number.POSITIVE_INFINITY,
): void {
  // Each level takes two characters.
  if (length >= 2 * nesting && isDeeper(value, nesting))
    throw new BeyondAnswer(`is nested deeper than ${nesting} levels (bounds.nesting)`);
}

/** Throws {@link BeyondAnswer} for a JSON text of more values than are read. */
export function checkWeight(json: Uint8Array | string, { values }: Pick<AnswerBounds, 'values'>): void {
  if (isHeavierThan(values, json, answerWeights))
    throw new BeyondAnswer(`has more than ${values} values (bounds.answer-values)`);
}

/** What stands at places that were named in any order, in the order of the places. */
export function inOrder<T>(places: ReadonlyMap<number, T>): [number, T][] {
  return [...places].sort(([one], [other]) => one - other);
}

/** Whether lists and objects are nested in each other for more than `levels`. Recurses no deeper than that. */
export function isDeeper(value: Json | undefined, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const inner of value) if (typeof inner === 'object' && isDeeper(inner, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    const inner = value[key];
    if (typeof inner === 'object' && isDeeper(inner, levels - 1)) return true;
  }
  return false;
}

/** How many things an answer lists, by the names that the four protocols have for such lists. */
export function itemsIn(body: Json): number {
  const answer = asObject(asObject(body)?.response) ?? asObject(body) ?? {};
  const { content, choices, output, candidates } = answer;
  // A protocol has one of the four lists: an answer pays for no other.
  let count = content === undefined ? 0 : asArray(content).length;
  if (choices !== undefined)
    for (const choice of asObjects(choices)) {
      const message = asObject(choice.message);
      count += 1 + listed(message?.content) + listed(message?.tool_calls) + listed(message?.images);
    }
  if (output !== undefined)
    for (const item of asObjects(output)) count += 1 + listed(item.content) + listed(item.summary);
  if (candidates !== undefined)
    for (const candidate of asObjects(candidates)) count += 1 + listed(asObject(candidate.content)?.parts);
  return count;
}

function listed(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : 0;
}
