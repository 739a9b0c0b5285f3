/** The reference of the management API, from its routes: as an OpenAPI 3.1 document, and as text for people. */
import type { z } from 'zod';
import { bases } from './address.ts';
import { configRefusals } from './error-codes.ts';
import { errorSchema, responsesOf } from './open-api-responses.ts';
import {
  type JsonSchema,
  jsonSchemaOf,
  type SchemaField,
  type SharedSchemas,
  sharedSchemas,
} from './open-api-schemas.ts';
import type { AnswerBody, Api, Route } from './route.ts';

/** The path of a route: `/v0/management/plugins/{id}`. */
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

/** The fields of a query or of a body that is an object. */
function fieldsOf(schema: z.ZodType | undefined, placed = jsonSchemaOf): SchemaField[] {
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

const description =
  'The API for panels, desktop apps and usage tools of CLIProxyAPI, with additions. Without a management key in the configuration every address is an empty 404.';

/** Routes that are described without a stop. */
const portion = 5;

/** The document that `GET /v0/management/openapi.json` serves. Stops where others may run. */
export function* openApiDocument(routes: readonly Route[], version: string): Generator<void, JsonSchema> {
  const paths: Record<string, Record<string, unknown>> = {};
  const shared = sharedSchemas();
  const errors: Record<string, unknown> = {};
  for (const [index, route] of routes.entries()) {
    if (index % portion === portion - 1) yield;
    for (const place of placesOf(route)) {
      const operations = paths[place.path] ?? {};
      operations[route.method.toLowerCase()] = operationOf(route, place, shared, errors);
      paths[place.path] = operations;
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'cli-proxy-api management', version, description },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { managementKey: [] }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        managementKey: { type: 'apiKey', in: 'header', name: 'X-Management-Key' },
      },
      schemas: { Error: errorSchema, ...shared.byName },
      responses: errors,
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

function requestBodyOf(
  { schema, types, example, optional }: NonNullable<Route['body']>,
  { placed }: SharedSchemas,
): JsonSchema {
  const content = {
    ...(schema !== undefined && { schema: placed(schema) }),
    ...(example !== undefined && { example }),
  };
  return {
    required: optional !== true,
    content: Object.fromEntries(types.map((type) => [type, content])),
  };
}

function operationOf(
  route: Route,
  place: Place,
  shared: SharedSchemas,
  errors: Record<string, unknown>,
): JsonSchema {
  const { placed } = shared;
  const { api, parameters } = place;
  const query = queryOf(route, placed);
  const inQuery = query.map(({ name, schema, required }) => ({ name, in: 'query', required, schema }));
  const inPath = parameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  return {
    operationId: operationId(route.method, place),
    summary: route.sentence,
    tags: [api],
    ...(route.access === 'anyone' && { security: [] }),
    ...(inQuery.length + inPath.length > 0 && { parameters: [...inPath, ...inQuery] }),
    ...(route.body !== undefined && {
      requestBody: requestBodyOf(route.body, shared),
    }),
    responses: responsesOf(route, query, shared, errors),
  };
}

/** A table of all addresses, in Markdown. */
export function referenceTable(routes: readonly Route[]): string {
  const rows = routes
    .flatMap((route) => placesOf(route).map((place) => ({ route, place })))
    .sort((one, other) => compared(key(one), key(other)))
    .map(
      ({ route, place }) =>
        `| \`${route.method} ${place.path}\` | ${takes(route)} | ${escaped(route.sentence)} | ${given(route)} | ${refused(route)} |`,
    );
  return ['| address | takes | what it does | answers | refuses |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

const order: readonly Api[] = ['v0', 'v8', 'root'];
const key = ({ route, place }: { route: Route; place: Place }) =>
  `${order.indexOf(place.api)} ${place.path} ${route.method}`;
const compared = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
const escaped = (text: string) => text.replaceAll('|', '\\|');

/** With the replica of a cluster that is asked. */
function queryOf({ query, perReplica }: Route, placed?: Parameters<typeof fieldsOf>[1]): SchemaField[] {
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

/** What it answers: names of shapes, which the reference lists, and media types. */
function given({ answers }: Route): string {
  return Object.entries(answers)
    .map(([status, body]) => `${status === '200' ? '' : `${status} `}${answerWords(body)}`)
    .join(', ');
}

function answerWords(body: AnswerBody): string {
  const link = (name: string) => `[${name}](#${name.toLowerCase()})`;
  if (typeof body === 'string') return link(body);
  if ('member' in body)
    return typeof body.is === 'string'
      ? `\`${body.member}\`: ${link(body.is)}`
      : `\`${body.member}\`: ${jsonSchemaOf(body.is).type}`;
  const words = [...(body.json === undefined ? [] : [link(body.json)]), ...body.types];
  return words.length === 0 ? 'nothing' : words.join(' or ');
}

/** Its own errors; those of every write into the file are one word. */
function refused({ refuses }: Route): string {
  const isWrite = refuses[412] !== undefined;
  const own = Object.entries(refuses).flatMap(([status, codes]) => {
    const left = codes.filter((code) => !(isWrite && configRefusals[Number(status)]?.includes(code)));
    return left.length === 0 ? [] : [`${status} ${left.map((code) => `\`${code}\``).join(' ')}`];
  });
  return [...(isWrite ? ['[as each write](#errors)'] : []), ...own].join(', ');
}
