/** Tool schemas as object schemas, which upstreams demand. A schema that is fine comes back as the same object. */
import { asArray, asObjects, asString, isObject, type Json, type JsonObject } from './json.ts';
import type { JsonSchema } from './model.ts';
import { mendNodes } from './openai-schema.ts';

/**
 * A tool's parameters for Anthropic's `input_schema`: the root is `type: object` without `anyOf`, `oneOf` and `allOf`
 * ("input_schema does not support oneOf, allOf, or anyOf at the top level"); what they said is merged into its properties.
 */
export function anthropicInputSchema(schema: JsonSchema): JsonSchema {
  return objectRoot(schema);
}

/**
 * A tool's parameters for OpenAI, over Chat and over Responses: an object root without combinators ("schema must have
 * type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level") that has `properties`, be they empty,
 * and nothing at any depth that the API refuses.
 */
export function openaiParameters(schema: JsonSchema): JsonSchema {
  const mended = mendNodes(schema);
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
  if (schema.type === 'object' && !combined && schema.$ref === undefined && schema.enum === undefined)
    return schema;
  const { allOf: _all, anyOf: _any, oneOf: _one, enum: _enum, $ref: _ref, ...rest } = schema;
  let root: JsonSchema = { ...rest, type: 'object' };
  for (const part of rootParts(schema, '$ref', schema, [])) root = mergeSchemas(root, part);
  for (const part of rootParts(schema, 'allOf', schema, [])) root = mergeSchemas(root, part);
  for (const name of ['anyOf', 'oneOf'] as const) {
    const branches = rootParts(schema, name, schema, []);
    if (branches.length > 0) root = mergeBranches(root, branches);
  }
  return root;
}

/** The members of a combinator (or the target of `$ref`), each as a plain object schema of its own. */
function rootParts(
  node: JsonSchema,
  name: '$ref' | (typeof combinators)[number],
  root: JsonSchema,
  open: readonly string[],
): JsonSchema[] {
  const ref = asString(node.$ref);
  if (name === '$ref') {
    if (ref === undefined || open.includes(ref)) return [];
    const target = resolve(ref, root);
    return target === undefined ? [] : [flatten(target, root, [...open, ref])];
  }
  return asObjects(node[name]).map((member) => flatten(member, root, open));
}

/** The node with what it refers to and combines merged into it; `open` are the references being written out. */
export function flatten(node: JsonSchema, root: JsonSchema, open: readonly string[]): JsonSchema {
  const { allOf: _all, anyOf: _any, oneOf: _one, $ref: _ref, ...rest } = node;
  let flat: JsonSchema = rest;
  for (const part of rootParts(node, '$ref', root, open)) flat = mergeSchemas(flat, part);
  for (const part of rootParts(node, 'allOf', root, open)) flat = mergeSchemas(flat, part);
  for (const name of ['anyOf', 'oneOf'] as const) {
    const branches = rootParts(node, name, root, open);
    if (branches.length > 0) flat = mergeBranches(flat, branches);
  }
  return flat;
}

/** A schema that demands what both demand. Where they differ in a keyword, `base` wins and the other is told as text. */
export function mergeSchemas(base: JsonSchema, more: JsonSchema): JsonSchema {
  const merged: JsonSchema = { ...base };
  for (const [key, value] of Object.entries(more)) {
    const own = merged[key];
    if (own === undefined) merged[key] = value;
    else if (key === 'properties' && isObject(own) && isObject(value)) {
      const properties: JsonObject = { ...own };
      for (const [name, schema] of Object.entries(value)) {
        const known = properties[name];
        properties[name] =
          isObject(known) && isObject(schema) ? mergeSchemas(known, schema) : (known ?? schema);
      }
      merged.properties = properties;
    } else if (key === 'required') merged.required = union(asArray(own), asArray(value));
    else if (key === 'description') {
      if (own !== value) merged.description = `${String(own)}\n${String(value)}`;
    } else if (JSON.stringify(own) !== JSON.stringify(value)) {
      merged.description = withNote(merged.description, `${key}: ${JSON.stringify(value)}`);
    }
  }
  return merged;
}

/** Alternatives as one schema: every property of every branch, required only where all branches require it. */
function mergeBranches(base: JsonSchema, branches: readonly JsonSchema[]): JsonSchema {
  const properties: JsonObject = isObject(base.properties) ? { ...base.properties } : {};
  const offers = new Map<string, Json[]>();
  for (const branch of branches) {
    if (!isObject(branch.properties)) continue;
    for (const [name, schema] of Object.entries(branch.properties)) {
      if (schema === undefined) continue;
      const known = offers.get(name) ?? [];
      if (!known.some((other) => JSON.stringify(other) === JSON.stringify(schema))) known.push(schema);
      offers.set(name, known);
    }
  }
  for (const [name, schemas] of offers) {
    const [only] = schemas;
    properties[name] ??= schemas.length === 1 ? only : { anyOf: schemas };
  }
  const requirements = branches.map((branch) => asArray(branch.required));
  const common = (requirements[0] ?? []).filter((name) =>
    requirements.every((names) => names.includes(name)),
  );
  const merged: JsonSchema = { ...base, properties };
  const required = union(asArray(base.required), common);
  if (required.length > 0) merged.required = required;
  const alternatives = requirements.map((names) =>
    names.filter((name) => !required.includes(name)).join(' and '),
  );
  if (alternatives.every((text) => text.length > 0)) {
    merged.description = withNote(base.description, `Required is one of: ${alternatives.join('; ')}`);
  }
  return merged;
}

function union(left: readonly Json[], right: readonly Json[]): Json[] {
  return [...left, ...right.filter((value) => !left.includes(value))];
}

/** The description with a remark behind it. */
export function withNote(description: Json | undefined, note: string): string {
  const text = asString(description) ?? '';
  return text.length > 0 ? `${text}\n(${note})` : `(${note})`;
}

/** The node that a local JSON pointer (RFC 6901) names. */
export function resolve(ref: string, root: JsonSchema): JsonSchema | undefined {
  if (ref !== '#' && !ref.startsWith('#/')) return undefined;
  let node: Json | undefined = root;
  for (const step of ref.split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    node = isObject(node) ? node[key] : Array.isArray(node) ? node[Number(key)] : undefined;
  }
  return isObject(node) ? node : undefined;
}
