/** Error bodies: reading those of any shape, writing the API's own. */
import {
  asArray,
  asNumber,
  asObject,
  asObjects,
  asString,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
} from '../json.ts';
import type { ErrorKind, ProtocolError } from '../model.ts';

/** The API's error types (platform.claude.com/docs/en/api/errors), with the status that each comes with. */
const types: Record<string, { kind: ErrorKind; status: number }> = {
  invalid_request_error: { kind: 'invalid-request', status: 400 },
  authentication_error: { kind: 'authentication', status: 401 },
  billing_error: { kind: 'billing', status: 402 },
  permission_error: { kind: 'permission', status: 403 },
  not_found_error: { kind: 'not-found', status: 404 },
  request_too_large: { kind: 'too-large', status: 413 },
  rate_limit_error: { kind: 'rate-limit', status: 429 },
  api_error: { kind: 'server', status: 500 },
  timeout_error: { kind: 'timeout', status: 504 },
  overloaded_error: { kind: 'overloaded', status: 529 },
};

const typeOfKind: Record<ErrorKind, string> = {
  'invalid-request': 'invalid_request_error',
  authentication: 'authentication_error',
  billing: 'billing_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  'too-large': 'request_too_large',
  'rate-limit': 'rate_limit_error',
  server: 'api_error',
  timeout: 'timeout_error',
  overloaded: 'overloaded_error',
};

/** What a status means where the body does not say. Unlisted 4xx are the request's fault, the rest the server's. */
const kindOfStatus: Record<number, ErrorKind> = {
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  429: 'rate-limit',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};

function kindOf(status: number): ErrorKind {
  return kindOfStatus[status] ?? (status >= 400 && status < 500 ? 'invalid-request' : 'server');
}

/** Reads the body of an error answer, be it this API's, OpenAI's, Google's, AWS', HTML, plain text or nothing. */
export function decodeError(status: number, body: string): ProtocolError {
  const text = body.trim();
  const value = parseJson(text);
  if (isObject(value)) return decodeErrorObject(status, value);
  // Google wraps the errors of a streaming call in an array.
  const first = Array.isArray(value) ? value.find(isObject) : undefined;
  if (first !== undefined) return decodeErrorObject(status, first);
  const message = typeof value === 'string' ? value : isHtml(text) ? htmlTitle(text) : text;
  return { status, kind: kindOf(status), message: message || `The upstream answered with status ${status}.` };
}

/** Reads an error object. Without a status (an error inside a stream or a success) the error's type gives it. */
export function decodeErrorObject(status: number | undefined, body: JsonObject): ProtocolError {
  const detail = asObject(body.error) ?? body;
  const type = asString(detail.type) ?? asString(detail.__type);
  const known = type === undefined ? undefined : types[type];
  const actual = status ?? known?.status ?? httpStatus(detail.code) ?? httpStatus(detail.status) ?? 500;
  const message = messageOf(body, detail) ?? JSON.stringify(body);
  const error: ProtocolError = { status: actual, kind: known?.kind ?? kindOf(actual), message };
  // "Your credit balance is too low to access the Anthropic API" comes as an invalid request.
  if (error.kind === 'invalid-request' && message.includes('credit balance is too low'))
    error.kind = 'billing';
  // Google's `status` is the word for its kind of error.
  const name = type === 'error' ? undefined : (type ?? asString(detail.status));
  const code = codeOf(detail);
  const param = asString(detail.param);
  const retryAfter = retryAfterOf(detail);
  if (name !== undefined) error.type = name;
  if (code !== undefined) error.code = code;
  if (param !== undefined) error.param = param;
  if (retryAfter !== undefined) error.retryAfter = retryAfter;
  return error;
}

function httpStatus(value: Json | undefined): number | undefined {
  const number = asNumber(value);
  return number !== undefined && number >= 400 && number < 600 ? number : undefined;
}

function messageOf(body: JsonObject, detail: JsonObject): string | undefined {
  const places = [
    detail.message,
    detail.Message,
    body.message,
    body.error,
    body.detail,
    body.error_description,
  ];
  for (const place of places) if (typeof place === 'string' && place.length > 0) return place;
  const [first] = asObjects(body.detail);
  return asString(first?.msg);
}

function codeOf(detail: JsonObject): string | undefined {
  const code = detail.code ?? asObject(detail.details)?.error_code;
  return typeof code === 'number' ? String(code) : asString(code);
}

/** Seconds from `retry_after`, or from Google's `RetryInfo` (`"retryDelay": "7s"`). */
function retryAfterOf(detail: JsonObject): number | undefined {
  const seconds = asNumber(detail.retry_after);
  if (seconds !== undefined) return seconds;
  for (const item of asArray(detail.details)) {
    const match = /^(\d+(?:\.\d+)?)s$/.exec(asString(asObject(item)?.retryDelay) ?? '');
    if (match?.[1] !== undefined) return Number(match[1]);
  }
  return undefined;
}

function isHtml(text: string): boolean {
  return /^<(!doctype|html|head|body)/i.test(text);
}

/** What a page says about itself: its title, else its text. */
function htmlTitle(text: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
  if (title) return title;
  return text
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The error in the API's words; a type that it does not know is told by the kind. */
export function encodeError(error: ProtocolError): JsonObject {
  const type = error.type !== undefined && error.type in types ? error.type : typeOfKind[error.kind];
  return { type: 'error', error: { type, message: error.message } };
}
