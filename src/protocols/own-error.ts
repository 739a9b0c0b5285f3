/** Whether an error body is in a protocol's own shape, so that its clients find in it what they look for. */
import { asString, isObject, type JsonObject, parseJson } from './json.ts';
import type { Protocol } from './model.ts';

/**
 * What the protocols' own SDKs read. Servers near a protocol add fields, which stay: only what marks another protocol's
 * body, or lacks the message, is not the protocol's own.
 */
const shapes: Record<Protocol, (body: JsonObject) => boolean> = {
  'openai-chat': isOpenAi,
  'openai-responses': isOpenAi,
  // platform.claude.com/docs/en/api/errors
  'anthropic-messages': (body) =>
    body.type === 'error' && isObject(body.error) && isNamed(body.error, 'type'),
  gemini: ({ error }) => isObject(error) && isGoogles(error),
};

/** platform.openai.com/docs/guides/error-codes */
function isOpenAi(body: JsonObject): boolean {
  return body.type !== 'error' && isObject(body.error) && isNamed(body.error) && !isGoogles(body.error);
}

/** `google.rpc.Status` in JSON: cloud.google.com/apis/design/errors */
function isGoogles(error: JsonObject): boolean {
  return typeof error.code === 'number' && isNamed(error, 'status');
}

/** Says what happened, and in `field` of what kind it is. */
function isNamed(error: JsonObject, field = 'message'): boolean {
  return asString(error.message) !== undefined && asString(error[field]) !== undefined;
}

/** Whether clients of the protocol can read the body of an error answer as it is. */
export function isOwnError(protocol: Protocol, body: string): boolean {
  const value = parseJson(body);
  // Google's streaming calls wrap it in an array.
  const object = protocol === 'gemini' && Array.isArray(value) ? value[0] : value;
  return isObject(object) && shapes[protocol](object);
}
