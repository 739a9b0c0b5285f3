/**
 * A long JSON text, read step by step: what is read at once is a piece of some list or object in it, so that others may run between
 * two pieces. The result is that of `JSON.parse`.
 */

import { closeBrace, closeBracket, comma, openBrace, openBracket, quote } from './ascii.ts';
import type { Json, JsonObject } from './json.ts';
import { behindTextString } from './json-text-span.ts';
import { openEscape } from './well-formed.ts';

/** A list or an object that has not ended. */
interface Open {
  readonly isList: boolean;
  /** Where it begins. */
  readonly at: number;
  /** What has been read of it: of a list its pieces, which become one when it ends, for a list that grows leaves twice its size behind. */
  made: Json[][] | JsonObject | undefined;
  /** Where its members begin that have not been read. */
  from: number;
  /** Where the member begins that has not ended. */
  member: number;
  /** The member before `from` was read by itself: nothing but white space comes until the next. */
  behindMember: boolean;
}

/** Characters that are read at once, where a list or an object in them can be cut: some milliseconds at most. */
const usualStep = 128 * 1024;
/** Lists and objects inside each other that are read in pieces; what lies deeper is read at once. */
const mostLevels = 512;

/** Stops where others may run. Throws the `SyntaxError` of `JSON.parse` for what is no JSON. `parse`: what pieces are read by. */
export function* parsingJson(
  text: string,
  step = usualStep,
  parse: (text: string) => Json = JSON.parse,
): Generator<void, Json> {
  const size = text.length;
  const open: Open[] = [];
  /** Levels beyond the deepest that is kept. */
  let deeper = 0;
  /** Up to here everything has been read. */
  let read = 0;
  for (let at = 0; at < size; ) {
    switch (text.charCodeAt(at)) {
      case quote: {
        const start = at;
        at = behindTextString(text, at + 1);
        if (at < 0) throw noJson();
        if (at - start <= step) continue;
        // To read one as long as that takes turns of its own, beside the one in which its end was found.
        yield;
        const around = deeper > 0 ? undefined : open.at(-1);
        if (around === undefined || !isValue(text, around, start) || !holdsEscape(text, start, at)) continue;
        for (const one of open) readMembers(text, one, one.member - 1, parse);
        addMember(text, around, start, yield* readingString(text, start, at, step));
        around.from = at;
        read = at;
        continue;
      }
      case openBrace:
      case openBracket: {
        if (open.length === 0 && !isBlank(text, 0, at)) throw noJson();
        if (open.length >= mostLevels) deeper += 1;
        else
          open.push({
            isList: text.charCodeAt(at) === openBracket,
            at,
            made: undefined,
            from: at + 1,
            member: at + 1,
            behindMember: false,
          });
        break;
      }
      case closeBrace:
      case closeBracket: {
        if (deeper > 0) {
          deeper -= 1;
          break;
        }
        const ended = open.pop();
        if (ended === undefined || ended.isList !== (text.charCodeAt(at) === closeBracket)) throw noJson();
        // Short values are parsed with their container.
        if (ended.made === undefined) break;
        readMembers(text, ended, at, parse);
        const around = open.at(-1);
        if (around === undefined) {
          if (!isBlank(text, at + 1, size)) throw noJson();
          return whole(ended.made);
        }
        addMember(text, around, ended.at, whole(ended.made));
        around.from = at + 1;
        read = at;
        break;
      }
      case comma: {
        const around = deeper > 0 ? undefined : open.at(-1);
        if (around === undefined) break;
        if (around.behindMember) {
          if (!isBlank(text, around.from, at)) throw noJson();
          around.behindMember = false;
          around.from = at + 1;
        } else if (at - read >= step) {
          for (const one of open) if (one !== around) readMembers(text, one, one.member - 1, parse);
          readMembers(text, around, at, parse);
          around.from = at + 1;
          read = at;
          yield;
        }
        around.member = at + 1;
        break;
      }
    }
    at += 1;
  }
  // It could not be cut: one value is most of it, which is read in a turn of its own.
  if (size > step) yield;
  return parse(text);
}

/** Reads the members that end before `to`, at a comma, or the list or object ends. */
function readMembers(text: string, open: Open, to: number, parse: (text: string) => Json): void {
  open.made ??= open.isList ? [] : {};
  const { made, isList, from, behindMember } = open;
  if (to < from) return;
  if (behindMember) {
    if (!isBlank(text, from, to)) throw noJson();
    return;
  }
  open.from = to + 1;
  const members = text.slice(from, to);
  const value = parse(isList ? `[${members}]` : `{${members}}`);
  if (Array.isArray(value) && Array.isArray(made)) {
    // Between two commas, or a comma and the end, there must be something.
    if (value.length === 0) throw noJson();
    made.push(value);
  } else if (!Array.isArray(value) && !Array.isArray(made) && typeof value === 'object' && value !== null) {
    let some = false;
    for (const name in value) {
      some = true;
      setMember(made, name, value[name]);
    }
    if (!some) throw noJson();
  }
}

/** Whether a string is an element of the list, or the value of a member of the object, that has not ended. */
function isValue(text: string, around: Open, start: number): boolean {
  return around.isList || !isBlank(text, around.member, start);
}

function holdsEscape(text: string, start: number, end: number): boolean {
  const at = text.indexOf('\\', start);
  return at >= 0 && at < end;
}

/** Reads the string in pieces, each as many escapes as are whole in it: they take ten times as long as letters. */
function* readingString(text: string, start: number, end: number, step: number): Generator<void, string> {
  const pieces: string[] = [];
  // A piece is longer than the longest escape.
  const size = Math.max(step, leastPiece);
  for (let from = start + 1; from < end - 1; ) {
    const piece = text.slice(from, Math.min(end - 1, from + size));
    const whole = from + piece.length === end - 1 ? piece.length : openEscape(piece);
    pieces.push(JSON.parse(`"${piece.slice(0, whole)}"`));
    from += whole;
    yield;
  }
  return pieces.join('');
}

const leastPiece = 32;

/** Adds the member that was read by itself; its value begins at `at`. */
function addMember(text: string, around: Open, at: number, value: Json): void {
  around.behindMember = true;
  const { made } = around;
  if (Array.isArray(made)) {
    if (!isBlank(text, around.member, at)) throw noJson();
    const last = made.at(-1);
    if (last === undefined) made.push([value]);
    else last.push(value);
    return;
  }
  // A list in its place: whatever may precede it may precede any value, while a digit would continue a number.
  const [name] = Object.keys(JSON.parse(`{${text.slice(around.member, at)}[]}`));
  if (made === undefined || name === undefined) throw noJson();
  setMember(made, name, value);
}

/** The list of its pieces; an object as it is. */
function whole(made: Json[][] | JsonObject): Json[] | JsonObject {
  if (!Array.isArray(made)) return made;
  const [first] = made;
  return first !== undefined && made.length === 1 ? first : made.flat();
}

/** As `JSON.parse` does it: `__proto__` is a name as all others. */
function setMember(object: JsonObject, name: string, value: Json | undefined): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
}

function noJson(): SyntaxError {
  return new SyntaxError('Unexpected token');
}

/** Whether there is nothing but white space of JSON. */
function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return false;
  }
  return true;
}
