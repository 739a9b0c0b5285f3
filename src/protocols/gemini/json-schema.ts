/** Tool and output schemas in the keywords that Gemini accepts. A schema that is fine comes back as the same object. */
import type { LossReport } from '../codec.ts';
import { isObject, type Json } from '../json.ts';
import { asArray, asObjects, asString } from '../json-members.ts';
import {
  flatten,
  mergeAll,
  mergeSchemas,
  objectRoot,
  targetOf,
  type WrittenOut,
  withNote,
  writtenOut,
} from '../json-schema.ts';
import type { JsonSchema } from '../request.ts';
import { changedItems, changedMembers } from '../schema-types.ts';

/**
 * A schema for Gemini's `parametersJsonSchema` (a tool's parameters). Accepted keywords: those listed for
 * `responseJsonSchema`, ai.google.dev/api/generate-content#generationconfig. Local `$ref`s are written out; a
 * constraint with no keyword there becomes text in the description of its node, and `report` gets it.
 */
export function geminiParameters(schema: JsonSchema, report: LossReport): JsonSchema {
  return adaptNode(objectRoot(schema), walkOf(schema, report));
}

/** As {@link geminiParameters}, for output schemas: the root may be of any type. */
export function geminiSchema(schema: JsonSchema, report: LossReport): JsonSchema {
  return adaptNode(schema, walkOf(schema, report));
}

const accepted = new Set([
  ...['type', 'format', 'title', 'description', 'enum', 'items', 'prefixItems', 'minItems', 'maxItems'],
  ...['minimum', 'maximum', 'anyOf', 'oneOf', 'properties', 'additionalProperties', 'required'],
  'propertyOrdering',
]);
/** Annotations that bind nothing; leaving them out changes no meaning. */
const silent = new Set([
  '$schema',
  '$id',
  'id',
  '$anchor',
  '$comment',
  '$defs',
  'definitions',
  '$vocabulary',
]);
const acceptedFormats = new Set(['date-time', 'date', 'time', 'enum', 'int32', 'int64', 'float', 'double']);

interface Walk extends WrittenOut {
  report: LossReport;
}

function walkOf(root: JsonSchema, report: LossReport): Walk {
  return { ...writtenOut(root), report };
}

function adaptNode(node: JsonSchema, walk: Walk): JsonSchema {
  const ref = asString(node.$ref);
  if (ref !== undefined) return inline(node, ref, walk);
  if (Array.isArray(node.allOf)) {
    const { allOf: _all, ...rest } = node;
    const merged = mergeAll(
      rest,
      asObjects(node.allOf).map((member) => flatten(member, walk)),
    );
    const refs = asObjects(node.allOf).flatMap((member) => asString(member.$ref) ?? []);
    return adaptNode(merged, refs.length > 0 ? { ...walk, open: [...walk.open, ...refs] } : walk);
  }
  // The copy begins at the first keyword that has to change.
  let copy: JsonSchema | undefined;
  for (const key in node) {
    const value = node[key];
    const change = value === undefined ? undefined : adaptKeyword(key, value, node, walk);
    if (change === undefined) continue;
    copy ??= { ...node };
    change(copy);
  }
  return copy ?? node;
}

function inline(node: JsonSchema, ref: string, walk: Walk): JsonSchema {
  const { $ref: _ref, ...siblings } = node;
  const target = targetOf(ref, walk);
  if (target === undefined) {
    const name = ref.slice(ref.lastIndexOf('/') + 1);
    walk.report('approximated', 'tools.parameters.$ref', `${ref} is not written out`);
    return { type: 'object', description: withNote(siblings.description, `see ${name}`) };
  }
  // The local description is more specific than that of the shared definition.
  const merged =
    siblings.description === undefined ? target : { ...target, description: siblings.description };
  return adaptNode(mergeSchemas(merged, siblings), { ...walk, open: [...walk.open, ref] });
}

type Change = (copy: JsonSchema) => void;

/** What to do to a copy of the node for this keyword; undefined when it may stay as it is. */
function adaptKeyword(key: string, value: Json, node: JsonSchema, walk: Walk): Change | undefined {
  switch (key) {
    case 'properties':
      return adaptMap(key, value, walk);
    case 'items':
      if (Array.isArray(value)) {
        return (copy) => {
          delete copy.items;
          copy.prefixItems = value.map((member) => adaptSchema(member, walk));
        };
      }
      return replaceChanged(key, value, adaptSchema(value, walk));
    case 'additionalProperties':
      return isObject(value) ? replaceChanged(key, value, adaptSchema(value, walk)) : undefined;
    case 'prefixItems':
    case 'anyOf':
    case 'oneOf':
      return adaptList(key, value, walk);
    case 'enum':
      return adaptEnum(asArray(value), walk);
    case 'const':
      if (typeof value !== 'string' && typeof value !== 'number') break;
      return (copy) => {
        delete copy.const;
        copy.enum ??= [value];
        copy.type ??= typeof value;
      };
    case 'nullable':
      return (copy) => {
        delete copy.nullable;
        if (value === true && typeof copy.type === 'string') copy.type = [copy.type, 'null'];
      };
    case 'exclusiveMinimum':
    case 'exclusiveMaximum': {
      if (typeof value !== 'number' || node.type !== 'integer') break;
      const [bound, limit] =
        key === 'exclusiveMinimum'
          ? (['minimum', Math.floor(value) + 1] as const)
          : (['maximum', Math.ceil(value) - 1] as const);
      return (copy) => {
        delete copy[key];
        copy[bound] ??= limit;
      };
    }
    case 'required': {
      const properties = node.properties;
      if (!isObject(properties)) break;
      const isKnown = (name: Json): boolean => typeof name === 'string' && Object.hasOwn(properties, name);
      const unknown = asArray(value).filter((name) => !isKnown(name));
      if (unknown.length === 0) return undefined;
      const missing = unknown.filter((name) => typeof name === 'string');
      return (copy) => {
        copy.required = asArray(value).filter(isKnown);
        if (missing.length > 0)
          copy.description = withNote(copy.description, `required: ${missing.join(', ')}`);
      };
    }
    case 'format':
      if (typeof value === 'string' && acceptedFormats.has(value)) return undefined;
      return note(key, value, walk);
    default:
      break;
  }
  if (accepted.has(key)) return undefined;
  if (silent.has(key)) {
    return (copy) => {
      delete copy[key];
    };
  }
  return note(key, value, walk);
}

/** The keyword becomes text: the model reads it, Gemini does not enforce it. */
function note(key: string, value: Json, walk: Walk): Change {
  walk.report('approximated', `tools.parameters.${key}`, 'moved to the description');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (copy) => {
    delete copy[key];
    copy.description = withNote(copy.description, `${key}: ${text}`);
  };
}

function isEnumMember(value: Json): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function adaptEnum(values: Json[], walk: Walk): Change | undefined {
  const kept = values.filter(isEnumMember);
  if (kept.length === values.length) return undefined;
  walk.report('approximated', 'tools.parameters.enum', 'moved to the description');
  return (copy) => {
    // What is left out is null alone.
    if (kept.length > 0 && values.every((value) => value === null || isEnumMember(value))) copy.enum = kept;
    else delete copy.enum;
    copy.description = withNote(copy.description, `one of: ${JSON.stringify(values)}`);
  };
}

function adaptSchema(value: Json, walk: Walk): Json {
  if (isObject(value)) return adaptNode(value, walk);
  // Boolean schemas: `true` allows anything, `false` nothing.
  if (value === true) return {};
  return value === false ? { description: '(not allowed)' } : value;
}

function replaceChanged(key: string, before: Json, after: Json): Change | undefined {
  if (before === after) return undefined;
  return (copy) => {
    copy[key] = after;
  };
}

function adaptList(key: string, value: Json, walk: Walk): Change | undefined {
  if (!Array.isArray(value)) return undefined;
  const members = changedItems(value, (member) => adaptSchema(member, walk));
  return replaceChanged(key, value, members);
}

/** Property names are the client's words: they are never read as keywords. */
function adaptMap(key: string, value: Json, walk: Walk): Change | undefined {
  if (!isObject(value)) return undefined;
  const members = changedMembers(value, (member) => adaptSchema(member, walk));
  return replaceChanged(key, value, members);
}
