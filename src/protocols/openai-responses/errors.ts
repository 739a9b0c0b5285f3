/** Error bodies in the API's own words, read and written. */

import type { ResponseError } from 'openai/resources/responses/responses';
import { errorOf, kindOfStatus, readErrorBody, readErrorText } from '../error-body.ts';
import type { JsonObject } from '../json.ts';
import type { ErrorKind, ProtocolError } from '../protocol-error.ts';
import { lookUp } from '../word-table.ts';

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

/** Reads the body of an error answer, be it this API's, the Codex backend's, another provider's, a page, text or nothing. */
export function decodeError(status: number, body: string): ProtocolError {
  return readErrorText(status, body, decodeErrorObject);
}

/** Reads an error object. Without a status (an error inside a stream or a success) its code and type give it. */
export function decodeErrorObject(status: number | undefined, body: JsonObject): ProtocolError {
  const said = readErrorBody(body);
  const { code = '', type = '' } = said;
  const actual = status ?? said.status ?? lookUp(statusOfCode, code) ?? lookUp(statusOfCode, type) ?? 500;
  // "You exceeded your current quota, please check your plan and billing details" comes as a 429.
  return errorOf(said, actual, code === 'insufficient_quota' ? 'billing' : kindOfStatus(actual));
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

/** `response.error`: its code is one of the SDK's, which strict clients check. */
export function encodeResponseError(error: ProtocolError): JsonObject {
  const known = error.code !== undefined && responseErrorCodes.has(error.code);
  return { code: known ? error.code : codeOfKind[error.kind], message: error.message };
}

/** `ResponseError['code']` of the openai SDK 7.57 (resources/responses/responses.d.ts). */
const responseErrorCodes: ReadonlySet<string | undefined> = new Set<ResponseError['code']>([
  ...(['server_error', 'rate_limit_exceeded', 'invalid_prompt', 'data_residency_mismatch'] as const),
  ...(['bio_policy', 'misalignment_policy_violation', 'vector_store_timeout', 'invalid_image'] as const),
  ...(['invalid_image_format', 'invalid_base64_image', 'invalid_image_url', 'image_too_large'] as const),
  ...(['image_too_small', 'image_parse_error', 'image_content_policy_violation'] as const),
  ...(['invalid_image_mode', 'image_file_too_large', 'unsupported_image_media_type'] as const),
  ...(['empty_image_file', 'failed_to_download_image', 'image_file_not_found'] as const),
]);

/** Clients try again after `server_error` and `rate_limit_exceeded`, and give up after `invalid_prompt`. */
const codeOfKind: Record<ErrorKind, ResponseError['code']> = {
  'invalid-request': 'invalid_prompt',
  authentication: 'invalid_prompt',
  billing: 'rate_limit_exceeded',
  permission: 'invalid_prompt',
  'not-found': 'invalid_prompt',
  'too-large': 'invalid_prompt',
  'rate-limit': 'rate_limit_exceeded',
  timeout: 'server_error',
  overloaded: 'server_error',
  server: 'server_error',
};
