/** Error bodies: reading those of any shape, writing Google's own (`google.rpc.Status`, google.aip.dev/193). */
import {
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

/** Source: github.com/googleapis/googleapis, google/rpc/code.proto, with the HTTP status of each code. */
const codes: Record<string, { kind: ErrorKind; status: number }> = {
  INVALID_ARGUMENT: { kind: 'invalid-request', status: 400 },
  FAILED_PRECONDITION: { kind: 'invalid-request', status: 400 },
  OUT_OF_RANGE: { kind: 'invalid-request', status: 400 },
  UNAUTHENTICATED: { kind: 'authentication', status: 401 },
  PERMISSION_DENIED: { kind: 'permission', status: 403 },
  NOT_FOUND: { kind: 'not-found', status: 404 },
  ABORTED: { kind: 'server', status: 409 },
  ALREADY_EXISTS: { kind: 'invalid-request', status: 409 },
  RESOURCE_EXHAUSTED: { kind: 'rate-limit', status: 429 },
  CANCELLED: { kind: 'server', status: 499 },
  UNKNOWN: { kind: 'server', status: 500 },
  INTERNAL: { kind: 'server', status: 500 },
  DATA_LOSS: { kind: 'server', status: 500 },
  UNIMPLEMENTED: { kind: 'server', status: 501 },
  UNAVAILABLE: { kind: 'overloaded', status: 503 },
  DEADLINE_EXCEEDED: { kind: 'timeout', status: 504 },
};

const codeOfKind: Record<ErrorKind, string> = {
  'invalid-request': 'INVALID_ARGUMENT',
  authentication: 'UNAUTHENTICATED',
  billing: 'FAILED_PRECONDITION',
  permission: 'PERMISSION_DENIED',
  'not-found': 'NOT_FOUND',
  'too-large': 'INVALID_ARGUMENT',
  'rate-limit': 'RESOURCE_EXHAUSTED',
  timeout: 'DEADLINE_EXCEEDED',
  overloaded: 'UNAVAILABLE',
  server: 'INTERNAL',
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

/** Reads the body of an error answer, be it Google's (bare, in an array, in an event), another API's, HTML, text or nothing. */
export function decodeError(status: number, body: string): ProtocolError {
  const text = body.trim().replace(/^data:\s*/, '');
  const value = parseJson(text);
  const object = isObject(value) ? value : Array.isArray(value) ? value.find(isObject) : undefined;
  if (object !== undefined) return decodeErrorObject(status, object);
  const message =
    typeof value === 'string' ? value : /^<(!doctype|html|head|body)/i.test(text) ? pageText(text) : text;
  return { status, kind: kindOf(status), message: message || `The upstream answered with status ${status}.` };
}

/** Reads an error object. Without a status (an error inside a stream or a success) the error's own code gives it. */
export function decodeErrorObject(status: number | undefined, body: JsonObject): ProtocolError {
  const detail = asObject(body.error) ?? body;
  const type = asString(detail.status) ?? asString(detail.type);
  const known = type === undefined ? undefined : codes[type];
  const actual = status ?? httpStatus(detail.code) ?? known?.status ?? httpStatus(detail.status) ?? 500;
  const error: ProtocolError = {
    status: actual,
    kind: known?.kind ?? kindOf(actual),
    message: messageOf(body, detail) ?? JSON.stringify(body),
  };
  const facts = errorDetails(detail);
  // A wrong key is an invalid argument there.
  if (facts.reason === 'API_KEY_INVALID') error.kind = 'authentication';
  const code = facts.reason ?? asString(detail.code);
  const param = facts.field ?? asString(detail.param);
  if (type !== undefined && type !== 'error') error.type = type;
  if (code !== undefined) error.code = code;
  if (param !== undefined) error.param = param;
  if (facts.retryAfter !== undefined) error.retryAfter = facts.retryAfter;
  return error;
}

/** What the typed `details` say: ErrorInfo, BadRequest and RetryInfo of google.rpc. */
function errorDetails(error: JsonObject): { reason?: string; field?: string; retryAfter?: number } {
  const found: { reason?: string; field?: string; retryAfter?: number } = {};
  for (const detail of asObjects(error.details)) {
    found.reason ??= asString(detail.reason);
    found.field ??= asString(asObjects(detail.fieldViolations)[0]?.field);
    const delay = /^(\d+(?:\.\d+)?)s$/.exec(asString(detail.retryDelay) ?? '')?.[1];
    if (delay !== undefined) found.retryAfter ??= Number(delay);
  }
  return found;
}

function httpStatus(value: Json | undefined): number | undefined {
  const number = asNumber(value);
  return number !== undefined && number >= 400 && number < 600 ? number : undefined;
}

function messageOf(body: JsonObject, detail: JsonObject): string | undefined {
  const places = [detail.message, body.message, body.error, body.detail, body.error_description];
  for (const place of places) if (typeof place === 'string' && place.length > 0) return place;
  return asString(asObjects(body.detail)[0]?.msg);
}

/** What a page says about itself: its title, else its text. */
function pageText(page: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]?.trim();
  if (title) return title;
  return page
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The error in Google's words: its own code where the upstream said one, else that of the kind. */
export function encodeError(error: ProtocolError): JsonObject {
  const status = error.type !== undefined && error.type in codes ? error.type : codeOfKind[error.kind];
  const details: JsonObject[] = [];
  if (error.retryAfter !== undefined) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${error.retryAfter}s` });
  }
  return {
    error: {
      code: error.status,
      message: error.message,
      status,
      ...(details.length > 0 && { details }),
    },
  };
}
