/** A value that `JSON.parse` can return. Outside data has this type until a codec has read it. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
/** A JSON object; a missing key and an `undefined` value mean the same, as they do to `JSON.stringify`. */
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** A request that the client got wrong: `path` names the field (`messages.2.content`), `message` says what was expected. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
  constructor(
    readonly path: string,
    message: string,
    /** What programs go by, where the protocol has a word for it. */
    readonly code?: string,
  ) {
    super(path ? `${path}: ${message}` : message);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a string, or undefined for anything else: for optional fields whose absence is harmless. */
export function asString(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value as a finite number, or undefined: `1e999` is read as one that no JSON can say. */
export function asNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function asBoolean(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** The value as an object, or undefined. */
export function asObject(value: Json | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

/** The value as an array; undefined and null are the empty array, a single value is an array of one. */
export function asArray(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** The objects among the members of an array; other members are passed over. */
export function asObjects(value: Json | undefined): JsonObject[] {
  return asArray(value).filter(isObject);
}

/**
 * What a table has for a word; undefined where it has no row of that name. Words from outside may be `constructor` or
 * `__proto__`: what all objects inherit is in no table.
 */
export function lookUp<T>(table: Readonly<Record<string, T>>, word: string | undefined): T | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** What was found, in words for an error message. */
export function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return `the ${typeof value} ${(typeof value === 'number' ? String(value) : JSON.stringify(value)).slice(0, 40)}`;
}

/** The field as a non-empty string. Throws {@link InvalidRequest} naming `path`. */
export function requireString(value: Json | undefined, path: string): string {
  if (typeof value !== 'string')
    throw new InvalidRequest(path, `expected a string, found ${describe(value)}`);
  return value;
}

/** The field as an array. Throws {@link InvalidRequest} naming `path`. */
export function requireArray(value: Json | undefined, path: string): Json[] {
  if (!Array.isArray(value)) throw new InvalidRequest(path, `expected an array, found ${describe(value)}`);
  return value;
}

/** The field as an object. Throws {@link InvalidRequest} naming `path`. */
export function requireObject(value: Json | undefined, path: string): JsonObject {
  if (!isObject(value)) throw new InvalidRequest(path, `expected an object, found ${describe(value)}`);
  return value;
}

/** The fields of `value` whose names are not in `known`: what a codec has no canonical place for. Undefined when there are none. */
export function unknownFields(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const key in value) {
    if (known.has(key) || value[key] === undefined) continue;
    rest ??= {};
    rest[key] = value[key];
  }
  return rest;
}

/** Parses JSON text; undefined when it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether two values that the same code made say the same. */
export function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** The texts among the members of an array; undefined for anything else. */
export function asTexts(value: Json | undefined): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}
