/** Error bodies in Google's own words (`google.rpc.Status`, google.aip.dev/193), read and written. */

import { errorOf, kindOfStatus, readErrorBody, readErrorText } from '../error-body.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObjects, asString } from '../json-members.ts';
import { isGoogleStatus } from '../own-error.ts';
import type { ErrorKind, ProtocolError } from '../protocol-error.ts';
import { lookUp } from '../word-table.ts';

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

/** Reads the body of an error answer, be it Google's (bare, in an array, in an event), another API's, a page, text or nothing. */
export function decodeError(status: number, body: string): ProtocolError {
  return readErrorText(status, body, decodeErrorObject);
}

/** Reads an error object. Without a status (an error inside a stream or a success) the error's own code gives it. */
export function decodeErrorObject(status: number | undefined, body: JsonObject): ProtocolError {
  // The number in `code` is the status once more.
  const { code: _status, ...said } = readErrorBody(body);
  const known = lookUp(codes, said.type);
  const actual = status ?? said.status ?? known?.status ?? 500;
  const error = errorOf(said, actual, known?.kind ?? kindOfStatus(actual));
  const { reason, field } = errorDetails(said.detail);
  // A wrong key is an invalid argument there.
  if (reason === 'API_KEY_INVALID') error.kind = 'authentication';
  const code = reason ?? asString(said.detail.code);
  if (code !== undefined) error.code = code;
  if (field !== undefined) error.param = field;
  return error;
}

/** The typed `details`: ErrorInfo and BadRequest of google.rpc. */
function errorDetails(error: JsonObject): { reason?: string; field?: string } {
  const found: { reason?: string; field?: string } = {};
  for (const detail of asObjects(error.details)) {
    found.reason ??= asString(detail.reason);
    found.field ??= asString(asObjects(detail.fieldViolations)[0]?.field);
  }
  return found;
}

/** The error in Google's words: the upstream's code if it has one, else that of the kind. */
export function encodeError(error: ProtocolError): JsonObject {
  const status =
    error.type !== undefined && Object.hasOwn(codes, error.type) ? error.type : codeOfKind[error.kind];
  const details: JsonObject[] = [];
  if (error.code !== undefined)
    details.push({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: error.code });
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

/** {@link Codec.isOwnError}: Google's streaming calls wrap it in an array. */
export function isOwnError(body: Json | undefined): boolean {
  const object = Array.isArray(body) ? body[0] : body;
  return isObject(object) && isGoogleStatus(object.error);
}
