/** Error bodies in the API's own words, read and written. */

import { errorOf, kindOfStatus, readErrorBody, readErrorText } from '../error-body.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { isNamed } from '../own-error.ts';
import { type ErrorKind, errorKinds, type ProtocolError } from '../protocol-error.ts';

/** The API's error types (platform.claude.com/docs/en/api/errors), with the status that each comes with. */
const ofKind: Readonly<Record<ErrorKind, { type: string; status: number }>> = {
  'invalid-request': { type: 'invalid_request_error', status: 400 },
  authentication: { type: 'authentication_error', status: 401 },
  billing: { type: 'billing_error', status: 402 },
  permission: { type: 'permission_error', status: 403 },
  'not-found': { type: 'not_found_error', status: 404 },
  'too-large': { type: 'request_too_large', status: 413 },
  'rate-limit': { type: 'rate_limit_error', status: 429 },
  server: { type: 'api_error', status: 500 },
  timeout: { type: 'timeout_error', status: 504 },
  overloaded: { type: 'overloaded_error', status: 529 },
};

function kindOfType(type: string | undefined): ErrorKind | undefined {
  return errorKinds.find((kind) => ofKind[kind].type === type);
}

/** Reads the body of an error answer, be it this API's, another's, a page, plain text or nothing. */
export function decodeError(status: number, body: string): ProtocolError {
  return readErrorText(status, body, decodeErrorObject);
}

/** Reads an error object. Without a status (an error inside a stream or a success) the error's type gives it. */
export function decodeErrorObject(status: number | undefined, body: JsonObject): ProtocolError {
  const said = readErrorBody(body);
  const kind = kindOfType(said.type);
  const actual = status ?? (kind && ofKind[kind].status) ?? said.status ?? 500;
  const error = errorOf(said, actual, kind ?? kindOfStatus(actual));
  // "Your credit balance is too low to access the Anthropic API" comes as an invalid request.
  if (error.kind === 'invalid-request' && error.message.includes('credit balance is too low'))
    error.kind = 'billing';
  const code = error.code ?? asString(asObject(said.detail.details)?.error_code);
  if (code !== undefined) error.code = code;
  return error;
}

/** The error in the API's words; a type that it does not know is written by the kind. */
export function encodeError(error: ProtocolError): JsonObject {
  const { type } = ofKind[kindOfType(error.type) ?? error.kind];
  const details = error.code === undefined ? undefined : { error_code: error.code };
  return { type: 'error', error: { type, message: error.message, ...(details && { details }) } };
}

/** {@link Codec.isOwnError}: platform.claude.com/docs/en/api/errors */
export function isOwnError(body: Json | undefined): boolean {
  return isObject(body) && body.type === 'error' && isObject(body.error) && isNamed(body.error, 'type');
}
