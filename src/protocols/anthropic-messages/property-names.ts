/**
 * Property names of tool schemas that the API refuses, mapped on the way and mapped back in calls ("Property keys should
 * match pattern '^[a-zA-Z0-9_.-]{1,64}$'", of `tools.N.custom.input_schema.properties`).
 */
import { isWalkable } from '../exact-numbers.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { longestPointer, pointedKey, withNote } from '../json-schema.ts';
import type { JsonSchema } from '../request.ts';
import { heldBy } from '../schema-types.ts';
import { acceptableName, type NameRule } from '../tool-names.ts';
import { type KeyReader, keyReader } from './key-reader.ts';

const rule: NameRule = { maxLength: 64, forbidden: /[^a-zA-Z0-9_.-]/g };

/** The property names of one tool, of which some are refused. */
export interface PropertyNames {
  /** The schema under names that the API takes; descriptions of renamed properties have the original name. */
  schema: JsonSchema;
  /** The input of a call, as the API is to see it. */
  toWire(input: JsonObject): JsonObject;
  /** The input of a call under the client's names. */
  fromWire(input: Json): Json;
  /** The same for input that comes as pieces of JSON text. */
  reader(): KeyReader;
}

/** The names of a tool's schema; undefined when the API takes them all. The same schema always gives the same names. */
export function propertyNames(schema: JsonSchema): PropertyNames | undefined {
  const names = new Set<string>();
  collect(schema, names);
  const wire = new Map<string, string>();
  for (const name of names) if (!isAccepted(name)) wire.set(name, '');
  if (wire.size === 0) return undefined;
  const taken = new Set([...names].filter(isAccepted));
  /** How often another name was sought in place of one that was taken: who comes later goes on from there. */
  const tries = new Map<string, number>();
  for (const name of wire.keys()) {
    const first = acceptableName(name || ' ', rule);
    let made = first;
    for (; taken.has(made); made = acceptableName(`${name} ${tries.get(first)}`, rule))
      tries.set(first, (tries.get(first) ?? 1) + 1);
    taken.add(made);
    wire.set(name, made);
  }
  const original = new Map([...wire].map(([name, made]) => [made, name]));
  const toWire = (name: string): string => wire.get(name) ?? name;
  const fromWire = (name: string): string => original.get(name) ?? name;
  return {
    schema: renamedSchema(schema, toWire),
    toWire: (input) => renamedKeys(input, toWire),
    fromWire: (input) => renamedValue(input, fromWire),
    reader: () => keyReader(fromWire),
  };
}

function isAccepted(name: string): boolean {
  return name.length > 0 && acceptableName(name, rule) === name;
}

// ---------------------------------------------------------------- schemas

/** Adds the names of all properties below a node. */
function collect(node: Json | undefined, names: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, names);
    return;
  }
  if (!isObject(node)) return;
  for (const keyword in node) {
    const value = node[keyword];
    switch (heldBy(keyword)) {
      case 'property schemas':
        if (isObject(value)) for (const name in value) names.add(name);
        collectMembers(value, names);
        break;
      case 'named schemas':
      case 'property names':
        collectMembers(value, names);
        break;
      case 'schema':
      case 'schemas':
        if (keyword !== 'propertyNames') collect(value, names);
        break;
      default:
        break;
    }
  }
}

function collectMembers(value: Json | undefined, names: Set<string>): void {
  if (isObject(value)) for (const name in value) collect(value[name], names);
}

type Rename = (name: string) => string;

function renamedSchema(node: JsonSchema, rename: Rename): JsonSchema {
  return mapped(node, (value, keyword) => {
    switch (heldBy(keyword)) {
      case 'property schemas':
        return isObject(value)
          ? mapped(value, (schema, name) => noted(inner(schema, rename), name, rename), rename)
          : value;
      case 'property names':
        return isObject(value)
          ? mapped(
              value,
              (held) => (isObject(held) ? renamedSchema(held, rename) : renamedNames(held, rename)),
              rename,
            )
          : value;
      case 'named schemas':
        return isObject(value) ? mapped(value, (schema) => inner(schema, rename)) : value;
      case 'schema':
      case 'schemas':
        return keyword === 'propertyNames' ? nameRules(value, rename) : inner(value, rename);
      case 'names':
        return renamedNames(value, rename);
      case 'values':
        return renamedValue(value, rename);
      default:
        return otherKeyword(value, keyword, rename);
    }
  });
}

/** Keywords that name properties inside of something else. */
function otherKeyword(value: Json, keyword: string, rename: Rename): Json {
  if (keyword === '$ref' && typeof value === 'string') return renamedPointer(value, rename);
  // OpenAPI's choice among alternatives by one property.
  if (keyword === 'discriminator' && isObject(value) && typeof value.propertyName === 'string')
    return { ...value, propertyName: rename(value.propertyName) };
  return value;
}

/** The property names in a schema. */
function nameRules(value: Json, rename: Rename): Json {
  return isObject(value)
    ? mapped(value, (held) => (typeof held === 'string' ? rename(held) : renamedNames(held, rename)))
    : value;
}

function inner(value: Json, rename: Rename): Json {
  if (Array.isArray(value)) return value.map((item) => inner(item, rename));
  return isObject(value) ? renamedSchema(value, rename) : value;
}

/** The model reads what the property is called: a name of other letters would else be nothing but its hash. */
function noted(schema: Json, name: string, rename: Rename): Json {
  if (rename(name) === name || !isObject(schema)) return schema;
  return { ...schema, description: withNote(schema.description, `the property ${JSON.stringify(name)}`) };
}

function renamedNames(value: Json, rename: Rename): Json {
  return Array.isArray(value) ? value.map((name) => (typeof name === 'string' ? rename(name) : name)) : value;
}

/** A local JSON pointer (RFC 6901) that leads through properties. */
function renamedPointer(ref: string, rename: Rename): string {
  if (!ref.startsWith('#/') || ref.length > longestPointer) return ref;
  const steps = ref.split('/');
  return steps
    .map((step, at) => {
      if (heldBy(steps[at - 1] ?? '') !== 'property schemas') return step;
      const name = pointedKey(step);
      const made = rename(name);
      return made === name ? step : made;
    })
    .join('/');
}

// ---------------------------------------------------------------- values

function renamedValue(value: Json, rename: Rename): Json {
  if (Array.isArray(value)) return value.map((item) => renamedValue(item, rename));
  return isWalkable(value) ? renamedKeys(value, rename) : value;
}

function renamedKeys(value: JsonObject, rename: Rename): JsonObject {
  return mapped(value, (held) => renamedValue(held, rename), rename);
}

/** The object with each member written anew; `__proto__` stays a name like any other. */
function mapped(
  value: JsonObject,
  write: (held: Json, name: string) => Json,
  rename: Rename = same,
): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, held]) =>
      held === undefined ? [] : [[rename(name), write(held, name)]],
    ),
  );
}

function same(name: string): string {
  return name;
}
