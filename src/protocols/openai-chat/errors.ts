/** Errors: OpenAI's `{error: {message, type, param, code}}`, and whatever else answers with a failing status. */
import type { JsonObject } from '../json.ts';
import { asNumber, asObject, asString, isObject, type Json, parseJson } from '../json.ts';
import type { ErrorKind, ProtocolError } from '../model.ts';

/** platform.openai.com/docs/guides/error-codes, and the statuses that proxies in front of providers use. */
const kindsByStatus: Readonly<Record<number, ErrorKind>> = {
  400: 'invalid-request',
  401: 'authentication',
  402: 'billing',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  422: 'invalid-request',
  429: 'rate-limit',
  503: 'overloaded',
  504: 'timeout',
  524: 'timeout',
  529: 'overloaded',
};

/** Error types and codes that say more than the status does. */
const kindsByWord: Readonly<Record<string, ErrorKind>> = {
  insufficient_quota: 'billing',
  billing_not_active: 'billing',
  billing_error: 'billing',
  invalid_api_key: 'authentication',
  authentication_error: 'authentication',
  permission_error: 'permission',
  model_not_found: 'not-found',
  not_found_error: 'not-found',
  rate_limit_exceeded: 'rate-limit',
  rate_limit_error: 'rate-limit',
  request_too_large: 'too-large',
  context_length_exceeded: 'invalid-request',
  invalid_request_error: 'invalid-request',
  overloaded_error: 'overloaded',
  timeout_error: 'timeout',
  server_error: 'server',
};

/** The words and the status for errors whose origin did not name them. */
const words: Readonly<Record<ErrorKind, { type: string; code: string | null; status: number }>> = {
  'invalid-request': { type: 'invalid_request_error', code: null, status: 400 },
  authentication: { type: 'authentication_error', code: 'invalid_api_key', status: 401 },
  billing: { type: 'insufficient_quota', code: 'insufficient_quota', status: 402 },
  permission: { type: 'permission_error', code: null, status: 403 },
  'not-found': { type: 'invalid_request_error', code: 'model_not_found', status: 404 },
  'too-large': { type: 'invalid_request_error', code: 'request_too_large', status: 413 },
  'rate-limit': { type: 'rate_limit_error', code: 'rate_limit_exceeded', status: 429 },
  timeout: { type: 'timeout_error', code: 'timeout', status: 504 },
  overloaded: { type: 'server_error', code: 'overloaded', status: 503 },
  server: { type: 'server_error', code: null, status: 502 },
};

/** Reads an error answer: JSON of any provider, plain text, a proxy's HTML page, or nothing. */
export function decodeError(status: number, body: string): ProtocolError {
  const parsed = parseJson(body);
  const node = Array.isArray(parsed) ? parsed[0] : parsed;
  if (isObject(node)) return decodeErrorObject(node, status);
  const text =
    typeof parsed === 'string' ? parsed : body.trimStart().startsWith('<') ? title(body) : body.trim();
  return { status, kind: kindOf(status), message: text || `The upstream answered with status ${status}.` };
}

/** Reads an object that holds an error. Without `status`, the object itself has to tell it (errors inside a 200). */
export function decodeErrorObject(body: JsonObject, status?: number): ProtocolError {
  const error = asObject(body.error) ?? body;
  const type = asString(error.type) ?? asString(error.status);
  const code = word(error.code) ?? (error === body ? undefined : word(body.code));
  const param = asString(error.param);
  const message = messageOf(body, error);
  const kind = kindsByWord[code ?? ''] ?? kindsByWord[type ?? ''];
  const told = httpStatus(error.status_code) ?? httpStatus(error.status) ?? httpStatus(error.code);
  const known = status ?? told ?? (kind === undefined ? 502 : words[kind].status);
  const retryAfter = asNumber(error.retry_after) ?? waitIn(message);
  return {
    status: known,
    kind: refine(kindOf(known), kind),
    message: message || `The upstream answered with status ${known}.`,
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** The status decides; its own word may only make it more exact within the same class of failure. */
function refine(byStatus: ErrorKind, byWord: ErrorKind | undefined): ErrorKind {
  if (byWord === undefined) return byStatus;
  if (byStatus === 'rate-limit' && byWord === 'billing') return byWord;
  if (byStatus === 'server' && byWord === 'overloaded') return byWord;
  if (byStatus === 'invalid-request' && byWord !== 'server') return byWord;
  return byStatus;
}

function kindOf(status: number): ErrorKind {
  return kindsByStatus[status] ?? (status >= 500 ? 'server' : 'invalid-request');
}

function messageOf(body: JsonObject, error: JsonObject): string {
  for (const said of [
    error.message,
    body.error,
    body.message,
    error.detail,
    body.detail,
    body.msg,
    error.msg,
  ]) {
    if (typeof said === 'string' && said !== '') return said;
    if (Array.isArray(said) && said.length > 0) return JSON.stringify(said);
  }
  return Object.keys(error).length > 0 ? JSON.stringify(error) : '';
}

function word(code: Json | undefined): string | undefined {
  return typeof code === 'number' ? String(code) : asString(code) || undefined;
}

function httpStatus(value: Json | undefined): number | undefined {
  const status = typeof value === 'string' ? Number(value) : value;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined;
}

/** "Please try again in 1m2.5s" → 62.5, as OpenAI's and Groq's rate limit messages say it. */
function waitIn(message: string): number | undefined {
  const found = /try again in (?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)(ms|s))?/i.exec(message);
  if (found === null) return undefined;
  const [, hours = '0', minutes = '0', amount = '0', unit] = found;
  const seconds = Number(hours) * 3600 + Number(minutes) * 60 + Number(amount) / (unit === 'ms' ? 1000 : 1);
  return seconds > 0 ? seconds : undefined;
}

function title(html: string): string {
  return /<title[^>]*>([^<]*)<\/title>/i.exec(html)?.[1]?.trim() ?? '';
}

/** Writes an error for a chat client. Types of other providers' families become OpenAI's. */
export function encodeError(error: ProtocolError): JsonObject {
  const standard = words[error.kind];
  const foreign = error.type === undefined || /^[A-Z_]+$/.test(error.type);
  return {
    error: {
      message: error.message,
      type: foreign ? standard.type : error.type,
      param: error.param ?? null,
      code: error.code ?? (error.type === undefined ? standard.code : null),
    },
  };
}
