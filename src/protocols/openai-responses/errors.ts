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

/**
 * The status of errors that arrive inside a 200: what the API answers to the same code outside of a stream
 * (platform.openai.com/docs/guides/error-codes, and the codes of `response.error`).
 */
const statusOfCode: Record<string, number> = {
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  too_many_requests: 429,
  insufficient_quota: 429,
  usage_limit_reached: 429,
  usage_not_included: 403,
  server_is_overloaded: 503,
  slow_down: 503,
  overloaded_error: 503,
  service_unavailable_error: 503,
  authentication_error: 401,
  invalid_api_key: 401,
  token_expired: 401,
  billing_error: 402,
  permission_error: 403,
  request_forbidden: 403,
  not_found_error: 404,
  model_not_found: 404,
  previous_response_not_found: 400,
  context_length_exceeded: 400,
  invalid_prompt: 400,
  invalid_request_error: 400,
  invalid_encrypted_content: 400,
  cyber_policy: 400,
  bio_policy: 400,
  content_policy_violation: 400,
  data_residency_mismatch: 400,
  misalignment_policy_violation: 400,
  timeout_error: 504,
  vector_store_timeout: 504,
  server_error: 500,
  api_error: 500,
};

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

const typeOfKind: Record<ErrorKind, string> = {
  'invalid-request': 'invalid_request_error',
  authentication: 'authentication_error',
  billing: 'billing_error',
  permission: 'permission_error',
  'not-found': 'invalid_request_error',
  'too-large': 'invalid_request_error',
  'rate-limit': 'rate_limit_error',
  timeout: 'timeout_error',
  overloaded: 'server_error',
  server: 'server_error',
};

function kindOf(status: number, code: string | undefined): ErrorKind {
  // "You exceeded your current quota, please check your plan and billing details" comes as a 429.
  if (code === 'insufficient_quota') return 'billing';
  return kindOfStatus[status] ?? (status >= 400 && status < 500 ? 'invalid-request' : 'server');
}

/** Reads the body of an error answer, be it this API's, the Codex backend's, another provider's, HTML, text or nothing. */
export function decodeError(status: number, body: string): ProtocolError {
  const text = body.trim();
  const value = parseJson(text);
  if (isObject(value)) return decodeErrorObject(status, value);
  const first = Array.isArray(value) ? value.find(isObject) : undefined;
  if (first !== undefined) return decodeErrorObject(status, first);
  const message = typeof value === 'string' ? value : textOfPage(text);
  return {
    status,
    kind: kindOf(status, undefined),
    message: message || `The upstream answered with status ${status}.`,
  };
}

/** Reads an error object. Without a status (an error inside a stream or a success) its code and type give it. */
export function decodeErrorObject(status: number | undefined, body: JsonObject): ProtocolError {
  const detail = asObject(body.error) ?? body;
  const said = asString(detail.type) ?? asString(detail.status);
  // The `error` event of a stream says its own name where the type of the error would stand.
  const type = said === 'error' ? undefined : said;
  const code = typeof detail.code === 'number' ? String(detail.code) : asString(detail.code);
  const actual =
    status ??
    httpStatus(body.status_code) ??
    httpStatus(body.status) ??
    statusOfCode[code ?? ''] ??
    statusOfCode[type ?? ''] ??
    httpStatus(detail.code) ??
    500;
  const error: ProtocolError = {
    status: actual,
    kind: kindOf(actual, code),
    message: messageOf(body, detail) ?? JSON.stringify(body),
  };
  const param = asString(detail.param);
  const retryAfter = retryAfterOf(detail);
  if (type !== undefined) error.type = type;
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
  const places = [detail.message, body.message, body.error, body.detail, asObject(body.detail)?.message];
  for (const place of places) if (typeof place === 'string' && place.length > 0) return place;
  const [first] = asObjects(body.detail);
  return asString(first?.msg);
}

/** Seconds: the Codex backend's `resets_in_seconds`, `retry_after` of others, Google's `RetryInfo`. */
function retryAfterOf(detail: JsonObject): number | undefined {
  const seconds = asNumber(detail.resets_in_seconds) ?? asNumber(detail.retry_after);
  if (seconds !== undefined) return seconds;
  for (const item of asArray(detail.details)) {
    const match = /^(\d+(?:\.\d+)?)s$/.exec(asString(asObject(item)?.retryDelay) ?? '');
    if (match?.[1] !== undefined) return Number(match[1]);
  }
  return undefined;
}

/** What a page says about itself: its title, else its text. Plain text is itself. */
function textOfPage(text: string): string {
  if (!/^<(!doctype|html|head|body)/i.test(text)) return text;
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
  if (title) return title;
  return text
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The error as the API words it. */
export function encodeError(error: ProtocolError): JsonObject {
  return {
    error: {
      message: error.message,
      type: error.type ?? typeOfKind[error.kind],
      param: error.param ?? null,
      code: error.code ?? null,
    },
  };
}

/** `response.error`: a code is always there. Clients tell by it whether to try again. */
export function encodeResponseError(error: ProtocolError): JsonObject {
  return { code: error.code ?? codeOfKind[error.kind], message: error.message };
}

const codeOfKind: Record<ErrorKind, string> = {
  'invalid-request': 'invalid_prompt',
  authentication: 'invalid_api_key',
  billing: 'insufficient_quota',
  permission: 'permission_error',
  'not-found': 'model_not_found',
  'too-large': 'context_length_exceeded',
  'rate-limit': 'rate_limit_exceeded',
  timeout: 'server_error',
  overloaded: 'server_is_overloaded',
  server: 'server_error',
};
