/** What an operation answers, as an OpenAPI document has it: its own answers, its own errors, and those of every route. */
import { type ErrorCode, errorCodes, type Refusals, refusals } from './error-codes.ts';
import type { JsonSchema, SchemaField, SharedSchemas } from './open-api-schemas.ts';
import type { AnswerBody, AnswerHeader, Route } from './route.ts';

export const errorSchema = {
  type: 'object',
  required: ['error', 'code'],
  properties: {
    error: { type: 'string', description: 'What is wrong, for people.' },
    code: { type: 'string', enum: Object.keys(errorCodes), description: 'The same for programs.' },
    message: { type: 'string', description: 'More, beside errors that clients compare.' },
    status: { type: 'string', const: 'error', description: 'Of sign-ins.' },
    channel: { type: 'string', description: 'The channel that is unknown.' },
    field: { type: 'string', description: 'The field that is not written.' },
  },
  examples: [{ error: 'invalid body: value: expected boolean, received string', code: 'invalid_body' }],
};

const descriptions: Readonly<Record<number, string>> = {
  200: 'Done.',
  207: 'Done for some, and not for others.',
  404: 'Nothing: an empty body.',
};

const headers: Readonly<Record<AnswerHeader, JsonSchema>> = {
  ETag: { description: 'The version of the file, for `If-Match`.', schema: { type: 'string' } },
};
const disposition = {
  'Content-Disposition': { description: 'The name of the file.', required: true, schema: { type: 'string' } },
};
const retryAfter = {
  'Retry-After': { description: 'Seconds until the next guess is looked at.', schema: { type: 'integer' } },
};

/** The errors of a route, with those that follow from what it takes and who may ask. */
function refusalsOf(route: Route, query: readonly SchemaField[]): Refusals {
  const { access, perReplica, body, refuses } = route;
  return refusals(
    canFail(query) ? { 400: ['invalid_query'] } : {},
    body === undefined ? {} : { 413: ['body_too_large'] },
    body?.schema === undefined ? {} : { 400: ['invalid_body'] },
    access === 'owner' ? { 401: ['missing_key', 'wrong_key'], 403: ['not_local'] } : {},
    perReplica ? { 400: ['bad_parameter'], 404: ['replica_not_found'], 504: ['replica_silent'] } : {},
    refuses,
    { 500: ['internal_error'] },
  );
}

/** Whether a query can be one that does not fit: all that comes is text, and what is absent is left out. */
function canFail(query: readonly SchemaField[]): boolean {
  return query.some(
    ({ schema, required }) => required || JSON.stringify(schema) !== JSON.stringify({ type: 'string' }),
  );
}

/** The responses of an operation with this query, by status; errors are components. */
export function responsesOf(
  route: Route,
  query: readonly SchemaField[],
  shared: SharedSchemas,
  errors: Record<string, unknown>,
): JsonSchema {
  const own = Object.entries(route.answers).map(([status, body]) => [
    status,
    {
      description: descriptions[Number(status)] ?? 'Done for none.',
      ...answerHeaders(route, body),
      ...contentOf(body, shared),
    },
  ]);
  const refused = Object.entries(refusalsOf(route, query)).map(([status, codes]) => {
    const name = [status, ...codes].join('.');
    errors[name] ??= errorResponse(Number(status), codes);
    return [status, { $ref: `#/components/responses/${name}` }];
  });
  return Object.fromEntries([...refused, ...own]);
}

function answerHeaders({ headers: names }: Route, body: AnswerBody): JsonSchema {
  const isFile = typeof body === 'object' && 'types' in body && body.file === true;
  const all = {
    ...Object.fromEntries(names.map((name) => [name, { required: true, ...headers[name] }])),
    ...(isFile && disposition),
  };
  return Object.keys(all).length === 0 ? {} : { headers: all };
}

function contentOf(body: AnswerBody, shared: SharedSchemas): JsonSchema {
  const json = (schema: JsonSchema) => ({ 'application/json': { schema } });
  if (typeof body === 'string') return { content: json(shared.of(body)) };
  if ('member' in body)
    return {
      content: json({
        type: 'object',
        required: [body.member],
        properties: { [body.member]: shared.of(body.is) },
      }),
    };
  const content = {
    ...(body.json !== undefined && json(shared.of(body.json))),
    ...Object.fromEntries(body.types.map((type) => [type, { schema: { type: 'string' } }])),
  };
  return Object.keys(content).length === 0 ? {} : { content };
}

function errorResponse(status: number, codes: readonly ErrorCode[]): JsonSchema {
  const schema = {
    allOf: [
      { $ref: '#/components/schemas/Error' },
      { type: 'object', properties: { code: { enum: codes } } },
    ],
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${errorCodes[code]}`).join(' '),
    ...(status === 401 && { headers: retryAfter }),
    content: { 'application/json': { schema } },
  };
}
