/**
 * Whether an error body is in a protocol's own shape, so that its clients find in it what they look for: what the protocols' own
 * SDKs read. Servers near a protocol add fields, which stay: only what marks another protocol's body, or lacks the message, is
 * not the protocol's own.
 */

import { isObject, type Json, type JsonObject } from './json.ts';
import { asString } from './json-members.ts';

/** platform.openai.com/docs/guides/error-codes */
export function isOpenAiError(body: Json | undefined): boolean {
  if (!isObject(body)) return false;
  return body.type !== 'error' && isObject(body.error) && isNamed(body.error) && !isGoogleStatus(body.error);
}

/** `google.rpc.Status` in JSON: cloud.google.com/apis/design/errors */
export function isGoogleStatus(error: Json | undefined): boolean {
  return isObject(error) && typeof error.code === 'number' && isNamed(error, 'status');
}

/** The message, and in `field` the kind of error. */
export function isNamed(error: JsonObject, field = 'message'): boolean {
  return asString(error.message) !== undefined && asString(error[field]) !== undefined;
}
