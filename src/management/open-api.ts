/** The reference of the management API, from its routes: as an OpenAPI 3.1 document, and as text for people. */
import { z } from 'zod';
import { bases } from './address.ts';
import type { Api, Route } from './route.ts';

type JsonSchema = Record<string, unknown>;

/** Where a route stands: `/v0/management/plugins/{id}`. */
interface Place {
  api: Api;
  path: string;
  parameters: string[];
}

function placesOf(route: Route): Place[] {
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

/** The fields of a query or of a body that is an object, each with its schema and whether it must be there. */
function fieldsOf(schema: z.ZodType | undefined): { name: string; schema: JsonSchema; required: boolean }[] {
  if (schema === undefined) return [];
  const { properties, required } = schemaOf(schema);
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

/** The document that `GET /v0/management/openapi.json` serves. */
export function openApiDocument(routes: readonly Route[], version: string): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes)
    for (const place of placesOf(route)) {
      const operations = paths[place.path] ?? {};
      operations[route.method.toLowerCase()] = operationOf(route, place);
      paths[place.path] = operations;
    }
  return {
    openapi: '3.1.0',
    info: { title: 'cli-proxy-api management', version },
    security: [{ bearer: [] }, { managementKey: [] }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        managementKey: { type: 'apiKey', in: 'header', name: 'X-Management-Key' },
      },
      schemas: { Error: errorSchema },
    },
    paths,
  };
}

function operationOf(route: Route, { api, parameters }: Place): JsonSchema {
  const query = fieldsOf(route.query).map(({ name, schema, required }) => ({
    name,
    in: 'query',
    required,
    schema,
  }));
  const inPath = parameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const content = (schema: JsonSchema) => ({ 'application/json': { schema } });
  const error = { description: 'Refused.', content: content({ $ref: '#/components/schemas/Error' }) };
  return {
    summary: route.sentence,
    tags: [api],
    ...(route.access === 'anyone' && { security: [] }),
    ...(query.length + inPath.length > 0 && { parameters: [...inPath, ...query] }),
    ...(route.body !== undefined && {
      requestBody: {
        content: Object.fromEntries(
          route.body.types.map((type) => [
            type,
            route.body?.schema ? { schema: schemaOf(route.body.schema) } : {},
          ]),
        ),
      },
    }),
    responses: {
      200: {
        description: 'Done.',
        ...(route.answers !== undefined && { content: content(schemaOf(route.answers)) }),
      },
      '4XX': error,
    },
  };
}

/** A table of all addresses, in Markdown. */
export function referenceTable(routes: readonly Route[]): string {
  const rows = routes
    .flatMap((route) => placesOf(route).map((place) => ({ route, place })))
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

function takes({ query, body, access }: Route): string {
  const words = [
    ...(access === 'anyone' ? ['no key'] : []),
    ...fieldsOf(query).map(({ name }) => `\`?${name}\``),
    ...(body === undefined ? [] : bodyWords(body)),
  ];
  return words.join(', ');
}

function bodyWords({ schema, types }: NonNullable<Route['body']>): string[] {
  const fields = fieldsOf(schema).map(({ name }) => `\`${name}\``);
  return fields.length > 0 ? fields : types.map((type) => `a body, ${type}`);
}
