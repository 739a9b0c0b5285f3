/**
 * Answers of the management beside the OpenAPI document: each has a status, a media type, headers and a body that the document
 * declares for its operation, and holds nothing that the document leaves out. Judged by Ajv, which nobody here wrote.
 */

import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { atOnce } from '../../src/ground/steps.ts';
import { openApiDocument } from '../../src/management/open-api.ts';
import { managementRoutes, type RouteDeps } from '../../src/management/routes.ts';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';

/** What of an answer is judged. */
export interface GivenAnswer {
  method: string;
  /** With or without a query. */
  path: string;
  status: number;
  headers: Headers;
  text: string;
}

/** An operation of the document. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  /** Statuses that are declared. */
  statuses: readonly number[];
  /** Whether it needs no key. */
  open: boolean;
}

/** The document as it is served, from the routes themselves. */
export const managementDocument: JsonObject = JSON.parse(
  JSON.stringify(atOnce(openApiDocument(managementRoutes(JSON.parse('{}') satisfies RouteDeps), '0.0.0'))),
);

function member(value: Json | undefined, ...names: string[]): Json | undefined {
  return names.reduce<Json | undefined>((at, name) => asObject(at)?.[name], value);
}

/** Where something stands in the document: RFC 6901. */
const pointer = (...names: string[]) =>
  `document#/${names.map((name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

/** With objects that may have no further fields. The document promises nothing of what it does not name: a test does. */
function closed(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map(closed);
  const group = asObject(value);
  if (group === undefined) return value ?? null;
  const inner = Object.fromEntries(Object.entries(group).map(([name, one]) => [name, closed(one)]));
  const isOpen =
    group.type === 'object' && group.properties !== undefined && group.additionalProperties === undefined;
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}

const components = asObject(managementDocument.components) ?? {};
const schemas = Object.entries(asObject(components.schemas) ?? {});
const judged: JsonObject = {
  ...managementDocument,
  paths: closed(managementDocument.paths),
  components: {
    ...components,
    schemas: Object.fromEntries(
      schemas.map(([name, one]) => [name, name === 'Error' ? (one ?? null) : closed(one)]),
    ),
  },
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(judged, 'document');

interface KnownOperation extends Operation {
  pattern: RegExp;
  names: readonly string[];
}

const known: readonly KnownOperation[] = Object.entries(asObject(managementDocument.paths) ?? {}).flatMap(
  ([path, methods]) =>
    Object.entries(asObject(methods) ?? {}).map(([method, operation]) => ({
      id: String(member(operation, 'operationId')),
      method: method.toUpperCase(),
      path,
      statuses: Object.keys(asObject(member(operation, 'responses')) ?? {}).map(Number),
      open: member(operation, 'security') !== undefined,
      // The rest of a path is the one parameter that may have slashes.
      pattern: new RegExp(
        `^${path.replace(/[.+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, (_, name) => (name === 'path' ? '.+' : '[^/]+'))}/?$`,
      ),
      names: ['paths', path, method],
    })),
);

export const operations: readonly Operation[] = known;

/** The operation of a request; those without parameters come first. */
export function operationOf(method: string, path: string): Operation | undefined {
  return foundFor(method, path);
}

function foundFor(method: string, path: string): KnownOperation | undefined {
  const [plain = ''] = path.split('?');
  const found = known.filter((one) => one.method === method && one.pattern.test(plain));
  return found.find((one) => !one.path.includes('{')) ?? found[0];
}

const isManagementPath = (path: string) => /^\/v[08]\/management\//.test(path);

/** What of an answer the document does not say; empty where it is all as declared, or no answer of the management. */
export function undeclared({ method, path, status, headers, text }: GivenAnswer): string[] {
  const operation = foundFor(method, path);
  if (operation === undefined) {
    const isFree = !isManagementPath(path) || method === 'OPTIONS' || status === 401 || status === 403;
    return isFree || (status === 404 && text === '') ? [] : [`${method} ${path}: not in the document`];
  }
  const says = (what: string) => [`${operation.method} ${operation.path} ${status}: ${what}`];
  const direct = member(managementDocument, ...operation.names, 'responses', String(status));
  if (direct === undefined) return says(`the status is not declared: ${text.slice(0, 300)}`);
  const shared = /^#\/components\/responses\/(.+)$/.exec(String(member(direct, '$ref')))?.[1];
  const place =
    shared === undefined
      ? [...operation.names, 'responses', String(status)]
      : ['components', 'responses', shared];
  const response = member(managementDocument, ...place);
  const missing = Object.entries(asObject(member(response, 'headers')) ?? {}).flatMap(([name, facts]) =>
    member(facts, 'required') === true && !headers.has(name) ? says(`no header ${name}`) : [],
  );
  const content = asObject(member(response, 'content'));
  if (content === undefined) return text === '' ? missing : [...missing, ...says('a body is not declared')];
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (content[type] === undefined) return [...missing, ...says(`media type "${type}" is not declared`)];
  if (type !== 'application/json') return missing;
  const validate = ajv.getSchema(pointer(...place, 'content', type, 'schema'));
  if (validate === undefined) return [...missing, ...says('its schema is not found')];
  const value: unknown = JSON.parse(text);
  if (validate(value)) return missing;
  const wrong = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return [...missing, ...says([...new Set(wrong)].slice(0, 6).join('; '))];
}

/** The same for a response that is read by it. */
export async function declaredText(method: string, url: string, response: Response): Promise<string> {
  const text = await response.text();
  const { pathname, search } = new URL(url);
  const { status, headers } = response;
  const wrong = undeclared({ method, path: `${pathname}${search}`, status, headers, text });
  if (wrong.length > 0)
    throw new Error(`the OpenAPI document does not declare this answer: ${wrong.join('\n')}`);
  return text;
}

/** Schemas of answers, and bodies in JSON, whose example does not fit, or that have none. */
export function wrongExamples(): string[] {
  const check = (what: string, examples: Json | undefined, place: string): string[] => {
    const validate = ajv.getSchema(place);
    if (!Array.isArray(examples) || validate === undefined) return [`${what}: no example`];
    return examples.every((example) => validate(example))
      ? []
      : [`${what}: ${ajv.errorsText(validate.errors)}`];
  };
  return [
    ...schemas.flatMap(([name, schema]) =>
      /^Shared\d+$/.test(name)
        ? []
        : check(name, asObject(schema)?.examples, pointer('components', 'schemas', name)),
    ),
    ...known.flatMap(({ id, names }) => {
      const place = [...names, 'requestBody', 'content', 'application/json'];
      const content = member(managementDocument, ...place);
      if (member(content, 'schema') === undefined) return [];
      const example = member(content, 'example');
      return check(id, example === undefined ? undefined : [example], pointer(...place, 'schema'));
    }),
  ];
}
