/** Names of fields in other capitals than ours: the peer's language reads `{"Value":true}` as `{"value":true}`, and clients rely on it. */
import { z } from 'zod';

/** Names of a schema's own fields, at its top; of a choice those of all that can be chosen. */
function fieldNames(schema: z.core.$ZodType): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(fieldNames);
  if (schema instanceof z.ZodPipe) return fieldNames(schema.in);
  return [];
}

const known = new WeakMap<z.core.$ZodType, ReadonlyMap<string, string>>();

/** By how they are written, and by their small letters. */
function namesOf(schema: z.core.$ZodType): ReadonlyMap<string, string> {
  let names = known.get(schema);
  if (names === undefined) {
    const own = fieldNames(schema);
    names = new Map([
      ...own.map((name) => [name.toLowerCase(), name] as const),
      ...own.map((name) => [name, name] as const),
    ]);
    known.set(schema, names);
  }
  return names;
}

/** What was given, its fields by the names of the schema. A name as it is written there wins over others. */
export function withOwnNames(schema: z.core.$ZodType, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const names = namesOf(schema);
  const meantBy = (name: string) => names.get(name) ?? names.get(name.toLowerCase()) ?? name;
  const written = Object.keys(given);
  if (written.every((name) => meantBy(name) === name)) return given;
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const meant = meantBy(name);
      return meant === name || !written.includes(meant) ? [[meant, value]] : [];
    }),
  );
}
