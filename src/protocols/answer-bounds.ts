/** How much of an answer is taken: nothing is allocated by a number of an upstream's, and nothing recurses as deep as it likes. */

import { isTooHeavy } from './answer-weight.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { asNumber, asObject, asObjects } from './json-members.ts';
import type { ProtocolError } from './protocol-error.ts';

export interface AnswerBounds {
  /** Most choices, content blocks and items, and their highest index (`bounds.answer-items`). */
  items: number;
  /** Most levels of lists and objects (`bounds.nesting`). */
  nesting: number;
  /** Most values of a whole answer, or of one event (`bounds.answer-values`). */
  values: number;
}

/** The defaults. */
export const usualAnswerBounds: AnswerBounds = { items: 4096, nesting: 256, values: 800_000 };

/** An answer that is more than is taken of one. `message` goes on from "The upstream's answer". */
export class BeyondAnswer extends Error {
  override readonly name = 'BeyondAnswer';
}

/** What a client reads of it. */
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

/** Characters of an event below which its items are not counted. */
const shortEvent = 32 * 1024;

/** Throws {@link BeyondAnswer} for an event that is more than is taken of one. `length`: of its text. */
export function checkEvent(event: Json, bounds: AnswerBounds, length: number): void {
  checkNesting(event, bounds, length);
  if (length > shortEvent && isObject(event)) countItems(itemsInEvent(event), bounds);
}

/** Throws {@link BeyondAnswer} for a JSON text of more values than are read. */
export function checkWeight(json: Uint8Array | string, { values }: Pick<AnswerBounds, 'values'>): void {
  if (isTooHeavy(values, json)) throw tooHeavy(values);
}

/** What is said of a JSON text of more values than are read. It goes on from "The upstream's answer". */
export function tooManyValues(values: number): string {
  return `has more values than are read (bounds.answer-values: ${values})`;
}

/** What is thrown for one. */
export function tooHeavy(values: number): BeyondAnswer {
  return new BeyondAnswer(tooManyValues(values));
}

/** The values at places that were named in any order, in the order of the places. */
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

/** Tokens whose probabilities count as one thing: answers have more of them than of anything else. */
const tokensOfThing = 8;
/** The same of an event, which is a piece of an answer. */
const tokensOfEvent = 2;

/**
 * How many things an answer lists, by the names that the four protocols have for such lists: choices, blocks, items, parts, and
 * what belongs to these: citations, results, probabilities of tokens.
 */
export function itemsIn(body: Json): number {
  return countedIn(asObject(asObject(body)?.response) ?? asObject(body) ?? {}, tokensOfThing);
}

/** The same of one event; one of the Responses API may hold the whole answer. */
function itemsInEvent(event: JsonObject): number {
  const { response, item, part, content_block: block } = event;
  let count = countedIn(event, tokensOfEvent);
  if (response !== undefined) count += countedIn(asObject(response) ?? {}, tokensOfThing);
  for (const one of [item, part, block]) if (one !== undefined) count += withParts([one], tokensOfThing);
  return count;
}

function countedIn(answer: JsonObject, tokensOfOne: number): number {
  const { content, choices, output, candidates } = answer;
  // A protocol has one of the four lists: an answer pays for no other.
  let count = content === undefined ? 0 : withParts(content, tokensOfOne);
  if (choices !== undefined)
    for (const choice of asObjects(choices)) {
      const said = asObject(choice.message ?? choice.delta);
      count += 1 + withParts(said?.content, tokensOfOne) + listed(said?.tool_calls) + listed(said?.images);
      count += listed(said?.annotations) + listed(said?.reasoning_details);
      count += listed(asObject(choice.logprobs)?.content) / tokensOfOne;
    }
  if (output !== undefined)
    for (const item of asObjects(output))
      count += 1 + withParts(item.content, tokensOfOne) + listed(item.summary);
  if (candidates !== undefined)
    for (const candidate of asObjects(candidates)) {
      count += 1 + withParts(asObject(candidate.content)?.parts, tokensOfOne);
      const { groundingMetadata, citationMetadata, logprobsResult } = candidate;
      const grounding = asObject(groundingMetadata);
      if (grounding !== undefined)
        count += listed(grounding.groundingChunks) + listed(grounding.groundingSupports);
      if (citationMetadata !== undefined) count += listed(asObject(citationMetadata)?.citationSources);
      if (logprobsResult !== undefined)
        count += listed(asObject(logprobsResult)?.chosenCandidates) / tokensOfOne;
    }
  return count;
}

/** How many members a list has, including nested ones. */
function withParts(value: Json | undefined, tokensOfOne: number): number {
  if (!Array.isArray(value)) return 0;
  let count = value.length;
  for (const part of value) {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) continue;
    const { annotations, citations, content, logprobs, summary } = part;
    if (annotations !== undefined) count += listed(annotations);
    if (citations !== undefined) count += listed(citations);
    if (content !== undefined) count += listed(content);
    if (summary !== undefined) count += listed(summary);
    if (logprobs !== undefined) count += listed(logprobs) / tokensOfOne;
  }
  return count;
}

function listed(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : 0;
}
