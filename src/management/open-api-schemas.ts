/** Schemas of an OpenAPI document: those with a name once, among its components. */
import { z } from 'zod';
import { isGroup } from '../config/group.ts';
import { answerShapes, type ShapeName } from './answer-shapes.ts';

export type JsonSchema = Record<string, unknown>;

/** A field of a query, or of a body that is an object. */
export interface SchemaField {
  name: string;
  schema: JsonSchema;
  required: boolean;
}

/** A schema in JSON Schema 2020-12, which OpenAPI 3.1 has. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema, ...made }: JsonSchema = {
    ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
  };
  return made;
}

const isShapeName = (is: ShapeName | z.ZodType): is is ShapeName => typeof is === 'string';

/** The name of a shape among the components: `UsageTable`. */
const componentName = (name: ShapeName): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

const ownDefinition = '#/$defs/';

/** Schemas that occur once in a document, for all references to them. */
export interface SharedSchemas {
  byName: Record<string, unknown>;
  /** The schema of a part of the document: what it defines for itself is moved to those that are shared. */
  placed(schema: z.ZodType): JsonSchema;
  /** A reference to a shape, which is added, or a schema. */
  of(is: ShapeName | z.ZodType): JsonSchema;
}

export function sharedSchemas(): SharedSchemas {
  const byName: Record<string, unknown> = {};
  const nameOf = new Map<string, string>();

  function placed(schema: z.ZodType): JsonSchema {
    const { $defs, ...made } = jsonSchemaOf(schema);
    if (typeof $defs !== 'object' || $defs === null) return made;
    const names = new Map<string, string>();
    const definitions = new Map<string, unknown>();
    for (const [own, given] of Object.entries($defs)) {
      // Any JSON, which is made of any JSON: makers of types stumble over what refers to itself.
      const isAny = JSON.stringify(given).includes(`"${ownDefinition}${own}"`);
      const definition = isAny ? { description: 'Any JSON.' } : given;
      definitions.set(own, definition);
      const text = JSON.stringify(definition);
      const name = nameOf.get(text) ?? `Shared${nameOf.size + 1}`;
      nameOf.set(text, name);
      names.set(`${ownDefinition}${own}`, name);
    }
    const referring = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(referring);
      if (!isGroup(value)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, member]) => {
          const name = key === '$ref' && typeof member === 'string' ? names.get(member) : undefined;
          return [key, name === undefined ? referring(member) : `#/components/schemas/${name}`];
        }),
      );
    };
    for (const [own, definition] of definitions)
      byName[names.get(`${ownDefinition}${own}`) ?? own] = referring(definition);
    const found = referring(made);
    return isGroup(found) ? found : made;
  }

  return {
    byName,
    placed,
    of(is) {
      if (!isShapeName(is)) return placed(is);
      const name = componentName(is);
      byName[name] ??= placed(answerShapes[is]);
      return { $ref: `#/components/schemas/${name}` };
    },
  };
}
