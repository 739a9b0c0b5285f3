/** OpenAI's error object and its way of writing field paths, for Chat and Responses alike. */

import { type Failure, invalid } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import { explain, type Shape, type Violation, violationIn } from '../shape.ts';

/** `type` and `code` that OpenAI sends for each kind. https://platform.openai.com/docs/guides/error-codes */
const words: Record<Failure['kind'], { type: string; code: string | null }> = {
  'invalid-request': { type: 'invalid_request_error', code: null },
  authentication: { type: 'invalid_request_error', code: 'invalid_api_key' },
  permission: { type: 'invalid_request_error', code: 'unsupported_country_region_territory' },
  'not-found': { type: 'invalid_request_error', code: 'model_not_found' },
  'too-large': { type: 'invalid_request_error', code: null },
  'rate-limit': { type: 'requests', code: 'rate_limit_exceeded' },
  timeout: { type: 'server_error', code: null },
  overloaded: { type: 'server_error', code: 'server_is_overloaded' },
  server: { type: 'server_error', code: null },
};

export interface OpenAiError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

export function openAiError(failure: Failure): OpenAiError {
  const { type, code } = words[failure.kind];
  return { message: failure.message, type, param: failure.param ?? null, code: failure.code ?? code };
}

export function openAiErrorHeaders(failure: Failure): Record<string, string> {
  return failure.retryAfter === undefined ? {} : { 'retry-after': String(failure.retryAfter) };
}

/** `messages[0].content`. */
function openAiPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
  return text;
}

const codes: Record<Violation['problem'], string> = {
  missing: 'missing_required_parameter',
  unknown: 'unknown_parameter',
  type: 'invalid_type',
  value: 'invalid_value',
};

/** Throws `Refused` when the body does not have the shape. */
export function demandShape(body: JsonObject, shape: Shape): void {
  const found = violationIn(body, shape);
  if (found === undefined) return;
  const path = openAiPath(found.path);
  throw invalid(`Invalid request at '${path}': ${explain(found)}.`, path, codes[found.problem]);
}
