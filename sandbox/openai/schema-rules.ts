/** What api.openai.com demands of the schemas of functions and answers, in its words. */

import { invalid } from '../failure.ts';
import type { Json, JsonObject } from '../json.ts';
import { asArray, asObject } from '../json-members.ts';

/**
 * The parameters of a function: an object with properties, whose arrays have items; closed where it is strict.
 * goruck/home-generative-agent#545, spring-projects/spring-ai#4776, streamnative/streamnative-mcp-server#26.
 */
export function demandParameters(
  schema: Json | undefined,
  name: string,
  param: string,
  strict: boolean,
): void {
  if (schema === undefined || schema === null) return;
  const root = asObject(schema) ?? {};
  const problem =
    functionRoot(root) ?? fault(root, [], missingItems) ?? (strict ? fault(root, [], looseness) : undefined);
  if (problem === undefined) return;
  throw invalid(`Invalid schema for function '${name}': ${problem}`, param, 'invalid_function_parameters');
}

/**
 * The schema of an answer: an object at its root; where it is strict every object closed, every property required.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function demandFormat(schema: JsonObject, name: string, param: string, strict: boolean): void {
  const problem =
    objectRoot(schema) ??
    (schema.anyOf === undefined ? undefined : noUnions) ??
    fault(schema, [], missingItems) ??
    (strict ? fault(schema, [], looseness) : undefined);
  if (problem === undefined) return;
  throw invalid(`Invalid schema for response_format '${name}': ${problem}`, param, 'invalid_json_schema');
}

/** At the top of a function's parameters none of these may stand. */
const unions = ['oneOf', 'anyOf', 'allOf', 'enum', 'not'];
const noUnions = `schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.`;

function objectRoot({ type }: JsonObject): string | undefined {
  if (type === 'object') return undefined;
  const got = type === undefined || type === null ? 'None' : type;
  return `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(got)}'.`;
}

function functionRoot(root: JsonObject): string | undefined {
  const wrong = objectRoot(root);
  if (wrong !== undefined) return wrong;
  if (unions.some((keyword) => root[keyword] !== undefined)) return noUnions;
  return asObject(root.properties) === undefined ? at([], 'object schema missing properties') : undefined;
}

/** What is wrong with one schema, wherever it stands; undefined when nothing is. */
type Rule = (schema: JsonObject, path: readonly string[]) => string | undefined;

/** The first fault of the schema and of all below it. */
function fault(schema: JsonObject, path: readonly string[], rule: Rule): string | undefined {
  const own = rule(schema, path);
  if (own !== undefined) return own;
  for (const [steps, below] of schemasBelow(schema)) {
    const found = fault(below, [...path, ...steps], rule);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* schemasBelow(schema: JsonObject): Generator<[steps: string[], schema: JsonObject]> {
  for (const group of ['properties', '$defs', 'definitions'])
    for (const [key, value] of Object.entries(asObject(schema[group]) ?? {}))
      yield [[group, key], asObject(value) ?? {}];
  const items = asObject(schema.items);
  if (items !== undefined) yield [['items'], items];
  for (const group of ['anyOf', 'oneOf', 'allOf'])
    for (const [i, value] of asArray(schema[group]).entries())
      yield [[group, String(i)], asObject(value) ?? {}];
}

const missingItems: Rule = ({ type, items, prefixItems }, path) => {
  if (items !== undefined || prefixItems !== undefined) return undefined;
  if (type === 'array') return at(path, 'array schema missing items');
  const place = asArray(type).indexOf('array');
  return Array.isArray(type) && place >= 0
    ? at([...path, 'type', String(place)], 'array schema missing items')
    : undefined;
};

/** What strict mode does not know. https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
const forbidden = ['allOf', 'oneOf', 'not', 'dependentRequired', 'dependentSchemas', 'if', 'then', 'else'];

/** One of these says what a schema is of. */
const typed = ['type', '$ref', 'anyOf', 'enum', 'const'];

const looseness: Rule = (schema, path) => {
  const unknown = forbidden.find((keyword) => schema[keyword] !== undefined);
  if (unknown !== undefined) return at(path, `'${unknown}' is not permitted`);
  if (!typed.some((keyword) => schema[keyword] !== undefined))
    return at(path, `schema must have a 'type' key`);
  const properties = asObject(schema.properties);
  if (properties === undefined && schema.type !== 'object' && !asArray(schema.type).includes('object'))
    return undefined;
  if (schema.additionalProperties !== false)
    return at(path, `'additionalProperties' is required to be supplied and to be false`);
  const required = asArray(schema.required);
  const missing = Object.keys(properties ?? {}).find((property) => !required.includes(property));
  return missing === undefined
    ? undefined
    : at(
        path,
        `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'`,
      );
};

/** The path is written as Python writes tuples. */
function at(path: readonly string[], problem: string): string {
  const steps = path.map((step) => `'${step}'`).join(', ');
  return `In context=(${steps}${path.length === 1 ? ',' : ''}), ${problem}.`;
}
