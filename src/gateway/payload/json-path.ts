/**
 * Paths into JSON as rules of the configuration write them: `a.b.0.c`, `tools.#(type=="web_search").name` for the first entry
 * of a list that fits, `#(…)#` for all of them, `#` for every one. A dot in a name is written `\.`. Source: github.com/tidwall/gjson,
 * SYNTAX.md, and sjson, of which the peer's rules are.
 */
import { isObject, type JsonObject } from '../../protocols/json.ts';
import { matchesPattern } from '../../providers/pattern.ts';

type Json = JsonObject[string];

/** One place; lists are counted from 0. */
export type Place = readonly (string | number)[];

type Part =
  | { kind: 'name'; name: string }
  | { kind: 'query'; any: readonly (readonly Condition[])[]; all: boolean };

interface Condition {
  path: readonly Part[];
  operator: string;
  value: Json;
}

export type JsonPath = readonly Part[];

/** Levels of a path that are followed. */
const deepest = 32;
/** The most places that one path selects. */
const mostPlaces = 1024;

/** Undefined for a text that is no path. */
export function parsePath(text: string): JsonPath | undefined {
  const parts: Part[] = [];
  let name = '';
  let at = 0;
  const take = (): boolean => {
    if (name === '') return false;
    parts.push(name === '#' ? { kind: 'query', any: [[]], all: true } : { kind: 'name', name });
    name = '';
    return true;
  };
  while (at < text.length) {
    const sign = text.charAt(at);
    if (sign === '\\' && at + 1 < text.length) {
      name += text.charAt(at + 1);
      at += 2;
    } else if (sign === '.') {
      if (!take()) return undefined;
      at += 1;
    } else if (name === '' && text.startsWith('#(', at)) {
      const end = endOfQuery(text, at + 2);
      const any = end === undefined ? undefined : parseQuery(text.slice(at + 2, end));
      if (end === undefined || any === undefined) return undefined;
      const all = text[end + 1] === '#';
      parts.push({ kind: 'query', any, all });
      at = end + (all ? 2 : 1);
      if (at < text.length && text[at] !== '.') return undefined;
      if (text[at] === '.') at += 1;
      if (at === text.length && text.endsWith('.')) return undefined;
    } else {
      name += sign;
      at += 1;
    }
  }
  if (name !== '') take();
  else if (text.endsWith('.')) return undefined;
  return parts.length > 0 && parts.length <= deepest ? parts : undefined;
}

/** Where the bracket that is open closes. */
function endOfQuery(text: string, from: number): number | undefined {
  let open = 1;
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (quoted && sign === '\\') at += 1;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === '(') open += 1;
    else if (!quoted && sign === ')') open -= 1;
    if (open === 0) return at;
  }
  return undefined;
}

const condition = /^\s*(.*?)\s*(==|!=|<=|>=|!%|=|<|>|%)\s*(.*?)\s*$/s;

/** `a=="x" && b>1 || c`: any of the rows, all of a row. */
function parseQuery(text: string): Condition[][] | undefined {
  const rows: Condition[][] = [];
  for (const row of splitOutsideQuotes(text, '||')) {
    const conditions: Condition[] = [];
    for (const part of splitOutsideQuotes(row, '&&')) {
      const [, left, operator = '', right = ''] = condition.exec(part) ?? [];
      const path = left === '' || left === undefined ? [] : parsePath(left);
      if (path === undefined) return undefined;
      if (left !== undefined) conditions.push({ path, operator, value: valueIn(right) });
      else {
        const wanted = parsePath(part.trim());
        if (wanted === undefined) return undefined;
        conditions.push({ path: wanted, operator: 'there', value: null });
      }
    }
    rows.push(conditions);
  }
  return rows;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (quoted && text[at] === '\\') at += 1;
    else if (text[at] === '"') quoted = !quoted;
    else if (!quoted && text.startsWith(separator, at)) {
      parts.push(text.slice(from, at));
      at += separator.length - 1;
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function valueIn(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The places that a path selects; the last step may lead to nothing yet. A list takes a new entry at `-1`. */
export function placesOf(root: Json, path: JsonPath): Place[] {
  let found: { place: Place; value: Json }[] = [{ place: [], value: root }];
  for (const part of path) {
    const next: typeof found = [];
    for (const { place, value } of found) {
      if (part.kind === 'name') {
        const step = stepTo(value, part.name);
        next.push({ place: [...place, step], value: memberAt(value, step) });
      } else if (Array.isArray(value)) {
        for (const [index, entry] of value.entries()) {
          if (!part.any.some((row) => row.every((one) => holds(entry, one)))) continue;
          next.push({ place: [...place, index], value: entry });
          if (!part.all || next.length >= mostPlaces) break;
        }
      }
      if (next.length >= mostPlaces) break;
    }
    found = next;
  }
  return found.map(({ place }) => place);
}

function stepTo(value: Json, name: string): string | number {
  if (!Array.isArray(value)) return name;
  if (name === '-1') return value.length;
  return /^\d{1,6}$/.test(name) ? Number(name) : name;
}

function memberAt(value: Json, step: string | number): Json {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isObject(value) && typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** The value at a place; undefined where there is none. */
export function valueAt(root: Json, place: Place): Json {
  let value = root;
  for (const step of place) value = memberAt(value, step);
  return value;
}

function holds(entry: Json, { path, operator, value }: Condition): boolean {
  const places = path.length === 0 ? [[]] : placesOf(entry, path);
  return places.some((place) => compares(valueAt(entry, place), operator, value));
}

function compares(found: Json, operator: string, wanted: Json): boolean {
  switch (operator) {
    case '=':
    case '==':
      return sameJson(found, wanted);
    case '!=':
      return !sameJson(found, wanted);
    case '%':
      return typeof found === 'string' && matchesPattern(found, String(wanted));
    case '!%':
      return typeof found === 'string' && !matchesPattern(found, String(wanted));
    case 'there':
      return found !== undefined;
    default:
      return ordered(found, operator, wanted);
  }
}

function ordered(found: Json, operator: string, wanted: Json): boolean {
  const numbers = typeof found === 'number' && typeof wanted === 'number';
  const texts = typeof found === 'string' && typeof wanted === 'string';
  if (!numbers && !texts) return false;
  if (operator === '<') return found < wanted;
  if (operator === '<=') return found <= wanted;
  if (operator === '>') return found > wanted;
  return found >= wanted;
}

/** Whether two values are the same JSON; the order of names does not count. */
export function sameJson(one: Json, other: Json): boolean {
  return Bun.deepEquals(one, other, true);
}

/** Lists and objects that were made for a change and are not shared yet: the next change of many need not copy them again. */
export type Fresh = Set<Json>;

/** The value with another at a place; whatever is missing on the way is made. The very same where nothing changes. What is `fresh` is changed itself. */
export function withValue(root: Json, place: Place, value: Json, fresh: Fresh = new Set()): Json {
  const [step, ...rest] = place;
  if (step === undefined) return sameJson(root, value) ? root : value;
  const before = memberAt(root, step);
  const after = withValue(before, rest, value, fresh);
  if (before !== undefined && after === before) return root;
  if (Array.isArray(root)) {
    // Lists have no names, and no gaps.
    if (typeof step !== 'number' || step > root.length || after === undefined) return root;
    const list = fresh.has(root) ? root : [...root];
    list[step] = after;
    fresh.add(list);
    return list;
  }
  const name = String(step);
  if (isObject(root) && fresh.has(root) && name !== '__proto__') {
    root[name] = after;
    return root;
  }
  const object = { ...(isObject(root) ? root : {}), [name]: after };
  fresh.add(object);
  return object;
}

/** The value without what is at a place; the very same where nothing is there. What is `fresh` is changed itself. */
export function withoutPlace(root: Json, place: Place, fresh: Fresh = new Set()): Json {
  const [step, ...rest] = place;
  const before = step === undefined ? undefined : memberAt(root, step);
  if (step === undefined || before === undefined) return root;
  const after = rest.length === 0 ? undefined : withoutPlace(before, rest, fresh);
  if (rest.length > 0 && after === before) return root;
  if (Array.isArray(root) && typeof step === 'number') {
    const list = fresh.has(root) ? root : [...root];
    if (after === undefined) list.splice(step, 1);
    else list[step] = after;
    fresh.add(list);
    return list;
  }
  if (!isObject(root)) return root;
  const { [String(step)]: _, ...others } = root;
  const object = after === undefined ? others : { ...root, [String(step)]: after };
  fresh.add(object);
  return object;
}
