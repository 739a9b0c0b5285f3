/** Google's `Schema` (a subset of OpenAPI 3.0 with type names in capitals) → JSON Schema. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import { googleTypes } from '../schema-types.ts';
import { lookUp } from '../word-table.ts';
import { typeWord } from './enum-numbers.ts';

/** Numbers that Google's JSON mapping writes as strings (int64). */
const counts = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);
const camelNames: Record<string, string> = {
  any_of: 'anyOf',
  min_items: 'minItems',
  max_items: 'maxItems',
  min_length: 'minLength',
  max_length: 'maxLength',
  min_properties: 'minProperties',
  max_properties: 'maxProperties',
  property_ordering: 'propertyOrdering',
};

/** The same schema as JSON Schema. Property names are untouched. */
export function jsonSchemaOf(schema: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const key in schema) {
    const value = schema[key];
    if (value === undefined || value === null) continue;
    const name = lookUp(camelNames, key) ?? key;
    switch (name) {
      case 'type':
        if (value !== 'TYPE_UNSPECIFIED' && value !== 0) result.type = lowerType(value);
        break;
      case 'properties':
        result.properties = isObject(value) ? mapValues(value) : value;
        break;
      case 'items':
      case 'additionalProperties':
        result[name] = isObject(value) ? jsonSchemaOf(value) : value;
        break;
      case 'anyOf':
      case 'oneOf':
      case 'allOf':
      case 'prefixItems':
        result[name] = Array.isArray(value) ? value.map(inner) : value;
        break;
      case 'format':
        // It only announces `enum`.
        if (value !== 'enum') result.format = value;
        break;
      case 'example':
        result.examples = [value];
        break;
      case 'nullable':
      case 'propertyOrdering':
        break;
      default:
        result[name] = counts.has(name) && typeof value === 'string' ? Number(value) : value;
    }
  }
  if (schema.nullable === true && typeof result.type === 'string') {
    result.type = [result.type, 'null'];
    if (Array.isArray(result.enum) && !result.enum.includes(null)) result.enum = [...result.enum, null];
  }
  return result;
}

function lowerType(value: Json): Json {
  if (Array.isArray(value)) return value.map(lowerType);
  if (typeof value === 'number') return lowerType(typeWord(value));
  return typeof value === 'string' && googleTypes.has(value) ? value.toLowerCase() : value;
}

function inner(value: Json): Json {
  return isObject(value) ? jsonSchemaOf(value) : value;
}

function mapValues(properties: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const name in properties) {
    const value = properties[name];
    result[name] = isObject(value) ? jsonSchemaOf(value) : value;
  }
  return result;
}
