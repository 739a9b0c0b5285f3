/** Types of a schema in the words of JSON Schema, where they are Google's: `STRING` is no type for anybody else. */
import { isObject, type Json, type JsonObject } from './json.ts';
import type { JsonSchema } from './model.ts';

/** ai.google.dev/api/caching#Type */
const google = new Set(['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL']);
/** Keywords that hold values, not schemas. */
const values = new Set(['enum', 'const', 'default', 'examples']);

/** Keywords that hold schemas by names of the client's own. */
const named = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']);

/** The schema with types in small letters at every depth; the very same object where they are. */
export function withPlainTypes(schema: JsonSchema): JsonSchema {
  return changedMembers(schema, (value, key) => {
    if (values.has(key)) return value;
    if (key === 'type') return plainType(value);
    return named.has(key) && isObject(value) ? changedMembers(value, plainNode) : plainNode(value);
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
  if (typeof value === 'string') return google.has(value) ? value.toLowerCase() : value;
  return Array.isArray(value) ? changedItems(value, plainType) : value;
}

/** The same of a list. */
export function changedItems(list: Json[], change: (value: Json) => Json): Json[] {
  const all = list.map(change);
  return all.every((value, i) => value === list[i]) ? list : all;
}
