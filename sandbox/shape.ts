/**
 * What a request body must look like: zod schemas in the vocabulary of the providers' references. Each check carries what
 * it expects in words as its message; {@link violationIn} makes of zod's issues the first field that is wrong.
 */
import { z } from 'zod';
import { describe, isObject, type Json } from './json.ts';

/** The first thing wrong. `path` leads to the field from the outermost value. */
export interface Violation {
  path: (string | number)[];
  problem: 'missing' | 'unknown' | 'type' | 'value';
  /** What is allowed, in words. */
  expected: string;
  /** What was found, in words. */
  found: string;
}

export type Shape = z.ZodType;
/** A shape of an object, which a word in it can choose. */
export type ObjectShape = z.ZodObject | z.ZodDiscriminatedUnion;
export type Fields = Record<string, Shape>;

export const anything = z.unknown();
export const flag = z.boolean('a boolean');

const plainText = z.string('a string');

/** A string; `pattern` is explained by `expected`. */
export function text(rule: { min?: number; max?: number; pattern?: RegExp; expected?: string } = {}) {
  const { min, max, pattern, expected } = rule;
  // Each check is a schema of its own in memory: none that cannot fail.
  let shape = plainText;
  if (min !== undefined) shape = shape.min(min, `a string of at least ${min} characters`);
  if (max !== undefined) shape = shape.max(max, `a string of at most ${max} characters`);
  if (pattern !== undefined)
    shape = shape.regex(pattern, expected ?? `a string that matches ${pattern.source}`);
  return shape;
}

function numeric(noun: string, min?: number, max?: number) {
  let shape = z.number(noun);
  if (min !== undefined) shape = shape.min(min, `${noun} of at least ${min}`);
  if (max !== undefined) shape = shape.max(max, `${noun} of at most ${max}`);
  return shape;
}

export function number(min?: number, max?: number) {
  return numeric('a number', min, max);
}

export function integer(min?: number, max?: number) {
  // Not zod's int(), which refuses what JSON can say beyond 2^53.
  const whole = { error: 'an integer', params: { problem: 'type' } };
  return numeric('an integer', min, max).refine(Number.isInteger, whole);
}

/** One of these words. */
export function word(...words: readonly string[]) {
  return z.enum(words, {
    error: ({ input }) => (typeof input === 'string' ? `one of ${words.join(', ')}` : 'a string'),
  });
}

export function list(of: Shape, min?: number, max?: number) {
  let shape = z.array(of, 'an array');
  if (min !== undefined) shape = shape.min(min, `an array of at least ${min} items`);
  if (max !== undefined) shape = shape.max(max, `an array of at most ${max} items`);
  return shape;
}

const optionals = new WeakMap<Shape, Shape>();

/** The shape or nothing: one for all fields that share the shape. */
function orNothing(shape: Shape): Shape {
  const known = optionals.get(shape);
  if (known !== undefined) return known;
  const made = shape.nullish();
  optionals.set(shape, made);
  return made;
}

/** An object with these fields and no others. Null stands for an absent optional field, as the providers take it. */
export function record(required: Fields, optional: Fields = {}) {
  const absent = Object.entries(optional).map(([key, shape]) => [key, orNothing(shape)]);
  // Required fields are judged first, and are required where they stand in both.
  const fields: Fields = { ...required, ...Object.fromEntries(absent), ...required };
  return z.strictObject(fields, 'an object');
}

/** An object with any fields. */
export const object = z.looseObject({}, 'an object');

/** An object whose values all have one shape. */
export function mapOf(of: Shape) {
  return z.record(z.string(), of, 'an object');
}

/** An object whose shape is chosen by the word in `tag`; `otherwise` is the word that an absent tag stands for. */
export function tagged(tag: string, shapes: Record<string, ObjectShape>, otherwise?: string) {
  const [first, ...others] = Object.entries(shapes).map(([name, shape]) => {
    const literal = name === otherwise ? z.literal(name).nullish() : z.literal(name);
    return shape instanceof z.ZodObject ? shape.extend({ [tag]: literal }) : shape;
  });
  if (first === undefined) throw new Error(`There is no shape for any ${tag}.`);
  const words = `one of ${Object.keys(shapes).join(', ')}`;
  return z.discriminatedUnion(tag, [first, ...others], {
    error: ({ code }) => (code === 'invalid_union' ? words : 'an object'),
  });
}

/** A value that shows itself which shape it must have. */
export function chosenBy(choose: (value: unknown) => Shape) {
  return z.unknown().check(({ value, issues }) => {
    const { error } = choose(value).safeParse(value, { reportInput: true });
    if (error !== undefined) issues.push({ code: 'invalid_union', errors: [error.issues], input: value });
  });
}

/** A string or an array: what message contents are everywhere. */
export function textOr(items: Shape, string: Shape = text()) {
  return z.union([string, items]);
}

/** A word or an object. */
export function wordOr(objects: Shape, ...words: readonly string[]) {
  return z.union([word(...words), objects]);
}

/** The shape, and what `rule` demands of a value that has it: words for what is expected and what was found instead. */
export function also<T extends Shape>(shape: T, rule: (value: z.output<T>) => Complaint | undefined): T {
  return shape.check(({ value, issues }) => {
    const complaint = rule(value);
    if (complaint === undefined) return;
    issues.push({ code: 'custom', message: complaint.expected, input: complaint.found });
  });
}

/** A value that is right in itself but not here. */
export interface Complaint {
  expected: string;
  found: unknown;
}

export function wrong(expected: string, found: unknown): Complaint {
  return { expected, found };
}

/** JSON text of an object. */
export const jsonObjectText = text().refine((value) => {
  try {
    return isObject(JSON.parse(value));
  } catch {
    return false;
  }
}, 'JSON text of an object');

/** Standard base64 with padding, not empty. */
export const base64 = text().refine(isBase64, 'base64 data');

export function isBase64(data: string): boolean {
  return data.length > 0 && data.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(data);
}

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

/** The first thing that is wrong with the value; undefined when nothing is. */
export function violationIn(value: Json, shape: Shape): Violation | undefined {
  const result = shape.safeParse(withoutTestFields(value), { reportInput: true });
  const issue = result.error?.issues[0];
  return issue && violationOf(issue);
}

function violationOf(issue: z.core.$ZodIssue): Violation {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const about = { path, expected: issue.message, found: describe(issue.input) };
  if (issue.code === 'unrecognized_keys')
    return { ...about, problem: 'unknown', path: [...path, issue.keys[0] ?? ''] };
  if (issue.code === 'invalid_union')
    return issue.discriminator === undefined ? ofUnion(issue, path) : ofTag(issue, issue.discriminator, path);
  if (issue.code === 'custom')
    return { ...about, problem: issue.params?.problem === 'type' ? 'type' : 'value' };
  if (issue.input === undefined) return { ...about, problem: 'missing' };
  const badType =
    issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof issue.input !== 'string');
  return { ...about, problem: badType ? 'type' : 'value' };
}

/** Of the shapes that a value could have, what is wrong by the last whose type it has at all. */
function ofUnion(issue: z.core.$ZodIssueInvalidUnion, path: Violation['path']): Violation {
  const tried = issue.errors.flatMap(([first]) => (first === undefined ? [] : [violationOf(first)]));
  const closest = tried.findLast((found) => found.path.length > 0 || found.problem !== 'type');
  if (closest !== undefined) return { ...closest, path: [...path, ...closest.path] };
  const expected = tried.map((found) => found.expected).join(' or ');
  return { path, problem: 'type', expected, found: describe(issue.input) };
}

function ofTag(issue: z.core.$ZodIssueInvalidUnion, tag: string, path: Violation['path']): Violation {
  const name = isObject(issue.input) ? issue.input[tag] : undefined;
  const about = { path, expected: issue.message, found: describe(name) };
  if (name === undefined || name === null) return { ...about, problem: 'missing' };
  return typeof name === 'string'
    ? { ...about, problem: 'value' }
    : { ...about, problem: 'type', expected: 'a string' };
}

/** The value without fields named `x_…`: they are let through, so that tests of unknown fields have something to send. */
function withoutTestFields(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutTestFields);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !key.startsWith('x_'));
  return Object.fromEntries(
    kept.map(([key, field]) => [key, field === undefined ? undefined : withoutTestFields(field)]),
  );
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
