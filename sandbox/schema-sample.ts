/** A value that a JSON Schema allows: what the sandbox fills tool arguments and structured output with. */

import { type Json, type JsonObject, lookUp } from './json.ts';
import { asArray, asNumber, asObject, asString } from './json-members.ts';

/** Deeper than any schema of a real client; ends recursive schemas. */
const deepest = 12;

const formats: Record<string, string> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '127.0.0.1',
  ipv6: '::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/**
 * The sample. Objects get their required properties, or all of them where none is required; strings are `word`
 * unless the schema says more. Understands local `$ref`, `anyOf`, `oneOf`, `allOf`, and Gemini's upper-case types.
 */
export function sampleOf(schema: JsonObject, word = 'sandbox'): Json {
  return sample(schema, schema, word, 0);
}

function sample(schema: JsonObject, root: JsonObject, word: string, depth: number): Json {
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  const choices = asArray(schema.enum);
  if (choices[0] !== undefined) return choices[0];
  const example = schema.example ?? asArray(schema.examples)[0];
  if (example !== undefined) return example;
  if (depth > deepest) return null;
  const next = deeper(schema, root);
  if (next !== undefined) return sample(next, root, word, depth + 1);
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(schema, root, word, depth);
    case 'array':
      return sampleArray(schema, root, word, depth);
    case 'integer':
      return Math.ceil(inRange(schema));
    case 'number':
      return inRange(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampleString(schema, word);
  }
}

/** The schema that this one stands for, if it only points at others. */
function deeper(schema: JsonObject, root: JsonObject): JsonObject | undefined {
  const reference = asString(schema.$ref);
  if (reference !== undefined) return resolve(reference, root);
  const all = asArray(schema.allOf).map(asObject);
  if (all.length > 0) {
    const { allOf: _, ...own } = schema;
    return all.reduce<JsonObject>((merged, part) => mergeObjects(merged, part ?? {}), own);
  }
  return asArray(schema.anyOf ?? schema.oneOf)
    .map(asObject)
    .find((option) => option !== undefined && option.type !== 'null');
}

function mergeObjects(left: JsonObject, right: JsonObject): JsonObject {
  return {
    ...left,
    ...right,
    properties: { ...asObject(left.properties), ...asObject(right.properties) },
    required: [...asArray(left.required), ...asArray(right.required)],
  };
}

/** RFC 6901 pointers into the same document; anything else has no schema here. */
function resolve(reference: string, root: JsonObject): JsonObject {
  if (!reference.startsWith('#')) return {};
  let at: Json | undefined = root;
  for (const step of reference.slice(1).split('/').slice(1))
    at = asObject(at)?.[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')];
  return asObject(at) ?? {};
}

function typeOf(schema: JsonObject): string {
  const type = asArray(schema.type).find((name) => name !== 'null') ?? asArray(schema.type)[0];
  if (typeof type === 'string') return type.toLowerCase();
  if (schema.properties !== undefined) return 'object';
  return schema.items === undefined ? 'string' : 'array';
}

function sampleObject(schema: JsonObject, root: JsonObject, word: string, depth: number): JsonObject {
  const properties = asObject(schema.properties) ?? {};
  const required = asArray(schema.required).filter((name) => typeof name === 'string');
  const names = required.length > 0 ? required : Object.keys(properties);
  const value: JsonObject = {};
  for (const name of names) value[name] = sample(asObject(properties[name]) ?? {}, root, word, depth + 1);
  return value;
}

function sampleArray(schema: JsonObject, root: JsonObject, word: string, depth: number): Json[] {
  const item = asObject(schema.items) ?? asObject(asArray(schema.prefixItems)[0]);
  // Gemini writes counts as strings: protobuf's JSON form of int64.
  const count = Math.max(1, Math.min(Number(schema.minItems ?? 1), 8));
  return Array.from({ length: count }, () => sample(item ?? {}, root, word, depth + 1));
}

function inRange(schema: JsonObject): number {
  const min = asNumber(schema.minimum) ?? (asNumber(schema.exclusiveMinimum) ?? 0) + 1;
  const max = asNumber(schema.maximum) ?? (asNumber(schema.exclusiveMaximum) ?? Number.POSITIVE_INFINITY) - 1;
  const step = asNumber(schema.multipleOf);
  const value = Math.min(Math.max(1, min), max);
  return step === undefined ? value : Math.ceil(value / step) * step;
}

/** A schema may ask for any length. */
const mostPadding = 10_000;

function sampleString(schema: JsonObject, word: string): string {
  const formatted = lookUp(formats, asString(schema.format));
  if (formatted !== undefined) return formatted;
  const shortest = Number(schema.minLength ?? 0);
  const longest = Number(schema.maxLength ?? Number.POSITIVE_INFINITY);
  return word.padEnd(Math.min(shortest, mostPadding), '.').slice(0, longest);
}
