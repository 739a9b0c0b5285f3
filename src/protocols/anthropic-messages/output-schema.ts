/**
 * Output schemas in the subset that the API compiles: closed objects, no numeric, length or pattern bounds
 * (platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations").
 * What cannot be enforced is written into the description of its node, for the model.
 */
import type { LossReport, TextReader } from '../codec.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { withNote } from '../json-schema.ts';
import type { JsonSchema, Request } from '../request.ts';
import { protocol } from './kept-fields.ts';
import { type PropertyNames, propertyNames } from './property-names.ts';

const formats = new Set([
  ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'],
]);

/** Keywords that go through as they are. */
const plain = new Set([
  ...['type', 'title', 'description', 'enum', 'const', 'required', '$ref', 'default', 'additionalProperties'],
]);
/** Keywords whose members are schemas by name, and those that hold lists of schemas. */
const maps = new Set(['properties', '$defs', 'definitions']);
const lists = new Set(['anyOf', 'allOf']);
/** Annotations that bind nothing. */
const silent = new Set(['$schema', '$id', '$comment', 'examples', 'propertyOrdering']);

/** The schema of an answer as the API takes it, and the property names in it that are to be mapped. */
export function wireSchema(
  schema: JsonSchema,
  report: LossReport,
): { schema: JsonSchema; properties?: PropertyNames } {
  const fitting = outputSchema(schema, report);
  const properties = propertyNames(fitting);
  return properties === undefined ? { schema: fitting } : { schema: properties.schema, properties };
}

/** The reader of the answer to a request; undefined where its text has the client's names. */
export function outputReader({ output, extra }: Request): TextReader | undefined {
  if (output?.type !== 'json-schema' || extra?.protocol === protocol) return undefined;
  return wireSchema(output.schema, () => {}).properties?.reader();
}

/** The schema with closed objects and without what the API refuses; `report` gets each keyword that is only mentioned. */
function outputSchema(schema: JsonSchema, report: LossReport): JsonSchema {
  return node(schema, (keyword) =>
    report('approximated', `response_format.schema.${keyword}`, 'moved to the description'),
  );
}

function node(schema: JsonSchema, note: (keyword: string) => void): JsonSchema {
  const result: JsonObject = {};
  const notes: string[] = [];
  for (const key in schema) {
    const value = schema[key];
    if (value === undefined || silent.has(key)) continue;
    if (maps.has(key) && isObject(value)) result[key] = mapValues(value, note);
    else if (lists.has(key) && Array.isArray(value)) result[key] = value.map((item) => inner(item, note));
    else if (key === 'oneOf' && Array.isArray(value)) result.anyOf = value.map((item) => inner(item, note));
    else if (key === 'items') result.items = inner(value, note);
    else if (isPlain(key, value)) result[key] = value;
    else {
      note(key);
      notes.push(`${key}: ${JSON.stringify(value)}`);
    }
  }
  if (isObjectType(schema)) {
    if (isObject(schema.additionalProperties)) {
      note('additionalProperties');
      notes.push(`additionalProperties: ${JSON.stringify(schema.additionalProperties)}`);
    }
    result.additionalProperties = false;
  }
  if (notes.length > 0) result.description = withNote(schema.description, notes.join(', '));
  return result;
}

function isPlain(key: string, value: Json): boolean {
  if (key === 'format') return typeof value === 'string' && formats.has(value);
  if (key === 'minItems') return value === 0 || value === 1;
  return plain.has(key);
}

function isObjectType(schema: JsonSchema): boolean {
  return (
    schema.type === 'object' ||
    (Array.isArray(schema.type) && schema.type.includes('object')) ||
    (schema.type === undefined && isObject(schema.properties))
  );
}

function inner(value: Json, note: (keyword: string) => void): Json {
  return isObject(value) ? node(value, note) : value;
}

function mapValues(value: JsonObject, note: (keyword: string) => void): JsonObject {
  const result: JsonObject = {};
  for (const name in value) {
    const member = value[name];
    if (member !== undefined) result[name] = inner(member, note);
  }
  return result;
}
