/** Errors: OpenAI's `{error: {message, type, param, code}}`, and whatever else answers with a failing status. */

import { errorOf, kindOfStatus, readErrorBody, readErrorText, statusOfKind } from '../error-body.ts';
import type { JsonObject } from '../json.ts';
import type { ErrorKind, ProtocolError } from '../protocol-error.ts';
import { lookUp } from '../word-table.ts';

/** Error types and codes that are more specific than the status. */
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

/** The words for errors whose origin did not name them. */
const words: Readonly<Record<ErrorKind, { type: string; code: string | null }>> = {
  'invalid-request': { type: 'invalid_request_error', code: null },
  authentication: { type: 'authentication_error', code: 'invalid_api_key' },
  billing: { type: 'insufficient_quota', code: 'insufficient_quota' },
  permission: { type: 'permission_error', code: null },
  'not-found': { type: 'invalid_request_error', code: 'model_not_found' },
  'too-large': { type: 'invalid_request_error', code: 'request_too_large' },
  'rate-limit': { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  timeout: { type: 'timeout_error', code: 'timeout' },
  overloaded: { type: 'server_error', code: 'overloaded' },
  server: { type: 'server_error', code: null },
};

/** Reads an error answer: JSON of any provider, plain text, a proxy's HTML page, or nothing. */
export function decodeError(status: number, body: string): ProtocolError {
  return readErrorText(status, body, decodeErrorObject);
}

/** Reads an object that holds an error. Without a status, the object itself determines it (errors inside a 200). */
export function decodeErrorObject(status: number | undefined, body: JsonObject): ProtocolError {
  const said = readErrorBody(body);
  const kind = lookUp(kindsByWord, said.code) ?? lookUp(kindsByWord, said.type);
  const actual = status ?? said.status ?? (kind === undefined ? 502 : statusOfKind[kind]);
  return errorOf(said, actual, refine(kindOfStatus(actual), kind));
}

/** The status decides; its own word may only make it more exact within the same class of failure. */
function refine(byStatus: ErrorKind, byWord: ErrorKind | undefined): ErrorKind {
  if (byWord === undefined) return byStatus;
  if (byStatus === 'rate-limit' && byWord === 'billing') return byWord;
  if (byStatus === 'server' && byWord === 'overloaded') return byWord;
  if (byStatus === 'invalid-request' && byWord !== 'server') return byWord;
  return byStatus;
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
