/** Google's error object (google.rpc.Status). https://cloud.google.com/apis/design/errors */

import { type Failure, invalid, type Refused } from '../failure.ts';
import type { JsonObject } from '../json.ts';
import { explain, type Shape, violationIn } from '../shape.ts';

const statuses: Record<Failure['kind'], string> = {
  'invalid-request': 'INVALID_ARGUMENT',
  authentication: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  'not-found': 'NOT_FOUND',
  'too-large': 'INVALID_ARGUMENT',
  'rate-limit': 'RESOURCE_EXHAUSTED',
  timeout: 'DEADLINE_EXCEEDED',
  overloaded: 'UNAVAILABLE',
  server: 'INTERNAL',
};

export function geminiError(failure: Failure): object {
  const details = detailsOf(failure);
  return {
    error: {
      code: failure.status,
      message: failure.message,
      status: statuses[failure.kind],
      ...(details.length === 0 ? {} : { details }),
    },
  };
}

function detailsOf(failure: Failure): object[] {
  const details: object[] = [];
  if (failure.code !== undefined)
    details.push({
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: failure.code,
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    });
  if (failure.param !== undefined)
    details.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: failure.param, description: failure.message }],
    });
  // Google says how long to wait here and sends no Retry-After header.
  if (failure.retryAfter !== undefined)
    details.push({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: `${failure.retryAfter}s`,
    });
  return details;
}

/** `contents[0].parts[1]`. */
function geminiPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
  return text;
}

/** Throws `Refused` when the body does not have the shape. */
export function demandShape(body: JsonObject, shape: Shape): void {
  const found = violationIn(body, shape);
  if (found !== undefined) throw fault(geminiPath(found.path), explain(found));
}

/** A 400 that names the field. */
export function fault(path: string, message: string): Refused {
  return invalid(`Invalid value at '${path}': ${message}.`, path);
}
