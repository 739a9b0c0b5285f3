/** Anthropic's error object. https://docs.anthropic.com/en/api/errors */
import type { ErrorResponse } from '@anthropic-ai/sdk/resources/shared';
import { type Failure, invalid, type Refused } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import { explain, type Shape, violationIn } from '../shape.ts';

const types: Record<Failure['kind'], ErrorResponse['error']['type'] | 'request_too_large'> = {
  'invalid-request': 'invalid_request_error',
  authentication: 'authentication_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  'too-large': 'request_too_large',
  'rate-limit': 'rate_limit_error',
  timeout: 'timeout_error',
  overloaded: 'overloaded_error',
  server: 'api_error',
};

export function anthropicError(failure: Failure): object {
  const { kind, message, details } = failure;
  return { type: 'error', error: { type: types[kind], message, ...(details && { details }) } };
}

export function anthropicErrorHeaders(failure: Failure): Record<string, string> {
  return failure.retryAfter === undefined ? {} : { 'retry-after': String(failure.retryAfter) };
}

/** Throws `Refused` with a message that begins with the path, as Anthropic's do. */
export function demandShape(body: JsonObject, shape: Shape): void {
  const found = violationIn(body, shape);
  if (found !== undefined) throw fault(found.path.join('.'), explain(found));
}

/** A 400 whose message begins with the field's path: `messages.0.content: …`. */
export function fault(path: string, message: string): Refused {
  return invalid(`${path}: ${message}`, path);
}
