/** The JSON object that a request's body is. */
import { InvalidRequest, isObject, type JsonObject } from '../protocols/json.ts';

/** What is said of a body that is something else. */
export const noObject = 'The request body must be a JSON object.';

const decoder = new TextDecoder();

/** The object. Throws {@link InvalidRequest}. */
export function parseBody(body: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(body));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^JSON Parse error: /, '') : 'unreadable';
    throw new InvalidRequest('', `The request body is not valid JSON: ${reason}.`);
  }
  if (!isObject(value)) throw new InvalidRequest('', noObject);
  return value;
}
