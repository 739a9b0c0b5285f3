/** A value that `JSON.parse` can return. Outside data has this type until a codec has read it. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
/** A JSON object; a missing key and an `undefined` value mean the same, as they do to `JSON.stringify`. */
export interface JsonObject {
  [key: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses JSON text; undefined when it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same of a file or of what was copied from one: editors of Windows begin them with a byte order mark. */
export function parseJsonFile(text: string): Json | undefined {
  return parseJson(text.replace(/^\uFEFF/, ''));
}

/** Whether two values that the same code made are equal. */
export function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
