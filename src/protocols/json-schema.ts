/** Tool schemas as object schemas, which upstreams demand. A schema that is fine comes back as the same object. */
import { percentDecoded } from './base64.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { asArray, asObjects, asString } from './json-members.ts';
import { mendNodes } from './openai-schema.ts';
import type { JsonSchema } from './request.ts';
import { withPlainTypes } from './schema-types.ts';

/**
 * A tool's parameters for Anthropic's `input_schema`: the root is `type: object` without `anyOf`, `oneOf` and `allOf`
 * ("input_schema does not support oneOf, allOf, or anyOf at the top level"); their contents are merged into its properties.
 */
export function anthropicInputSchema(schema: JsonSchema): JsonSchema {
  return objectRoot(withPlainTypes(schema));
}

/**
 * A tool's parameters for OpenAI, over Chat and over Responses: an object root without combinators ("schema must have
 * type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level") that has `properties`, be they empty,
 * and nothing at any depth that the API refuses.
 */
export function openaiParameters(schema: JsonSchema): JsonSchema {
  const mended = mendNodes(withPlainTypes(schema));
  const root = objectRoot(mended);
  const { not, ...rest } = root;
  if (not === undefined) return isObject(root.properties) ? root : { ...root, properties: {} };
  return {
    ...rest,
    properties: isObject(root.properties) ? root.properties : {},
    description: withNote(root.description, `not: ${JSON.stringify(not)}`),
  };
}

const combinators = ['allOf', 'anyOf', 'oneOf'] as const;

/** The schema as one object schema; `$defs` stay, since inner references may need them. */
export function objectRoot(schema: JsonSchema): JsonSchema {
  const combined = combinators.some((name) => schema[name] !== undefined);
  if (!combined && schema.$ref === undefined && schema.enum === undefined)
    return schema.type === 'object' ? schema : { ...schema, type: 'object' };
  const { allOf: _all, anyOf: _any, oneOf: _one, enum: _enum, $ref: _ref, ...rest } = schema;
  return mergedParts({ ...rest, type: 'object' }, schema, writtenOut(schema));
}

/** `base` with what the node refers to and combines merged into it. */
function mergedParts(base: JsonSchema, node: JsonSchema, writing: WrittenOut): JsonSchema {
  const demanded = [...rootParts(node, '$ref', writing), ...rootParts(node, 'allOf', writing)];
  let merged = mergeAll(base, demanded);
  for (const name of ['anyOf', 'oneOf'] as const) {
    const branches = rootParts(node, name, writing);
    if (branches.length > 0) merged = mergeBranches(merged, branches);
  }
  return merged;
}

/** The members of a combinator (or the target of `$ref`), each as a plain object schema of its own. */
function rootParts(
  node: JsonSchema,
  name: '$ref' | (typeof combinators)[number],
  writing: WrittenOut,
): JsonSchema[] {
  const ref = asString(node.$ref);
  if (name === '$ref') {
    const target = ref === undefined ? undefined : targetOf(ref, writing);
    return target === undefined ? [] : [flatten(target, { ...writing, open: [...writing.open, ref ?? ''] })];
  }
  return asObjects(node[name]).map((member) => flatten(member, writing));
}

/** The references of a schema that are being inlined. */
export interface WrittenOut {
  root: JsonSchema;
  /** Outermost first. */
  open: readonly string[];
  /** How much more is written out: types that refer to each other twice each double with every level. */
  left: { references: number; values: number };
}

/** Nothing is written out yet. */
export function writtenOut(root: JsonSchema): WrittenOut {
  // Eight times the schema is more than shared definitions come to.
  return { root, open: [], left: { references: 500, values: 256 + 8 * valuesIn(root) } };
}

/** What a reference refers to; undefined where it is not to be written out. */
export function targetOf(ref: string, { root, open, left }: WrittenOut): JsonSchema | undefined {
  if (open.includes(ref) || left.references <= 0) return undefined;
  const target = resolve(ref, root);
  if (target === undefined) return undefined;
  left.references -= 1;
  left.values -= valuesIn(target, left.values);
  return left.values < 0 ? undefined : target;
}

/** How many values there are in a value, itself among them; some number beyond `most` where there are more than that. */
function valuesIn(value: Json | undefined, most = Number.POSITIVE_INFINITY): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  if (Array.isArray(value))
    for (const inner of value) {
      if (count > most) break;
      count += valuesIn(inner, most - count);
    }
  else
    for (const name in value) {
      if (count > most) break;
      count += valuesIn(value[name], most - count);
    }
  return count;
}

/** The node with what it refers to and combines merged into it. */
export function flatten(node: JsonSchema, writing: WrittenOut): JsonSchema {
  const { allOf, anyOf, oneOf, $ref } = node;
  if (allOf === undefined && anyOf === undefined && oneOf === undefined && $ref === undefined) return node;
  const { allOf: _all, anyOf: _any, oneOf: _one, $ref: _ref, ...rest } = node;
  return mergedParts(rest, node, writing);
}

/** A schema that demands what both demand. Where they differ in a keyword, `base` wins and the other becomes text. */
export function mergeSchemas(base: JsonSchema, more: JsonSchema): JsonSchema {
  return mergeAll(base, [more]);
}

/** The same for any number of schemas, in time linear in their size. */
export function mergeAll(base: JsonSchema, all: readonly JsonSchema[]): JsonSchema {
  if (all.length === 0) return base;
  const merged: JsonSchema = { ...base };
  /** Properties that several schemas speak of, by name. */
  const offers = new Map<string, JsonSchema[]>();
  let properties: JsonObject | undefined;
  let required: Set<Json> | undefined;
  for (const more of all) {
    for (const [key, value] of Object.entries(more)) {
      const own = Object.hasOwn(merged, key) ? merged[key] : undefined;
      if (own === undefined) setMember(merged, key, value);
      else if (key === 'properties' && isObject(own) && isObject(value)) {
        properties ??= { ...own };
        merged.properties = properties;
        for (const [name, schema] of Object.entries(value)) {
          const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
          if (isObject(known) && isObject(schema)) {
            const offered = offers.get(name);
            if (offered === undefined) offers.set(name, [schema]);
            else offered.push(schema);
          } else if (known === undefined || known === null) setMember(properties, name, schema);
        }
      } else if (key === 'required') {
        required ??= new Set(asArray(own));
        for (const name of asArray(value)) required.add(name);
      } else if (key === 'description') {
        if (own !== value) merged.description = `${String(own)}\n${String(value)}`;
      } else if (!sameJson(own, value)) {
        merged.description = withNote(merged.description, `${key}: ${JSON.stringify(value)}`);
      }
    }
  }
  if (required !== undefined) merged.required = [...required];
  for (const [name, schemas] of offers) {
    const known = properties?.[name];
    if (properties !== undefined && isObject(known)) setMember(properties, name, mergeAll(known, schemas));
  }
  return merged;
}

/** Sets a member under any name, be it `__proto__`. */
function setMember(target: JsonObject, name: string, value: Json | undefined): void {
  if (name !== '__proto__') target[name] = value;
  else Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}

/** Whether both are written the same way. Ends at the first difference. */
function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one) || Array.isArray(other))
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((value, at) => sameJson(value, other[at]))
    );
  if (!isObject(one) || !isObject(other)) return false;
  const names = Object.keys(one);
  const others = Object.keys(other);
  return (
    names.length === others.length &&
    names.every((name, at) => name === others[at] && sameJson(one[name], other[name]))
  );
}

/** Alternatives as one schema: every property of every branch, required only where all branches require it. */
function mergeBranches(base: JsonSchema, branches: readonly JsonSchema[]): JsonSchema {
  const properties: JsonObject = isObject(base.properties) ? { ...base.properties } : {};
  const offers = new Map<string, Map<string, Json>>();
  for (const branch of branches) {
    if (!isObject(branch.properties)) continue;
    for (const [name, schema] of Object.entries(branch.properties)) {
      if (schema === undefined) continue;
      const known = offers.get(name) ?? new Map<string, Json>();
      const text = JSON.stringify(schema);
      if (!known.has(text)) known.set(text, schema);
      offers.set(name, known);
    }
  }
  for (const [name, offered] of offers) {
    const schemas = [...offered.values()];
    const [only] = schemas;
    if (Object.hasOwn(properties, name) && properties[name] !== undefined && properties[name] !== null)
      continue;
    setMember(properties, name, schemas.length === 1 ? only : { anyOf: schemas });
  }
  const merged: JsonSchema = { ...base, properties };
  const own = asArray(base.required);
  // Where one branch requires nothing, there is nothing that all require, or one of some that must be there.
  if (branches.some(({ required }) => asArray(required).length === 0)) {
    if (own.length > 0) merged.required = union(own, []);
    return merged;
  }
  const requirements = branches.map((branch) => asArray(branch.required));
  const sets = requirements.map((names) => new Set(names)).sort((one, other) => one.size - other.size);
  const [fewest = new Set<Json>()] = sets;
  const inAll = new Set([...fewest].filter((name) => sets.every((names) => names.has(name))));
  const common = (requirements[0] ?? []).filter((name) => inAll.has(name));
  const required = union(own, common);
  if (required.length > 0) merged.required = required;
  const demanded = new Set(required);
  const alternatives = requirements.map((names) => names.filter((name) => !demanded.has(name)).join(' and '));
  if (alternatives.every((text) => text.length > 0)) {
    merged.description = withNote(base.description, `Required is one of: ${alternatives.join('; ')}`);
  }
  return merged;
}

function union(left: readonly Json[], right: readonly Json[]): Json[] {
  const known = new Set(left);
  return [...left, ...right.filter((value) => !known.has(value))];
}

/** The description with a remark behind it. */
export function withNote(description: Json | undefined, note: string): string {
  const text = asString(description) ?? '';
  return text.length > 0 ? `${text}\n(${note})` : `(${note})`;
}

/** Characters of a pointer that is followed, far above any: each of them may be a step. */
export const longestPointer = 64 * 1024;

/** The node that a local JSON pointer (RFC 6901) names. */
export function resolve(ref: string, root: JsonSchema): JsonSchema | undefined {
  if ((ref !== '#' && !ref.startsWith('#/')) || ref.length > longestPointer) return undefined;
  let node: Json | undefined = root;
  for (const step of ref.split('/').slice(1)) {
    const key = pointedKey(step);
    node =
      isObject(node) && Object.hasOwn(node, key)
        ? node[key]
        : Array.isArray(node)
          ? node[Number(key)]
          : undefined;
  }
  return isObject(node) ? node : undefined;
}

/** The key that a step of a JSON pointer names in an address (RFC 6901 §6). */
export function pointedKey(step: string): string {
  return percentDecoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
}
