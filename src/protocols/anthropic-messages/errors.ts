/** Error bodies in the API's own words, read and written. */

import { errorOf, kindOfStatus, readErrorBody, readErrorText } from '../error-body.ts';
import { asObject, asString, isObject, type Json, type JsonObject, lookUp } from '../json.ts';
import type { ErrorKind, ProtocolError } from '../model.ts';
import { isNamed } from '../own-error.ts';

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

/** Reads the body of an error answer, be it this API's, another's, a page, plain text or nothing. */
export function decodeError(status: number, body: string): ProtocolError {
  return readErrorText(status, body, decodeErrorObject);
}

/** Reads an error object. Without a status (an error inside a stream or a success) the error's type gives it. */
export function decodeErrorObject(status: number | undefined, body: JsonObject): ProtocolError {
  const said = readErrorBody(body);
  const known = lookUp(types, said.type);
  const actual = status ?? known?.status ?? said.status ?? 500;
  const error = errorOf(said, actual, known?.kind ?? kindOfStatus(actual));
  // "Your credit balance is too low to access the Anthropic API" comes as an invalid request.
  if (error.kind === 'invalid-request' && error.message.includes('credit balance is too low'))
    error.kind = 'billing';
  const code = error.code ?? asString(asObject(said.detail.details)?.error_code);
  if (code !== undefined) error.code = code;
  return error;
}

/** The error in the API's words; a type that it does not know is told by the kind. */
export function encodeError(error: ProtocolError): JsonObject {
  const type =
    error.type !== undefined && Object.hasOwn(types, error.type) ? error.type : typeOfKind[error.kind];
  const details = error.code === undefined ? undefined : { error_code: error.code };
  return { type: 'error', error: { type, message: error.message, ...(details && { details }) } };
}

/** {@link Codec.isOwnError}: platform.claude.com/docs/en/api/errors */
export function isOwnError(body: Json | undefined): boolean {
  return isObject(body) && body.type === 'error' && isObject(body.error) && isNamed(body.error, 'type');
}
