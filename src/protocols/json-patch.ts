/**
 * Changes of a JSON text that leave every other byte of it as it is: the order of members, unknown ones, the spelling of
 * numbers and texts, white space. A body is changed as the value that it is parsed to; what differs between the two values is
 * all that is written.
 */

import { openBrace, openBracket } from './ascii.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { skipSpace, stringValue, valueEnd, walkElements, walkMembers } from './json-span.ts';
import { writingJson } from './json-text-in-steps.ts';
import { atOnce, type Steps } from './steps.ts';

/** The list with each element as `change` has it, those left out for which it gives undefined; the very same list where nothing changes. */
export function mappedList(
  list: Json | undefined,
  change: (element: Json) => Json | undefined,
): Json | undefined {
  if (!Array.isArray(list)) return list;
  let changed = false;
  const mapped = list.flatMap((element): Json[] => {
    const wanted = change(element);
    changed ||= wanted !== element;
    return wanted === undefined ? [] : [wanted];
  });
  return changed ? mapped : list;
}

/** A stretch of the text that another one takes the place of. Offsets in bytes; `end` is exclusive. */
interface Edit {
  start: number;
  end: number;
  text: Text;
}

/** What takes a stretch's place. Values and the elements of lists are written out when the walk is over. */
type Text = readonly (string | { value: Json } | { elements: readonly Json[] })[];

/**
 * The text with what differs between `before`, which it was parsed to, and `after`; the very same bytes where nothing does.
 * One pass: the cost is that of the text, and of nothing more where the two values share their parts. Members that are new
 * come last in their object. Of equal names the last counts, as in `JSON.parse`: where it changes, those before it go.
 */
export function patchedJson(
  bytes: Uint8Array<ArrayBuffer>,
  before: JsonObject,
  after: JsonObject,
): Uint8Array<ArrayBuffer> {
  return patched(bytes, before, after, writingAtOnce);
}

/** The same in steps, where what differs may be long. */
export function patchingJson(
  bytes: Uint8Array<ArrayBuffer>,
  before: JsonObject,
  after: JsonObject,
): Steps<Uint8Array<ArrayBuffer>> {
  return patching(bytes, before, after, writingJson);
}

// biome-ignore lint/correctness/useYield: what is short is written without a stop.
function* writingAtOnce(value: Json): Steps<string> {
  return JSON.stringify(value);
}

function* patching(
  bytes: Uint8Array<ArrayBuffer>,
  before: JsonObject,
  after: JsonObject,
  writing: (value: Json) => Steps<string>,
): Steps<Uint8Array<ArrayBuffer>> {
  if (before === after) return bytes;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const edits: Edit[] = [];
  patchValue(buffer, skipSpace(buffer, 0), before, after, edits);
  if (edits.length === 0) return bytes;
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { start, end, text } of edits) {
    pieces.push(buffer.subarray(from, start));
    let written = '';
    for (const one of text) {
      if (typeof one === 'string') written += one;
      else if ('value' in one) written += yield* writing(one.value);
      else written += (yield* writing([...one.elements])).slice(1, -1);
    }
    if (written !== '') pieces.push(Buffer.from(written));
    from = end;
  }
  pieces.push(buffer.subarray(from));
  return Buffer.concat(pieces);
}

const patched = atOnce(patching);

/** Adds what has to be done to the value at `start`; returns the offset behind it. */
function patchValue(
  buffer: Buffer,
  start: number,
  before: Json | undefined,
  after: Json | undefined,
  edits: Edit[],
): number {
  if (before !== after) {
    const first = buffer[start];
    if (first === openBrace && isObject(before) && isObject(after))
      return patchObject(buffer, start, before, after, edits);
    if (first === openBracket && Array.isArray(before) && Array.isArray(after))
      return patchArray(buffer, start, before, after, edits);
  }
  const end = valueEnd(buffer, start);
  if (before !== after) edits.push({ start, end, text: [{ value: after ?? null }] });
  return end;
}

interface Member {
  keyStart: number;
  end: number;
  goes: boolean;
  edits: Edit[];
}

const noEdits: Edit[] = [];

function patchObject(
  buffer: Buffer,
  start: number,
  before: JsonObject,
  after: JsonObject,
  edits: Edit[],
): number {
  const members: Member[] = [];
  const changed = new Map<string, Member[]>();
  const end = walkMembers(buffer, start, (keyStart, keyEnd, valueStart) => {
    const key = stringValue(buffer, keyStart, keyEnd) ?? '';
    const old = own(before, key);
    const wanted = own(after, key);
    const member: Member = { keyStart, end: valueStart, goes: wanted === undefined, edits: [] };
    members.push(member);
    if (old === wanted) member.edits = noEdits;
    else {
      const equal = changed.get(key);
      if (equal === undefined) changed.set(key, [member]);
      else equal.push(member);
    }
    member.end =
      old === wanted || member.goes
        ? valueEnd(buffer, valueStart)
        : patchValue(buffer, valueStart, old, wanted, member.edits);
    return member.end;
  });
  for (const equal of changed.values()) settleEqual(equal);
  const left = placeMembers(members, edits);
  const text: Text[number][] = [];
  for (const key of Object.keys(after)) {
    const value = after[key];
    if (value === undefined || own(before, key) !== undefined) continue;
    text.push(`${left || text.length > 0 ? ',' : ''}${JSON.stringify(key)}:`, { value });
  }
  const at = members.at(-1)?.end ?? start + 1;
  if (text.length > 0) edits.push({ start: at, end: at, text });
  return end;
}

/** Of members of one name the last is the one that was read: the others go where it changes, and stay where it does not. */
function settleEqual(equal: readonly Member[]): void {
  const last = equal.at(-1);
  for (const member of equal) {
    if (member === last) continue;
    member.goes = last?.goes === true || (last?.edits.length ?? 0) > 0;
    member.edits = noEdits;
  }
}

/** Adds the edits of members that stay, and cuts the others with a comma each. Returns whether one stays. */
function placeMembers(members: readonly Member[], edits: Edit[]): boolean {
  let left = false;
  members.forEach((member, i) => {
    const next = members[i + 1];
    if (!member.goes) {
      left = true;
      for (const edit of member.edits) edits.push(edit);
    } else if (left) edits.push({ start: members[i - 1]?.end ?? member.keyStart, end: member.end, text: [] });
    else edits.push({ start: member.keyStart, end: next?.keyStart ?? member.end, text: [] });
  });
  return left;
}

function patchArray(
  buffer: Buffer,
  start: number,
  before: readonly Json[],
  after: readonly Json[],
  edits: Edit[],
): number {
  const steps = alignment(before, after);
  const elements: (Member & { added: readonly Json[] })[] = [];
  const end = walkElements(buffer, start, (at) => {
    const step = steps.of[elements.length];
    const element = { keyStart: at, end: at, goes: step === undefined, edits: [], added: step?.added ?? [] };
    element.end =
      step === undefined
        ? valueEnd(buffer, at)
        : patchValue(buffer, at, before[elements.length], after[step.at], element.edits);
    elements.push(element);
    return element.end;
  });
  elements.forEach(({ added, edits: own, keyStart }) => {
    if (added.length > 0) own.unshift({ start: keyStart, end: keyStart, text: [{ elements: added }, ','] });
  });
  const left = placeMembers(elements, edits);
  const at = elements.at(-1)?.end ?? start + 1;
  if (steps.last.length > 0)
    edits.push({ start: at, end: at, text: [left ? ',' : '', { elements: steps.last }] });
  return end;
}

/** What becomes of each element of a list: which of the new one it is, and the text before it; undefined for a removed one. */
interface Alignment {
  of: ({ at: number; added: readonly Json[] } | undefined)[];
  /** The text after the last of them. */
  last: readonly Json[];
}

/** Elements are distinguished by identity, not by value: an element that both lists have is the same one. */
function alignment(before: readonly Json[], after: readonly Json[]): Alignment {
  if (before.length === after.length) return { of: before.map((_, at) => ({ at, added: [] })), last: [] };
  const kept = new Set<Json>(after);
  const known = new Set<Json>(before);
  const of: Alignment['of'] = [];
  let at = 0;
  for (const element of before) {
    const from = at;
    if (kept.has(element)) {
      // It comes later, after new ones.
      while (at < after.length && after[at] !== element && !known.has(after[at] ?? null)) at += 1;
      if (at < after.length && after[at] === element) {
        of.push({ at, added: after.slice(from, at) });
        at += 1;
        continue;
      }
      at = from;
    } else if (at < after.length && !known.has(after[at] ?? null) && isAnother(element, after[at])) {
      of.push({ at, added: [] });
      at += 1;
      continue;
    }
    of.push(undefined);
  }
  return { of, last: after.slice(at) };
}

/** Whether an element is likely the other one, changed: half of its contents are equal. */
function isAnother(before: Json, after: Json | undefined): boolean {
  if (!isObject(before) || !isObject(after)) return false;
  const keys = Object.keys(before);
  return keys.filter((key) => own(before, key) === own(after, key)).length * 2 >= keys.length;
}

function own(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
