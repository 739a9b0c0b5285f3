/**
 * Numbers that JSON can write and JavaScript cannot hold: the ids of 64 bits that tools are called with, `1e999`, `-0`. Where a value goes on as
 * it is, they stay as they are written (JSON.rawJSON, tc39.es/proposal-json-parse-with-source); everywhere else they are what `JSON.parse`
 * makes of them.
 */
import type { Json, JsonObject } from './json.ts';
import type { SseEvent } from './sse.ts';

declare global {
  interface JSON {
    rawJSON(text: string): JsonObject;
    isRawJSON(value: unknown): value is JsonObject;
  }
}

/** Whether there is what may be such a number: then {@link parseExactly} looks at each value by itself. */
export function mayNeedExactness(text: string): boolean {
  return suspect.test(text);
}

/** What may be such a number, in text that is JSON: nearly none has any. In strings it may be found, too. */
const suspect = /[:,[]\s*(?:-?(?:[\d.]{17}|[\d.]{1,16}[eE])|-0(?:\.0{0,16})?[\s,\]}])/;

/** Whether a text is to be read by {@link parseExactly}, for values below members of these names. */
export function mayHoldInexact(text: string, names: ReadonlySet<string>): boolean {
  return mayName(text, names) && suspect.test(text);
}

/** Whether one of the names may occur in the text, before anything but a text; by native search, and most texts have none. */
function mayName(text: string, names: ReadonlySet<string>): boolean {
  for (const name of names) {
    const quoted = `"${name}"`;
    for (let at = text.indexOf(quoted); at >= 0; at = text.indexOf(quoted, at + 1)) {
      beforeText.lastIndex = at + quoted.length;
      if (!beforeText.test(text)) return true;
    }
  }
  // A letter can be escaped by its number alone.
  return names.size > 0 && text.includes('\\u00') && escapedLetter.test(text);
}

const beforeText = /\s*:\s*"/y;
const escapedLetter = /\\u00[4-7]/;

/** As `JSON.parse`, but numbers that JavaScript cannot hold stay as they are written: for values that are not read. Throws what it throws. */
export function parseExactly(text: string): Json {
  return suspect.test(text) ? JSON.parse(text, kept) : JSON.parse(text);
}

/** The same; undefined for what is no JSON. */
export function parseOpaque(text: string): Json | undefined {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}

/** As `JSON.parse`, but below members of these names numbers that JavaScript cannot hold stay as they are written. Throws what it throws. */
export function parseWithin(text: string, names: ReadonlySet<string>): Json {
  return mayHoldInexact(text, names) ? exactWithin(JSON.parse(text, kept), names) : JSON.parse(text);
}

/** The same; undefined for what is no JSON. */
export function parseJsonWithin(text: string, names: ReadonlySet<string>): Json | undefined {
  try {
    return parseWithin(text, names);
  } catch {
    return undefined;
  }
}

/** What an event's data says: as it has been read already, or by {@link parseJsonWithin}. */
export function eventValue({ data, value }: SseEvent, names: ReadonlySet<string>): Json | undefined {
  return value === undefined ? parseJsonWithin(data, names) : value;
}

/** The value of {@link parseExactly} with those numbers below members of these names alone; elsewhere they are what JavaScript takes them for. */
export function exactWithin(value: Json, names: ReadonlySet<string>): Json {
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const isList = Array.isArray(next);
    for (const [name, member] of Object.entries(next)) {
      if (typeof member !== 'object' || member === null || (!isList && names.has(name))) continue;
      if (JSON.isRawJSON(member)) Reflect.set(next, name, Number(member.rawJSON));
      else waiting.push(member);
    }
  }
  return value;
}

/** Whether it has elements or members. A number that is kept as it is written is an object to JavaScript, and a leaf to JSON. */
export function isWalkable(value: Json | undefined): value is Json[] | JsonObject {
  return typeof value === 'object' && value !== null && !JSON.isRawJSON(value);
}

/** `written`: what of the text the value was made of, where it is no list or object. */
function kept(_name: string, value: Json, written?: { source?: string }): Json {
  const source = written?.source;
  return typeof value === 'number' && source !== undefined && !isHeld(value, source)
    ? JSON.rawJSON(source)
    : value;
}

/** Whether JavaScript's number equals the text. */
function isHeld(value: number, source: string): boolean {
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  return digitsOf(source) === digitsOf(String(value));
}

/** The significant digits: without those that only place the point. */
function digitsOf(number: string): string {
  const [mantissa = ''] = number.split(/[eE]/, 1);
  const digits = mantissa.replace(/[-.]/g, '');
  let from = 0;
  let to = digits.length;
  while (digits[from] === '0') from += 1;
  while (to > from && digits[to - 1] === '0') to -= 1;
  return digits.slice(from, to);
}
