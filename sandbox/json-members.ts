/** Readers of the members of a JSON object: what is of another kind counts as missing. */
import { isObject, type Json, type JsonObject } from './json.ts';

export function asString(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function asBoolean(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

/** The array; undefined and null are the empty one, a single value is an array of one. */
export function asArray(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** The objects among the members of an array. */
export function asObjects(value: Json | undefined): JsonObject[] {
  return asArray(value).filter(isObject);
}

/** The members of these names that are there. */
export function membersOf(value: JsonObject, names: readonly string[]): JsonObject {
  const members: JsonObject = {};
  for (const name of names) if (value[name] !== undefined) members[name] = value[name];
  return members;
}
