/** The reference of the management API, from its routes: as an OpenAPI 3.1 document, and as text for people. */
import { z } from 'zod';
import { isGroup } from '../config/group.ts';
import { bases } from './address.ts';
import type { Api, Route } from './route.ts';

type JsonSchema = Record<string, unknown>;

/** Where a route stands: `/v0/management/plugins/{id}`. */
interface Place {
  api: Api;
  path: string;
  parameters: string[];
}

function slotsOf(route: Route): Place[] {
  return (['v0', 'v8', 'root'] as const).flatMap((api) => {
    const pattern = route[api];
    if (pattern === undefined) return [];
    const whole = api === 'root' ? pattern : `${bases[api]}${pattern}`;
    const parameters = [...whole.matchAll(/[:*](\w+)/g)].map(([, name = '']) => name);
    return [{ api, path: whole.replace(/[:*](\w+)/g, '{$1}'), parameters }];
  });
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema, ...made }: JsonSchema = {
    ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
  };
  return made;
}

/** Schemas that stand once in a document, whoever refers to them. */
interface SharedSchemas {
  byName: Record<string, unknown>;
  /** The schema of a part of the document: what it defines for itself is moved to those that are shared. */
  placed(schema: z.ZodType): JsonSchema;
}

const ownDefinition = '#/$defs/';

function sharedSchemas(): SharedSchemas {
  const byName: Record<string, unknown> = { Error: errorSchema };
  const nameOf = new Map<string, string>();
  return {
    byName,
    placed(schema) {
      const { $defs, ...made } = schemaOf(schema);
      if (typeof $defs !== 'object' || $defs === null) return made;
      const names = new Map<string, string>();
      for (const [own, definition] of Object.entries($defs)) {
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
      for (const [own, definition] of Object.entries($defs))
        byName[names.get(`${ownDefinition}${own}`) ?? own] = referring(definition);
      const placed = referring(made);
      return isGroup(placed) ? placed : made;
    },
  };
}

/** The fields of a query or of a body that is an object, each with its schema and whether it must be there. */
function fieldsOf(
  schema: z.ZodType | undefined,
  placed = schemaOf,
): { name: string; schema: JsonSchema; required: boolean }[] {
  if (schema === undefined) return [];
  const { properties, required } = placed(schema);
  if (typeof properties !== 'object' || properties === null) return [];
  const must = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, field]) => ({
    name,
    schema: field,
    required: must.includes(name),
  }));
}

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: { type: 'string', description: 'What is wrong, for people.' },
    code: { type: 'string', description: 'The same for programs.' },
    message: { type: 'string', description: 'More, beside errors that clients compare.' },
  },
};

/** Routes that are described without a stop. */
const portion = 10;

/** The document that `GET /v0/management/openapi.json` serves. Stops where others may run. */
export function* openApiDocument(routes: readonly Route[], version: string): Generator<void, JsonSchema> {
  const paths: Record<string, Record<string, unknown>> = {};
  const shared = sharedSchemas();
  for (const [index, route] of routes.entries()) {
    if (index % portion === portion - 1) yield;
    for (const place of slotsOf(route)) {
      const operations = paths[place.path] ?? {};
      operations[route.method.toLowerCase()] = operationOf(route, place, shared);
      paths[place.path] = operations;
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'cli-proxy-api management', version },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { managementKey: [] }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        managementKey: { type: 'apiKey', in: 'header', name: 'X-Management-Key' },
      },
      schemas: shared.byName,
    },
    paths,
  };
}

/** A name for programs that are made from the document: `v0_patch_auth_files_status`. */
function operationId(method: string, { api, path }: Place): string {
  const below = path.startsWith(bases[api]) ? path.slice(bases[api].length) : path;
  const words = below.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return [api, method.toLowerCase(), ...words].join('_');
}

function operationOf(route: Route, place: Place, { placed }: SharedSchemas): JsonSchema {
  const { api, parameters } = place;
  const query = queryOf(route, placed).map(({ name, schema, required }) => ({
    name,
    in: 'query',
    required,
    schema,
  }));
  const inPath = parameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const content = (schema: JsonSchema) => ({ 'application/json': { schema } });
  const error = { description: 'Refused.', content: content({ $ref: '#/components/schemas/Error' }) };
  return {
    operationId: operationId(route.method, place),
    summary: route.sentence,
    tags: [api],
    ...(route.access === 'anyone' && { security: [] }),
    ...(query.length + inPath.length > 0 && { parameters: [...inPath, ...query] }),
    ...(route.body !== undefined && {
      requestBody: {
        content: Object.fromEntries(
          route.body.types.map((type) => [
            type,
            route.body?.schema ? { schema: placed(route.body.schema) } : {},
          ]),
        ),
      },
    }),
    responses: {
      200: {
        description: 'Done.',
        ...(route.answers !== undefined && { content: content(placed(route.answers)) }),
      },
      '4XX': error,
    },
  };
}

/** A table of all addresses, in Markdown. */
export function referenceTable(routes: readonly Route[]): string {
  const rows = routes
    .flatMap((route) => slotsOf(route).map((place) => ({ route, place })))
    .sort((one, other) => compared(key(one), key(other)))
    .map(
      ({ route, place }) =>
        `| \`${route.method} ${place.path}\` | ${takes(route)} | ${escaped(route.sentence)} |`,
    );
  return ['| address | takes | what it does |', '|---|---|---|', ...rows].join('\n');
}

const order: readonly Api[] = ['v0', 'v8', 'root'];
const key = ({ route, place }: { route: Route; place: Place }) =>
  `${order.indexOf(place.api)} ${place.path} ${route.method}`;
const compared = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
const escaped = (text: string) => text.replaceAll('|', '\\|');

/** With the replica of a cluster that is asked. */
function queryOf(
  { query, perReplica }: Route,
  placed?: Parameters<typeof fieldsOf>[1],
): ReturnType<typeof fieldsOf> {
  const replica = { name: 'replica', schema: { type: 'string' }, required: false };
  return perReplica ? [...fieldsOf(query, placed), replica] : fieldsOf(query, placed);
}

function takes(route: Route): string {
  const { body, access } = route;
  const words = [
    ...(access === 'anyone' ? ['no key'] : []),
    ...queryOf(route).map(({ name }) => `\`?${name}\``),
    ...(body === undefined ? [] : bodyWords(body)),
  ];
  return words.join(', ');
}

function bodyWords({ schema, types }: NonNullable<Route['body']>): string[] {
  const fields = fieldsOf(schema).map(({ name }) => `\`${name}\``);
  return fields.length > 0 ? fields : types.map((type) => `a body, ${type}`);
}
