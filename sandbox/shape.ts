/** What a request body must look like, as data: shapes that name the first field that is wrong. */
import { describe, isObject, type Json } from '../src/protocols/json.ts';

/** The first thing wrong. `path` leads to the field from the outermost value. */
export interface Violation {
  path: (string | number)[];
  problem: 'missing' | 'unknown' | 'type' | 'value';
  /** What is allowed, in words. */
  expected: string;
  /** What was found, in words. */
  found: string;
}

/** Looks at a value and says what is wrong with it; undefined when nothing is. */
export type Shape = (value: Json | undefined) => Violation | undefined;

function violation(problem: Violation['problem'], expected: string, value: Json | undefined): Violation {
  return { path: [], problem, expected, found: describe(value) };
}

function inside(key: string | number, wrong: Violation | undefined): Violation | undefined {
  wrong?.path.unshift(key);
  return wrong;
}

/** A value that is right in itself but not here. For rules that a shape cannot say. */
export function wrong(expected: string, value: Json | undefined): Violation {
  return violation('value', expected, value);
}

export const anything: Shape = () => undefined;

/** A string; `pattern` is explained by `expected`. */
export function text(rule: { min?: number; max?: number; pattern?: RegExp; expected?: string } = {}): Shape {
  return (value) => {
    if (typeof value !== 'string') return violation('type', 'a string', value);
    if (rule.min !== undefined && value.length < rule.min)
      return violation('value', `a string of at least ${rule.min} characters`, value);
    if (rule.max !== undefined && value.length > rule.max)
      return violation('value', `a string of at most ${rule.max} characters`, value);
    if (rule.pattern !== undefined && !rule.pattern.test(value))
      return violation('value', rule.expected ?? `a string that matches ${rule.pattern.source}`, value);
    return undefined;
  };
}

function numeric(noun: string, whole: boolean, min: number, max: number): Shape {
  return (value) => {
    if (typeof value !== 'number' || (whole && !Number.isInteger(value)))
      return violation('type', noun, value);
    if (value < min) return violation('value', `${noun} of at least ${min}`, value);
    if (value > max) return violation('value', `${noun} of at most ${max}`, value);
    return undefined;
  };
}

export function number(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Shape {
  return numeric('a number', false, min, max);
}

export function integer(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Shape {
  return numeric('an integer', true, min, max);
}

export const flag: Shape = (value) =>
  typeof value === 'boolean' ? undefined : violation('type', 'a boolean', value);

/** One of these words. */
export function word(...words: readonly string[]): Shape {
  return (value) => {
    if (typeof value !== 'string') return violation('type', 'a string', value);
    return words.includes(value) ? undefined : violation('value', `one of ${words.join(', ')}`, value);
  };
}

export function list(of: Shape, min = 0, max = Number.POSITIVE_INFINITY): Shape {
  return (value) => {
    if (!Array.isArray(value)) return violation('type', 'an array', value);
    if (value.length < min) return violation('value', `an array of at least ${min} items`, value);
    if (value.length > max) return violation('value', `an array of at most ${max} items`, value);
    for (let i = 0; i < value.length; i++) {
      const found = inside(i, of(value[i]));
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

export type Fields = Record<string, Shape>;

/**
 * An object with these fields and no others. Null stands for an absent optional field, as the providers take it.
 * Fields named `x_…` are let through, so that tests of unknown fields have something to send.
 */
export function record(required: Fields, optional: Fields = {}): Shape {
  return (value) => {
    if (!isObject(value)) return violation('type', 'an object', value);
    for (const key in required) {
      const field = value[key];
      if (field === undefined)
        return { path: [key], problem: 'missing', expected: 'this field', found: 'nothing' };
      const found = inside(key, required[key]?.(field));
      if (found !== undefined) return found;
    }
    for (const key in value) {
      const field = value[key];
      if (field === undefined || Object.hasOwn(required, key) || key.startsWith('x_')) continue;
      const shape = Object.hasOwn(optional, key) ? optional[key] : undefined;
      if (shape === undefined)
        return { path: [key], problem: 'unknown', expected: 'no such field', found: describe(field) };
      const found = field === null ? undefined : inside(key, shape(field));
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** An object with any fields. */
export const object: Shape = (value) => (isObject(value) ? undefined : violation('type', 'an object', value));

/** An object whose values all have one shape. */
export function mapOf(of: Shape): Shape {
  return (value) => {
    if (!isObject(value)) return violation('type', 'an object', value);
    for (const key in value) {
      const found = inside(key, of(value[key]));
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** An object whose shape is chosen by the word in `tag`; `otherwise` is the word that an absent tag stands for. */
export function tagged(tag: string, shapes: Record<string, Shape>, otherwise?: string): Shape {
  const words = Object.keys(shapes);
  return (value) => {
    if (!isObject(value)) return violation('type', 'an object', value);
    const name = value[tag] ?? otherwise;
    if (name === undefined)
      return { path: [tag], problem: 'missing', expected: `one of ${words.join(', ')}`, found: 'nothing' };
    if (typeof name !== 'string') return inside(tag, violation('type', 'a string', name));
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    return shape === undefined
      ? inside(tag, violation('value', `one of ${words.join(', ')}`, name))
      : shape(value);
  };
}

/** A string or an array: what message contents are everywhere. */
export function textOr(items: Shape, string: Shape = text()): Shape {
  return (value) => {
    if (typeof value === 'string') return string(value);
    return Array.isArray(value) ? items(value) : violation('type', 'a string or an array', value);
  };
}

/** A word or an object. */
export function wordOr(objects: Shape, ...words: readonly string[]): Shape {
  const string = word(...words);
  return (value) => (isObject(value) ? objects(value) : string(value));
}

/** The shape, and this rule of its value. */
export function also(shape: Shape, rule: Shape): Shape {
  return (value) => shape(value) ?? rule(value);
}

/** JSON text of an object. */
export const jsonObjectText: Shape = (value) => {
  if (typeof value !== 'string') return violation('type', 'a string', value);
  try {
    if (isObject(JSON.parse(value))) return undefined;
  } catch {
    // Falls through to the same complaint as JSON text of something else.
  }
  return violation('value', 'JSON text of an object', value);
};

const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;

/** Standard base64 with padding, not empty. */
export const base64: Shape = (value) => {
  if (typeof value !== 'string') return violation('type', 'a string', value);
  return value.length > 0 && value.length % 4 === 0 && base64Pattern.test(value)
    ? undefined
    : violation('value', 'base64 data', value);
};

/** How many bytes base64 text stands for. */
export function base64Bytes(data: string): number {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return Math.floor((data.length * 3) / 4) - padding;
}

/** `data:<media type>;base64,<data>` in its parts; undefined for anything else. */
export function dataUrl(url: string): { mediaType: string; data: string } | undefined {
  if (!url.startsWith('data:')) return undefined;
  const comma = url.indexOf(',');
  const head = url.slice(5, comma);
  if (comma < 0 || !head.endsWith(';base64')) return undefined;
  return { mediaType: head.slice(0, head.indexOf(';')), data: url.slice(comma + 1) };
}

/** The violation as a sentence without the path. */
export function explain(found: Violation): string {
  switch (found.problem) {
    case 'missing':
      return 'this field is required';
    case 'unknown':
      return 'there is no such field';
    case 'type':
    case 'value':
      return `expected ${found.expected}, found ${found.found}`;
  }
}
