/** The body of an error answer, of any origin: OpenAI, Anthropic, Google, AWS, a framework, a proxy's page, nothing. */

import { usualAnswerBounds } from './answer-bounds.ts';
import { isObject, type Json, type JsonObject, parseJson } from './json.ts';
import { asNumber, asObject, asObjects, asString } from './json-members.ts';
import { isTextDeeper } from './json-text-span.ts';
import type { ErrorKind, ProtocolError } from './protocol-error.ts';
import { believedWait, statedWait } from './stated-wait.ts';

/** The kind of a status where the body has none. Unlisted 4xx are the request's fault, the rest the server's. */
const kinds: Readonly<Record<number, ErrorKind>> = {
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  429: 'rate-limit',
  503: 'overloaded',
  504: 'timeout',
  // Of proxies in front of providers: Cloudflare waited too long for the origin.
  524: 'timeout',
  529: 'overloaded',
};

/** The kind of failure of an HTTP status by itself. */
export function kindOfStatus(status: number): ErrorKind {
  return kinds[status] ?? (status >= 400 && status < 500 ? 'invalid-request' : 'server');
}

/** The HTTP status of errors that came without one: inside of a stream, or of an answer with status 200. */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  'invalid-request': 400,
  authentication: 401,
  billing: 402,
  permission: 403,
  'not-found': 404,
  'too-large': 413,
  'rate-limit': 429,
  server: 500,
  overloaded: 503,
  timeout: 504,
};

/** The contents of an error object, independent of a protocol. */
interface ErrorBody {
  /** The object that holds the fields: the one under `error`, the first of `errors`, else the whole. */
  detail: JsonObject;
  message?: string;
  type?: string;
  code?: string;
  param?: string;
  /** Seconds. */
  retryAfter?: number;
  /** The HTTP status that the body itself states. */
  status?: number;
}

/** Reads the fields of an error object, under each of the names that providers give them. */
export function readErrorBody(body: JsonObject): ErrorBody {
  const detail = detailOf(body);
  const said: ErrorBody = { detail };
  const message = messageOf(body, detail);
  // Google's `status` is its kind of error; AWS has `__type`.
  const type = asString(detail.type) ?? asString(detail.__type) ?? asString(detail.status);
  const code = codeOf(detail.code) ?? codeOf(body.code);
  const param = asString(detail.param);
  const retryAfter = believedWait(statedWait(detail, message ?? ''));
  const status = [detail.status_code, body.status_code, detail.status, body.status, detail.code]
    .map(httpStatus)
    .find((stated) => stated !== undefined);
  if (message !== undefined) said.message = message;
  // The `error` event of a stream has its own name in the place of the error's type.
  if (type !== undefined && type !== 'error') said.type = type;
  if (code !== undefined) said.code = code;
  if (param !== undefined) said.param = param;
  if (retryAfter !== undefined) said.retryAfter = retryAfter;
  if (status !== undefined) said.status = status;
  return said;
}

/** The error that a body reports, with the status and kind that its protocol found for it. */
export function errorOf(said: ErrorBody, status: number, kind: ErrorKind): ProtocolError {
  const { detail, status: _stated, message, ...words } = said;
  const shown = (): string => (Object.keys(detail).length > 0 ? JSON.stringify(detail) : unsaid(status));
  return { status, kind, message: message ?? shown(), ...words };
}

/**
 * Reads the text of an error answer: `readObject` gets the JSON object in it, be it bare, wrapped in an array (Google's
 * streaming calls) or in an event; of a page the title or the text is the message, of other text all of it.
 */
export function readErrorText(
  status: number,
  body: string,
  readObject: (status: number, body: JsonObject) => ProtocolError,
): ProtocolError {
  const text = body.trim().replace(/^data:\s*/, '');
  const value = errorJson(text);
  const object = isObject(value) ? value : Array.isArray(value) ? value.find(isObject) : undefined;
  if (object !== undefined) return readObject(status, object);
  const message = typeof value === 'string' ? value : /^<[!?a-z]/i.test(text) ? pageText(text) : text;
  return { status, kind: kindOfStatus(status), message: message || unsaid(status) };
}

/**
 * The value in the text of an error; undefined for what is no JSON, and for what is nested deeper than any error is: each level
 * takes a hundred times its length, and what looks into it goes as deep as it is.
 */
export function errorJson(text: string): Json | undefined {
  return isTextDeeper(text, usualAnswerBounds.nesting) ? undefined : parseJson(text);
}

function unsaid(status: number): string {
  return `The upstream answered with status ${status}.`;
}

/** Cloudflare has `errors` for all of them, a list or one object; beside a `message` of the whole they are its details. */
function detailOf(body: JsonObject): JsonObject {
  const one = asObject(body.error);
  if (one !== undefined || typeof body.message === 'string') return one ?? body;
  const listed = asObject(body.errors) ?? asObjects(body.errors)[0];
  return typeof listed?.message === 'string' ? listed : body;
}

function messageOf(body: JsonObject, detail: JsonObject): string | undefined {
  const places = [
    ...[detail.message, detail.Message, body.message, body.error, detail.detail, body.detail],
    ...[asObject(body.detail)?.message, body.error_description, detail.msg, body.msg],
  ];
  for (const place of places) if (typeof place === 'string' && place.length > 0) return place;
  // FastAPI lists what it refuses; where it names the places, the message needs them too.
  const refused = asObjects(body.detail);
  return refused.some(({ loc }) => loc !== undefined) ? JSON.stringify(refused) : asString(refused[0]?.msg);
}

function codeOf(code: Json | undefined): string | undefined {
  return typeof code === 'number' ? String(code) : asString(code) || undefined;
}

function httpStatus(value: Json | undefined): number | undefined {
  const status = typeof value === 'string' ? Number(value) : asNumber(value);
  return status !== undefined && status >= 400 && status < 600 ? status : undefined;
}

/** Characters of a page that are looked at. */
const mostOfPage = 8192;

/** The message of a page: its title, else its text. */
function pageText(whole: string): string {
  // What is behind the first words of a page is its decoration; looking for ends of tags that never come is quadratic.
  const page = whole.slice(0, mostOfPage);
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]?.trim();
  if (title) return title;
  return page
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
