/** The text of a long JSON value, written step by step, so that others may run between two pieces. The result is that of `JSON.stringify`. */
import { isWalkable } from './exact-numbers.ts';
import type { Json, JsonObject } from './json.ts';

/** Characters that are written at once, where a list or an object in them can be cut: some milliseconds at most. */
const usualStep = 128 * 1024;
/** Lists and objects inside each other that are written in pieces; what lies deeper is written at once. */
const mostLevels = 6;
/** Elements of a list that are written at once, where they are no lists or objects, and not long. */
const mostTogether = 2048;

/** Stops where others may run. */
export function* writingJson(value: Json, step = usualStep): Generator<void, string> {
  const pieces: string[] = [];
  let length = 0;

  function* add(text: string): Generator<void, void> {
    pieces.push(text);
    length += text.length;
    if (length < step) return;
    length = 0;
    yield;
  }

  function* list(elements: readonly Json[], levels: number): Generator<void, void> {
    let between = '[';
    for (let from = 0; from < elements.length; ) {
      const first = elements[from];
      if (isWalkable(first)) {
        pieces.push(between);
        yield* write(first, levels);
        from += 1;
      } else {
        let to = from;
        for (let left = step; left > 0 && to < elements.length && to < from + mostTogether; to += 1) {
          const element = elements[to];
          if (isWalkable(element)) break;
          if (typeof element === 'string') left -= element.length;
        }
        yield* add(between + JSON.stringify(elements.slice(from, to)).slice(1, -1));
        from = to;
      }
      between = ',';
    }
    pieces.push(elements.length === 0 ? '[]' : ']');
  }

  function* object(members: JsonObject, levels: number): Generator<void, void> {
    let between = '{';
    for (const name of Object.keys(members)) {
      const member = members[name];
      if (member === undefined) continue;
      const before = `${between}${JSON.stringify(name)}:`;
      between = ',';
      if (isWalkable(member)) {
        pieces.push(before);
        yield* write(member, levels);
      } else yield* add(before + JSON.stringify(member));
    }
    pieces.push(between === '{' ? '{}' : '}');
  }

  function write(one: Json, levels: number): Generator<void, void> {
    if (levels === 0 || !isWalkable(one) || lengthLeft(one, step) >= 0) return add(JSON.stringify(one));
    return Array.isArray(one) ? list(one, levels - 1) : object(one, levels - 1);
  }

  yield* write(value, mostLevels);
  return pieces.join('');
}

/** Lists and objects inside each other that are looked into, to see how long a value is. */
const mostLooked = 64;

/**
 * What is left of so many characters behind a value without its numbers' digits and its escapes; negative where it is longer, which is as far as it is looked
 * at, or nested deeper.
 */
function lengthLeft(value: Json | undefined, most: number, levels = mostLooked): number {
  if (typeof value === 'string') return most - value.length - 3;
  if (!isWalkable(value)) return most - 2;
  if (levels === 0) return -1;
  let left = most - 3;
  if (Array.isArray(value))
    for (const element of value) {
      left = lengthLeft(element, left, levels - 1);
      if (left < 0) break;
    }
  else
    for (const name in value) {
      left = lengthLeft(value[name], left - name.length - 3, levels - 1);
      if (left < 0) break;
    }
  return left;
}
