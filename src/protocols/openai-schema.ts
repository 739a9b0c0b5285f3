/** What OpenAI refuses in any node of a tool's schema, mended. A schema that is fine comes back as the same object. */
import type { LossReport } from './codec.ts';
import { isObject, type Json } from './json.ts';
import { asArray } from './json-members.ts';
import type { FunctionTool, JsonSchema } from './request.ts';
import { changedItems, changedMembers, heldBy } from './schema-types.ts';

/**
 * The schema with what OpenAI demands at every depth: "array schema missing items" (an object, so that a list of them
 * becomes `prefixItems`), property schemas that are objects ("True is not of type 'object'"), lists in `required`.
 */
export function mendNodes(node: JsonSchema): JsonSchema {
  let copy: JsonSchema | undefined;
  const set = (key: string, value: Json | undefined): void => {
    copy ??= { ...node };
    if (value === undefined) delete copy[key];
    else copy[key] = value;
  };
  for (const key in node) {
    const value = node[key];
    const mended = mendKeyword(key, value);
    if (mended !== value) set(key, mended);
  }
  if (Array.isArray(node.items)) {
    // The tuple of older drafts.
    set('prefixItems', asArray(node.items).map(mendSchema));
    set('items', mendItems(node.additionalItems));
    set('additionalItems', undefined);
    if (node.additionalItems === false) set('maxItems', node.maxItems ?? node.items.length);
  } else if (node.items === false) {
    set('maxItems', node.maxItems ?? asArray(node.prefixItems).length);
    set('items', {});
  } else if (!isObject(node.items) && (isArrayType(node.type) || node.items !== undefined)) {
    set('items', {});
  }
  return copy ?? node;
}

function isArrayType(type: Json | undefined): boolean {
  return type === 'array' || (Array.isArray(type) && type.includes('array'));
}

function mendItems(value: Json | undefined): JsonSchema {
  return isObject(value) ? mendNodes(value) : {};
}

function mendKeyword(key: string, value: Json | undefined): Json | undefined {
  switch (heldBy(key)) {
    case 'schema':
      return isObject(value) ? mendNodes(value) : value;
    case 'schemas':
      return Array.isArray(value) ? changedItems(value, mendSchema) : undefined;
    case 'named schemas':
    case 'property schemas':
      return isObject(value) ? changedMembers(value, mendSchema) : undefined;
    default:
      return key === 'required' && !Array.isArray(value) ? undefined : value;
  }
}

/** A schema as an object: `true` is the empty one. */
function mendSchema(value: Json): Json {
  if (value === true || value === null) return {};
  if (value === false) return { not: {} };
  return isObject(value) ? mendNodes(value) : value;
}

/**
 * Whether OpenAI takes the schema with `strict: true`: "additionalProperties is required to be supplied and to be false",
 * "required is required to be supplied and to be an array including every key in properties", "schema must have a 'type' key"
 * (platform.openai.com/docs/guides/structured-outputs#supported-schemas). It refuses the whole request otherwise.
 */
function isStrictSchema(node: JsonSchema): boolean {
  const { type, properties, items } = node;
  if (type === undefined && !['anyOf', '$ref', 'enum', 'const'].some((key) => node[key] !== undefined))
    return false;
  if (type === 'object' || isObject(properties)) {
    const required = new Set(asArray(node.required));
    if (node.additionalProperties !== false) return false;
    if (Object.keys(isObject(properties) ? properties : {}).some((name) => !required.has(name))) return false;
  }
  if (
    ['allOf', 'oneOf', 'not', 'prefixItems', 'if', 'patternProperties'].some((key) => node[key] !== undefined)
  )
    return false;
  const inner = [
    ...(isObject(properties) ? Object.values(properties) : []),
    ...['$defs', 'definitions'].flatMap((key) => Object.values(isObject(node[key]) ? node[key] : {})),
    ...asArray(node.anyOf),
    ...(items === undefined ? [] : [items]),
  ];
  return inner.every((value) => isObject(value) && isStrictSchema(value));
}

/** The `strict` to send with these parameters: as asked, or false (and a report) where the API would refuse it. */
export function fittingStrict(
  tool: FunctionTool,
  parameters: JsonSchema,
  report: LossReport,
): boolean | undefined {
  if (tool.strict !== true || isStrictSchema(parameters)) return tool.strict;
  report(
    'approximated',
    `tools.${tool.name}.strict`,
    'false: a strict schema of the upstream requires every property and allows no other',
  );
  return false;
}
