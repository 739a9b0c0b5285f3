/** The facts of a key, read from the schema: for error messages and the reference. */
import { z } from 'zod';
import type { PathSegment } from './problem.ts';

type Schema = z.core.$ZodType;
export type ValueKind = 'text' | 'number' | 'flag' | 'list' | 'group';

export interface SchemaFacts {
  /** The schema without what wraps it (optional, default, transformations). */
  inner: Schema;
  /** End of the sentence "expected …". */
  expects: string;
  /** What the key means; empty without a description. */
  description: string;
  secret: boolean;
  emptyCounts: boolean;
  mayBeAbsent: boolean;
  /** As it would be written in the file; undefined without one. */
  default: unknown;
}

function unwrapped(schema: Schema): Schema | undefined {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return schema.unwrap();
  return schema instanceof z.ZodPipe ? schema.in : undefined;
}

// A schema never changes, and reading a file asks for the same facts at every entry of every list.
const known = new WeakMap<Schema, SchemaFacts>();

/** The facts of a schema; those of an outer layer override those of an inner one. */
export function factsOf(schema: Schema): SchemaFacts {
  const facts = known.get(schema) ?? readFacts(schema);
  known.set(schema, facts);
  return facts;
}

function readFacts(schema: Schema): SchemaFacts {
  const facts: SchemaFacts = {
    inner: schema,
    expects: '',
    description: '',
    secret: false,
    emptyCounts: false,
    mayBeAbsent: false,
    default: undefined,
  };
  for (let layer: Schema | undefined = schema; layer; layer = unwrapped(layer)) {
    const meta = z.globalRegistry.get(layer);
    facts.inner = layer;
    facts.expects ||= meta?.expects ?? '';
    facts.description ||= meta?.description ?? '';
    facts.secret ||= meta?.secret ?? false;
    facts.emptyCounts ||= meta?.emptyCounts ?? false;
    if (layer instanceof z.ZodDefault || layer instanceof z.ZodPrefault)
      facts.default ??= layer.def.defaultValue;
    facts.mayBeAbsent ||=
      layer instanceof z.ZodOptional || layer instanceof z.ZodDefault || layer instanceof z.ZodPrefault;
  }
  return facts;
}

/** The kinds of YAML value a schema can take. */
export function kindsOf(schema: Schema): Set<ValueKind> {
  const { inner } = factsOf(schema);
  if (inner instanceof z.ZodUnknown) return new Set<ValueKind>(['text', 'number', 'flag', 'list', 'group']);
  if (inner instanceof z.ZodUnion) return new Set(inner.options.flatMap((option) => [...kindsOf(option)]));
  if (inner instanceof z.ZodNumber) return new Set<ValueKind>(['number']);
  if (inner instanceof z.ZodBoolean) return new Set<ValueKind>(['flag']);
  if (inner instanceof z.ZodArray) return new Set<ValueKind>(['list']);
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) return new Set<ValueKind>(['group']);
  return new Set<ValueKind>(['text']);
}

/** Whether a schema lets a key be there. */
export function knownMember(schema: Schema, key: string): boolean {
  const { inner } = factsOf(schema);
  if (!(inner instanceof z.ZodRecord)) return memberSchema(schema, key) !== undefined;
  return !(inner.keyType instanceof z.ZodEnum) || inner.keyType.options.map(String).includes(key);
}

/** The schema of a kind in a schema, if it is one or a choice with one. */
function partIn<Part extends Schema>(
  schema: Schema,
  isPart: (inner: Schema) => inner is Part,
): Part | undefined {
  const { inner } = factsOf(schema);
  if (isPart(inner)) return inner;
  if (inner instanceof z.ZodUnion)
    for (const option of inner.options) {
      const found = partIn(option, isPart);
      if (found) return found;
    }
  return undefined;
}

const objectIn = (schema: Schema): z.ZodObject | undefined =>
  partIn(schema, (inner): inner is z.ZodObject => inner instanceof z.ZodObject);
const listIn = (schema: Schema): z.ZodArray | undefined =>
  partIn(schema, (inner): inner is z.ZodArray => inner instanceof z.ZodArray);

/** The keys that a schema lets be there: those of an object, or of a record with a closed set of them. */
export function keysIn(schema: Schema): string[] {
  const object = objectIn(schema);
  if (object !== undefined) return Object.keys(object.shape);
  const { inner } = factsOf(schema);
  const keys = inner instanceof z.ZodRecord ? inner.keyType : undefined;
  return keys instanceof z.ZodEnum ? keys.options.map(String) : [];
}

/** The schema of a member, or undefined where the schema knows of none. */
export function memberSchema(schema: Schema, segment: PathSegment): Schema | undefined {
  const { inner } = factsOf(schema);
  if (typeof segment === 'number') return listIn(schema)?.element;
  if (inner instanceof z.ZodRecord) return inner.valueType;
  const shape = objectIn(schema)?.shape;
  // Not what every object has by itself: `constructor` is no key.
  return shape !== undefined && Object.hasOwn(shape, segment) ? shape[segment] : undefined;
}

/** The schema at a path, or undefined. */
export function schemaAt(schema: Schema, path: readonly PathSegment[]): Schema | undefined {
  let current: Schema | undefined = schema;
  for (const segment of path) current = current && memberSchema(current, segment);
  return current;
}

export interface KeyRow {
  /** `gemini-api-key[].models[].name`; `*` is a key of the user's choice. */
  pattern: string;
  schema: Schema;
  facts: SchemaFacts;
}

/** Every key below a schema, parents before children, in the order of the schema. */
export function keysBelow(schema: Schema, parent = ''): KeyRow[] {
  const { inner } = factsOf(schema);
  if (inner instanceof z.ZodArray) return keysBelow(inner.element, `${parent}[]`);
  if (inner instanceof z.ZodRecord) return keysBelow(inner.valueType, `${parent}.*`);
  return Object.entries(objectIn(schema)?.shape ?? {}).flatMap(([key, member]) => {
    const pattern = parent ? `${parent}.${key}` : key;
    return [{ pattern, schema: member, facts: factsOf(member) }, ...keysBelow(member, pattern)];
  });
}
