/** Reads fields of account files, whatever their spelling, and collects what is wrong with them without showing values. */
import type { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';

export interface FieldIssue {
  /** `attributes.priority`. */
  key: string;
  /** The end of "expected …". */
  expected: string;
  /** What kind of value is there, in words; never the value. */
  found: string;
}

export interface FieldReader {
  /** The first of the spellings that is there, as the schema reads it; undefined when none is, or when it is wrong. */
  read<Schema extends z.ZodType>(
    spellings: readonly string[],
    schema: Schema,
    expected: string,
  ): z.output<Schema> | undefined;
  /** Reports a field as wrong. */
  wrong(key: string, expected: string, value: Json | undefined): void;
  issues: readonly FieldIssue[];
}

/** A place to look for fields in, with the path that it has in messages. */
export interface Place {
  path: string;
  fields: JsonObject;
}

/** Absent, null and the empty text mean the same in all of these files. */
const isThere = (value: Json | undefined) => value !== undefined && value !== null && value !== '';

/** Looks in the first place before the second. */
export function readFields(places: readonly Place[]): FieldReader {
  const issues: FieldIssue[] = [];
  const wrong = (key: string, expected: string, value: Json | undefined) =>
    void issues.push({ key, expected, found: wordsFor(value) });
  return {
    issues,
    wrong,
    read(spellings, schema, expected) {
      for (const { path, fields } of places)
        for (const spelling of spellings) {
          const value = fields[spelling];
          if (!isThere(value)) continue;
          const result = schema.safeParse(value);
          if (result.success) return result.data;
          wrong(path ? `${path}.${spelling}` : spelling, expected, value);
          return undefined;
        }
      return undefined;
    },
  };
}

function wordsFor(value: Json | undefined): string {
  if (!isThere(value)) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (isObject(value)) return 'an object';
  return typeof value === 'string' ? 'another text' : `a ${typeof value}`;
}
