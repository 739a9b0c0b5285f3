/** JSON Schema: what its keywords hold, changes at every depth, and types in its words where they are Google's. */
import { isObject, type Json, type JsonObject } from './json.ts';
import type { JsonSchema } from './request.ts';

/** What a keyword of JSON Schema holds. */
type Holds =
  | 'schema'
  | 'schemas'
  | 'named schemas'
  | 'property schemas'
  | 'property names'
  | 'names'
  | 'values';

/** The keywords of JSON Schema (2020-12 and older drafts) that hold more than a value of their own. */
const keywords: ReadonlyMap<string, Holds> = new Map([
  ...holding('schema', ['items', 'contains', 'additionalItems', 'unevaluatedItems', 'additionalProperties']),
  ...holding('schema', ['unevaluatedProperties', 'propertyNames', 'not', 'if', 'then', 'else']),
  ...holding('schemas', ['anyOf', 'oneOf', 'allOf', 'prefixItems']),
  ...holding('named schemas', ['patternProperties', '$defs', 'definitions']),
  ...holding('property schemas', ['properties', 'dependentSchemas']),
  ...holding('property names', ['dependentRequired', 'dependencies']),
  // The second is Google's.
  ...holding('names', ['required', 'propertyOrdering']),
  ...holding('values', ['default', 'const', 'enum', 'examples']),
]);

function holding(what: Holds, names: readonly string[]): [string, Holds][] {
  return names.map((name) => [name, what]);
}

/** The kind of a keyword's value; undefined for one without subschemas, and for unknown ones. */
export function heldBy(keyword: string): Holds | undefined {
  return keywords.get(keyword);
}

/** ai.google.dev/api/caching#Type */
export const googleTypes: ReadonlySet<string> = new Set([
  ...['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'],
]);

/** The schema with types in small letters at every depth; the very same object where they are. */
export function withPlainTypes(schema: JsonSchema): JsonSchema {
  return changedMembers(schema, (value, key) => {
    if (key === 'type') return plainType(value);
    switch (heldBy(key)) {
      case 'values':
        return value;
      case 'named schemas':
      case 'property schemas':
        return isObject(value) ? changedMembers(value, plainNode) : plainNode(value);
      default:
        return plainNode(value);
    }
  });
}

/** An object with each member as it is to be; the very same one where nothing changes. */
export function changedMembers(node: JsonObject, change: (value: Json, key: string) => Json): JsonObject {
  let copy: JsonObject | undefined;
  for (const key in node) {
    const value = node[key];
    const plain = value === undefined ? value : change(value, key);
    if (plain === value) continue;
    copy ??= { ...node };
    copy[key] = plain;
  }
  return copy ?? node;
}

function plainNode(value: Json): Json {
  if (Array.isArray(value)) return changedItems(value, plainNode);
  return isObject(value) ? withPlainTypes(value) : value;
}

function plainType(value: Json): Json {
  if (typeof value === 'string') return googleTypes.has(value) ? value.toLowerCase() : value;
  return Array.isArray(value) ? changedItems(value, plainType) : value;
}

/** The same of a list. */
export function changedItems(list: Json[], change: (value: Json) => Json): Json[] {
  const all = list.map(change);
  return all.every((value, i) => value === list[i]) ? list : all;
}
